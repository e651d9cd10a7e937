"""The versions of a run, and those that known differences were recorded with."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import tomli

RECORDED = Path(__file__).parent / "recorded_with.toml"
"""The versions that the shipped known differences were recorded with."""

Versions = Mapping[str, str | tuple[str, ...]]

# Python, the frameworks and the servers: they determine a response. The packages of a
# server count for all its variants, for example `uvicorn-h11` and `uvicorn-httptools`.
_PACKAGES = {
    "flask": ("python", "flask", "werkzeug", "jinja2", "itsdangerous", "asgiref"),
    "quart": ("python", "quart", "werkzeug", "jinja2", "itsdangerous"),
    "werkzeug": ("werkzeug",),
    "gunicorn": ("gunicorn",),
    "waitress": ("waitress",),
    "hypercorn": ("hypercorn", "h11"),
    "granian": ("granian",),
    "uvicorn": ("uvicorn", "h11", "httptools"),
    "daphne": ("daphne", "twisted"),
}
COUNTED = tuple(dict.fromkeys(each for names in _PACKAGES.values() for each in names))
"""Every package whose version may change a known difference."""


class OnStack(Protocol):
    """A target with its framework and server."""

    @property
    def framework(self) -> str | None:
        """The framework, if it is known."""

    @property
    def server(self) -> str:
        """The server."""


def in_range(version: str | None, version_range: str) -> bool:
    """Return whether a version is in a range."""
    if version is None:
        return False
    return bool(_specifier(version_range).contains(version, prereleases=True))


def check_range(version_range: str, where: str) -> None:
    """Raise ValueError unless this is a version range."""
    if not _is_specifier(version_range):
        raise ValueError(f"{where} is not a version range (PEP 440): {version_range!r}")


def check_versions(recorded: str | tuple[str, ...], where: str) -> None:
    """Raise ValueError unless these are versions, or prefixes such as `3.13.*`."""
    for version in _several(recorded):
        if not _is_specifier(f"=={version}"):
            raise ValueError(f"{where} is not a version (PEP 440): {version!r}")


def unrecorded(
    recorded_with: Versions, installed: Mapping[str, str], sides: Iterable[OnStack]
) -> tuple[str, ...]:
    """Return the versions on these sides that an entry was not recorded with.

    We compare only the packages that the entry names. Of these, only Python and the
    packages of the sides' frameworks and servers count.

    >>> from .models import Side
    >>> sides = [Side("flask", "flask", "waitress"), Side("quart", "quart", "granian")]
    >>> unrecorded({"granian": "2.8.7"}, {"granian": "2.8.9"}, sides)
    ('granian 2.8.9',)
    >>> unrecorded({"granian": ("2.8.7", "2.8.9")}, {"granian": "2.8.9"}, sides)
    ()
    >>> unrecorded({"daphne": "4.1.0"}, {"daphne": "4.2.3"}, sides)
    ()
    """
    return tuple(
        f"{package} {installed[package]}"
        for package in dict.fromkeys(_packages_of(sides))
        if package in recorded_with
        and package in installed
        and not any(
            in_range(installed[package], f"=={version}")
            for version in _several(recorded_with[package])
        )
    )


@cache
def shipped_versions() -> dict[str, str | tuple[str, ...]]:
    """Return the versions that the shipped known differences were recorded with."""
    versions = tomli.loads(RECORDED.read_text("utf-8"))["recorded_with"]
    return {package: tuple(each) for package, each in versions.items()}


def _packages_of(sides: Iterable[OnStack]) -> Iterator[str]:
    for side in sides:
        yield from _PACKAGES.get(side.framework or "", ())
        yield from _PACKAGES.get(side.server.partition("-")[0], ())


def _several(recorded: str | tuple[str, ...]) -> tuple[str, ...]:
    return (recorded,) if isinstance(recorded, str) else recorded


def _is_specifier(text: str) -> bool:
    from packaging.specifiers import InvalidSpecifier

    try:
        _specifier(text)
    except InvalidSpecifier:
        return False
    return True


@cache
def _specifier(version_range: str) -> Any:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(version_range)
