"""Guard the known differences of the frameworks: none comes or goes unnoticed."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import quart_app
from comparison.cases import CATALOGUE, find_case, load_cases
from comparison.cli import main
from comparison.known import BUNDLED, ON_SERVERS, STACKS, load_known
from comparison.known.patterns import PATTERNS, PATTERNS_ON_SERVERS
from comparison.known.versions import shipped_versions
from comparison.runner.run import Run
from comparison.targets import resolve_target


@pytest.fixture
def known(tmp_path: Path) -> Path:
    copy = tmp_path / "known"
    shutil.copytree(BUNDLED, copy)
    return copy


def run(
    topic: str,
    known: Path,
    quart: str = "quart_app:create_app",
    more: Sequence[str] = (),
) -> int:
    settings = f"({{'TOPICS': ['{topic}']}})"
    return main(
        [
            "run", "-q",
            "--cases", str(CATALOGUE / f"{topic}.toml"), "--known", str(known),
            "--target", f"flask=flask_app:create_app{settings}",
            "--target", f"quart={quart}{settings}",
            *more,
        ]
    )  # fmt: skip


def remove(file: Path, entry: str) -> None:
    blocks = re.split(r"(?m)^(?=\[\[)", file.read_text(encoding="utf-8"))
    kept = [block for block in blocks if f'id = "{entry}"' not in block]
    assert len(kept) == len(blocks) - 1
    file.write_text("".join(kept), encoding="utf-8")


def test_every_known_difference_names_cases_that_exist() -> None:
    named = {
        c for entry in load_known([BUNDLED, ON_SERVERS, STACKS]) for c in entry.cases
    }
    assert named - {case.id for case in load_cases()} - {"*"} == set()


def test_every_cause_explains_a_known_difference() -> None:
    known = load_known([BUNDLED, ON_SERVERS, STACKS])
    assert set(known.causes) - {entry.cause for entry in known} == set()


def test_every_pattern_has_a_cause_and_every_pattern_cause_a_pattern() -> None:
    known = load_known([BUNDLED, ON_SERVERS, PATTERNS, PATTERNS_ON_SERVERS])
    assert {pattern.cause for pattern in known.patterns} - set(known.causes) == set()
    ours = set(load_known([PATTERNS, PATTERNS_ON_SERVERS]).causes)
    assert ours - {pattern.cause for pattern in known.patterns} == set()


def test_the_catalogue_passes_with_the_known_differences(known: Path) -> None:
    assert run("tuples", known) == 0


def test_removing_a_known_difference_fails_the_run_until_accepted(
    known: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remove(known / "tuples.toml", "repeated-cookie-lost")
    accepted, saved = tmp_path / "accepted.toml", tmp_path / "run.json"
    more = ["--accept", str(accepted), "--output", str(saved)]
    assert run("tuples", known, more=more) == 1
    out = capsys.readouterr().out
    assert "≠ tuple-two-cookies  GET /tuples/two-cookies  header:set-cookie\n" in out
    (found,) = comparison_of("tuple-two-cookies", saved)["differences"]
    assert (found["reference"], found["candidate"]) == (["one=1", "two=2"], "two=2")
    assert load_known([accepted]).accepted == {"repeated-cookie-lost"}
    # The case also expects what Quart does not send.
    more = ["--known", str(accepted), "--output", str(saved)]
    assert run("tuples", known, more=more) == 0
    (found,) = comparison_of("tuple-two-cookies", saved)["differences"]
    assert found["known"] == "repeated-cookie-lost"
    assert "similar" not in found


def comparison_of(case: str, saved: Path) -> Any:
    comparisons = json.loads(saved.read_text("utf-8"))["comparisons"]
    (found,) = (each for each in comparisons if each["case"] == case)
    return found


def fixed_app(settings: Any = None) -> Any:
    """A Quart of the future, which hands over no body of a HEAD."""
    app = quart_app.create_app(settings)
    asgi_app = app.asgi_app

    async def without_bodies(scope: Any, receive: Any, send: Any) -> None:
        async def send_without_body(message: Any) -> None:
            if message["type"] == "http.response.body" and scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        await asgi_app(scope, receive, send_without_body)

    app.asgi_app = without_bodies  # type: ignore[method-assign]
    return app


def test_a_fixed_framework_fails_the_run_with_a_stale_difference(
    known: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("methods", known, f"{__name__}:fixed_app") == 1
    out = capsys.readouterr().out
    assert "! method-head  HEAD /methods/read  known difference that no longer" in out
    assert (
        "known difference 'head-body-sent' no longer occurs in framing: remove it,"
        " or add the versions with which it occurs"
    ) in out


@pytest.mark.slow
@pytest.mark.parametrize(("quart", "code"), [("", 1), ("99.0", 0)])
def test_a_framework_fixed_in_a_new_release_does_not_fail_the_run(
    quart: str, code: int
) -> None:
    recorded = {name: each[0] for name, each in shipped_versions().items()}
    recorded |= {"python": "3.11.7", "quart": quart or recorded["quart"]}
    targets = {
        "flask": resolve_target("flask_app", "flask"),
        "quart": resolve_target(f"{__name__}:fixed_app", "quart"),
    }
    known = load_known([BUNDLED], recorded)
    run = Run(targets, [find_case(load_cases(), "method-head")], known)
    assert run.exit_code == code
    notices = [(n.known, n.unrecorded) for n in run.header().stale_notices]
    assert notices == ([("head-body-sent", ("quart 99.0",))] if quart else [])


def mutated_app(settings: Any = None) -> Any:
    """A Quart twin whose view forgets the status."""
    app = quart_app.create_app(settings)

    async def without_status() -> Any:
        return {"message": "Hello"}

    app.view_functions["custom.custom_status"] = without_status
    return app


def test_a_mutated_twin_fails_the_run_and_shows_both_values(
    known: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "run.json"
    more = ["--output", str(saved)]
    assert run("custom", known, f"{__name__}:mutated_app", more) == 1
    assert "≠ custom  GET /custom  status 202 → 200\n" in capsys.readouterr().out
    (unmet,) = comparison_of("custom", saved)["expectation"]["failures"]
    assert (unmet["target"], unmet["field"]) == ("quart", "status")
    assert (unmet["expected"], unmet["actual"]) == ("202", "200")
