"""The bundled cases ask for everything that the twins can do."""

import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed

CATALOGUE = Path(__file__).parents[2] / "comparison" / "cases" / "catalogue"

# What a case asks for is the link to these, not the page behind it.
LINKED_ONLY = {
    "urls.item",
    "urls.file",
    "urls.pages",
    "urls.collection",
    "handlers.folder",
}


def cases() -> list[dict[str, Any]]:
    """Every bundled case, as it is written."""
    files = sorted(CATALOGUE.glob("*.toml"))
    return [case for file in files for case in tomllib.loads(file.read_text())["case"]]


def covered(app: Any) -> set[str]:
    """The endpoints that some case leads to."""
    adapter = app.url_map.bind("localhost")
    endpoints = set()
    for case in cases():
        for request in (*case.get("setup", ()), case["request"]):
            target = request.get("path") or request.get("raw_path", "/")
            path = target.partition("?")[0]
            path = path.removeprefix(request.get("mount", ""))
            try:
                endpoint, _ = adapter.match(path, method=request.get("method", "GET"))
            except MethodNotAllowed as refused:
                allowed = next(iter(refused.valid_methods or ()))
                endpoint, _ = adapter.match(path, method=allowed)
            except HTTPException:
                continue
            endpoints.add(endpoint)
    return endpoints


def test_the_cases_cover_every_endpoint(twin: ModuleType) -> None:
    app = twin.create_app()
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - {"static"} - LINKED_ONLY - covered(app) == set()


def test_every_topic_has_cases_under_its_name(twin: ModuleType) -> None:
    topics = set(import_module(f"{twin.__name__}.registration").MODULES)
    assert topics == {file.stem for file in CATALOGUE.glob("*.toml")}


def test_every_case_has_a_description_and_a_docs_reference() -> None:
    wanted = {"id", "title", "description", "docs", "request", "expect"}
    assert [case["id"] for case in cases() if not wanted <= case.keys()] == []
