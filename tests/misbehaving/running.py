"""Run the command on misbehaving apps, and judge how it took them."""

import json
from dataclasses import dataclass
from typing import Any

from comparison.core.start_timeout import VARIABLE
from tests.supervised import COMPARISON, SLOWER, Outcome, Supervised

from .table import Misbehaving, Way

IDS = ("before", "bad", "after")
CASES = "schema_version = 1\n" + "".join(
    f'[[case]]\nid = "{name}"\nrequest = {{ path = "{path}" }}\n'
    for name, path in zip(IDS, ("/ok/1", "/bad", "/ok/2"), strict=True)
)
TIMEOUT = 1.0 * SLOWER  # seconds, of each request
STARTING = 10.0 * SLOWER  # seconds
LIMIT = 60.0 * SLOWER  # seconds
SAME = {"identical", "known"}
SCRIPT = '"$@"; exit $?'


@dataclass(frozen=True)
class Judged:
    """A run on a misbehaving app, and what is wrong with it. `kind` sums that up."""

    name: str
    way: Way
    outcome: Outcome
    kind: str
    problems: tuple[str, ...]


def run(app: Misbehaving, way: Way) -> Judged:
    """Run the command on a misbehaving pair, and judge how it ended."""
    at = "@" if way == "servers" else ""
    timeout = f"{TIMEOUT:g}"
    command = [*COMPARISON, "run", "-q", "--timeout", timeout, "--cases", "cases.toml"]
    for name in ("flask", "quart"):
        spec = f'{name}=tests.misbehaving.apps:{name}_app("{app.name}"){at}'
        command += ["--target", spec]
    command += ["--jobs", "2" if way == "jobs" else "1", "--output", "r.jsonl"]
    environment = {VARIABLE: f"{STARTING:g}"}
    if app.place == "import":
        environment["COMPARISON_TEST_AT_IMPORT"] = app.name
    with Supervised() as supervised:
        folder = supervised.folder
        folder.joinpath("cases.toml").write_text(CASES, encoding="utf-8")
        outcome = supervised.run(
            command, LIMIT, environment=environment, shell=SCRIPT if app.shell else ""
        )
        report = folder / "r.jsonl"
        lines = report.read_bytes().splitlines() if report.exists() else []
    kind, problems = judge(app, outcome, lines)
    return Judged(app.name, way, outcome, kind, tuple(problems))


def judge(
    app: Misbehaving, outcome: Outcome, lines: list[bytes]
) -> tuple[str, list[str]]:
    """Return in a word, and in sentences, what is wrong; nothing if all is well."""
    if outcome.code is None:
        return "hung", [f"did not end within {LIMIT:g} s; left {outcome.left[:3]}"]
    problems = []
    kind = "passed"
    if outcome.code in {0, 1}:
        try:
            documents: list[Any] = [json.loads(line) for line in lines]
        except ValueError as error:
            documents = []
            problems.append(f"the report cannot be read: {error}")
        problems += _report_problems(app, outcome, documents)
        kind = "wrong report" if problems else kind
    elif outcome.code == 3:
        if not any(word in outcome.stderr for word in ("flask", "quart", *IDS)):
            problems.append("exit 3 without a message that names a target or a case")
            kind = "no message"
    elif outcome.code not in app.codes:
        last = outcome.stderr.strip().splitlines()[-1:]
        problems.append(f"exit code {outcome.code}: {''.join(last)[:300]!r}")
        kind = "wrong exit code"
    if outcome.left:
        problems.append(f"left behind: {', '.join(outcome.left[:4])}")
        kind = "left behind" if kind == "passed" else kind
    return kind, problems


def _report_problems(
    app: Misbehaving, outcome: Outcome, documents: list[Any]
) -> list[str]:
    if not documents:
        return [f"exit {outcome.code} without a report"]
    header, *cases = documents
    verdicts = {case["case"]: case["verdict"] for case in cases}
    if tuple(verdicts) != IDS:
        return [f"exit {outcome.code}; the report has {verdicts}"]
    problems = []
    if header["exit_code"] != outcome.code:
        problems.append(f"exit {outcome.code}, the report says {header['exit_code']}")
    right = 0 if set(verdicts.values()) <= SAME else 1
    if outcome.code != right:
        problems.append(f"exit {outcome.code} for {verdicts}")
    if not _as_expected(app.bad, verdicts["bad"]):
        problems.append(f"the case is {verdicts['bad']}, not {app.bad}")
    if verdicts["before"] not in SAME and app.bad != "any":
        problems.append(f"the case before is {verdicts['before']}")
    if not _as_expected(app.after, verdicts["after"]):
        problems.append(f"the case after is {verdicts['after']}")
    return problems


def _as_expected(expected: str, verdict: str) -> bool:
    if expected == "same":
        return verdict in SAME
    if expected == "answered":
        return verdict != "failed"
    return expected in {"any", verdict}
