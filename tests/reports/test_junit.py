"""JUnit XML."""

from xml.etree import ElementTree as ET

import pytest

from comparison import Case, Request
from comparison.models import RouteMismatch

from .making import VERY_ODD, cases, reported

# The schema of Jenkins' xUnit plugin and that of Windy Road both allow these.
ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {
        "name", "tests", "failures", "errors", "time", "id", "package", "timestamp",
        "hostname",
    },
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "skipped": {"message"},
    "system-out": set(),
    "system-err": set(),
}  # fmt: skip
LONE = (RouteMismatch("/old", "GET", ("flask",), ("quart",)),)


def tree(*arguments: object, **options: object) -> ET.Element:
    return ET.fromstring(reported("junit", *arguments, **options))  # type: ignore[arg-type]


def two() -> str:
    return "two"


def test_identical_responses_are_passing_tests() -> None:
    suite = tree(lambda: "a", lambda: "a", cases(2))[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "0")
    names = [case.get("name") for case in suite.iter("testcase")]
    assert names == ["case-1", "case-2"]


def test_a_difference_is_a_failure_with_both_values() -> None:
    root = tree(lambda: "one", two)
    (failure,) = root.iter("failure")
    assert failure.get("type") == "different"
    line = two.__code__.co_firstlineno + 1
    cause = f"tests/reports/test_junit.py:{line} No known cause matches: body."
    assert failure.get("message") == f"{cause}; body one became two on quart"
    assert "- body: one\n    + body: two" in str(failure.text)


def test_a_message_says_once_what_two_requests_have_in_common() -> None:
    twice = [Case("twice", Request("GET", "/"), setup=[Request("GET", "/")])]
    (failure,) = tree(lambda: "one", two, twice).iter("failure")
    parts = str(failure.get("message")).split("; ")
    assert len(parts) == len(set(parts))
    assert len([part for part in parts if "No known cause" in part]) == 1


def test_a_route_mismatch_is_a_failure() -> None:
    root = tree(lambda: "a", lambda: "a", route_mismatches=LONE)
    (failure,) = root.iter("failure")
    assert failure.text == "GET /old  in flask, not in quart"


def test_the_verdict_and_the_environment_are_properties() -> None:
    root = tree(lambda: "a", lambda: "b")
    properties = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert str(properties["verdict"]).startswith("DIFFERENT: 1 case")
    assert "flask 3" in str(properties["environment"])


def test_the_document_is_valid_xml_for_any_response() -> None:
    (failure,) = tree(lambda: VERY_ODD, lambda: "").iter("failure")
    assert "\\x00" in str(failure.text) or "�" in str(failure.text)


@pytest.mark.parametrize("other", ["a", "b"])
def test_the_document_conforms_to_the_junit_schemas(other: str) -> None:
    root = tree(lambda: "a", lambda: other, route_mismatches=LONE)
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag], element.tag
    order = ["properties", "testcase", "testcase", "system-out", "system-err"]
    assert [child.tag for child in root[0]] == order
    assert str(root[0].get("timestamp"))[10] == "T"
