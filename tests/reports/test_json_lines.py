"""JSON Lines: one comparison a line, for any definition of a line break."""

import io
import json

from flask import Flask

from comparison import Case, Request, compare
from comparison.models import NormalisationRules
from comparison.reports import make_report


def test_line_separators_of_unicode_do_not_break_a_line() -> None:
    app, twin = Flask("one"), Flask("other")
    for each in (app, twin):
        each.add_url_rule("/", "broken", lambda: "a\u2028b\u2029c\u0085d")
    run = compare(app, twin, [Case("broken", Request())])
    stream = io.BytesIO()
    report = make_report("jsonl", stream)
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    report.end(run.header())
    header, line = stream.getvalue().decode().splitlines()
    assert json.loads(header)["exit_code"] == 0
    recording, _ = json.loads(line)["recordings"].values()
    assert recording["exchange"]["response"]["body"] == "a\u2028b\u2029c\u0085d"


def test_a_header_that_outgrows_its_reserved_space_is_written() -> None:
    app = Flask("one")
    app.add_url_rule("/", "view", lambda: "a")
    many = NormalisationRules(ignore=tuple(f"/{n}" for n in range(500)))
    cases = [Case(f"c{n}", Request(), normalisations=many) for n in range(3)]
    run = compare(app, app, cases)
    stream = io.BytesIO()
    report = make_report("jsonl", stream)
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    report.end(run.header())
    header, *lines = map(json.loads, stream.getvalue().splitlines())
    assert header["summary"]["identical"] == 3
    assert len(header["normalisations"]) == 500
    assert [line["case"] for line in lines] == ["c0", "c1", "c2"]
