"""Hostile servers, apps and documents: no output holds what a terminal would obey."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from comparison.cli import main
from comparison.core.escaping import visible, visible_line
from tests.project import Project, project

__all__ = ["project"]

OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
CLIPBOARD = b"\x1b]52;c;ZXZpbA==\x07"
FORMATS = ("txt", "md", "json", "jsonl", "xml", "html")


def answer(who: bytes, path: bytes) -> bytes:
    ok = b"HTTP/1.1 200 OK"
    if path.startswith(b"/junk"):
        return CLIPBOARD + who + b"\r\n"
    if path.startswith(b"/length"):
        return ok + b"\r\nContent-Length: \x1b[2J" + who + b"\r\n\r\n"
    if path.startswith(b"/chunk"):
        return ok + b"\r\nTransfer-Encoding: chunked\r\n\r\n\x1b[2J" + who + b"\r\n\r\n"
    fields = [
        ok + b" \x1b]0;reason " + who + b"\x07",
        b"Content-Length: 17",
        b"X-" + CLIPBOARD + b"\x1b[2J: " + who,
        b"X-Value: \x9b31m\xe2\x80\xae" + CLIPBOARD + who,
        b"Set-Cookie: a=\x1b[31m" + who,
        b"Content-Type: text/\x1b[5m" + who,
    ]
    body = b"\x1b[31m\xe2\x80\xae\xc2\x9b2J[b]" + who
    return b"\r\n".join([*fields, b"", body.ljust(17)[:17]])


class Hostile:
    """A server that sends control sequences wherever HTTP has room for them."""

    def __init__(self, who: bytes) -> None:
        self.who = who
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                head = b""
                while b"\r\n\r\n" not in head and (part := connection.recv(65_536)):
                    head += part
                if head:
                    connection.sendall(answer(self.who, head.split(b" ")[1]))

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def hostile() -> Iterator[list[str]]:
    servers = [Hostile(b"one"), Hostile(b"two")]
    yield [f"--target={s.who.decode()}={s.url}" for s in servers]
    for server in servers:
        server.close()


def obeyed(text: str) -> list[str]:
    return [text[max(0, m.start() - 30) : m.end() + 10] for m in OBEYED.finditer(text)]


HOSTILE_CASES = r"""
[[case]]
id = "head\u001b[2J\u202e"
title = "\u001b]52;c;ZXZpbA==\u0007 <script>alert(1)</script> ![x](http://evil) \r::error::x"
[case.request]
path = "/"
[case.expect]
reason = "\u009b2J"
[[case]]
id = "junk"
[case.request]
path = "/junk"
[[case]]
id = "length"
[case.request]
path = "/length"
[[case]]
id = "chunk"
[case.request]
path = "/chunk"
"""


def test_reports_contain_no_control_sequences_of_a_hostile_server(
    hostile: list[str], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("cases.toml", HOSTILE_CASES)
    outputs = [f"--output=run.{suffix}" for suffix in FORMATS]
    assert main(["run", "-v", *hostile, *outputs]) == 1
    assert main(["run", *hostile, "--format", "github"]) == 1
    assert main(["run", *hostile, "--format", "json"]) == 1
    assert main(["show", "head\x1b[2J\u202e", *hostile, "--output=show.html"]) == 1
    assert main(["record", "base.jsonl", *hostile]) == 0
    assert main(["check", "base.jsonl", *hostile]) in {0, 1}
    output = capsys.readouterr()
    assert obeyed(output.out + output.err) == []
    assert r"\x1b]52;c;ZXZpbA==\x07" in output.out
    for path in (*project.root.glob("run.*"), *project.root.glob("show.*")):
        assert obeyed(path.read_bytes().decode("utf-8")) == [], path.name
    markdown = (project.root / "run.md").read_text("utf-8")
    assert "<script>" not in markdown
    # In code it is text.
    assert "![x](" not in markdown.replace("`![x](http://evil)`", "")
    ET.parse(project.root / "run.xml")
    json.loads((project.root / "run.json").read_text("utf-8"))


def test_annotations_are_one_line_each(
    hostile: list[str], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("cases.toml", HOSTILE_CASES)
    assert main(["run", *hostile, "--format", "github", "-k", "script"]) == 1
    lines = capsys.readouterr().out.split("\n")[:-1]
    assert [
        line for line in lines if not line.startswith(("::error ", "::notice "))
    ] == []
    assert "\n::error::x" not in "\n".join(lines)


MORE = """
    import os

    @app.get("/surrogate")
    def surrogate():
        raise ValueError("{who}: no such file: " + os.fsdecode(b"caf\\xe9\\x1b[2J.txt"))

    @app.get("/lines")
    def lines():
        raise ValueError("{who}\\n::error::evil\\r\\x1b]0;x\\x07 [bold red]markup[/]")
