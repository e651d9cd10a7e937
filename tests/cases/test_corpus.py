"""Small inputs in the shapes that recorders and API clients export.

Each file in `corpus` has a file of the same name with `.toml`. It has the messages of the
import, and the requests that a server gets from the drafted cases, byte for byte.
`corpus/README.md` says where each shape is documented.
"""

import os
import socket
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from comparison.cli import main

CORPUS = Path(__file__).parent / "corpus"
COMMANDS = {".har": "import-har", ".txt": "import-curl", ".json": "import-postman"}
INPUTS = sorted(p for p in CORPUS.iterdir() if p.suffix in COMMANDS)
PATIENCE = 120  # seconds
ANSWER = "HTTP/1.1 200 OK\nContent-Length: 0\nConnection: close\n\n"


class Outcome(Struct, forbid_unknown_fields=True):
    """The result of one input.

    `requests` and `responses` have line feeds for line ends, except in bodies. A character
    is an octet if `octets` is true, and else in UTF-8.
    """

    requests: list[str]
    options: list[str] = []
    left_out: list[str] = []
    to_be_set: dict[str, str] = {}
    responses: list[str] = []
    octets: bool = False
    has: list[str] = []
    has_not: list[str] = []


class RecordingServer:
    """Records the bytes of each request, and sends the next response."""

    def __init__(self, responses: list[bytes]) -> None:
        self.requests: list[bytes] = []
        self.responses = iter(responses)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Answer until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE)
                if request := self._request(connection):
                    self.requests.append(request)
                    connection.sendall(next(self.responses, raw(ANSWER)))

    def _request(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@contextmanager
def recording(responses: list[bytes]) -> Iterator[RecordingServer]:
    server = RecordingServer(responses)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        # Closing a listener does not end `accept`, a connection does.
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(PATIENCE)


def raw(message: str, encoding: str = "utf-8") -> bytes:
    """The bytes of a message whose head has line feeds, and perhaps LENGTH for its length."""
    head, _, body = message.partition("\n\n")
    head = head.replace("LENGTH", str(len(body.encode(encoding))))
    return (
        head.replace("\n", "\r\n").encode(encoding)
        + b"\r\n\r\n"
        + body.encode(encoding)
    )


def test_the_corpus_has_what_it_has_to() -> None:
    names = {path.stem.partition("-")[0] for path in INPUTS}
    exporters = ("chromium", "firefox", "safari", "mitmproxy", "charles", "insomnia", "k6",
                 "postman")  # fmt: skip
    assert names.issuperset(exporters)
    assert len(INPUTS) >= 25
    assert {path.stem for path in CORPUS.glob("*.toml")} == {p.stem for p in INPUTS}
    readme = (CORPUS / "README.md").read_text("utf-8")
    assert [path.name for path in INPUTS if f"`{path.name}`" not in readme] == []


@pytest.mark.parametrize("source", INPUTS, ids=lambda path: path.stem)
def test_cases_from_an_export_send_its_requests(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written: dict[str, Any] = tomllib.loads(
        source.with_suffix(".toml").read_text("utf-8")
    )
    outcome = msgspec.convert(written, Outcome)
    for name in set(os.environ) & set(outcome.to_be_set):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "more.txt").write_text("more")
    command = [COMMANDS[source.suffix], str(source), "--output", "cases.toml"]
    assert main([*command, *outcome.options]) == 0
    output = capsys.readouterr().err.splitlines()
    assert [s for s in output if s.startswith("left out: ")] == [
        f"left out: {line}" for line in outcome.left_out
    ]
    names = ", ".join(outcome.to_be_set)
    assert [s for s in output if s.startswith("to be set: ")] == (
        [f"to be set: {names}"] if names else []
    )
    drafted = Path("cases.toml").read_text("utf-8")
    assert [text for text in outcome.has if text not in drafted] == []
    assert [text for text in outcome.has_not if text in drafted] == []

    for name, value in outcome.to_be_set.items():
        monkeypatch.setenv(name, value)
    encoding = "latin-1" if outcome.octets else "utf-8"
    responses = [raw(each, encoding) for each in outcome.responses]
    with recording(responses) as one, recording(responses) as other:
        targets = [f"{n}=http://{s.address}" for n, s in (("a", one), ("b", other))]
        options = [word for target in targets for word in ("--target", target)]
        code = main(["run", "--cases", "cases.toml", *options])
        assert code == 0, capsys.readouterr().out
    for server in (one, other):
        expected = [raw(each.replace("HOST", server.address), encoding)
                    for each in outcome.requests]  # fmt: skip
        assert server.requests == expected
