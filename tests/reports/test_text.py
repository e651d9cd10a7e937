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


def test_differences_caused_by_a_server_are_reported_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    needs("waitress")
    sent = ["-k", "status-200 or status-204", "--jobs", "1"]
    stacks = ["--target", "a=flask_app@waitress", "--target", "b=quart_app@hypercorn"]
    assert main(["run", "--list", *stacks, *sent]) == 0
    lines = capsys.readouterr().out.splitlines()
    ordinary, own = (line for line in lines if line.startswith("~"))
    assert ordinary.endswith("An explicit 200 equals the default")
    assert "known: " in own and "no-reason-on-hypercorn" not in own
    note = next(line for line in lines if line.startswith("caused by the servers"))
    assert "no-reason-on-hypercorn (2)" in note
    assert "1 with known differences, 1 with those of the servers only" in lines[-1]


def test_an_accepted_entry_is_not_wrapped(tmp_path: Path) -> None:
    (entry,) = accept(tmp_path / "k.toml", lambda: "one " * 60, lambda: "two " * 60)
    assert entry["fields"] == {"body": {"flask": "one " * 60, "quart": "two " * 60}}


def test_expected_and_actual_values_are_on_one_line() -> None:
    sent = [Case("case", Request("GET", "/"), expect=Expect(text="one"))]
    output = reported("text", lambda: "one\ntwo\n", lambda: "one\ntwo\n", sent)
    assert "  expected of quart: body one, got 'one\\ntwo\\n'\n" in output


def test_an_expected_body_can_be_the_text_a_response() -> None:
    sent = [Case("case", Request("GET", "/"), expect=Expect(text="a response"))]
    output = reported("text", lambda: "one", lambda: "one", sent)
    assert "  expected of quart: body a response, got one\n" in output


def test_a_missing_response_is_reported_without_a_field() -> None:
    def stream() -> Iterator[str]:
        yield "one"
        raise KeyError("two")

    line = stream.__code__.co_firstlineno + 2
    sent = [Case("case", Request("GET", "/"), expect=Expect(status=200))]
    output = reported("text", lambda: "one", lambda: stream(), sent)
    assert "! case  GET /  failure: aborted\n" in output
    assert f"tests/reports/test_text.py:{line}  raise KeyError" in output
    assert "    flask answered 200 text/html; charset=utf-8 one\n" in output


def broken() -> str:
    return {"one": 1}["two"]  # type: ignore[return-value]


def test_an_exception_in_one_app_is_reported_with_its_location() -> None:
    output = reported("text", lambda: "one", broken)
    line = broken.__code__.co_firstlineno + 1
    place = f"tests/reports/test_text.py:{line}"
    assert f'    {place}  {{"one": 1}}["two"]\n    KeyError: \'two\'\n' in output
    assert "    cause: KeyError is raised in quart only.\n" in output
    assert "is raised in flask" not in output


def test_an_exception_in_both_apps_is_not_reported() -> None:
    sent = [Case("case", Request("GET", "/"), expect=Expect(status=200))]
    output = reported("text", broken, broken, sent)
    assert "KeyError" not in output
    assert "    expected of quart: status 200, got 500\n" in output


async def forgetful() -> str:
    quart.flash("saved")  # type: ignore[unused-coroutine]
    return "two"


def test_an_unawaited_coroutine_is_reported_with_the_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with warnings.catch_warnings(), captured_logs():
        output = reported("text", lambda: "one", forgetful)
    line = forgetful.__code__.co_firstlineno + 1
    assert f'    tests/reports/test_text.py:{line}  quart.flash("saved")' in output
    assert (
        "    cause: `flash` is a coroutine in Quart, and nothing awaits it.\n" in output
    )
    assert '    remedy: Await it: `await quart.flash("saved")' in output
