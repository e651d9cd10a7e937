"""The page of a lesson: self-contained, well-formed, and harmless."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import flask
import pytest
import quart

from comparison import Case, Request
from comparison.cli import main
from comparison.environment import environment
from comparison.lesson.make import lesson_of
from comparison.lesson.model import MODES
from comparison.model import Response
from comparison.parity import load_known
from comparison.reports.lesson_page import page
from comparison.runner import Run
from comparison.targets import resolve_target

VOID = {"meta", "input", "br", "link", "hr", "img"}
HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


class Page(HTMLParser):
    """The tags and attributes of a page; raises where one is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "custom.html"
    assert main(["show", "custom", "-q", "--output", str(path)]) == 0
    return path.read_text("utf-8")


def test_the_page_has_the_nine_modes(written: str) -> None:
    found = Page(written)
    assert found.open == []
    for title in MODES.values():
        assert title in found.text


def test_the_page_needs_nothing_else(written: str) -> None:
    found = Page(written)
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    links = [value or "" for name, value in found.attributes if name in ("href", "src")]
    assert all(link.startswith("#") for link in links)
    assert "url(" not in written
    assert "@import" not in written


def test_every_link_has_its_target_once(written: str) -> None:
    found = Page(written)
    ids = [value for name, value in found.attributes if name == "id"]
    links = [(value or "")[1:] for name, value in found.attributes if name == "href"]
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)


def test_the_page_is_small(written: str) -> None:
    assert len(written.encode()) < 200_000


def test_what_was_recorded_is_escaped() -> None:
    def view() -> Any:
        text = HOSTILE
        return text, 202, {"X-Text": HOSTILE}

    apps: list[Any] = [flask.Flask("small"), quart.Quart("small")]
    for app in apps:
        app.add_url_rule("/", "view", view)
    targets = {t.name: t for t in map(resolve_target, apps)}
    known = load_known((), environment().packages)
    case = Case(HOSTILE, Request(headers={"X": "1"}), title=HOSTILE, teaches=HOSTILE)
    run = Run(targets, [case], known, lines=True, command=HOSTILE)
    (comparison,) = run
    recording = comparison.recordings["flask"]
    assert isinstance(recording.exchange.response, Response)
    found = Page(page([lesson_of(comparison, run.header(), known)], run.header()))
    assert not {"script", "img"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert HOSTILE in found.text
    assert found.open == []
