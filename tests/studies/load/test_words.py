"""The sentences about a load run, for measurements whose meaning is known."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import msgspec
import pytest

from comparison.studies.load.picture import latency, throughput
from comparison.studies.load.table import CLIENT, markdown, rows, text
from comparison.studies.load.wording import take_away
from comparison.studies.models import LoadPoint, LoadRun
from comparison.studies.statistics import Table

from .runs import SERVERS, measured, run_of
from .virtual import event_loop, failing, threads

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def run() -> LoadRun:
    """Eight threads and an event loop, at work that waits."""
    return run_of(server_ms={"flask+waitress": 0.5, "flask[async]+waitress": 1.5})


def test_the_crossing_is_where_the_threads_run_out(run: LoadRun) -> None:
    crossing = take_away(Table(run))[0]
    assert crossing == (
        "If a view waits (sleep:50ms), 8 threads of flask+waitress and"
        " quart+hypercorn differ by at most 0% below 10 in flight; from 10 on, the event"
        " loop sends more responses, and at 100 in flight quart+hypercorn sends 2,000"
        " responses per second and flask+waitress 160 (12 times as many)."
    )


def test_the_first_faster_event_loop_is_described_before_the_others() -> None:
    slow = {"flask+waitress": threads(8, 0.05), "quart+hypercorn": threads(8, 0.05)}
    servers = {**slow, "quart+uvicorn-httptools": threads(16, 0.05)}
    sentence = take_away(Table(run_of(servers, (1, 25))))[0]
    assert sentence == (
        "If a view waits (sleep:50ms), 8 threads of flask+waitress and"
        " quart+uvicorn-httptools differ by at most 0% below 25 in flight; from 25 on, the"
        " event loop sends more responses, and at 25 in flight quart+uvicorn-httptools"
        " sends 320 responses per second and flask+waitress 160 (2 times as many),"
        " quart+hypercorn 160 (not distinguishable)."
    )


def test_a_missing_crossing_is_reported() -> None:
    servers = {"flask+waitress": threads(8, 0.05), "quart+hypercorn": threads(8, 0.05)}
    (sentence,) = take_away(Table(run_of(servers, (1, 25))))
    assert sentence == (
        "If a view waits (sleep:50ms), no event loop sends more responses than 8 threads:"
        " at 25 in flight quart+hypercorn sends 160 responses per second and"
        " flask+waitress 160 (not distinguishable)."
    )


def test_the_cost_of_async_views_in_flask_is_reported(
    run: LoadRun,
) -> None:
    assert take_away(Table(run))[1] == (
        "Async views cost Flask 1.0 ms of processor time per request: 1.5 ms on"
        " flask[async]+waitress against 0.5 ms on flask+waitress (sleep:50ms); no more of"
        " them can wait at once: with sleep:50ms, at 100 in flight flask[async]+waitress"
        " sends 160 responses per second and flask+waitress 160 (not distinguishable)."
    )


@pytest.mark.parametrize(
    ("quart", "other", "begins"),
    [
        (4, 4, "the stacks are not distinguishable"),
        (4, 2, "async makes nothing faster"),
        (2, 1, "async makes nothing faster"),
        (8, 8, "async is faster too"),
        (2, 8, "the server decides"),
    ],
)
def test_the_faster_stack_is_reported_for_work_without_waiting(
    quart: int, other: int, begins: str
) -> None:
    servers = {
        "flask+waitress": threads(4, 0.01),
        "quart+hypercorn": threads(quart, 0.01),
        "quart+uvicorn-httptools": threads(other, 0.01),
    }
    made = run_of(servers, (1, 10), work="json", null=event_loop(0.001))
    (sentence,) = take_away(Table(made))
    assert sentence.startswith(
        f"If views do not wait (json), {begins}: at 10 in flight"
    )


def test_a_stack_that_is_faster_at_another_concurrency_is_reported_too() -> None:
    """The last concurrency alone gives no sentence."""
    servers = {
        "flask+waitress": threads(8, 0.01),
        "quart+hypercorn": threads(8, 0.01),
        "quart+uvicorn-httptools": threads(8, 0.01),
    }
    made = run_of(servers, (1, 5, 10), work="json", null=event_loop(0.001))
    faster = threads(8, 0.005)
    points = tuple(
        LoadPoint(p.work, p.stack, 5, (measured(faster, 5),) * 2)
        if (p.stack, p.concurrency) == ("quart+uvicorn-httptools", 5)
        else p
        for p in made.points
    )
    (sentence,) = take_away(Table(msgspec.structs.replace(made, points=points)))
    begins = "If views do not wait (json), the server decides: at 10 in flight quart+hypercorn"
    assert sentence.startswith(begins)
    hypercorn, uvicorn = sentence.split("; ")
    assert hypercorn.endswith("(not distinguishable)")
    assert uvicorn.startswith("at 5 in flight quart+uvicorn-httptools sends 1,00")
    assert uvicorn.endswith("(2 times as many).")


def test_a_percentile_needs_enough_responses_in_each_round() -> None:
    made = run_of(
        {"flask+waitress": threads(8, 0.05)}, (1, 2, 5), null=event_loop(0.001)
    )
    # In two seconds one worker gets 40 responses, and five get 200.
    shown = {
        row[0]: row[3:6] for row in rows(Table(made), "sleep:50ms") if row[1] != CLIENT
    }
    assert shown == {
        "1": ("50.0", "50.0", ""),
        "2": ("50.0", "50.0", ""),
        "5": ("50.0", "50.0", "50.0"),
    }


def test_no_conclusion_is_drawn_if_the_client_was_the_limit() -> None:
    servers = {"flask+waitress": event_loop(0.01), "quart+hypercorn": event_loop(0.011)}
    made = run_of(servers, (1, 10), work="json", null=event_loop(0.01))
    assert take_away(Table(made)) == [
        "If views do not wait (json), the client was always the limit."
    ]
    cells = {row[7] for row in rows(Table(made), "json") if row[1] != CLIENT}
    assert cells == {"client was the limit"}
    assert "hollow: the client was the limit" in throughput(made, "json")
    assert " hollow" in throughput(made, "json").partition("</style>")[2]


def test_absent_stacks_are_not_mentioned() -> None:
    assert take_away(Table(run_of({"shop": event_loop(0.05)}, (1,)))) == []


def test_the_table_lists_errors_by_kind() -> None:
    servers = {**SERVERS, "shop": failing(10, "status 500", 0.05)}
    made = run_of(servers, (10,))
    shop = next(row for row in rows(Table(made), "sleep:50ms") if row[1] == "shop")
    assert shop[-1].endswith(" × status 500")
    assert float(shop[2].partition(" ")[0]) == pytest.approx(180, abs=1)
    assert " errors</title>" in throughput(made, "sleep:50ms")


def test_the_document_has_every_point_and_the_method(
    run: LoadRun,
) -> None:
    page = markdown(run, {"sleep:50ms": ("a.svg", "b.svg")})
    assert page.startswith("# The real cost of concurrency\n\n1. If a view waits")
    assert page.count("| flask[async]+waitress |") == len(run.concurrency)
    assert page.count(f"| {CLIENT} |") == len(run.concurrency)
    for output in (
        "a.svg",
        "b.svg",
        "coordinated omission",
        "with 8 threads",
        "in turns",
        "in 33% of the comparisons",
    ):
        assert output in page


def test_a_partial_run_is_labelled_first(run: LoadRun) -> None:
    stack = msgspec.structs.replace(run.stacks[0], given_up="died at 5 in flight")
    partial = msgspec.structs.replace(
        run, unfinished="interrupted", stacks=(stack, *run.stacks[1:])
    )
    for shown in (text(partial), markdown(partial, {})):
        assert "PARTIAL: interrupted" in shown
        assert "flask+waitress: died at 5 in flight" in shown


@pytest.mark.parametrize(
    ("average", "busy"), [(None, False), (0.9, False), (7.0, True)]
)
def test_a_run_on_a_busy_machine_is_labelled_provisional(
    run: LoadRun, average: float | None, busy: bool
) -> None:
    made = msgspec.structs.replace(run, load_average=average)
    shown = markdown(made, {})
    assert ("PROVISIONAL: the machine was busy" in shown) is busy
    assert (", load average " in shown) is (average is not None)


def test_the_terminal_shows_the_same_table(run: LoadRun) -> None:
    shown = text(run)
    assert "quart+hypercorn        2,000 (2,000–2,000)" in shown
    assert "12×" in shown


@pytest.mark.parametrize("draw", [throughput, latency])
def test_a_picture_names_each_line_and_marks_it_without_colour(
    run: LoadRun, draw: object
) -> None:
    assert callable(draw)
    root = ET.fromstring(draw(run, "sleep:50ms"))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for name in (*SERVERS, "client alone"):
        assert texts.count(name) == 1
    marks = [e for e in root.iter(f"{SVG}path") if e.get("class", "").startswith("m ")]
    shapes = {(e.get("class"), e.get("d")) for e in marks}
    assert len(shapes) == len({shape for _, shape in shapes}) == len(SERVERS)
    titles = [t.text for e in marks for t in e.iter(f"{SVG}title")]
    assert len(titles) == len(SERVERS) * len(run.concurrency)
    style = next(e.text for e in root.iter(f"{SVG}style"))
    assert style is not None
    assert "prefers-color-scheme:dark" in style


def test_line_labels_do_not_overlap(run: LoadRun) -> None:
    root = ET.fromstring(throughput(run, "sleep:50ms"))
    names = {*SERVERS, "client alone"}
    places = sorted(
        float(e.get("y", 0)) for e in root.iter(f"{SVG}text") if e.text in names
    )
    assert len(places) == len(names)
    assert all(b - a >= 16 for a, b in pairwise(places))


def test_plots_of_one_concurrency_or_no_points_are_drawn(run: LoadRun) -> None:
    assert "<svg" in throughput(run_of(SERVERS, (10,)), "sleep:50ms")
    nothing = msgspec.structs.replace(run, points=(), ceilings=())
    assert "<svg" in latency(nothing, "sleep:50ms")


def test_a_stack_without_responses_has_no_line() -> None:
    silent = failing(1, "timeout", 1.0)
    made = run_of({**SERVERS, "shop": silent}, (1, 10))
    assert "shop" not in latency(made, "sleep:50ms").partition("</desc>")[2]
    assert LoadPoint("w", "s", 1, (measured(silent, 1),)).rounds[0].rate == 0
