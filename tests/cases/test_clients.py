"""The client of a request in a case file: what is read, and what is wrong."""

from pathlib import Path

import pytest

from comparison import DocumentError, load_cases
from comparison.models import Client, Disconnect, Stall
from comparison.targets import build_request

HEAD = '[[case]]\nid = "one"\n'


def problem(file: Path, text: str) -> str:
    file.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_cases(file)
    (line,) = caught.value.problems
    return line.replace(f"{file.parent}/", "")


def test_a_client_is_a_table_or_dotted_keys(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(
        HEAD + '[case.request]\ntext = "hello"\nmethod = "POST"\n'
        "client.stall = { seconds = 1, bytes = 2 }\nclient.disconnect.events = 3\n"
    )
    (case,) = load_cases(file)
    client = Client(stall=Stall(1, 2), disconnect=Disconnect(events=3))
    assert case.request.client == client
    assert build_request(case.request).extensions["client"] == client


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("client = { half_closed = true }",
         'request.client.half_closed: unknown field, did you mean "half_close"?'),
        ("client.disconnect = {}",
         "request.client.disconnect: disconnect has seconds, bytes or events"),
        ("client.disconnect = { event = 2 }",
         'request.client.disconnect.event: unknown field, did you mean "events"?'),
        ("client.disconnect.events = 0",
         "request.client.disconnect: disconnect.events is 1 or more, not 0"),
        ("client.delay = -1",
         "request.client: delay is from 0 to 600 seconds, not -1"),
        ('text = "a"\nclient.stall.seconds = 601',
         "request.client.stall: stall.seconds is from 0 to 600 seconds, not 601"),
        ("client.stall.seconds = 1", "request: client.stall needs a body to send"),
        ("client.wait_for_continue = true",
         "request: client.wait_for_continue needs a body to send"),
        ("client.reuse_connection = true",
         "request: client.reuse_connection: no request comes before"),
        ("client.concurrent = true",
         "request: client.concurrent: no request comes after"),
        ('text = "a"\ntrailers = { A = "1" }',
         "request: trailers follow a body in chunks: give chunks"),
        ('path = "/a"\nraw_path = "/b"',
         "request: a request has one target, not path and raw_path"),
        (r"raw_path = '/a\x0d\x0aHost: b'",
         "request: raw_path has a line break, which ends the request line"),
        ('path = "example.org:443"', 'request: path must start with "/", not \'e\''),
    ],
)  # fmt: skip
def test_an_invalid_client_is_reported_with_its_line(
    tmp_path: Path, request_: str, expected: str
) -> None:
    found = problem(tmp_path / "cases.toml", f"[case.request]\n{request_}\n")
    place, _, message = found.partition(": ")
    assert message == expected
    name, _, line = place.partition(":")
    assert name == "cases.toml"
    assert 1 <= int(line) <= 6


def test_a_concurrent_setup_request_cannot_provide_a_capture(tmp_path: Path) -> None:
    text = (
        'setup = [{ capture = { n = { header = "x" } }, client = { concurrent = true } }]\n'
        '[case.request]\npath = "/${capture:n}"\n'
    )
    found = problem(tmp_path / "cases.toml", text)
    assert "nothing is captured as 'n' before it" in found


@pytest.mark.parametrize("timing", ["0", "-1", "inf"])
def test_a_timing_must_be_above_0_seconds(tmp_path: Path, timing: str) -> None:
    text = f"[case.request]\n[case.normalisations]\ntiming = {timing}\n"
    found = problem(tmp_path / "cases.toml", text)
    assert "timing is above 0 seconds" in found


def test_a_connect_request_takes_a_host_as_its_path(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(HEAD + 'request = { method = "CONNECT", path = "a.test:443" }\n')
    (case,) = load_cases(file)
    assert build_request(case.request).extensions["target"] == b"a.test:443"
