"""The samples of the reference, each run on a pair of small apps."""

import re
from pathlib import Path

from comparison import compare, load_cases
from tests.docs.sampled import app_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "case-files.md"
FILE = re.compile(
    r"<!-- sample file: (\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
SAMPLE = re.compile(r"<!-- sample -->\n```toml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_both_apps_pass_each_sample_of_the_reference(tmp_path: Path) -> None:
    samples = SAMPLE.findall(PAGE.read_text("utf-8"))
    assert samples
    for name, text in FILE.findall(PAGE.read_text("utf-8")):
        (tmp_path / name).write_text(text, "utf-8")
    cases = tmp_path / "cases.toml"
    cases.write_text("\n".join(samples), "utf-8")
    run = compare(app_of("flask"), app_of("quart"), load_cases(cases))
    assert {c.case.id: c.differences for c in run if c.verdict != "identical"} == {}
    assert run.exit_code == 0
    never = [rule.name for rule in run.normalisations if not rule.applied]
    assert never == []
