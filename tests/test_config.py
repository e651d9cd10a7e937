"""`[tool.comparison]` in pyproject.toml."""

import json
from pathlib import Path

import pytest

from comparison.cli import main
from comparison.core.errors import DocumentError
from comparison.runner.config import find_project

from .project import CONFIG, Project, project

__all__ = ["project"]


def problems(project: Project, text: str) -> tuple[str, ...]:
    project.write("pyproject.toml", text)
    with pytest.raises(DocumentError) as caught:
        find_project()
    return caught.value.problems


def document(project: Project) -> dict[str, object]:
    loaded = json.loads((project.root / "run.json").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_run_without_options_uses_the_project_configuration(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run"]) == 0
    assert "IDENTICAL: 2 cases" in capsys.readouterr().out


def test_a_subfolder_belongs_to_the_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = project.root / "deep" / "er"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert main(["run", "-q"]) == 0


@pytest.mark.usefixtures("project")
def test_a_path_is_relative_to_the_project_if_it_is_inside(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    inside, elsewhere = project.root / "more.toml", tmp_path_factory.mktemp("else")
    names = find_project().names((str(inside), "cases.toml", str(elsewhere)))
    assert names == ("more.toml", "cases.toml", str(elsewhere))


def test_an_invalid_start_timeout_is_not_reported_as_a_line_of_the_project(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COMPARISON_START_TIMEOUT", "soon")
    assert main(["run", "-q"]) == 2
    assert capsys.readouterr().err.startswith(
        "comparison: COMPARISON_START_TIMEOUT=soon: "
    )


def test_the_command_line_replaces_the_configuration(project: Project) -> None:
    project.app("quart", greeting="Good day")
    assert main(["run", "-q"]) == 1
    same = ["--target", "a=shop_flask", "--target", "b=shop_flask"]
    assert main(["run", "-q", *same]) == 0


def test_a_normalisation_that_was_applied_is_reported(project: Project) -> None:
    assert main(["run", "-q", "--output", "run.json"]) == 0
    applied = {n["name"]: n["applied"] for n in document(project)["normalisations"]}  # type: ignore[attr-defined]
    assert applied["presence:x-request-id"] == 1


def test_a_normalisation_that_was_never_applied_is_reported(project: Project) -> None:
    project.write("pyproject.toml", CONFIG.replace("Request-Id", "Request-Id', 'x-b"))
    project.write("pyproject.toml", CONFIG.replace('Id"', 'Id", "x-never"'))
    assert main(["run", "-q", "--output", "run.json"]) == 0
    applied = {n["name"]: n["applied"] for n in document(project)["normalisations"]}  # type: ignore[attr-defined]
    assert applied["presence:x-never"] == 0


def test_a_presence_rule_does_not_ignore_a_missing_header(
    project: Project,
) -> None:
    source = project.root / "shop_quart.py"
    source.write_text(source.read_text().replace('"X-Request-Id"', '"X-Other"'))
    assert main(["run", "-q"]) == 1


def test_a_pyproject_without_the_table_is_not_a_configuration(project: Project) -> None:
    project.write("pyproject.toml", "[tool.other]\nx = 1\n")
    assert find_project().path is None


@pytest.mark.parametrize(
    "text", ["[tool.other\n", "tool = true\n", 'tool = "comparison"\n']
)
def test_errors_in_other_tables_are_ignored(project: Project, text: str) -> None:
    project.write("pyproject.toml", text)
    assert find_project().path is None


def test_an_unknown_setting_is_reported_with_line_and_suggestion(
    project: Project,
) -> None:
    text = "[project]\nname = 'shop'\n\n[tool.comparison]\ntimeuot = 3\n"
    assert problems(project, text) == (
        'pyproject.toml:5: timeuot: unknown field, did you mean "timeout"?',
    )


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("timeout = 0", "timeout must be above 0 seconds, not 0"),
        ("timeout = inf", "timeout must be at most 86400 seconds, not inf"),
        ("timeout = 'x'", "2: timeout: expected `float`, got `str`"),
        ("cases = ['none.toml']", "2: cases: 'none.toml': no such file or folder"),
        ("targets = { flask = 'a:b' }", "targets must be two or more"),
        ("targets = 3", "2: targets: expected `object`, got `int`"),
        ("normalisations = { presense = [] }", 'did you mean "presence"?'),
        ("x = [", "pyproject.toml"),
    ],
)
def test_an_invalid_setting_is_reported(
    project: Project, settings: str, problem: str
) -> None:
    (found,) = problems(project, f"[tool.comparison]\n{settings}\n")
    assert problem in found


def test_all_paths_that_do_not_exist_are_reported(project: Project) -> None:
    text = "[tool.comparison]\ncases = ['a.toml']\nknown = ['b.toml']\n"
    assert [p.split(":")[1] for p in problems(project, text)] == ["2", "3"]


def test_a_target_that_cannot_be_loaded_names_the_configuration(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("pyproject.toml", CONFIG.replace("shop_quart", "shop_quert"))
    assert main(["run"]) == 3
    output = capsys.readouterr().err
    assert "pyproject.toml:4: target 'shop_quert:create_app()'" in output
    assert 'did you mean "shop_quart"?' in output


def test_route_mismatches_are_reported_first(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("flask", more='app.add_url_rule("/old", "old", lambda: "")')
    assert main(["run"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "1 route mismatch"
    assert lines[3] == "  GET /old  in flask, not in quart"
    assert lines[-1].startswith("DIFFERENT: 2 cases, 2 identical; 1 route mismatch")


def test_a_method_in_one_app_only_is_a_route_mismatch(project: Project) -> None:
    more = 'app.add_url_rule("/greeting", "put", lambda: "", methods=["PUT"])'
    project.app("quart", more=more)
    assert main(["run", "-q", "--output", "run.json", "--output", "run.md"]) == 1
    assert document(project)["route_mismatches"] == [
        {
            "rule": "/greeting",
            "method": "PUT",
            "present": ["quart"],
            "missing": ["flask"],
        }
    ]
    markdown = (project.root / "run.md").read_text("utf-8")
    assert "## 1 route mismatch" in markdown


def test_ignored_rules_are_not_route_mismatches(project: Project) -> None:
    project.app("flask", more='app.add_url_rule("/debug/x", "old", lambda: "")')
    ignoring = CONFIG.replace(
        "[tool.comparison]\n", "[tool.comparison]\nignore-rules = ['/debug/*']\n"
    )
    project.write("pyproject.toml", ignoring)
    assert main(["run", "-q"]) == 0


RULES = """
    from werkzeug.routing import BaseConverter, Rule

    class Slug(BaseConverter):
        regex = "{regex}"

    app.url_map.converters["slug"] = Slug
    app.add_url_rule("/by/<slug:name>", "by", lambda name: name)
    app.add_url_rule("/plain/<{plain}name>", "plain", lambda name: name)
    app.add_url_rule("/long/<{long}name>", "long", lambda name: name)
    app.add_url_rule("/page", "page", lambda page: "", defaults={{"page": {page}}})
    app.add_url_rule("/automatic", "automatic", lambda: "", provide_automatic_options={options})
    app.url_map.add(Rule("/any", endpoint="greeting"{methods}))
"""


def test_the_properties_of_a_rule_are_compared(project: Project) -> None:
    same = {"regex": "[a-z]+", "page": 1, "options": None, "methods": "", "long": ""}
    project.app("flask", more=RULES.format(**same, plain=""))
    project.app("quart", more=RULES.format(**same, plain="string:"))
    assert main(["run", "-q"]) == 0
    other = {
        "regex": "[a-z0-9]+",
        "page": 2,
        "options": False,
        "long": "string(length=2):",
    }
    project.app(
        "quart", more=RULES.format(**other, methods=", methods=['PUT']", plain="")
    )
    assert main(["run", "-q", "--output", "run.json"]) == 1
    found = document(project)["route_mismatches"]
    assert {(r["rule"], r["method"], *r["present"]) for r in found} == {  # type: ignore[attr-defined]
        ("/by/<slug:name>", "converter slug [a-z]+", "flask"),
        ("/by/<slug:name>", "converter slug [a-z0-9]+", "quart"),
        ("/page", "defaults page=1", "flask"),
        ("/page", "defaults page=2", "quart"),
        ("/automatic", "automatic OPTIONS", "flask"),
        ("/long/<name>", "GET", "flask"),
        ("/long/<string(length=2):name>", "GET", "quart"),
        ("/any", "any method", "flask"),
    }


def test_a_rule_for_all_methods_is_reported_as_any_method(project: Project) -> None:
    rule = (
        'from werkzeug.routing import Rule; app.url_map.add(Rule("/x", endpoint="x"))'
    )
    project.app("flask", more=rule)
    assert main(["run", "-q", "--output", "run.json"]) == 1
    (mismatch,) = document(project)["route_mismatches"]  # type: ignore[misc]
    assert (mismatch["rule"], mismatch["method"]) == ("/x", "any method")


def test_the_twins_have_the_same_rules(tmp_path: Path) -> None:
    import flask_app
    import quart_app
    from comparison.cases.url_maps import route_mismatches, url_map_of

    apps = {"flask": flask_app.create_app(), "quart": quart_app.create_app()}
    maps = {name: url_map_of(app) or () for name, app in apps.items()}
    assert len(maps["flask"]) > 600
    assert route_mismatches(maps) == ()
