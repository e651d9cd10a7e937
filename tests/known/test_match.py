"""Files of known differences, and the entry that is offered for what was seen."""

from pathlib import Path
from typing import Any

import pytest

from comparison import DocumentError, UsageError, load_known
from comparison.cli import main
from comparison.known import BUNDLED, KnownDifferences
from comparison.known.models import Side
from comparison.known.suggest import Sides, entry_toml, settled
from comparison.known.versions import COUNTED, unrecorded
from comparison.models import Comparison, Failure, Response
from comparison.redaction import redacted
from tests.diff.making import judged, response
from tests.project import Project, project

__all__ = ["project"]

ENTRY = """\
[[known]]
id = "entry"
cause = "on purpose"
cases = ["small"]
[known.fields]
body = { flask = "one", quart = "two" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known.toml"


def problems(file: Path, text: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(DocumentError) as caught:
        load_known([file])
    return [line.removeprefix(str(file)) for line in caught.value.problems]


def test_a_known_difference_is_loaded(file: Path) -> None:
    file.write_text(ENTRY)
    assert [entry.id for entry in load_known([file])] == ["entry"]


def test_the_bundled_known_differences_are_loaded() -> None:
    assert len(list(load_known([BUNDLED]))) > 10


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('cause = "on purpose"\n', "", ":1: object missing required"),
        ("cause", "cuase", ':3: cuase: unknown field, did you mean "cause"?'),
        ("body =", "# body =", ":1: fields must name at least one field"),
        (', quart = "two"', "", "fields.body needs a value for each side"),
        ("cases = [", "versions = { quart = 'new' }\ncases = [", "versions.quart"),
        ('"two"', "{ matches = '[' }", "not a regular expression"),
        ("[[known]]", "[[knwon]]", ':1: knwon: unknown table, did you mean "known"?'),
        ("cases = [", "severity = 'grave'\ncases = [", "invalid enum value"),
    ],
)
def test_a_problem_includes_its_location(
    file: Path, old: str, new: str, problem: str
) -> None:
    assert any(problem in line for line in problems(file, ENTRY.replace(old, new)))


@pytest.mark.parametrize(
    ("server", "packages"),
    [
        ("werkzeug", ["werkzeug"]),
        ("gunicorn", ["gunicorn"]),
        ("gunicorn-gthread", ["gunicorn"]),
        ("waitress", ["waitress"]),
        ("hypercorn", ["hypercorn", "h11"]),
        ("uvicorn-h11", ["uvicorn", "h11"]),
        ("uvicorn-httptools", ["uvicorn", "httptools"]),
        ("daphne", ["daphne", "twisted"]),
        ("granian", ["granian"]),
    ],
)
def test_the_packages_of_a_server_decide_whether_an_entry_was_recorded_with_it(
    server: str, packages: list[str]
) -> None:
    side = Side("app", None, server)
    for package in packages:
        assert unrecorded({package: "1.0"}, {package: "2.0"}, [side]) == (
            f"{package} 2.0",
        )
        assert package in COUNTED
        assert unrecorded({package: "2.*"}, {package: "2.0"}, [side]) == ()
    elsewhere = Side("app", None, "in-process")
    assert unrecorded({"waitress": "1.0"}, {"waitress": "2.0"}, [elsewhere]) == ()


@pytest.mark.parametrize("name", ["date", "expires", "last-modified"])
def test_the_time_in_a_header_is_not_part_of_an_entry(name: str) -> None:
    assert settled(f"header:{name}", "Thu, 26 Nov 2026 08:29:53 GMT") is True
    assert settled(f"header:{name}", None) is None
    assert settled("header:x-other", "Thu") == ("Thu",)


def test_every_entry_that_is_wrong_is_reported(file: Path) -> None:
    wrong = ENTRY.replace("cases =", "csaes =")
    found = problems(file, wrong + wrong.replace('"entry"', '"other"') + ENTRY)
    assert [line.partition(": ")[0] for line in found if "csaes" in line] == [
        ":4",
        ":10",
    ]


@pytest.mark.parametrize("accepted", ['"repeated-cookie-lost"', "5"])
def test_accepted_known_differences_are_a_list(file: Path, accepted: str) -> None:
    (found,) = problems(file, f"accept = {accepted}\n{ENTRY}")
    assert found.endswith("must be a list of ids of shipped known differences")


def test_an_accepted_known_difference_is_found_by_its_id() -> None:
    shipped = "repeated-cookie-lost"
    assert KnownDifferences([], accepted=[shipped]).find(shipped).id == shipped
    with pytest.raises(UsageError, match="no known difference"):
        KnownDifferences([]).find(shipped)
    with pytest.raises(UsageError, match="no known difference"):
        KnownDifferences([], accepted=[shipped]).find("repeated-cookie")


def test_a_duplicate_id_is_rejected(file: Path) -> None:
    assert any("duplicate id 'entry'" in line for line in problems(file, ENTRY * 2))


def test_a_missing_file_is_a_usage_error(file: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        load_known([file])


def offer(found: Comparison) -> str:
    return entry_toml("small", found.unexpected, Sides("flask", "quart"))


AWKWARD: list[tuple[Any, Any]] = [
    ({"body": "one"}, {"body": 'two "quoted" \\ and\nnew\tlines \x7f \x00 é 東'}),
    ({"status": 200}, {"status": 404}),
    ({"headers": (("X-A", "1"),)}, {"headers": ()}),
    ({"headers": ()}, {"headers": (("X-A", "1"), ("X-A", "2"))}),
    ({"framing": "no body"}, {"framing": "5 bytes sent where none is allowed"}),
    ({"body": ""}, {"body": "", "body_base64": "/w=="}),
]


@pytest.mark.parametrize(("one", "other"), AWKWARD, ids=range(len(AWKWARD)))
def test_the_suggested_entry_explains_the_differences(
    file: Path, one: Any, other: Any
) -> None:
    found = judged(response(**one), response(**other))
    offered = offer(found)
    file.write_text(offered.replace('cause = ""', 'cause = "on purpose"'))
    known: KnownDifferences = load_known([file])
    again = judged(response(**one), response(**other), *known)
    assert again.verdict == "known"


def test_the_suggested_entry_matches_before_it_has_a_cause(file: Path) -> None:
    answers = response(body="one"), response(body="two")
    file.write_text(offer(judged(*answers)))
    known = load_known([file])
    assert [entry.cause for entry in known] == [""]
    assert judged(*answers, *known).verdict == "known"


def test_a_run_warns_about_known_differences_without_a_cause(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("quart", greeting="Bye")
    entry = ENTRY.replace("small", "greeting").replace("one", "Hello")
    entry = (
        entry.replace("two", "Bye")
        + '"header:content-length" = { flask = "5", quart = "3" }\n'
    )
    reminder = "comparison: known.toml: 1 known difference has no cause yet\n"
    for cause, reminded in (("on purpose", False), ("", True)):
        project.write("known.toml", entry.replace("on purpose", cause))
        assert main(["run", "--known", "known.toml"]) == 0
        assert (reminder in capsys.readouterr().err) is reminded


def test_a_suggested_entry_omits_addresses_and_thread_ids(file: Path) -> None:
    one, other = (
        Failure("raised", f"Error: object at 0x7f00{n}aaaa in thread {n}12345")
        for n in (1, 2)
    )
    offered = offer(judged(response(), one))
    file.write_text(offered.replace('cause = ""', 'cause = "on purpose"'))
    assert judged(response(), other, *load_known([file])).verdict == "known"


def test_a_suggested_entry_matches_any_secret(file: Path) -> None:
    def login(secret: str, path: str) -> Response:
        cookies = (f"session={secret}; Path={path}", "theme=light")
        return response(headers=tuple(("Set-Cookie", cookie) for cookie in cookies))

    found = judged(login("first-secret", "/"), login("second-secret", "/a"))
    offered = offer(redacted(found))
    assert "-secret" not in offered
    file.write_text(offered.replace('cause = ""', 'cause = "on purpose"'))
    known = [*load_known([file])]
    others = (login("another", "/"), login("yet another", "/a"))
    assert judged(*others, *known).verdict == "known"
    elsewhere = (login("another", "/"), login("yet another", "/b"))
    assert judged(*elsewhere, *known).verdict == "different"


def test_a_suggested_entry_matches_a_cookie_with_another_expiry(
    file: Path,
) -> None:
    def with_cookie(until: str, same_site: str) -> Response:
        cookie = f"theme=dark; Expires={until}; Max-Age=60; SameSite={same_site}"
        return response(headers=(("Set-Cookie", cookie),))

    def answers(until: str, other: str = "Strict") -> tuple[Response, Response]:
        return with_cookie(until, "Lax"), with_cookie(until, other)

    found = judged(*answers("Thu, 26 Nov 2026 09:48:34 GMT"))
    offered = offer(found)
    file.write_text(offered.replace('cause = ""', 'cause = "on purpose"'))
    known = [*load_known([file])]
    later = "Fri, 27 Nov 2026 10:00:00 GMT"
    assert judged(*answers(later), *known).verdict == "known"
    assert judged(*answers(later, "None"), *known).verdict == "different"


def test_a_suggested_entry_includes_the_expiry_of_a_deleted_cookie() -> None:
    gone = "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
    found = judged(response(headers=(("Set-Cookie", gone),)), response(headers=()))
    assert "01 Jan 1970 00:00:00" in offer(found)


def test_a_suggested_entry_matches_an_object_at_another_address(file: Path) -> None:
    def forgotten(address: str, word: str = "Hello") -> Response:
        return response(body=f"{word}, <coroutine object name at {address}> 1234567")

    found = judged(response(body="Hello, Ada"), forgotten("0x7f00aa11bb22"))
    offered = offer(found)
    file.write_text(offered.replace('cause = ""', 'cause = "on purpose"'))
    again = [
        judged(response(body="Hello, Ada"), other, *load_known([file])).verdict
        for other in (forgotten("0x7f33cc44dd55"), forgotten("0x7f33cc44dd55", "Bye"))
    ]
    assert again == ["known", "different"]


def test_a_suggested_entry_matches_a_file_modified_at_another_time(
    file: Path,
) -> None:
    # Werkzeug and Quart: "TIME-SIZE-CHECKSUM".
    def served(changed: str, size: int = 12) -> tuple[Response, Response]:
        etag = (("ETag", f'"{changed}-{size}-2345678901"'),)
        return response(headers=etag), response(headers=())

    offered = offer(judged(*served("1764427342.1234567")))
    assert "1764427342" not in offered
    file.write_text(offered.replace('cause = ""', 'cause = "on purpose"'))
    known = [*load_known([file])]
    assert judged(*served("1764427399"), *known).verdict == "known"
    assert judged(*served("1764427399.5", 13), *known).verdict == "different"
