"""The reference runs twice: rules for what then differs."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comparison.cli import main
from comparison.diff.fields import differing
from comparison.diff.hiding import hides
from comparison.diff.suggest_rules import left_over, proposed
from comparison.models import (
    Exchange,
    Failure,
    NormalisationRules,
    Response,
    SentRequest,
)
from tests.project import CASES, CONFIG, Project, project

__all__ = ["project"]

NOISY = """
    import uuid
    from pathlib import Path
    from time import perf_counter_ns

    @app.get("/noisy")
    def noisy():
        return {"id": str(uuid.uuid4()), "number": perf_counter_ns(), "same": 1}, 200, {
            "X-Trace": str(uuid.uuid4())
        }

    @app.get("/page")
    def page():
        return f"<p>made in {perf_counter_ns()} ns", 200, {"X-Trace": str(uuid.uuid4())}

    @app.get("/status")
    def status():
        # Each instance is in its own process.
        try:
            Path("asked").touch(exist_ok=False)
        except FileExistsError:
            return "", 200
        return "", 201
"""
ASKED = "".join(
    f'\n[[case]]\nid = "{name}"\nrequest = {{ path = "/{name}" }}\n'
    for name in ("noisy", "page")
)
STATUS = '\n[[case]]\nid = "status"\nrequest = { path = "/status" }\n'


@pytest.fixture
def noisy(project: Project) -> Project:
    project.app("flask", more=NOISY)
    project.app("quart", more=NOISY)
    project.write("cases.toml", CASES + ASKED)
    return project


def control() -> dict[str, Any]:
    main(["run", "-q", "--self-check", "--output", "run.json"])
    found: dict[str, Any] = json.loads(Path("run.json").read_text("utf-8"))[
        "self_check"
    ]
    return found


def test_rules_are_proposed_for_differences_but_not_applied(
    noisy: Project,
) -> None:
    assert main(["run", "-q", "--self-check", "--output", "run.json"]) == 1
    document = json.loads(Path("run.json").read_text("utf-8"))
    found = document["self_check"]
    assert (found["target"], found["total"], found["differing"]) == ("flask", 4, 2)
    ours, noisy_case, page = found["proposals"]
    assert ours["toml"].splitlines() == [
        "[tool.comparison.normalisations]", 'presence = ["x-trace"]',
    ]  # fmt: skip
    assert (ours["rules"][0]["name"], ours["rules"][0]["applied"]) == (
        "presence:x-trace", 2,
    )  # fmt: skip
    assert (noisy_case["case"], noisy_case["origin"]) == ("noisy", "cases.toml:16")
    assert noisy_case["toml"].splitlines() == [
        "[case.normalisations]", 'match = { "/id" = "uuid", "/number" = "number" }',
    ]  # fmt: skip
    assert page["toml"].splitlines()[1:] == ['patterns = ["number"]']
    rules = {rule["name"] for rule in document["normalisations"]}
    assert not {"presence:x-trace", "match:/id=uuid"} & rules


def test_proposed_rules_can_be_pasted_and_suffice(noisy: Project) -> None:
    ours, noisy_case, page = control()["proposals"]
    trace = ours["toml"].replace("presence = [", 'presence = ["X-Request-Id", ')
    config = CONFIG.partition("[tool.comparison.normalisations]")[0]
    noisy.write("pyproject.toml", config + trace + "\n")
    first, second = ASKED.split("\n\n[[case]]")
    pasted = f"{first}\n{noisy_case['toml']}\n\n[[case]]{second}\n{page['toml']}\n"
    noisy.write("cases.toml", CASES + pasted)
    noisy.app("flask", more=NOISY)
    noisy.app("quart", more=NOISY)
    assert main(["run", "-q", "--self-check"]) == 0
    assert control()["differing"] == 0


def test_the_proposed_rules_are_printed(
    noisy: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "-q", "--self-check"]) == 1
    output = capsys.readouterr().out
    assert (
        "flask, run twice, responded differently in 2 of 4 cases; this run did not apply"
        " the rules below\n\n# for pyproject.toml\n[tool.comparison.normalisations]\n"
        'presence = ["x-trace"]\n# presence:x-trace: 2 cases\n\n'
        "# for the case noisy at cases.toml:16\n[case.normalisations]\n"
    ) in output


def test_a_deterministic_app_is_reported_as_such(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "-q", "--self-check"]) == 0
    assert "flask, run twice, responded the same in 2 cases" in capsys.readouterr().out


def test_a_difference_without_a_rule_is_reported_with_both_values(
    noisy: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy.write("cases.toml", STATUS)
    (unexplained,) = control()["unexplained"]
    assert {unexplained.pop("first"), unexplained.pop("second")} == {200, 201}
    assert unexplained == {"case": "status", "field": "status"}
    assert "no rule ignores:\n  status  status: 20" in capsys.readouterr().out


ROLE = """
    import uuid
    from pathlib import Path
    users = Path("users")

    @app.get("/user")
    def user():
        return {{"id": str(uuid.uuid4()), "tag": "{tag}" or "x" + uuid.uuid4().hex}}

    @app.route("/users", methods=["POST"])
    def register():
        taken = users.exists()
        users.touch()
        return ({{"errors": "taken"}}, 422) if taken else ({{"role": "{role}"}}, 201)
