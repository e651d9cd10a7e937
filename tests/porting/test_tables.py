"""The tables agree with the installed frameworks."""

import inspect
import pkgutil
from importlib import import_module
from types import FunctionType
from typing import Any

import flask
import flask.testing
import pytest
import quart
import quart.datastructures
import quart.sessions
import quart.testing
import quart.views
from aiofiles.threadpool.binary import AsyncBufferedReader
from aiofiles.threadpool.text import AsyncTextIOWrapper

from comparison.porting.imports import new_name, without_counterpart
from comparison.porting.tables import coroutine_functions, table

KINDS: dict[str, Any] = {
    "request": quart.Request,
    "response": quart.Response,
    "app": quart.Quart,
    "blueprint": quart.Blueprint,
    "client": quart.testing.QuartClient,
    "upload": quart.datastructures.FileStorage,
    "view": quart.views.View,
}
MODULES = ["flask", *(m.name for m in pkgutil.walk_packages(flask.__path__, "flask."))]


@pytest.mark.parametrize("module", [m for m in MODULES if "__main__" not in m])
def test_every_flask_name_has_a_counterpart_or_a_remedy(module: str) -> None:
    if without_counterpart(module):
        return
    for name, value in vars(import_module(module)).items():
        own = str(getattr(value, "__module__", "")).startswith(module)
        if name.startswith("_") or not own or without_counterpart(f"{module}.{name}"):
            continue
        # Apps do not import names for annotations only, such as type variables.
        if len(name) == 1 or inspect.ismodule(value):
            continue
        new_module, _, new = new_name(f"{module}.{name}").rpartition(".")
        assert hasattr(import_module(new_module), new), f"{module}.{name}"


@pytest.mark.parametrize("kind", KINDS)
def test_listed_methods_are_exactly_the_coroutine_functions(kind: str) -> None:
    listed = table("awaited")["kinds"][kind]
    names = [n for n in dir(KINDS[kind]) if not n.startswith("_")]
    members = {name: inspect.getattr_static(KINDS[kind], name) for name in names}
    found = {n for n, m in members.items() if inspect.iscoroutinefunction(m)}
    only_quart = {
        "send_push_promise",
        "close",
        "startup",
        "shutdown",
        "asgi_app",
        "load",
    }
    websocket = {name for name in found if "websocket" in name}
    background = {"handle_background_exception", "handle_request"}
    assert found - only_quart - websocket - background == set(listed["methods"])
    properties = {
        name
        for name, member in members.items()
        if isinstance(member, property) and inspect.iscoroutinefunction(member.fget)
    }
    assert properties == set(listed.get("properties", ()))


def test_listed_methods_of_files_are_the_coroutine_functions_of_aiofiles() -> None:
    found = {
        name
        for kind in (AsyncBufferedReader, AsyncTextIOWrapper)
        for name in dir(kind)
        if inspect.iscoroutinefunction(getattr(kind, name)) and not name.startswith("_")
    }
    assert found == set(table("awaited")["kinds"]["file"]["methods"])


def test_listed_functions_are_exactly_the_coroutine_functions() -> None:
    functions = {n: v for n, v in vars(quart).items() if type(v) is FunctionType}
    found = {n for n, v in functions.items() if inspect.iscoroutinefunction(v)}
    assert found - {"make_push_promise"} == coroutine_functions()


@pytest.mark.parametrize("kind", ["request", "response", "app"])
def test_names_listed_as_missing_exist_only_in_flask(kind: str) -> None:
    flasks: dict[str, Any] = {
        "request": flask.Request, "response": flask.Response, "app": flask.Flask,
    }  # fmt: skip
    missing = table("awaited")["kinds"][kind]["missing"]
    assert missing
    for name in missing:
        assert not hasattr(KINDS[kind], name), name
        assert hasattr(flasks[kind], name) or name == "environ"


def test_keywords_are_parameters() -> None:
    keywords = table("moved")["keywords"]
    assert keywords
    for name, renamed in keywords.items():
        parameters = inspect.signature(getattr(quart, name)).parameters
        assert set(renamed.values()) <= parameters.keys()
        assert not renamed.keys() & parameters.keys()


def test_each_extension_has_a_source() -> None:
    extensions = table("extensions")
    assert extensions["extension"]
    for extension in extensions["extension"]:
        assert extension["source"] in extensions["sources"]
        assert extension["serves"]
