"""Valid plans of load runs, and the errors of invalid ones."""

from pathlib import Path

import msgspec
import pytest

from comparison import TargetError, UsageError
from comparison.cli import main
from comparison.models import Case, Request
from comparison.studies.load.command import RECORDED, encoded, read_run
from comparison.studies.load.plan import (
    POPULAR,
    WAYS,
    parse_concurrency,
    parse_work,
    stack_specs,
    threads_of,
    way_of,
    work_of,
)
from comparison.studies.load.table import markdown
from comparison.studies.statistics import Table
from comparison.targets.servers import stacks
from tests.targets.waiting import needs


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sleep:50ms", "sleep/50"),
        ("cpu:5ms", "cpu/5"),
        ("json", "json"),
        ("stream", "stream"),
    ],
)
def test_work_is_a_path_for_views_of_either_kind(text: str, path: str) -> None:
    requests = parse_work(text).requests
    assert {way: w.request.path for way, (w,) in requests.items()} == {
        "sync": f"/work/sync/{path}",
        "async": f"/work/async/{path}",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slep:5ms", 'did you mean "sleep"'),
        ("what", "there are sleep:50ms"),
        ("sleep", "write sleep:50ms"),
        ("json:5ms", "write json"),
        ("sleep:1001ms", "from 1 to 1000 milliseconds"),
        ("cpu:0ms", "from 1 to 100 milliseconds"),
        ("sleep:50", "unknown work; there are sleep:50ms"),
    ],
)
def test_unknown_work_is_a_usage_error(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_work(text)


@pytest.mark.parametrize("text", ["", "0", "1001", "a", "1,,2", "-1", "1.5"])
def test_concurrency_is_numbers_within_bounds(text: str) -> None:
    with pytest.raises(UsageError, match="--concurrency"):
        parse_concurrency(text)
    assert parse_concurrency("25, 1,25") == (1, 25)


def test_a_stack_name_selects_sync_or_async_views() -> None:
    assert {way: way_of(f"{way}+x") for way in WAYS} == WAYS
    chosen = stack_specs(["quart[sync]+hypercorn", "flask[async]+werkzeug"], False)
    assert chosen == {
        "quart[sync]+hypercorn": "quart_app:create_app({'TOPICS': ['work']})@hypercorn",
        "flask[async]+werkzeug": "flask_app:create_app({'TOPICS': ['work']})@werkzeug",
    }
    assert stack_specs(["flask+werkzeug"], True) == {
        "flask+werkzeug": "flask_app@werkzeug"
    }


def test_the_popular_stacks_are_the_default() -> None:
    needs("waitress", "gunicorn-gthread", "uvicorn-httptools")
    assert tuple(stack_specs([], False)) == POPULAR


def test_an_unknown_stack_suggests_the_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UsageError, match=r'did you mean "flask\[async\]\+waitress"'):
        stack_specs(["flask[asyn]+waitress"], False)
    with pytest.raises(UsageError, match="unknown stack"):
        stack_specs(["quart+waitress"], False)
    missing = stacks.SERVERS["waitress"]._replace(needs=("not_there_at_all",))
    monkeypatch.setitem(stacks.SERVERS, "waitress", missing)
    with pytest.raises(TargetError, match="pip install"):
        stack_specs(["flask+waitress"], False)
    assert "flask+waitress" not in stack_specs([], False)


