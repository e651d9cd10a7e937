"""Small OpenAPI documents, each with the exact requests that must be drafted from it.

`x-requests` has the line of each request, then its headers and its body. openapi-core
checks that the document allows each request. It cannot read some (`x-unjudged`).
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request as WerkzeugRequest

from comparison.cases import load_cases
from comparison.cli import main
from comparison.models import Case
from comparison.targets.http import build_request, target_of

DOCUMENTS = sorted((Path(__file__).parent / "openapi").glob("*.yaml"))
OURS = ("host", "content-length")
SECRET = re.compile(r"\$\{env:(\w+)\}")


def drafted(
    document: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str
) -> dict[str, Case]:
    out = folder / "drafted.toml"
    arguments = [str(document), "--all-methods", "--output", str(out), "--force"]
    assert main(["import-openapi", *arguments, *options]) == 0
    for name in SECRET.findall(out.read_text("utf-8")):
        monkeypatch.setenv(name, f"secret-{name}")
    return {case.id: case for case in load_cases(out)}


def lines_of(case: Case) -> Iterator[str]:
    request = build_request(case.request)
    yield f"{request.method} {target_of(case.request).decode()}"
    sent = [(n, v) for n, v in request.headers.multi_items() if n.lower() not in OURS]
    body = request.read().decode().replace("\r\n", "\n")
    names = {name.lower(): name for name, _ in header_pairs(case)}
    for name, value in sent:
        if name.lower() != "content-type":
            yield f"{names.get(name.lower(), name)}: {value}"
    if body:
        yield f"{request.headers['content-type']}: {body}".removesuffix("--\n") + (
            "--" if body.endswith("--\n") else ""
        )


def header_pairs(case: Case) -> list[tuple[str, str]]:
    headers = case.request.headers
    return list(headers.items() if isinstance(headers, dict) else headers)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_requests_are_exactly_these(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = yaml.safe_load(document.read_text("utf-8"))
    cases = drafted(document, tmp_path, monkeypatch)
    sent = [line for case in cases.values() for line in lines_of(case)]
    assert sent == described["x-requests"]


def judged(described: dict[str, Any], case: Case) -> None:
    """Raise the error of openapi-core if the document does not allow the request."""
    request: httpx.Request = build_request(case.request)
    path, _, query = target_of(case.request).decode().partition("?")
    body = request.read()
    environ = EnvironBuilder(
        method=request.method, path=unquote(path), query_string=query,
        headers=Headers(request.headers.multi_items()), input_stream=io.BytesIO(body),
    ).get_environ()  # fmt: skip
    api = OpenAPI.from_dict(
        {**described, "servers": [{"url": "/"}]}, config=Config(spec_validator_cls=None)
    )
    requests = WerkzeugOpenAPIRequest(WerkzeugRequest(environ))
    # In WSGI, an underscore in a name would be a hyphen.
    requests.parameters.header = Headers(request.headers.multi_items())
    api.validate_request(requests)


@pytest.mark.filterwarnings("ignore:Use of allowEmptyValue property")
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_document_allows_the_requests(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = yaml.safe_load(document.read_text("utf-8"))
    if "x-unjudged" not in described:
        for case in drafted(document, tmp_path, monkeypatch).values():
            judged(described, case)


def test_drafts_are_the_same_in_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = next(path for path in DOCUMENTS if path.stem == "pattern")
    first = drafted(document, tmp_path, monkeypatch, "--variants")
    assert drafted(document, tmp_path, monkeypatch, "--variants") == first
    # Hypothesis, which makes texts for patterns, leaves nothing behind.
    assert not (tmp_path / ".hypothesis").exists()