"""


def test_rules_that_would_hide_an_app_difference_are_not_proposed(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("flask", more=ROLE.format(role="admin", tag=""))
    project.app("quart", more=ROLE.format(role="guest", tag="none"))
    register = '[[case]]\nid = "{}"\nrequest = {{ method = "POST", path = "/users" }}\n'
    sent = '[[case]]\nid = "user"\nrequest = { path = "/user" }\n'
    project.write("cases.toml", sent + register.format("register"))
    found = control()
    assert (found["total"], found["differing"]) == (1, 1)
    assert found["skipped"] == ["register"]
    (proposal,) = found["proposals"]
    assert 'match = { "/id" = "uuid" }' in proposal["toml"]
    assert 'ignore = ["/tag"]' in proposal["toml"]
    assert found["withheld"] == []
    assert "may have changed the second: register" in capsys.readouterr().out
    project.app(
        "quart",
        more=ROLE.format(role="guest", tag="").replace('"x" + uuid.uuid4().hex}', "7}"),
    )
    project.app("flask", more=ROLE.format(role="admin", tag=""))
    found = control()
    assert found["withheld"] == [
        {"rule": "ignore:/tag", "case": "user", "target": "quart"}
    ]
    assert "/tag" not in found["proposals"][0]["toml"]


COUNTED = """
    import secrets
    from itertools import count
    from pathlib import Path
    from time import perf_counter_ns
    visits = []

    def next_number():
        for number in count(1):  # The two runs are in separate processes.
            try:
                Path(f"visit-{number}").touch(exist_ok=False)
                return number
            except FileExistsError:
                pass

    @app.route("/visits", methods=["POST"])
    def visit():
        visits.append(next_number())
        return {"number": visits[-1]}

    @app.route("/visits")
    def show_visits():
        return {"visits": visits}

    @app.route("/sessions", methods=["POST"])
    def log_in():
        return {"token": secrets.token_urlsafe(24)}

    @app.route("/time")
    def time():
        return {"time": perf_counter_ns()}
