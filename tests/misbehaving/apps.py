"""Factories of the misbehaving apps, named by a SPEC as `apps:flask_app("NAME")`.

An act at import happens where the environment names it.
"""

import os
import types
from typing import Any, Literal

import flask
import quart

from . import places
from .table import APPS, Kit, Misbehaving

AT_IMPORT = "COMPARISON_TEST_AT_IMPORT"


def _harmless(kit: Kit) -> Any:
    return "harmless"


def _ok(path: str) -> dict[str, str]:
    return {"path": path}


def _made(
    name: Literal["flask", "quart"], framework: types.ModuleType, misbehaving: str
) -> Any:
    entry = APPS[misbehaving]
    app = (framework.Flask if name == "flask" else framework.Quart)(__name__)
    if name == "quart":

        async def ok(path: str) -> dict[str, str]:
            return _ok(path)

        app.add_url_rule("/ok/<path>", "ok", ok)
    else:
        app.add_url_rule("/ok/<path>", "ok", _ok)
    act = entry.act if name in entry.sides else _harmless
    places.install(entry.place, act, Kit(name, framework, app))
    return app


def flask_app(name: str) -> flask.Flask:
    """Make the Flask app of a name in the table."""
    app: flask.Flask = _made("flask", flask, name)
    return app


def quart_app(name: str) -> quart.Quart:
    """Make the Quart app of a name in the table."""
    app: quart.Quart = _made("quart", quart, name)
    return app


def chosen(names: list[str]) -> list[Misbehaving]:
    """Return the apps with these names, or all of them."""
    return [APPS[name] for name in names] if names else list(APPS.values())


if _name := os.environ.get(AT_IMPORT):
    APPS[_name].act(Kit("flask", flask))
