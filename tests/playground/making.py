"""Playgrounds to test: of some topics of the catalogue, and of hostile apps."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from comparison.cases import CATALOGUE
from comparison.known import BUNDLED, ON_SERVERS
from comparison.playground.state import Playground
from comparison.runner.settings import RunSettings

HERE = Path(__file__).parent
APPS = tuple(
    f"{name}=tests.playground.apps:make_{name}()" for name in ("flask", "quart")
)


def of_topics(*topics: str) -> Playground:
    """The twins, and some topics of the catalogue with what is known of them."""
    paths = tuple(str(CATALOGUE / f"{topic}.toml") for topic in topics)
    known = (str(BUNDLED), str(ON_SERVERS))
    return Playground(
        RunSettings((), paths, known, None),
        (*many("cases", paths), *many("known", known)),
    )


def of_apps(file: str = "cases.toml", timeout: float = 1.0) -> Playground:
    """The hostile apps."""
    paths = (str(HERE / file),)
    return Playground(
        RunSettings(APPS, paths, (), timeout),
        (*many("target", APPS), *many("cases", paths), "--timeout", str(timeout)),
    )


def many(option: str, values: Iterable[str]) -> Iterator[str]:
    """An option of the command line for each value."""
    for value in values:
        yield from (f"--{option}", value)
