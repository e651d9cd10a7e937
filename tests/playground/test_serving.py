"""`comparison serve`: where it listens, what it says, and that nothing is left."""

import re
import shlex
import signal
import socket
import threading
from html import unescape

import httpx
import pytest

from comparison.cases import CATALOGUE
from comparison.cli import main
from tests.prepared import Prepared

from .serving import HOSTILE, TWINS, started

LONG = 60.0  # seconds, after which a test gives up: a busy machine takes its time


def test_a_port_in_use_is_a_one_line_error_with_advice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 3
    output = capsys.readouterr().err
    assert output == (
        f"comparison: port {port} of 127.0.0.1: address already in use;"
        " choose another with --port, or a free one with --port 0\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])
def test_serve_rejects_hosts_other_than_this_machine(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--host", host, "--port", "0"]) == 2
    assert "serves this machine only" in capsys.readouterr().err


def test_serve_reports_a_target_that_cannot_be_loaded_at_startup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    targets = ["--target", "flask=flask_ap", "--target", "quart=quart_app"]
    assert main(["serve", "--port", "0", *targets]) == 3
    assert 'did you mean "flask_app"' in capsys.readouterr().err


def text_of(url: str) -> str:
    return unescape(httpx.get(url, timeout=LONG, trust_env=False).text)


@pytest.mark.slow
def test_the_printed_serve_command_reproduces_a_server_difference(
    prepared: Prepared,
) -> None:
    fork = [prepared.comparison]
    options = ("--cases", str(CATALOGUE / "no_content.toml"), *TWINS[-4:])
    difference = "differences/nothing-from-hypercorn"
    with started(*options, comparison=fork) as (_, url):
        page = text_of(url + difference)
        assert "Execution table" not in page
        assert "Both apps run in process" in text_of(f"{url}cases")
    (shown,) = re.findall(r"comparison serve (.+)\n", page)
    with started(*shlex.split(shown), comparison=fork) as (_, url):
        page = text_of(url + difference)
        assert "Execution table of flask" in page
        assert "hypercorn" in page.partition("<dt>Targets")[2].partition("</div>")[0]
        assert "Both apps run in process" not in text_of(url)
        anywhere = text_of(f"{url}differences/no-reason-on-hypercorn")
        assert "On the targets of this page, any case may show it." in anywhere
        assert "comparison serve" not in anywhere


@pytest.mark.slow
def test_an_interrupt_stops_the_server_during_a_run() -> None:
    with started(*HOSTILE) as (server, url):
        with httpx.Client(base_url=url, timeout=LONG, trust_env=False) as client:
            run = client.post("runs", data={"topic": "slow"}).headers["Location"]
            seen = threading.Event()
            watching = threading.Thread(target=_watch, args=(url + run[1:], seen))
            watching.start()
            assert seen.wait(LONG)
            assert "of 30 run" in client.get(run).text
            server.send_signal(signal.SIGINT)
            assert server.wait(LONG) == 0
        watching.join(LONG)
        assert not watching.is_alive()
        assert server.stderr is not None
        assert not server.stderr.read()
        port = httpx.URL(url).port
        assert port is not None
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port))


def _watch(url: str, seen: threading.Event) -> None:
    with httpx.stream("GET", f"{url}/events", trust_env=False, timeout=LONG) as stream:
        for _ in stream.iter_lines():
            seen.set()


def test_a_malformed_host_header_is_rejected(prepared: Prepared) -> None:
    with (
        started(*HOSTILE, comparison=[prepared.comparison]) as (_, url),
        httpx.Client(timeout=LONG, trust_env=False) as client,
    ):
        for host in ("[", "evil.example", "a b", "127.0.0.1:x"):
            assert client.get(url, headers={"Host": host}).status_code in (400, 421)
        assert client.get(url).status_code == 200
