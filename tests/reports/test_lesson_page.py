"""The page of a lesson: self-contained, well-formed, and harmless."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import flask
import pytest
import quart

from comparison import Case, Request
from comparison.cli import main
from comparison.known import load_known
from comparison.lesson.make import lesson_of
from comparison.lesson.model import MODES, Lesson
from comparison.models import Response
from comparison.reports.lesson_page import lesson_body
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_target
from tests.apps import options_of_twins

VOID = {"meta", "input", "br", "link", "hr", "img", "wbr"}
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
    shown = ["show", "custom", *options_of_twins("custom"), "-q"]
    assert main([*shown, "--output", str(path)]) == 0
    return path.read_text("utf-8")


def test_the_page_has_the_nine_modes(written: str) -> None:
    found = Page(written)
    assert found.open == []
    for title in MODES.values():
        assert title in found.text


def test_the_page_is_self_contained(written: str) -> None:
    found = Page(written)
    assert not {"link", "img", "iframe"} & set(found.tags)
    links = [value or "" for name, value in found.attributes if name in ("href", "src")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert "url(" not in written
    assert "@import" not in written


def test_the_policy_allows_the_style_and_the_script_of_the_page_only(
    written: str,
) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', written)
    assert "unsafe" not in policy
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (text,) = re.findall(f"<{tag}[^>]*>(.*?)</{tag}>", written, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} &#39;sha256-{digest}&#39;" in policy


def test_an_embedded_lesson_has_no_styles_or_scripts(
    lesson: Lesson,
) -> None:
    found = Page(str(lesson_body(lesson, number=7)))
    assert not {"script", "style", "main", "body"} & set(found.tags)
    assert "style" not in {name for name, _ in found.attributes}
    assert ("id", "flow-7") in found.attributes


def test_every_link_has_its_target_once(written: str) -> None:
    found = Page(written)
    ids = [value for name, value in found.attributes if name == "id"]
    links = [(value or "")[1:] for name, value in found.attributes if name == "href"]
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)


def test_modes_do_not_link_to_rows_of_an_absent_table(lesson: Lesson) -> None:
    assert "#step-" in lesson_body(lesson, ("moments", "quiz", "table"))
    assert "#step-" not in lesson_body(lesson, ("moments", "quiz"))


def test_only_the_tables_of_the_lesson_follow_its_steps(written: str) -> None:
    """An experiment has its own steps, which other targets may not share."""
    start = written.index('<div class="targets lesson-experiment">')
    experiment = written[start : written.index("</details>", start)]
    assert experiment.count("<table") == 2
    assert "data-at" not in experiment
    assert "sums up" not in experiment


def test_the_page_is_small(written: str) -> None:
    assert len(written.encode()) < 200_000


@pytest.fixture
def lesson() -> Lesson:
    """The lesson of a case whose every text is markup."""

    def view() -> Any:
        text = HOSTILE
        return text, 202, {"X-Text": HOSTILE}

    apps: list[Any] = [flask.Flask("small"), quart.Quart("small")]
    for app in apps:
        app.add_url_rule("/", "view", view)
    targets = {t.name: t for t in map(resolve_target, apps)}
    known = load_known((), environment().packages)
    case = Case(
        HOSTILE, Request(headers={"X": "1"}), title=HOSTILE, description=HOSTILE
    )
    run = Run(targets, [case], known, lines=True, command=HOSTILE)
    (comparison,) = run
    recording = comparison.recordings["flask"]
    assert isinstance(recording.exchange.response, Response)
    return lesson_of(comparison, run.header(), known)


def test_recorded_values_are_escaped(lesson: Lesson) -> None:
    found = Page(str(lesson_body(lesson)))
    assert not {"script", "img"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert HOSTILE in found.text
    assert found.open == []
