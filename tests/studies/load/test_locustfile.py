"""Locust files: what is in them, and a real master with two workers that runs one."""

import ast
import json
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from comparison import UsageError
from comparison.cli import main
from comparison.models import Request
from comparison.studies.load.client import CheckedRequest
from comparison.studies.load.locustfile import locustfile
from comparison.studies.load.served import Served
from tests.ports import free_port
from tests.targets.waiting import needs, until

from .test_measure import HELLO, HERE

pytestmark = pytest.mark.slow

LOCUST = [sys.executable, "-m", "locust"]
FAILING = 10  # every so many-th answer
USERS, EACH = 4, 50

CASES = """schema_version = 1
[[case]]
id = "order"
[case.request]
method = "POST"
path = "/orders?key=${env:SHOP_TOKEN}"
headers = { Authorization = "Bearer ${env:SHOP_TOKEN}" }
json = { article = 7, token = "${env:SHOP_TOKEN}" }
[case.expect]
status = 202
[[case]]
id = "list"
[case.request]
path = "/orders"
"""


def requests_of(text: str, **names: Any) -> Any:
    """The requests that a Locust file would send."""
    tree = ast.parse(text)
    (value,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUESTS"
    )
    return eval(ast.unparse(value), {"os": os, "json": json, **names})


def written(tmp_path: Path, *arguments: str) -> str:
    path = tmp_path / "asking.py"
    assert main(["load", "--locustfile", str(path), *arguments]) == 0
    return path.read_text()


@pytest.mark.parametrize(
    ("stack", "way"), [("flask+werkzeug", "sync"), ("quart+hypercorn", "async")]
)
def test_a_locustfile_requests_the_work_views_of_a_stack(
    tmp_path: Path, stack: str, way: str
) -> None:
    works = ["--work", "sleep:20ms", "--work", "json"]
    text = written(tmp_path, *works, "--stack", stack)
    assert requests_of(text) == tuple(
        (path, "GET", path, {}, None, (200,))
        for path in (f"/work/{way}/sleep/20", f"/work/{way}/json")
    )
    assert f"Sleep:20ms, json of {stack}, for Locust" in text


def test_a_locustfile_requests_cases_and_contains_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = tmp_path / "cases.toml"
    cases.write_text(CASES)
    monkeypatch.setenv("SHOP_TOKEN", "secret-1234")
    target = ["--target", "shop=http://127.0.0.1:8000/api/"]
    text = written(tmp_path, "--cases", str(cases), *target)
    assert "secret-1234" not in text
    assert "host = 'http://127.0.0.1:8000/api'" in text
    monkeypatch.setenv("SHOP_TOKEN", "another-5678")
    order, listed = requests_of(text)
    assert order == (
        "order",
        "POST",
        "/orders?key=another-5678",
        {"Authorization": "Bearer another-5678", "Content-Type": "application/json"},
        b'{"article":7,"token":"another-5678"}',
        (202,),
    )
    assert listed == ("list", "GET", "/orders", {}, None, ())


def test_an_encoded_secret_in_a_body_is_read_from_the_environment() -> None:
    sent = [("form", CheckedRequest(Request("POST", form={"key": 'a b"c'})))]
    secrets = {'a b"c': "KEY"}
    text = locustfile(sent, file="f", title="t", command="c", secrets=secrets)
    assert "a+b%22c" not in text
    assert "quote_plus(os.environ['KEY'])" in text
    assert "\nimport os\n" in text and "import quote_plus, urlsplit" in text


def test_a_locustfile_for_a_remote_host_needs_allow_remote(tmp_path: Path) -> None:
    cases = tmp_path / "cases.toml"
    cases.write_text(CASES.replace("${env:SHOP_TOKEN}", "1"))
    target = ["--cases", str(cases), "--target", "shop=http://shop.test"]
    assert main(["load", "--locustfile", str(tmp_path / "f.py"), *target]) == 2
    text = written(tmp_path, *target, "--allow-remote", "shop.test")
    assert "'shop.test')" in text


def test_repeated_headers_and_several_stacks_are_rejected(tmp_path: Path) -> None:
    twice = [("a", CheckedRequest(Request(headers=(("X", "1"), ("X", "2")))))]
    with pytest.raises(UsageError, match="cannot send a header twice"):
        locustfile(twice, file="f", title="t", command="c")
    stacks = ["--stack", "flask+werkzeug", "--stack", "quart+hypercorn"]
    assert main(["load", "--locustfile", str(tmp_path / "f.py"), *stacks]) == 2


def test_writing_a_locustfile_does_not_import_gevent(tmp_path: Path) -> None:
    written(tmp_path)
    assert "gevent" not in sys.modules
    assert socket.socket.__module__ == "socket"


@pytest.fixture
def locust() -> None:
    if find_spec("locust") is None:
        pytest.skip("locust is not installed: it is the extra `load`")


@pytest.mark.usefixtures("locust")
def test_a_locustfile_rejects_an_unlisted_host(tmp_path: Path) -> None:
    written(tmp_path)
    sent = ["-f", "asking.py", "--headless", "-u", "1", "-t", "1s"]
    ended = subprocess.run(
        [*LOCUST, *sent, "--host", "http://shop.test"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    assert "http://shop.test is not one of" in ended.stderr


@pytest.mark.usefixtures("locust")
def test_a_master_and_two_workers_count_what_the_server_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("waitress")
    monkeypatch.syspath_prepend(str(HERE))
    counts = tmp_path / "counts"
    spec = f"load_fakes:counting({FAILING}, {str(counts)!r})@waitress"
    served = Served("shop", spec, 8)
    processes: list[subprocess.Popen[bytes]] = []
    cases = tmp_path / "cases.toml"
    cases.write_text('schema_version = 1\n[[case]]\nid = "hello"\n[case.request]\n')
    try:
        served.first(HELLO.requests["sync"], 5)
        before = counts.read_text()
        target = ["--target", f"shop={served.origin}", "--cases", str(cases)]
        written(tmp_path, *target, "--requests", str(EACH))
        port = str(free_port())
        common = [*LOCUST, "-f", "asking.py", "--skip-log"]
        master = [
            "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port,
            "--headless", "--expect-workers", "2", "--expect-workers-max-wait", "60",
            "-u", str(USERS), "-r", str(USERS), "-t", "90s", "--stop-timeout", "10",
            "--csv", "sofar", "--json-file", "stats",
        ]  # fmt: skip
        worker = ["--worker", "--master-host", "127.0.0.1", "--master-port", port]
        processes += [
            subprocess.Popen(
                [*common, *role], cwd=tmp_path, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            for role in (master, worker, worker)
        ]  # fmt: skip
        # A worker reports now and then, and what it reports too late is lost.
        sofar = tmp_path / "sofar_stats.csv"
        all_ = f",hello,{USERS * EACH},"
        until(lambda: sofar.exists() and all_ in sofar.read_text(), 60)
        processes[0].terminate()
        # Some answers failed, which Locust says with its exit code.
        assert processes[0].wait(30) == 1
        until(lambda: all(p.poll() is not None for p in processes))
    finally:
        for process in processes:
            process.kill()
            process.wait()
        served.close()
    seen = counts.read_text().removeprefix(before)
    (stats,) = json.loads((tmp_path / "stats.json").read_text())
    assert stats["name"] == "hello"
    assert stats["num_requests"] == len(seen) == USERS * EACH
    assert stats["num_failures"] == seen.count("f") == USERS * EACH / FAILING
