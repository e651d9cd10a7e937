"""The bundled cases cover every view of the twins."""

import re
import tomllib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from .client import whole

CATALOGUE = Path(__file__).parents[2] / "comparison" / "cases" / "catalogue"

# A case expects the link to these, not the page behind it.
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
    app = whole(twin)
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - {"static"} - LINKED_ONLY - covered(app) == set()


def test_every_topic_has_cases_under_its_name(twin: ModuleType) -> None:
    topics = set(import_module(f"{twin.__name__}.registration").MODULES)
    assert topics == {file.stem for file in CATALOGUE.glob("*.toml")}


def test_every_case_has_a_description_and_a_docs_reference() -> None:
    wanted = {"id", "title", "description", "docs", "request", "expect"}
    assert [case["id"] for case in cases() if not wanted <= case.keys()] == []


PACKAGES = {
    "Flask": ("flask", "werkzeug"),  # its classes derive from those of Werkzeug
    "Quart": ("quart", "werkzeug", "flask"),
    "Werkzeug": ("werkzeug",),
    "Jinja": ("jinja2",),
    "ItsDangerous": ("itsdangerous",),
    "MarkupSafe": ("markupsafe",),
}
# A function, class, parameter or setting: with a dot or an underscore, not `SETTING_*`.
CITED = re.compile(r"\b(?:[A-Za-z_]\w*\.)+[a-z_]\w*\b|\b[A-Za-z]*_\w+\b(?!\*)")


@cache
def words_of(package: str) -> frozenset[str]:
    """Every word in the source of an installed package, and its name."""
    found = find_spec(package)
    assert found is not None and found.origin is not None
    sources = [
        file.read_text("utf-8") for file in Path(found.origin).parent.rglob("*.py")
    ]
    return frozenset(re.findall(r"\w+", " ".join([package, *sources])))


def exists(name: str, packages: tuple[str, ...]) -> bool:
    """Whether each part of a dotted name is a word of one of the packages."""
    return all(
        any(word in words_of(package) for package in packages)
        for word in name.split(".")
    )


def unknown_names(docs: str) -> list[str]:
    """The names in a case's citations that the cited packages do not have."""
    packages: tuple[str, ...] = ()
    unknown = []
    for citation in docs.split(";"):
        cited = citation.split()[0].rstrip(",")
        # Without its own name, a citation continues the one before it.
        if cited in PACKAGES or (cited[0].isupper() and "." not in cited):
            packages = PACKAGES.get(cited, ())
        names = CITED.findall(citation) if packages else ()
        unknown += [name for name in names if not exists(name, packages)]
    return unknown


def test_what_cases_cite_exists_in_the_installed_packages() -> None:
    missing = {case["id"]: unknown_names(case["docs"]) for case in cases()}
    assert {key: value for key, value in missing.items() if value} == {}
    assert unknown_names("RFC 9110 section 15.5; Flask, API, Flask.make_answer") == [
        "Flask.make_answer"
    ]
