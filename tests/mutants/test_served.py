"""A server shows mistakes that only some clients meet: in the field that such a client needs."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import pytest

from comparison import Case, Request, compare
from comparison.models import Client, Comparison, Disconnect, NormalisationRules, Stall

from .served_twins import raw_twin

pytestmark = [pytest.mark.mutant, pytest.mark.slow]
MODULE = "tests.mutants.served_twins"
LENGTH = "header:content-length"


class Served(NamedTuple):
    """A case, its twin, and the fields in which the wrong twin differs.

    `plain` is the same case for a client that does not use the field.
    """

    twin: str
    case: Case
    plain: Case
    caught: set[str]


def get(path: str, **client: Any) -> Request:
    return Request("GET", path, client=Client(**client) if client else None)


def post(path: str, **client: Any) -> Request:
    made = Client(**client) if client else None
    return Request("POST", path, text="hello", client=made)


def chunks(**fields: Any) -> Request:
    return Request("POST", chunks=("hel", "lo"), **fields)


LEFT = Disconnect(seconds=0.1)
TIMED = NormalisationRules(timing=0.3)
TOGETHER = get("/together", concurrent=True)
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
        "raw",
        Case("c", chunks(client=Client(wait_for_continue=True))),
        Case("c", chunks(headers={"Expect": "100-continue"})),
        {"body", LENGTH, "interim"},
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
        Case("c", chunks(trailers={"X-Checksum": "5"})),
        Case("c", chunks()),
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
            specs = [f"{MODULE}:{twin}_twin({wrong})@" for wrong in (False, True)]
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


def test_a_mistake_in_time_is_attributed_to_the_app(run: Run) -> None:
    twin, case, *_ = SERVED["timing"]
    (found,) = run(twin, [case])
    assert {d.layer for d in found.differences} == {"app"}