"""


def test_no_rule_is_proposed_for_what_the_first_run_wrote(project: Project) -> None:
    for name in ("flask", "quart"):
        project.app(name, more=COUNTED)
    requests = {
        "visit": 'method = "POST", path = "/visits"', "visits": 'path = "/visits"',
        "log-in": 'method = "POST", path = "/sessions"', "time": 'path = "/time"',
    }  # fmt: skip
    cases = (
        f'[[case]]\nid = "{id_}"\nrequest = {{ {request} }}\n'
        for id_, request in requests.items()
    )
    project.write("cases.toml", "\n".join(cases))
    found = control()
    assert sorted(found["skipped"]) == ["visit", "visits"]
    assert (found["total"], found["differing"]) == (2, 2)
    rules = [rule["name"] for each in found["proposals"] for rule in each["rules"]]
    assert sorted(rules) == ["ignore:/token", "match:/time=number"]
    assert found.get("unexplained", []) == []


def test_a_project_that_resets_its_state_runs_cases_that_write(
    project: Project,
) -> None:
    for name in ("flask", "quart"):
        project.app(name, more=ROLE.format(role="admin", tag="none"))
    register = (
        '[[case]]\nid = "register"\nrequest = { method = "POST", path = "/users" }\n'
    )
    project.write("cases.toml", register)
    command = '\n[tool.comparison.reset]\ncommand = "rm -f users"\n'
    project.write("pyproject.toml", CONFIG + command)
    found = control()
    assert (found["total"], found["differing"], found["skipped"]) == (1, 0, [])


def test_a_run_without_the_option_has_no_self_check(project: Project) -> None:
    assert main(["run", "-q", "--output", "run.json"]) == 0
    assert "self_check" not in json.loads(Path("run.json").read_text("utf-8"))


@pytest.mark.slow
def test_self_check_works_on_servers_and_with_jobs(noisy: Project) -> None:
    # Only the reference, which runs twice, is on a server.
    noisy.write("pyproject.toml", CONFIG.replace("create_app()", "create_app()@", 1))
    main(["run", "-q", "--self-check", "--jobs", "2", "--output", "run.json"])
    found = json.loads(Path("run.json").read_text("utf-8"))["self_check"]
    assert "/id" in found["proposals"][1]["toml"]


NAN = float("nan")
UUIDS = ("0b5a3c1e-1111-4222-8333-444455556666", "9b5a3c1e-1111-4222-8333-444455556667")
PROPOSED = [
    ({"a": UUIDS[0]}, {"a": UUIDS[1]}, NormalisationRules(match={"/a": "uuid"})),
    ({"a": "2026-11-22"}, {"a": "2026-11-23"}, NormalisationRules(match={"/a": "timestamp"})),
    ({"a": 1}, {"a": 2.5}, NormalisationRules(match={"/a": "number"})),
    ({"a": "x"}, {"a": "y"}, NormalisationRules(ignore=("/a",))),
    ({"a": True}, {"a": False}, NormalisationRules(ignore=("/a",))),
    ({"a": 1}, {"b": 1}, NormalisationRules(ignore=("/a", "/b"))),
    ({"a~/": "x"}, {"a~/": "y"}, NormalisationRules(ignore=("/a~0~1",))),
    ({"a": [1, 2]}, {"a": [2, 1]}, NormalisationRules(unordered=("/a",))),
    ([1, 2], [2, 1], NormalisationRules(unordered=("",))),
    ({"a": [1, 2]}, {"a": [1]}, NormalisationRules(ignore=("/a",))),
    (
        [{"i": 1, "t": "a"}, {"i": 2, "t": "b"}],
        [{"i": 3, "t": "a"}, {"i": 4, "t": "b"}],
        NormalisationRules(match={"/*/i": "number"}),
    ),
    ([{"i": 1}, {"i": "x"}], [{"i": 3}, {"i": "y"}], NormalisationRules(ignore=("/*/i",))),
    ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', NormalisationRules(json=True)),
    ("in 3 ms", "in 7 ms", NormalisationRules(patterns=("number",))),
    (f"{UUIDS[0]} 3", f"{UUIDS[1]} 7", NormalisationRules(patterns=("uuid", "number"))),
    (7, 8, NormalisationRules(match={"": "number"})),
    (
        {"a": [NAN], "b": 1}, {"a": [NAN], "b": 2},
        NormalisationRules(ignore=("/a/*",), match={"/b": "number"}),
    ),
]  # fmt: skip


def exchange(body: Any) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    headers = (("Content-Length", str(len(text))),)
    response = Response(200, "OK", headers, text, "content-length", "HTTP/1.1")
    return Exchange(SentRequest("GET", "/", ()), response)


@pytest.mark.parametrize(("one", "other", "expected"), PROPOSED)
def test_the_narrowest_rule_is_proposed(
    one: Any, other: Any, expected: NormalisationRules
) -> None:
    sides = exchange(one), exchange(other)
    found = proposed(*sides, None)
    assert found == expected
    assert list(differing(*sides, set(), found)) == []
    assert proposed(*sides, found) == NormalisationRules()


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ([1], [1, 2]), ("x", 1)])
def test_rules_that_do_not_help_are_not_proposed(one: Any, other: Any) -> None:
    sides = exchange(one), exchange(other)
    found = proposed(*sides, None)
    assert "body" in left_over(*sides, None, found)


NOISY_PAIR = (
    {"id": "a", "n": 1, "role": "admin"},
    {"id": "b", "n": 2, "role": "admin"},
)
HIDING = [
    # The apps differ where the reference differs from itself, and nowhere else.
    (*NOISY_PAIR, {"id": "c", "n": 3, "role": "admin"}, {"ignore": ("/id",)}, False),
    (*NOISY_PAIR, {"id": 7, "n": 3, "role": "admin"}, {"ignore": ("/id",)}, True),
    (*NOISY_PAIR, {"n": 3, "role": "admin"}, {"ignore": ("/id",)}, True),
    (*NOISY_PAIR, {"id": "c", "role": "guest"}, {"match": {"/n": "number"}}, False),
    ([1, 2], [3, 2], [5, 6], {"match": {"/*": "number"}}, True),
    # The reference has this place only once.
    (
        {"user": {"role": "admin"}}, {"errors": ["taken"]}, {"user": {"role": "guest"}},
        {"ignore": ("/user",)}, True,
    ),
    ([{"i": 1}, {"i": 2}], [{"i": 3}, {"i": 4}], [{"i": 5}, {"i": 6}], {"ignore": ("/*/i",)}, False),
    ([{"i": 1}, {"i": 2}], [{"i": 3}, {"i": 2}], [{"i": 5}, {"i": 6}], {"ignore": ("/*/i",)}, True),
    ("in 3 ms, 5 rows", "in 4 ms, 5 rows", "in 6 ms, 5 rows", {"patterns": ("number",)}, False),
    ("in 3 ms, 5 rows", "in 4 ms, 5 rows", "in 3 ms, 6 rows", {"patterns": ("number",)}, True),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "candidate", "rule", "expected"), HIDING)
def test_a_rule_may_hide_only_what_the_reference_varies(
    first: Any, second: Any, candidate: Any, rule: dict[str, Any], expected: bool
) -> None:
    noise = exchange(first), exchange(second)
    apps = exchange(first), exchange(candidate)
    assert hides(NormalisationRules(**rule), noise, apps) is expected


def test_a_rule_hides_nothing_where_an_exchange_failed_or_is_no_text() -> None:
    plain = exchange({"id": 1})
    failed = msgspec.structs.replace(
        plain, response=None, failure=Failure("raised", "no")
    )
    octets = msgspec.structs.replace(
        plain,
        response=msgspec.structs.replace(plain.response, body="", body_base64="/w=="),
    )
    rule = NormalisationRules(ignore=("/id",))
    for other in (failed, octets):
        assert not hides(rule, (plain, plain), (plain, other))


@pytest.mark.parametrize("other", [[1], "text", None, 7])
def test_no_rule_of_bodies_is_proposed_for_two_kinds_of_value(other: Any) -> None:
    length = NormalisationRules(presence=("content-length",))
    assert proposed(exchange({"a": 1}), exchange(other), None) == length
    assert proposed(exchange(other), exchange({"a": 1}), None) == length


def test_no_rule_is_proposed_if_statuses_differ() -> None:
    other = msgspec.structs.replace(
        exchange({"b": 1}),
        response=msgspec.structs.replace(exchange({"b": 1}).response, status=422),
    )
    assert proposed(exchange({"a": 1}), other, None) == NormalisationRules()