"""


def test_app_exceptions_are_printed_with_escapes(
    project: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    for framework in ("flask", "quart"):
        project.app(framework, more=MORE.replace("{who}", framework))
    project.write(
        "cases.toml",
        """
        [[case]]
        id = "surrogate"
        settings = { PROPAGATE_EXCEPTIONS = true }
        fresh = true
        [case.request]
        path = "/surrogate"
        [case.expect]
        status = 299
        [[case]]
        id = "lines"
        [case.request]
        path = "/lines"
        [case.expect]
        status = 299
        """.replace("        settings = { PROPAGATE_EXCEPTIONS = true }\n", ""),
    )
    outputs = [f"--output=run.{suffix}" for suffix in FORMATS]
    assert main(["run", "-v", *outputs]) == 1
    output = capsys.readouterr()
    assert r"no such file: caf\udce9\x1b[2J.txt" in output.out
    assert "[bold red]markup[/]" in " ".join(output.out.split())
    assert "\n::error" not in output.out.replace(" ", "")
    paths = [*project.root.glob("run.*")]
    assert len(paths) == len(outputs)
    for path in paths:
        assert obeyed(path.read_bytes().decode("utf-8")) == [], path.name
    assert obeyed(output.out + output.err) == []


def test_drafts_contain_no_control_sequences_of_hostile_documents(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b]52;c;ZXZpbA==\x07\x9b2J\x7f\u202e"
    operation = {"summary": evil, "operationId": evil, "responses": {}}
    document = {
        "openapi": "3.1.0", "info": {"title": evil, "version": "1"},
        "paths": {f"/{evil}": {"get": operation, "post": operation}},
    }  # fmt: skip
    project.write("api.json", json.dumps(document))
    main(["import-openapi", "api.json", "--expect", "--all-methods"])
    entry = {
        "request": {
            "method": "POST", "url": f"http://shop.example/{evil}",
            "headers": [{"name": f"X-{evil}", "value": evil}],
            "postData": {"mimeType": "text/plain", "text": evil},
        },
        "response": {"status": 200},
    }  # fmt: skip
    project.write("a.har", json.dumps({"log": {"entries": [entry]}}))
    main(["import-har", "a.har"])
    main(["import-har", "a.har", "--host", evil])
    main(["explain", evil])
    main(["show", evil])
    main(["run", "--cases", f"{evil}.toml"])
    main([evil])
    output = capsys.readouterr()
    assert obeyed(output.out + output.err) == []
    assert "\\u001b]52" in output.out
    assert "\\x1b]52" in output.err


async def test_pages_contain_no_control_sequences_of_a_hostile_server(
    hostile: list[str], project: Project, quiet: None
) -> None:
    from comparison.playground.app import create_app
    from comparison.playground.state import Playground
    from comparison.runner.settings import RunSettings

    project.write("cases.toml", HOSTILE_CASES)
    targets = tuple(each.removeprefix("--target=") for each in hostile)
    state = Playground(RunSettings(targets, (), (), None))
    try:
        client = create_app(state).test_client()
        for path in (
            "/",
            *(f"/cases/{name}" for name in ("junk", "head%1B[2J%E2%80%AE")),
        ):
            response = await client.get(path)
            assert response.status_code == 200, path
            assert obeyed(await response.get_data(as_text=True)) == [], path
    finally:
        state.close()


def test_visible_text_is_not_changed() -> None:
    assert visible("é ‹ ≠\n\t") == "é ‹ ≠\n\t"
    assert visible(visible("\x1b")) == visible("\x1b") == "\\x1b"
    assert visible_line("a\nb\r") == "a\\nb\\r"
