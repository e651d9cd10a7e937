"""Hints: known differences that are similar to a difference of the user's apps."""

import json
from html import unescape

import itsdangerous
import pytest

from comparison.cli import main
from comparison.known.load import load_known
from comparison.known.shipped import shipped_cause
from comparison.runner.environment import environment
from tests.diff.making import judged, known, response
from tests.project import Project, project

__all__ = ["project"]

PACKAGES = environment().packages
HEAD_CASE = """
schema_version = 1
[[case]]
id = "greeting"
request = { method = "HEAD", path = "/greeting" }
"""
PLAIN = ("Content-Type", "text/plain")
FILE = response(headers=(PLAIN, ("Date", "Wed, 25 Nov 2026 22:22:55 GMT")))
WITHOUT = response(headers=(PLAIN,))


def test_an_unexpected_difference_lists_a_similar_known_difference() -> None:
    (found,) = judged(FILE, WITHOUT, packages=PACKAGES).differences
    assert found.field == "header:date"
    assert found.similar == ("caching-date-missing",)


def test_a_header_that_is_missing_on_the_same_side_is_similar_by_its_name() -> None:
    with_, without = ((PLAIN, ("Content-Encoding", "br")), (PLAIN,))
    (lost,) = judged(response(headers=with_), WITHOUT, packages=PACKAGES).differences
    assert lost.similar == ("static-encoding-lost",)
    for one, other in (
        (without, with_),
        (with_, (PLAIN, ("Content-Encoding", "gzip"))),
    ):
        pair = (response(headers=one), response(headers=other))
        (found,) = judged(*pair, packages=PACKAGES).differences
        assert not found.similar
    # The Vary of the session has another cause than any other.
    varied = response(headers=(PLAIN, ("Vary", "Accept")))
    (found,) = judged(varied, WITHOUT, packages=PACKAGES).differences
    assert not found.similar


def test_another_status_has_a_hint_if_the_known_difference_has_it_too() -> None:
    page = "<!doctype html>\n<html lang=en>\n<title>408 Request Timeout</title>\n"
    one = response(200, (PLAIN, ("Content-Length", "5")), "hello")
    other = response(408, (PLAIN, ("Content-Length", "216")), page)
    found = judged(one, other, packages=PACKAGES).differences
    assert {d.field: d.similar for d in found} == dict.fromkeys(
        ["status", "body", "header:content-length"], ("body-timeout",)
    )


def test_a_hint_does_not_change_the_verdict() -> None:
    found = judged(FILE, WITHOUT, packages=PACKAGES)
    assert (found.verdict, found.differences[0].known) == ("different", None)


def test_an_explained_difference_has_no_hint() -> None:
    entry = known({"header:date": {"flask": True, "quart": False}})
    (found,) = judged(FILE, WITHOUT, entry, packages=PACKAGES).differences
    assert found.known == "entry"
    assert not found.similar


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WITHOUT, FILE),  # the other way around
        (response(status=200), response(status=404)),
        (response(body="Hello"), response(body="Good bye")),
    ],
)
def test_a_dissimilar_difference_has_no_hint(one: object, other: object) -> None:
    found = judged(one, other, packages=PACKAGES).differences
    assert found
    assert not any(d.similar for d in found)


def test_bodies_that_lack_the_same_word_are_similar() -> None:
    one = response(body='{"Host": "localhost"}', headers=(("Content-Length", "21"),))
    other = response(
        body='{"Host": "localhost", "Remote-Addr": "127.0.0.1"}',
        headers=(("Content-Length", "49"),),
    )
    found = judged(one, other, packages=PACKAGES)
    assert {d.similar for d in found.differences} == {
        ("negotiation-remote-addr-listed",)
    }


def test_a_consequence_of_another_status_has_no_hint() -> None:
    found = judged(FILE, response(500, headers=(PLAIN,)), packages=PACKAGES)
    assert [d.field for d in found.differences] == ["status", "header:date"]
    assert not any(d.similar for d in found.differences)


def test_a_content_length_is_never_similar() -> None:
    sized = response(204, headers=(PLAIN, ("Content-Length", "205")))
    (found,) = judged(
        response(204, headers=(PLAIN,)), sized, packages=PACKAGES
    ).differences
    assert found.field == "header:content-length" and not found.similar


