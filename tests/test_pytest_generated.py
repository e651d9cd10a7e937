"""Requests generated from the url map, for a test of somebody's."""

import pytest

from tests.project import Project
from tests.test_pytest_plugin import PLUGIN, shop

__all__ = ["shop"]

pytest_plugins = ["pytester"]

TEST = """
import pytest

@pytest.mark.generated_requests({options})
def test_both_apps_answer_alike({fixtures}):
    compare_apps(generated_request)
"""
ITEMS = """
    @app.get("/items/<int(min=3):number>/<any(big, small):size>/<path:rest>")
    def items(number, size, rest):
        return "many" if {wrong} else size

    @app.post("/items")
    {define} put():
        return {{"got": {body}}}
"""


def write(
    shop: Project, wrong: str = "False", options: str = "", fixtures: str = ""
) -> None:
    body = "request.get_json(silent=True)"
    shop.app("flask", more=ITEMS.format(wrong="False", define="def", body=body))
    body = f"await {body}"
    shop.app("quart", more=ITEMS.format(wrong=wrong, define="async def", body=body))
    fixtures = fixtures or "compare_apps, generated_request"
    if "examples" not in options:
        options = f"examples=60, {options}"
    shop.write("test_shop.py", TEST.format(options=options, fixtures=fixtures))


def test_a_marked_test_passes_where_the_apps_agree(
    shop: Project, pytester: pytest.Pytester
) -> None:
    write(shop)
    result = pytester.runpytest(*PLUGIN, "--strict-markers", "test_shop.py")
    result.assert_outcomes(passed=1)


def test_the_smallest_failing_request_is_reported(
    shop: Project, pytester: pytest.Pytester
) -> None:
    write(shop, wrong="number > 9", options='rules="/items/*"')
    result = pytester.runpytest(*PLUGIN, "test_shop.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*flask against quart: different*",
            "*GET /items/10/big/0  *body*",
            "*+ body: many*",
        ]
    )


def test_methods_with_bodies_are_generated_on_request(
    shop: Project, pytester: pytest.Pytester
) -> None:
    write(shop, options='methods=["POST"], rules="/items"')
    result = pytester.runpytest(*PLUGIN, "test_shop.py")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "fixtures", "message"),
    [
        ('rules="/nowhere"', "", "no rule of the app matches '/nowhere'"),
        ("", "generated_request", "takes compare_apps and generated_request"),
        ("example=3", "", "takes no 'example', did you mean \"examples\"?"),
        ("**{'examples': 0}", "", "examples must be 1 or more: 0"),
    ],
)
def test_impossible_options_are_reported(
    shop: Project, pytester: pytest.Pytester, options: str, fixtures: str, message: str
) -> None:
    write(shop, options=options, fixtures=fixtures)
    result = pytester.runpytest(*PLUGIN, "test_shop.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*{message}*"])


def test_options_must_be_given_by_name(
    shop: Project, pytester: pytest.Pytester
) -> None:
    write(shop, options="60, **{'examples': 1}")
    result = pytester.runpytest(*PLUGIN, "test_shop.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*takes examples, seed, methods, rules by name*"])


def test_a_generated_request_needs_the_marker(
    shop: Project, pytester: pytest.Pytester
) -> None:
    write(shop)
    text = (shop.root / "test_shop.py").read_text().replace("@pytest.mark", "# ")
    shop.write("test_shop.py", text)
    result = pytester.runpytest(*PLUGIN, "test_shop.py")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*is for tests marked generated_requests*"])
