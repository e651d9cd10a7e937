"""The pytest plugin, in projects of somebody's."""

from pathlib import Path

import pytest

import comparison.pytest_plugin

# Loaded here, so that pytester does not load them anew for each inner run.
import comparison.pytest_plugin.fixture
import comparison.pytest_plugin.generated
import comparison.pytest_plugin.items
from tests.project import CASES, CONFIG, Project

__all__ = ["comparison"]

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
PLUGIN = ("-p", "comparison.pytest_plugin", "-p", "no:cacheprovider")


@pytest.fixture
def shop(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in the folder that inner runs start in."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.syspath_prepend(pytester.path)
    return Project(pytester.path)


def test_each_case_is_an_item_with_its_own_name(
    shop: Project, pytester: pytest.Pytester
) -> None:
    result = pytester.runpytest(*PLUGIN, "--collect-only", "-q")
    result.stdout.fnmatch_lines(
        ["cases.toml::url-rules", "cases.toml::order", "cases.toml::greeting"]
    )


def test_cases_pass_where_the_apps_agree(
    shop: Project, pytester: pytest.Pytester
) -> None:
    pytester.runpytest(*PLUGIN).assert_outcomes(passed=3)


def test_a_folder_of_case_files_is_collected(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.write("pyproject.toml", CONFIG.replace("cases.toml", "asked"))
    (shop.root / "cases.toml").unlink()
    shop.write("asked/one.toml", CASES)
    shop.write("asked/two.toml", CASES.replace('"order"', '"o"').replace('ing"', '"'))
    pytester.runpytest(*PLUGIN, "asked").assert_outcomes(passed=5)


def test_unlisted_toml_files_are_ignored(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.write("data.toml", "x = 1")
    pytester.runpytest(*PLUGIN).assert_outcomes(passed=3)


def test_k_selects_cases(shop: Project, pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(*PLUGIN, "-k", "greeting")
    result.assert_outcomes(passed=1, deselected=2)


def test_a_failure_shows_the_difference_and_both_tables(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.app("quart", greeting="Good day")
    result = pytester.runpytest(*PLUGIN)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*cases.toml:11: flask against quart: different",
            "≠ greeting  GET /greeting  body",
            '    *shop_quart.py:*  return "Good day"',
            "    cause: *",
            "    - body: Hello",
            "    + body: Good day",
            "*execution table: flask*",
            "*execution table: quart*",
            "FAILED cases.toml::greeting*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_multiline_bodies_are_printed_as_a_diff(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.app("flask", greeting=r"one\ntwo\nthree")
    shop.app("quart", greeting=r"one\n2\nthree")
    result = pytester.runpytest(*PLUGIN)
    result.stdout.fnmatch_lines(["    body, lines *", "    - two", "    + 2"])
    result.stdout.no_fnmatch_line("    [-+] one")
    result.stdout.no_fnmatch_line("    [-+] three")


def test_x_stops_at_the_first_failure(shop: Project, pytester: pytest.Pytester) -> None:
    shop.app("quart", greeting="Good day", more='app.add_url_rule("/x", "x", greeting)')
    pytester.runpytest(*PLUGIN, "-x").assert_outcomes(failed=1)


@pytest.mark.slow
def test_lf_reruns_only_failed_cases(shop: Project, pytester: pytest.Pytester) -> None:
    shop.app("quart", greeting="Good day")
    pytester.runpytest(*PLUGIN[:2])
    result = pytester.runpytest_subprocess(*PLUGIN[:2], "--lf")
    result.assert_outcomes(failed=1)


def test_a_route_mismatch_fails(shop: Project, pytester: pytest.Pytester) -> None:
    shop.app("flask", more='app.add_url_rule("/old", "old", lambda: "")')
    result = pytester.runpytest(*PLUGIN)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["GET /old  in flask, not in quart"])


def test_a_known_difference_explains_a_failure(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.app("quart", greeting="Good day")
    shop.write(
        "known.toml",
        """
        [[known]]
        id = "greeting-body"
        cause = "They greet in their own way."
        cases = ["greeting"]
        [known.fields]
        body = { flask = "Hello", quart = "Good day" }
        "header:content-length" = { flask = "5", quart = "8" }
        """,
    )
    shop.write(
        "pyproject.toml", CONFIG.replace("\ncases", "\nknown = ['known.toml']\ncases")
    )
    pytester.runpytest(*PLUGIN).assert_outcomes(passed=3)


def test_a_wrong_case_file_is_a_collection_error_with_file_and_line(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.write("cases.toml", CASES.replace("path", "pth"))
    result = pytester.runpytest(*PLUGIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*cases.toml:7: request.pth: unknown field, did you mean *path*?"]
    )


def test_a_wrong_configuration_is_one_collection_error(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.write("pyproject.toml", "[tool.comparison]\ntimeuot = 3\n")
    result = pytester.runpytest(*PLUGIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*pyproject.toml:2: timeuot: unknown field*"])
    result.stdout.no_fnmatch_line("*pytest_plugin*.py*")


def test_a_target_that_cannot_be_loaded_is_reported(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.write("pyproject.toml", CONFIG.replace("shop_quart", "shop_none"))
    result = pytester.runpytest(*PLUGIN)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*pyproject.toml:4: target 'shop_none*no module*"])


@pytest.mark.slow
def test_the_workers_of_xdist_share_the_cases(
    shop: Project, pytester: pytest.Pytester
) -> None:
    pytest.importorskip("xdist")
    shop.app("quart", greeting="Good day")
    result = pytester.runpytest_subprocess(*PLUGIN, "-p", "xdist", "-n", "2")
    result.assert_outcomes(passed=2, failed=1)


def test_compare_apps_sends_to_the_configured_targets(
    shop: Project, pytester: pytest.Pytester
) -> None:
    test = pytester.makepyfile(
        """
        def test_greeting(compare_apps):
            found = compare_apps("/greeting", expect={"status": 200, "text": "Hello"})
            assert found.verdict == "identical"

        def test_adding(compare_apps):
            found = compare_apps("/orders", method="POST", json={"article": 7})
            assert found.recordings["flask"].exchange.response.status == 201
        """
    )
    pytester.runpytest(*PLUGIN, test).assert_outcomes(passed=2)


def test_compare_apps_fails_with_the_difference(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.app("quart", greeting="Good day")
    test = pytester.makepyfile(
        """
        def test_greeting(compare_apps):
            compare_apps("/greeting")
        """
    )
    result = pytester.runpytest(*PLUGIN, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*    compare_apps(*", "E *- body: Hello", "E *+ body: Good day"]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin*.py*")


def test_compare_apps_accepts_the_fields_of_a_case_file(
    shop: Project, pytester: pytest.Pytester
) -> None:
    test = pytester.makepyfile(
        """
        from comparison.models import Part

        def test_parts(compare_apps):
            parts = [{"name": "note", "text": "Hi"}, Part(name="more", text="Ho")]
            found = compare_apps("/orders", method="POST", multipart=parts)
            sent = found.recordings["flask"].exchange.request.body
            assert 'name="note"' in sent and 'name="more"' in sent
        """
    )
    pytester.runpytest(*PLUGIN, test).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ("metod='GET'", 'metod: unknown field, did you mean "method"?'),
        ("expect={'staus': 1}", 'staus: unknown field, did you mean "status"?'),
        ("text='a', json=1", "a request has one body, not json and text"),
    ],
)
def test_an_invalid_keyword_of_compare_apps_is_reported(
    shop: Project, pytester: pytest.Pytester, keywords: str, message: str
) -> None:
    test = pytester.makepyfile(
        f"def test_it(compare_apps): compare_apps('/greeting', {keywords})"
    )
    result = pytester.runpytest(*PLUGIN, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E *{message}"])
    result.stdout.no_fnmatch_line("*pytest_plugin*.py*")


def test_an_expectation_unmet_by_both_apps_fails(
    shop: Project, pytester: pytest.Pytester
) -> None:
    test = pytester.makepyfile(
        """
        def test_greeting(compare_apps):
            compare_apps("/greeting", expect={"status": 202})
        """
    )
    result = pytester.runpytest(*PLUGIN, test)
    result.stdout.fnmatch_lines(["E *expected of flask: status 202, got 200"])


def test_compare_apps_takes_the_apps_of_a_fixture(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    test = pytester.makepyfile(
        """
        import flask, pytest, quart
        from comparison import Case, Request

        @pytest.fixture
        def comparison_targets():
            one, other = flask.Flask("one"), quart.Quart("other")
            one.add_url_rule("/", "view", lambda: "Hello")
            other.add_url_rule("/", "view", lambda: "Hello")
            return {"old": one, "new": other}

        def test_hello(compare_apps):
            found = compare_apps(Case("hello", Request("GET", "/")))
            assert list(found.recordings) == ["old", "new"]
        """
    )
    pytester.runpytest(*PLUGIN, test).assert_outcomes(passed=1)


def test_compare_apps_without_targets_explains_how_to_set_them(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    test = pytester.makepyfile("def test_it(compare_apps): compare_apps('/')")
    result = pytester.runpytest(*PLUGIN, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no targets: give them in*comparison_targets*"])


def test_the_plugin_imports_nothing_if_it_is_not_used(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    test = pytester.makepyfile(
        """
        import sys

        def test_it():
            ours = {n for n in sys.modules if n.partition(".")[0] == "comparison"}
            assert ours == {"comparison", "comparison.pytest_plugin"}
            assert not {"flask", "quart", "httpx", "msgspec"} & sys.modules.keys()
        """
    )
    result = pytester.runpytest_subprocess(*PLUGIN, test)
    result.assert_outcomes(passed=1)


SEQUENCE = """
[[case]]
id = "kept"
[[case.setup]]
path = "/orders/7"
capture = { number = { json = "$.number" } }
[case.request]
path = "/orders/${capture:number}"
[case.expect]
json = { number = "${capture:number}" }

[[case]]
id = "lost"
[[case.setup]]
path = "/orders/7"
capture = { number = { json = "$.nr" } }
[case.request]
path = "/orders/${capture:number}"
"""


def test_captures_work_and_a_missing_value_is_the_failure(
    shop: Project, pytester: pytest.Pytester
) -> None:
    shop.write("cases.toml", SEQUENCE)
    result = pytester.runpytest(*PLUGIN)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*cases.toml:*: flask against quart: failed",
            "! lost  GET /orders/${capture:number}  failed",
            "*flask failed: capture: request 1 (GET /orders/7): capture 'number' found *",
            "*execution table: flask*",
            "*Client does not send GET /orders/*",
        ]
    )


LOOSENED = CASES + '[case.normalisations]\nignore = ["/never"]\n'


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")])
def test_normalisations_are_counted_and_unused_ones_reported(
    shop: Project, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    shop.write("cases.toml", LOOSENED)
    result = pytester.runpytest(*PLUGIN, *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "*= comparison: normalisations =*",
            "ignore:/never: never applied",
            "presence:x-request-id: applied in 1",
        ]
    )


def test_other_tests_get_no_report_section(pytester: pytest.Pytester) -> None:
    test = pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest(*PLUGIN, "-p", "no:asyncio", test)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*normalisations*")