def test_forbidden_bodies_are_similar_regardless_of_size() -> None:
    (found,) = judged(
        response(framing="no body"),
        response(framing="54321 bytes sent where none is allowed"),
        packages=PACKAGES,
    ).differences
    assert found.similar == ("head-body-sent",)


def test_entity_tags_with_the_same_kinds_of_hash_are_similar() -> None:
    found = [
        judged(
            response(headers=(PLAIN, ("ETag", f'"{one}"'))),
            response(headers=(PLAIN, ("ETag", f'"{other}"'))),
            packages=PACKAGES,
        ).differences[0]
        for one, other in (("a1" * 20, "b2" * 16), ("v1", "v2"))
    ]
    assert [d.similar or () for d in found] == [("caching-other-tag",), ()]


def session_cookie(value: dict[str, object]) -> tuple[str, str]:
    signer = itsdangerous.URLSafeTimedSerializer("key", serializer=json)
    return "Set-Cookie", f"session={signer.dumps(value)}; HttpOnly; Path=/"


@pytest.mark.parametrize(
    ("content", "like"),
    [
        ({"user": "ada", "basket": 1}, ("sessions-keys-unsorted",)),
        ({"user": "ada", "basket": 2}, ()),
    ],
)
def test_sessions_with_reordered_keys_are_similar(
    content: dict[str, object], like: tuple[str, ...]
) -> None:
    one = response(headers=(PLAIN, session_cookie({"basket": 1, "user": "ada"})))
    other = response(headers=(PLAIN, session_cookie(content)))
    (found,) = judged(one, other, packages=PACKAGES).differences
    assert (found.field, found.similar or ()) == ("header:set-cookie", like)


def test_a_hint_is_found_for_reversed_targets() -> None:
    sides = {"new": "quart", "old": "flask"}
    (found,) = judged(WITHOUT, FILE, sides=sides, packages=PACKAGES).differences
    assert found.similar == ("caching-date-missing",)


def test_targets_with_the_same_framework_get_no_hints() -> None:
    sides = {"new": "flask", "old": "flask"}
    (found,) = judged(FILE, WITHOUT, sides=sides, packages=PACKAGES).differences
    assert not found.similar


@pytest.mark.parametrize(("quart", "hinted"), [("0.22.0", True), ("0.23.0", False)])
def test_known_differences_of_other_versions_are_not_hints(
    quart: str, hinted: bool
) -> None:
    varied = response(headers=(PLAIN, ("Vary", "Cookie")))
    packages = {"flask": "3.1.3", "quart": quart}
    (found,) = judged(varied, WITHOUT, packages=packages).differences
    assert bool(found.similar) is hinted


@pytest.fixture
def dated(project: Project) -> Project:
    source = (project.root / "shop_flask.py").read_text("utf-8")
    source = source.replace('"X-Request-Id": "flask"', '"Date": "today"')
    project.write("shop_flask.py", source)
    return project


def test_every_format_includes_the_similar_known_difference(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = [f"run.{suffix}" for suffix in ("md", "html", "xml", "json")]
    given = [word for output in outputs for word in ("--output", output)]
    project.write("cases.toml", HEAD_CASE)
    assert main(["run", *given]) == 1
    message = capsys.readouterr().out
    assert "comparison explain head-body-sent" in message
    cause = shipped_cause("head-body-sent").summary
    texts = [message, *((project.root / name).read_text("utf-8") for name in outputs)]
    for text in texts:
        assert cause.splitlines()[0] in unescape(text).replace("\\", "")


def test_explain_finds_shipped_known_differences_in_a_project(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "caching-date-missing"]) == 0
    message = capsys.readouterr().out
    assert (
        "\ncause: Werkzeug's make_conditional adds a Date if there is none." in message
    )
    assert "\nremedy: Nothing: every supported server adds Date." in message


def test_explain_suggests_shipped_known_differences_in_a_project(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "caching-date-mising"]) == 2
    assert 'did you mean "caching-date-missing"?' in capsys.readouterr().err


def test_an_accepted_entry_lists_a_similar_difference_and_matches(
    dated: Project,
) -> None:
    assert main(["run", "--accept", "known.toml"]) == 1
    text = (dated.root / "known.toml").read_text("utf-8")
    like = "  # like caching-date-missing\n"
    assert f'"header:date" = {{ flask = true, quart = false }}{like}' in text
    assert main(["run", "-q", "--known", "known.toml"]) == 0
    assert list(load_known([dated.root / "known.toml"]))
