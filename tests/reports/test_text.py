"""The text report: what a person sees of a run, the verdict last."""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import quart

from comparison import Case, Expect, Request
from comparison.cli import main
from comparison.tracing import captured_logs
from tests.targets.waiting import needs

from .making import accept, reported


def test_what_servers_show_whatever_the_case_is_told_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    needs("waitress")
    asked = ["-k", "status-200 or status-204", "--jobs", "1"]
    stacks = ["--target", "a=flask_app@waitress", "--target", "b=quart_app@hypercorn"]
    assert main(["run", "--list", *stacks, *asked]) == 0
    lines = capsys.readouterr().out.splitlines()
    ordinary, own = (line for line in lines if line.startswith("~"))
    assert ordinary.endswith("An explicit 200 equals the default")
    assert "known: " in own and "no-reason-on-hypercorn" not in own
    note = next(line for line in lines if line.startswith("caused by the servers"))
    assert "no-reason-on-hypercorn (2)" in note
    assert "1 with known differences, 1 with those of the servers only" in lines[-1]


def test_an_entry_is_not_wrapped(tmp_path: Path) -> None:
    (entry,) = accept(tmp_path / "k.toml", lambda: "one " * 60, lambda: "two " * 60)
    assert entry["fields"] == {"body": {"flask": "one " * 60, "quart": "two " * 60}}


def test_what_was_expected_and_what_came_are_one_line() -> None:
    asked = [Case("case", Request("GET", "/"), expect=Expect(text="one"))]
    said = reported("text", lambda: "one\ntwo\n", lambda: "one\ntwo\n", asked)
    assert "  expected of quart: body one, got 'one\\ntwo\\n'\n" in said


def test_a_body_may_be_expected_to_be_the_words_a_response() -> None:
    asked = [Case("case", Request("GET", "/"), expect=Expect(text="a response"))]
    said = reported("text", lambda: "one", lambda: "one", asked)
    assert "  expected of quart: body a response, got one\n" in said


def test_that_a_response_was_expected_is_told_without_a_field() -> None:
    def stream() -> Iterator[str]:
        yield "one"
        raise KeyError("two")

    line = stream.__code__.co_firstlineno + 2
    asked = [Case("case", Request("GET", "/"), expect=Expect(status=200))]
    said = reported("text", lambda: "one", lambda: stream(), asked)
    assert "! case  GET /  failure: aborted\n" in said
    assert f"tests/reports/test_text.py:{line}  raise KeyError" in said
    assert "    flask answered 200 text/html; charset=utf-8 one\n" in said


def broken() -> str:
    return {"one": 1}["two"]  # type: ignore[return-value]


def test_what_was_raised_in_one_app_only_is_told_with_its_place() -> None:
    said = reported("text", lambda: "one", broken)
    line = broken.__code__.co_firstlineno + 1
    place = f"tests/reports/test_text.py:{line}"
    assert f'    {place}  {{"one": 1}}["two"]\n    KeyError: \'two\'\n' in said
    assert "    cause: KeyError is raised in quart only.\n" in said
    assert "is raised in flask" not in said


def test_what_was_raised_in_both_apps_is_no_news() -> None:
    asked = [Case("case", Request("GET", "/"), expect=Expect(status=200))]
    said = reported("text", broken, broken, asked)
    assert "KeyError" not in said
    assert "    expected of quart: status 200, got 500\n" in said


async def forgetful() -> str:
    quart.flash("saved")  # type: ignore[unused-coroutine]
    return "two"


def test_a_coroutine_that_was_not_awaited_is_told_with_what_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with warnings.catch_warnings(), captured_logs():
        said = reported("text", lambda: "one", forgetful)
    line = forgetful.__code__.co_firstlineno + 1
    assert f'    tests/reports/test_text.py:{line}  quart.flash("saved")' in said
    assert (
        "    cause: `flash` is a coroutine in Quart, and nothing awaits it.\n" in said
    )
    assert '    remedy: Await it: `await quart.flash("saved")' in said
