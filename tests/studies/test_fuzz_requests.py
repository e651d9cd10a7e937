"""Requests from url maps: every path that is drawn is one that its rule matches."""

from urllib.parse import unquote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings

from comparison.models import Request
from comparison.studies.fuzz.requests import requests
from tests.examples import some

VARIABLES = [
    "float", "float(min=0.000001, max=0.000002)", "float(min=10000000000000000.0)",
    "float(signed=True)", "float(max=0.00001, signed=True)", "int", "int(min=3, max=5)",
    "int(signed=True)", "int(min=2000000)", "int(max=0)", "int(fixed_digits=3)",
    "int(fixed_digits=2, signed=True)", "int(fixed_digits=1, signed=True)", "uuid",
    "any(big, 'very small')", "path", "string(length=3)", "string(minlength=2)",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_path_is_drawn_that_the_rule_matches(variable: str) -> None:
    app = Flask(__name__)
    app.add_url_rule(f"/a/<{variable}:x>/b", "view", lambda x: x)
    urls = app.url_map.bind("shop.test")
    drawn = set()

    @settings(max_examples=some(100), suppress_health_check=list(HealthCheck))
    @given(requests(app, rules="/a/*"))
    def collect(request: Request) -> None:
        path = unquote(request.path.partition("?")[0])
        assert urls.match(path, method=request.method)[0] == "view"
        drawn.add(path)

    collect()
    assert len(drawn) > 1 or variable == "int(max=0)"


def test_negative_numbers_are_drawn_for_signed_rules() -> None:
    app = Flask(__name__)
    app.add_url_rule("/a/<int(signed=True):x>", "view", lambda x: x)
    drawn = set()

    @settings(max_examples=some(100))
    @given(requests(app, rules="/a/*"))
    def collect(request: Request) -> None:
        drawn.add(request.path.startswith("/a/-"))

    collect()
    assert drawn == {True, False}
