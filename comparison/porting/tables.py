"""The tables of what moves, what is awaited, and what serves instead."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FRAMEWORKS = ("flask", "quart")


@cache
def table(name: str) -> dict[str, Any]:
    """Return one of the files in `data` as a dict."""
    return tomllib.loads(
        (files(__package__) / "data" / f"{name}.toml").read_text("utf-8")
    )


@cache
def coroutine_functions() -> frozenset[str]:
    """The functions of the framework that have to be awaited, by their last name."""
    return frozenset(table("awaited")["coroutines"]["functions"])


@cache
def kind(name: str) -> dict[str, Any]:
    """Return the facts about a kind of object; an empty dict for an unknown kind."""
    found: dict[str, Any] = table("awaited")["kinds"].get(name, {})
    return found


@cache
def noted_attributes() -> frozenset[str]:
    """The attributes that are awaited, renamed or missing, of any kind of object."""
    kinds = table("awaited")["kinds"].values()
    groups = ("properties", "missing", "renamed")
    return frozenset(
        name for each in kinds for group in groups for name in each.get(group, ())
    )


@cache
def distinctive_methods() -> frozenset[str]:
    """Coroutine methods whose name alone says that the object is the framework's."""
    return frozenset({"get_json", "get_data", "make_conditional", "make_sequence"})


def registration(name: str) -> str:
    """How the framework calls a function registered so: view, hook, either, plain, ""."""
    for group in ("views", "hooks", "either", "plain"):
        if name in table("registrations")[group]:
            return group
    return ""


def is_framework(dotted: str) -> bool:
    """Whether a dotted name belongs to Flask or Quart."""
    return dotted.partition(".")[0] in FRAMEWORKS


def last(dotted: str) -> str:
    """Return the last part of a dotted name.

    >>> last("flask.helpers.make_response")
    'make_response'
    """
    return dotted.rpartition(".")[2]
