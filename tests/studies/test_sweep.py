"""The status sweep, its journal, its recording and what is drawn of it."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from comparison import UsageError
from comparison.cli import main
from comparison.models import Exchange, Failure, Response, SentRequest
from comparison.studies.models import StatusRange
from comparison.studies.sweep.codes import choose_variants, parse_codes
from comparison.studies.sweep.command import encoded, read_map
from comparison.studies.sweep.further import STATUS_MAP
from comparison.studies.sweep.picture import svg
from comparison.studies.sweep.plan import Journal, Plan, Stack, Sweep, classify, joined
from comparison.studies.sweep.table import answer, rows, spans, worst
from comparison.targets.servers.stacks import choose_stacks
from tests.targets.waiting import SECONDS, needs, until

DOCS = Path(__file__).parents[2] / "docs" / "background"
RECORDED = STATUS_MAP
SAMPLE = 4  # codes sent again to each stack, in each variant


def exchange(status: int, body: str, connection: str = "kept") -> Exchange:
    response = Response(
        status, "", (), body, "content-length", "HTTP/1.1", connection=connection
    )
    return Exchange(SentRequest("GET", "/", ()), response)


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("204", ((204, 204),)),
        ("100-999,-1,0,1000", ((-1, 1000),)),
        ("-5--2, 7", ((-5, -2), (7, 7))),
        ("200-299,250-300", ((200, 300),)),
    ],
)
def test_status_ranges_are_parsed(
    text: str, ranges: tuple[tuple[int, int], ...]
) -> None:
    if text.startswith("100"):
        ranges = ((-1, 0), (100, 1000))
    assert parse_codes(text) == ranges


@pytest.mark.parametrize("text", ["", "abc", "300-200", "1-2-3", "100000", "200,,3"])
def test_malformed_status_ranges_are_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--codes"):
        parse_codes(text)


def test_unknown_stacks_and_variants_suggest_the_nearest() -> None:
    with pytest.raises(UsageError, match=r'did you mean "flask\+waitress"'):
        choose_stacks(["flask+watress"])
    with pytest.raises(UsageError, match='did you mean "stream"'):
        choose_variants(["steam"])


@pytest.mark.parametrize(
    ("requested", "got", "outcome"),
    [
        (("empty", 200), exchange(200, ""), "as sent"),
        (("stream", 200), exchange(200, "one\ntwo\n"), "as sent"),
        (("stream", 204), exchange(204, ""), "body dropped"),
        (("stream", 205), exchange(205, ""), "body dropped"),
        (("stream", 200), exchange(200, ""), "body lost"),
        (("stream", 200), exchange(200, "one\n"), "body lost"),
        (("empty", 299), exchange(500, ""), "other status"),
        (("empty", 204), exchange(204, "", "corrupted"), "corrupted"),
    ],
)
def test_received_responses_are_classified(
    requested: tuple[str, int], got: Exchange, outcome: str
) -> None:
    assert classify(*requested, got)[0] == outcome


@pytest.mark.parametrize(
    ("length", "outcome"),
    [("20", "as sent"), ("0", "other status"), (None, "as sent")],
)
def test_an_error_page_with_the_requested_status_is_another_response(
    length: str | None, outcome: str
) -> None:
    """A server that fails at HEAD responds to 500 with 500."""
    headers = () if length is None else (("content-length", length),)
    got = exchange(500, "")
    assert got.response is not None
    response = msgspec.structs.replace(got.response, headers=headers)
    head = msgspec.structs.replace(got, response=response)
    assert classify("head", 500, head)[0] == outcome


def test_the_answer_names_its_variants_and_the_stacks_that_differ_in_others() -> None:
    status_map = msgspec.structs.replace(
        read_map(RECORDED),
        codes=((200, 299),),
        stacks=("one", "two"),
        variants=("json", "head"),
        ranges=(
            StatusRange("one", "json", 200, 299, "as sent"),
            StatusRange("one", "head", 200, 299, "as sent"),
            StatusRange("two", "json", 200, 250, "as sent"),
            StatusRange("two", "json", 251, 299, "no answer"),
            StatusRange("two", "head", 200, 210, "other status"),
            StatusRange("two", "head", 211, 299, "as sent"),
        ),
    )
    assert answer(status_map).startswith(
        "No: of 100 numbers on 2 stacks, 200–250 arrive from every stack as sent, with"
        " status and body (json). With head, not all of them arrive from two."
    )


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("closed", "no answer"), ("died", "server died"), ("incomplete", "body lost")],
)
def test_failures_are_classified(kind: str, outcome: str) -> None:
    failed = Exchange(SentRequest("GET", "/", ()), failure=Failure(kind, "so it was"))
    assert classify("json", 299, failed)[0] == outcome


PLAN = Plan(parse_codes("200-204"), ("flask+werkzeug",), ("empty", "json"))


def test_an_interrupted_sweep_resumes_at_its_position(tmp_path: Path) -> None:
    path = tmp_path / "sweep.json.partial"
    begun = Sweep(PLAN, Journal(PLAN, path, resume=False))
    steps = iter(begun)
    assert [next(steps), next(steps)] == [0, 5]
    steps.close()
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, '{"ranges":[{"stack":"fla']))
    resumed = Sweep(PLAN, Journal(PLAN, path, resume=True))
    assert next(iter(resumed)) >= 5
    assert sum(resumed) == resumed.total == 10
    ranges = resumed.result("").ranges
    found = {(r.variant, r.first, r.last, r.outcome) for r in ranges}
    assert found == {
        ("empty", 200, 204, "as sent"),
        ("json", 200, 203, "as sent"),
        ("json", 204, 204, "body dropped"),
    }


def test_ctrl_c_saves_recorded_statuses_and_stops_all_processes(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    journal = tmp_path / "map.json.partial"
    requested = ["--codes", "200-999", "--stack", "flask+werkzeug"]
    command = ["-m", "comparison", "sweep", *requested, "--output", str(path)]
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1)
        # As a terminal does it: to the servers too.
        os.killpg(process.pid, signal.SIGINT)
        output = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert output == ("", "comparison: interrupted; resume with --resume\n")
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    plan = Plan(((200, 999),), ("flask+werkzeug",), choose_variants([]))
    resumed = Sweep(plan, Journal(plan, journal, resume=True))
    assert 100 <= next(iter(resumed)) < resumed.total


def test_a_journal_of_another_sweep_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "sweep.json.partial"
    Journal(PLAN, path, resume=False)
    other = Plan(parse_codes("1"), PLAN.stacks, PLAN.variants)
    with pytest.raises(UsageError, match="belongs to a sweep with other codes"):
        Journal(other, path, resume=True)


def test_the_command_writes_all_outputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = [tmp_path / f"map.{suffix}" for suffix in ("json", "svg", "md")]
    arguments = [part for path in outputs for part in ("--output", str(path))]
    codes = ["--codes", "200,204", "--stack", "quart+hypercorn", "--variant", "json"]
    assert main(["sweep", *codes, *arguments]) == 0
    shown = capsys.readouterr().out
    assert "quart+hypercorn  200    as sent" in shown
    assert {path.name for path in tmp_path.iterdir()} == {p.name for p in outputs}
    assert read_map(outputs[0]).codes == ((200, 200), (204, 204))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--codes", "x"],
        ["--stack", "flask"],
        ["--variant", "x"],
        ["--output", "map.gif"],
        ["--resume"],
        ["--from", "nowhere.json"],
        ["--from", __file__],
    ],
)
def test_invalid_sweep_arguments_give_a_one_line_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_adjacent_statuses_with_equal_outcomes_share_a_range() -> None:
    status_map = read_map(RECORDED)
    assert list(joined(status_map.ranges)) == list(status_map.ranges)


def test_statuses_are_formatted_as_ranges() -> None:
    assert spans([100, 101, 102, 204, 304, 305]) == "100–102, 204, 304–305"


def test_the_documents_are_those_of_the_recording() -> None:
    status_map = read_map(RECORDED)
    assert RECORDED.read_bytes() == encoded(status_map)
    assert (DOCS / "status-codes.svg").read_text() == svg(status_map)


def test_every_code_is_recorded_of_every_stack_in_every_variant() -> None:
    status_map = read_map(RECORDED)
    for stack in status_map.stacks:
        covered = [code for first, last, _ in worst(status_map, stack)
                   for code in range(first, last + 1)]  # fmt: skip
        assert covered == [-1, 0, *range(100, 1001)]
    assert {len(cells) for *_, cells in rows(status_map)} == {4}


def test_the_picture_is_well_formed_and_described() -> None:
    picture = ET.fromstring(svg(read_map(RECORDED)))
    assert picture.attrib["aria-labelledby"] == "title description"


def test_the_picture_lists_exceptions_below_each_strip() -> None:
    ranges = (
        StatusRange("flask+werkzeug", "json", 200, 203, "as sent", ""),
        StatusRange("flask+werkzeug", "json", 204, 204, "body dropped", ""),
        StatusRange("flask+werkzeug", "json", 205, 299, "no answer", "closed"),
        StatusRange("flask+werkzeug", "json", 1000, 1000, "no answer", "closed"),
    )
    recorded = msgspec.structs.replace(
        read_map(RECORDED), stacks=("flask+werkzeug",), ranges=ranges
    )
    assert ">body dropped: 204 · no answer: 205–299, 1000<" in svg(recorded)


@pytest.mark.slow
@pytest.mark.parametrize("name", read_map(RECORDED).stacks)
def test_a_repeated_sample_has_the_recorded_outcome(name: str) -> None:
    status_map = read_map(RECORDED)
    chosen = random.Random(name)  # the same sample in every run
    recorded = [r for r in status_map.ranges if r.stack == name and r.first >= 100]
    sample = chosen.sample(recorded, min(SAMPLE, len(recorded)))
    needs(name.partition("+")[2])
    stack = Stack(name)
    try:
        for each in sample:
            code = chosen.randint(each.first, each.last)
            found = stack.send(each.variant, code)
            assert (found.outcome, found.detail) == (each.outcome, each.detail), code
    finally:
        stack.close()
