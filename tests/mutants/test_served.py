"""A server shows mistakes that only some clients meet: in the field that such a client needs."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest

from comparison import Case, Request, compare
from comparison.models import Client, Comparison, Disconnect, NormalisationRules, Stall

from .served_twins import raw_twin

pytestmark = [pytest.mark.mutant, pytest.mark.slow]
MODULE = "tests.mutants.served_twins"
LENGTH = "header:content-length"


class Served(NamedTuple):
    """A case, its twin with a server, and the fields in which the wrong twin differs.

    `plain` is the same case for a client that does not use the field.
    """

    twin: str
    case: Case
    plain: Case
    caught: set[str]


def get(path: str, **client: object) -> Request:
    return Request("GET", path, client=Client(**client) if client else None)  # type: ignore[arg-type]


def post(path: str, **client: object) -> Request:
    made = Client(**client) if client else None  # type: ignore[arg-type]
    return Request("POST", path, text="hello", client=made)


def pair(one: Request, other: Request) -> tuple[Request, Request]:
    return one, other


LEFT = Disconnect(seconds=0.1)
TIMED = NormalisationRules(timing=0.3)
TOGETHER = get("/together", concurrent=True)
CHUNKS = ("hel", "lo")
SERVED = {
    "client.disconnect": Served(
        "quart",
        Case("c", get("/log", delay=0.2), setup=(get("/report", disconnect=LEFT),), fresh=True),
        Case("c", get("/log", delay=0.2), setup=(get("/report"),), fresh=True),
        {"body", LENGTH},
    ),
    "client.stall": Served(
        "quart",
        Case("c", post("/echo", stall=Stall(0.3, 2))),
        Case("c", post("/echo")),
        {"body", LENGTH},
    ),
    "client.wait_for_continue": Served(
        "quart@uvicorn",  # Hypercorn sends a 100 before the app asks for the body.
        Case("c", post("/note", wait_for_continue=True)),
        Case("c", post("/note")),
        {"interim"},
    ),
    "client.reuse_connection": Served(
        "quart",
        Case("c", get("/visit", reuse_connection=True), setup=(get("/visit"),)),
        Case("c", get("/visit"), setup=(get("/visit"),)),
        {"body", LENGTH},
    ),
    "client.concurrent": Served(
        "quart",
        Case("c", get("/together"), setup=(TOGETHER,)),
        Case("c", get("/together"), setup=(get("/together"),)),
        {"body"},
    ),
    "timing": Served(
        "quart",
        Case("c", get("/steps"), normalisations=TIMED),
        Case("c", get("/steps")),
        {"timing"},
    ),
    "client.half_close": Served(
        "flask",
        Case("c", get("/half", half_close=True)),
        Case("c", get("/half")),
        {"body", LENGTH},
    ),
    "raw_path": Served(
        "flask",
        Case("c", Request(raw_path=r"/query?q=\xff")),
        Case("c", Request("GET", "/query?q=%FF")),
        {"status"},
    ),
    "trailers": Served(
        "raw",
        Case("c", Request("POST", "/", chunks=CHUNKS, trailers={"X-Checksum": "5"})),
        Case("c", Request("POST", "/", chunks=CHUNKS)),
        {"body", LENGTH},
    ),
}  # fmt: skip


@contextmanager
def listening(wrong: bool) -> Iterator[str]:
    """Serve a raw twin; give its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def work() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    raw_twin(connection, wrong)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


Run = Callable[[str, list[Case]], list[Comparison]]


@pytest.fixture
def run() -> Iterator[Run]:
    """Run cases on the right twin and on the wrong one."""
    with ExitStack() as stack:

        def on_twins(twin: str, cases: list[Case]) -> list[Comparison]:
            if twin == "raw":
                urls = [
                    stack.enter_context(listening(wrong)) for wrong in (False, True)
                ]
                return list(compare(*urls, cases))
            name, _, server = twin.partition("@")
            app = f"{MODULE}:{name}_twin"
            specs = [f"{app}({wrong})@{server}" for wrong in (False, True)]
            return list(compare(*specs, cases))

        yield on_twins


@pytest.mark.parametrize("name", SERVED)
def test_only_a_client_with_the_field_catches_the_mistake(name: str, run: Run) -> None:
    twin, case, plain, caught = SERVED[name]
    (found,) = run(twin, [case])
    assert {d.field for d in found.differences} == caught
    assert found.verdict == "different"
    (unseen,) = run(twin, [plain])
    assert unseen.verdict == "identical", unseen.differences
