"""Explanations match facts and name places."""

from typing import Any

import pytest

from comparison.causes.fact import Fact
from comparison.causes.match import MAX_TEXT, matching
from comparison.causes.models import Explanation, meaning_of
from tests.causes.stated import FILE, SOURCE, app, line_of

__all__ = ["app"]


def explained(this: Any, other: Any = None, **fields: Any) -> Any:
    given = {"id": "e", "summary": "{source}|{function}", "remedy": "{awaited}|{ensured}|{wrapper}{in_async_def}"}  # fmt: skip
    explanation = Explanation(**{**given, **fields})
    return list(matching(explanation, this, other or {}, "quart"))


RAISED = {"raised": [Fact("KeyError: save", FILE, line_of("return save"), "return save()")]}  # fmt: skip


WHEN = {"raised": r"KeyError: (?P<coroutine>\w+)"}


def test_a_fact_that_matches_is_a_finding() -> None:
    (found,) = explained(RAISED, when=WHEN, docs=("https://a",), layer="client")
    assert found.summary == "return save()|save"
    assert found.remedy == (
        "return await save()|return await current_app.ensure_async(save)()|view"
    )
    assert found.place == f"{FILE}:{line_of('return save')}"
    assert found.evidence == (f"KeyError: save ({found.place})",)
    assert (found.cause, found.target, found.layer) == ("e", "quart", "client")
    assert found.docs == ("https://a",)


@pytest.mark.parametrize(
    ("fields", "other", "matches"),
    [
        ({"when": {**WHEN, "status": "^500"}}, {}, False),
        ({"when": {**WHEN, "other.status": "^200"}}, {"status": [Fact("200")]}, True),
        ({"when": {**WHEN, "other.status": "^500"}}, {"status": [Fact("200")]}, False),
        ({"when": WHEN, "unless": {"other.status": "2"}}, {"status": [Fact("200")]}, False),
        ({"when": WHEN, "unless": {"other.status": "5"}}, {"status": [Fact("200")]}, True),
        ({"when": {"raised": "Value"}}, {}, False),
        ({"when": {"other.status": "200"}}, {"status": [Fact("200")]}, True),
    ],
)  # fmt: skip
def test_each_fact_must_match(fields: Any, other: Any, matches: bool) -> None:
    assert bool(explained(RAISED, other, **fields)) is matches


@pytest.mark.parametrize(
    ("place", "line", "source"),
    [
        ("evidence", "return save", "return save()"),
        ("none", None, ""),
        ("import", "from flask", "from flask import url_for"),
        ("middleware", "app.asgi_app", "app.asgi_app = Wrapped(app.asgi_app)"),
        ("return", "return local", "return local.user"),
        ("view", "async def view", "async def view():"),
        ("generator", "return save", "return save()"),
    ],
)
def test_an_explanation_names_its_place(
    place: Any, line: str | None, source: str
) -> None:
    this = {
        **RAISED,
        "module": [Fact(SOURCE, FILE, 1)],
        "code": [Fact("a", FILE, line_of("return local"), "return local.user")],
        "view": [Fact("b", FILE, line_of("async def view"), "async def view():")],
    }
    (found,) = explained(this, when=WHEN, place=place)
    assert found.place == (f"{FILE}:{line_of(line)}" if line else "")
    assert found.source == source


def test_the_line_of_a_match_in_a_source_is_the_place() -> None:
    this = {"module": [Fact(SOURCE, FILE, 1)]}
    (found,) = explained(this, when={"module": r"local\(\)\s+(?P<at>current)"})
    assert (found.line, found.source) == (
        line_of("current:"),
        'current: ContextVar[str] = ContextVar("current")',
    )
    (found,) = explained(this, when={"module": "plain = dict"})
    assert found.line == line_of("plain =") and found.evidence == ()


def test_evidence_is_what_happened_inside() -> None:
    long = Fact("KeyError: " + "x" * 500, "", 0, "", "flask/app.py:5")
    this = {"status": [Fact("500")], "raised": [Fact("NotFound: 404 No"), long]}
    (found,) = explained(this, when={"status": "500"})
    assert found.evidence == (f"{long.text[:MAX_TEXT]}… (flask/app.py:5)",)
    assert found.remedy.startswith("await (...)|await current_app.ensure_async()(...)|the wrapper")  # fmt: skip
    (found,) = explained({"raised": [Fact("KeyError: a\nb")]}, when={"raised": "Key"})
    assert found.evidence == ("KeyError: a",)


def test_a_fact_is_described_and_an_unknown_one_rejected() -> None:
    assert meaning_of("request-header:x-a") != meaning_of("header:x-a")
    assert "x-a" in meaning_of("header:x-a")
    assert meaning_of("other.status").endswith(meaning_of("status"))
    for when, message in (
        ({}, "when must name at least one fact"),
        ({"statu": "a"}, "'statu' is not a fact"),
        ({"other.nothing:x": "a"}, "'other.nothing:x' is not a fact"),
    ):
        with pytest.raises(ValueError, match=message):
            Explanation(id="a", summary="b", remedy="c", when=when)


def test_a_statement_that_has_no_file_is_that_of_the_fact() -> None:
    fact = Fact("KeyError: save", source="x = save()")
    (found,) = explained({"raised": [fact]}, when=WHEN)
    assert found.remedy.startswith("x = await save()|")
    unread = fact._replace(file="none.py", line=3)
    (found,) = explained({"raised": [unread]}, when=WHEN)
    assert found.remedy.startswith("x = await save()|")
