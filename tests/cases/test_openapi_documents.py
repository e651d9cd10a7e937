"""OpenAPI documents: what is wrong with one is named, and one at a URL is fetched."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from comparison.cases.sources.openapi import OpenApi
from comparison.cases.sources.operations import Operations
from comparison.cli import main
from comparison.core.errors import UsageError
from comparison.targets.fetch import fetch

from .test_openapi import SHOP, document, written

BEGINNING = "openapi: 3.0.0\npaths:\n  /a:\n    get:\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ":1: is empty"),
        ("just words", ':1: has no "openapi"'),
        ("[]", ':1: has no "openapi"'),
        ("swagger: '2.0'", ":1: is Swagger 2.0; convert it"),
        ("info: {}\nopenapi: 4.0.0", ":2: openapi: '4.0.0' is not read"),
        ("openapi: 3.0.0\npaths: {}", ":2: paths: has no paths"),
        ("a: 1\nb: ]", ":2: is not YAML: "),
        ("a: 1\n? [b]\n: 2", ":2: a key is not a text"),
        ('{"openapi": "3.0.0",\n"paths": {"', ":2: is not JSON: "),
        ("[" * 100_000, "is not YAML: exceeded maximum nesting depth"),
        ("{" * 100_000, "is not JSON: "),
        ('{"a":' * 100_000, ":1: is nested too deeply"),
        ("a: &a [*a]", ":1: is nested too deeply"),
        ("a: " + "[" * 150 + "]" * 150, ":1: is nested too deeply"),
        (BEGINNING + "      parameters: 7\n",
         ":5: paths./a.get.parameters: expected `array`, got `int`"),
        (BEGINNING + "      parameters:\n      - {in: query}\n",
         ":6: paths./a.get.parameters[0]: object missing required field `name`"),
        (BEGINNING + "      requestBody: {$ref: 'other.yaml#/a'}\n",
         ":5: paths./a.get.requestBody.$ref: 'other.yaml#/a' cannot be read: No such file"),
        (BEGINNING + "      requestBody: {$ref: 'file:///etc/passwd'}\n",
         "'file:///etc/passwd' is outside of "),
        (BEGINNING + "      requestBody: {$ref: 'http://localhost:1/'}\n",
         "is not in this document or its folder"),
        (BEGINNING + "      requestBody: {$ref: '#/nowhere'}\n",
         ":5: paths./a.get.requestBody.$ref: '#/nowhere' names nothing"),
        (BEGINNING + "      requestBody: {$ref: '#/openapi/x'}\n", "names nothing"),
        (BEGINNING + "      requestBody: &r {$ref: '#/paths/~1a/get/requestBody'}\n",
         "paths./a.get.requestBody: leads in a circle"),
        (BEGINNING + "      security: [{Nobody: []}]\n",
         "components.securitySchemes.Nobody: is required, and not described"),
        ('{"openapi": "3.0.0", "paths": {"/a": {"get": {"\\ud800": 1}}}}',
         ":1: paths./a.get: a name that is not a text: '\\ud800'"),
    ],
    ids=range(24),
)  # fmt: skip
def test_a_malformed_document_is_reported(
    content: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "api.yaml", content)
    out = tmp_path / "cases.toml"
    assert main(["import-openapi", str(file), "--output", str(out)]) == 2
    error = capsys.readouterr().err
    assert (f"api.yaml{message}" if message.startswith(":") else message) in error
    assert len(error) < 500
    assert [path.name for path in tmp_path.iterdir()] == ["api.yaml"]


def test_every_problem_of_a_document_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {f"/{n}": {"get": {"parameters": n}} for n in range(3)}
    file = written(tmp_path / "api.json", {"openapi": "3.0.0", "paths": paths})
    assert main(["import-openapi", str(file)]) == 2
    out, error = capsys.readouterr()
    assert error.count("parameters: expected `array`, got `int`") == 3
    assert out == ""


def test_bytes_that_are_not_utf_8_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "api.yaml"
    file.write_bytes(b"openapi: 3.0.0\ninfo: \xff\xfe")
    assert main(["import-openapi", str(file)]) == 2
    assert "api.yaml:2: is not UTF-8" in capsys.readouterr().err
    assert main(["import-openapi", str(tmp_path)]) == 2
    assert main(["import-openapi", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml: No such file" in capsys.readouterr().err


@pytest.mark.slow
def test_yaml_aliases_cannot_expand_without_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["openapi: 3.0.0", "a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    file = written(tmp_path / "api.yaml", "\n".join(lines))
    assert main(["import-openapi", str(file)]) == 2
    assert "api.yaml:1: is too large" in capsys.readouterr().err


def test_mutually_recursive_schemas_are_resolved_in_finite_time(tmp_path: Path) -> None:
    schemas = {
        f"s{n}": {
            "properties": {
                f"p{k}": {"$ref": f"#/components/schemas/s{(n + k) % 16}"}
                for k in range(16)
            },
            "allOf": [{"$ref": f"#/components/schemas/s{(n + 1) % 16}"}] * 16,
        }
        for n in range(16)
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/s0"}}}
    api = document({"requestBody": {"content": content}})
    api["components"] = {"schemas": schemas}
    operations = Operations(OpenApi("api", json.dumps(api).encode()))
    assert len(list(operations)) == 1


# Documents at a URL ---------------------------------------------------------------------


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/around":
            self.send_response(302)
            self.send_header("Location", "/around")
            self.end_headers()
            return
        found = self.path.startswith("/api.yaml")
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(dedent(SHOP).encode())

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def pages() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched_from_a_url(
    pages: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-openapi", f"{pages}/api.yaml?token=canary-7J"]) == 0
    out, error = capsys.readouterr()
    assert 'id = "list-orders"' in out
    assert "canary" not in out + error


@pytest.mark.parametrize(
    ("path", "message"),
    [("/none", "answers with 404"), ("/around", "Exceeded maximum allowed redirects")],
)
def test_a_url_without_a_document_is_reported(
    path: str, message: str, pages: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-openapi", pages + path]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("url", ["ftp://localhost/a", "file:///etc/passwd", "http://["])
def test_an_unsupported_url_is_rejected(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-openapi", url]) == 2
    assert url in capsys.readouterr().err


def test_downloads_are_limited_in_size_and_time(pages: str) -> None:
    with pytest.raises(UsageError, match="more than 100 bytes"):
        fetch(f"{pages}/api.yaml", longest=100)
    with pytest.raises(UsageError, match="takes more than"):
        fetch(f"{pages}/api.yaml", within=0.0000001)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api.yaml"
        with pytest.raises(UsageError, match=r"takes more than 0\.05 seconds"):
            fetch(url, within=0.05)
