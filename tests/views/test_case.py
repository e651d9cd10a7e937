"""A description becomes a case, a link and TOML, and comes back from them."""

import tomllib
from pathlib import Path

import pytest

from comparison import Request, load_cases
from comparison.views import (
    DescriptionError,
    View,
    case_of,
    toml_of,
    view_of,
    view_to_json,
)
from tests.views.described import HELLO, VIEWS


@pytest.mark.parametrize("view", VIEWS, ids=view_to_json)
def test_a_view_survives_the_round_trip_through_a_case(view: View) -> None:
    assert view_of(case_of(view, Request("POST", "/?page=2", text="x"))) == view


def test_the_request_preserves_fields_outside_the_description() -> None:
    asking = Request("POST", "/?a=1&b", headers=(("X-A", "1"),), json={"a": 1})
    case = case_of(View(body=HELLO, style="async"), asking)
    assert case.request.method == "POST"
    assert case.request.path.startswith("/composed/async?view=")
    assert case.request.path.endswith("&a=1&b")
    assert case.request.headers == asking.headers
    assert case.request.json == {"a": 1}


@pytest.mark.parametrize("view", VIEWS[::7], ids=view_to_json)
def test_the_toml_of_a_case_is_a_case_file(view: View, tmp_path: Path) -> None:
    case = case_of(view, Request("POST", headers=(("A", "1"), ("A", "2")), text="ü"))
    file = tmp_path / "kept.toml"
    file.write_text(toml_of(case), "utf-8")
    (loaded,) = load_cases(file)
    assert (loaded.id, loaded.request) == (case.id, case.request)
    assert tomllib.loads(toml_of(case))["topic"]["title"] == "Composed views"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/custom", ""),
        ("/composed", ""),
        ("/composed?view={}", "body"),
        ('/composed?view={"raises":{"kind":"abort","code":1},"style":"sync"}', "style"),
    ],
)
def test_a_path_without_a_description_is_rejected(path: str, field: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        view_of(path)
    assert raised.value.field == field