def test_only_servers_with_a_thread_pool_have_a_thread_count() -> None:
    assert threads_of("flask_app@waitress", 8) == 8
    assert threads_of("quart_app@hypercorn", 8) is None


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (Case("a", Request(), setup=(Request(path="/b"),)), "the case has setup"),
        (Case("a", Request(), settings={"TESTING": True}), "the case has settings"),
        (Case("a", Request(), fresh=True), "the case has fresh"),
        (Case("a", Request("POST", chunks=("a",))), "the case has chunks"),
        (Case("a", Request("OPTIONS", "*")), "the case has the path"),
        (Case("a", Request(path="/a/b", mount="/a")), "the case has mount"),
        (Case("a", Request(http_version="1.0")), "the case has http_version"),
    ],
)
def test_a_case_that_is_not_one_plain_request_is_rejected(
    case: Case, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        work_of([case])


def test_a_response_is_checked_by_status_and_size() -> None:
    (first,) = parse_work("json").requests["sync"]
    expected = msgspec.structs.replace(first, size=7)
    assert (expected.error(200, 7), expected.error(201, 7)) == ("", "status 201")
    assert expected.error(200, 6) == "body"
    (any_,) = work_of([Case("a", Request())]).requests["sync"]
    assert (any_.error(302, 1), any_.error(404, 1)) == ("", "status 404")
    assert any_.error(200, 99) == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--work", "x"],
        ["--concurrency", "x"],
        ["--concurrency", "1,10", "--requests", "9"],
        ["--stack", "flask"],
        ["--stack", "flask+werkzeug", "--target", "a=flask_app@"],
        ["--target", "a=flask_app@"],
        ["--target", "a=http://shop.test/", "--cases", "CASES"],
        ["--work", "json", "--cases", "CASES"],
        ["--target", "a", "--cases", "CASES"],
        ["--output", "run.gif"],
        ["--from", "nowhere.json"],
        ["--from", __file__],
    ],
)
def test_invalid_load_arguments_give_a_one_line_error(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases.toml"
    cases.write_text('schema_version = 1\n[[case]]\nid = "hello"\n[case.request]\n')
    given = [str(cases) if a == "CASES" else a for a in arguments]
    assert main(["load", *given]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_the_command_measures_and_writes_all_outputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = [tmp_path / f"run.{suffix}" for suffix in ("json", "md", "txt")]
    arguments = [part for path in outputs for part in ("--output", str(path))]
    sent = ["--stack", "flask+werkzeug", "--stack", "quart+hypercorn"]
    bounds = ["--rounds", "2", "--seconds", "0.1", "--warm-up", "0"]
    concurrency = ["--concurrency", "1,3"]
    work = ["--work", "json"]
    assert main(["load", *work, *sent, *bounds, *concurrency, *arguments]) == 0
    shown = capsys.readouterr()
    assert shown.err.startswith("comparison: this takes about 0.")
    assert shown.out == outputs[2].read_text()
    run = read_run(outputs[0])
    assert outputs[0].read_bytes() == encoded(run)
    assert {(p.stack, p.concurrency, len(p.rounds)) for p in run.points} == {
        (stack, n, 2) for stack in ("flask+werkzeug", "quart+hypercorn") for n in (1, 3)
    }
    drawn = ("run-json-throughput.svg", "run-json-latency.svg")
    assert outputs[1].read_text() == markdown(run, {"json": drawn})
    assert {p.name for p in tmp_path.iterdir()} == {*drawn, *(p.name for p in outputs)}
    assert main(["load", "--from", str(outputs[0])]) == 0
    assert capsys.readouterr().out == shown.out


def test_the_recorded_run_supports_the_document() -> None:
    run = read_run(RECORDED)
    assert RECORDED.read_bytes() == encoded(run)
    assert not run.unfinished
    assert [s.name for s in run.stacks if s.given_up] == []
    assert set(POPULAR) <= {stack.name for stack in run.stacks}
    assert set(run.concurrency) >= {1, 2, 5, 10, 25, 50, 100}
    assert {"sleep:50ms", "json"} <= set(run.works)
    table = Table(run)
    for work in run.works:
        for stack in run.stacks:
            line = table.line(work, stack.name)
            assert [f.point.concurrency for f in line] == list(run.concurrency)
            assert {len(f.point.rounds) for f in line} == {run.rounds}
    assert {(w, n) for w in run.works for n in run.concurrency} == set(table.ceilings)
    # Eight threads can answer no more that waits, on any machine; one batch of eight
    # may come as the window opens, another as it closes.
    (threads,) = (s.threads for s in run.stacks if s.name == "flask+waitress")
    busiest = table.at("sleep:50ms", "flask+waitress", 100)
    assert threads == 8 and busiest is not None and busiest.rate.high <= 8 / 0.05 + 8
