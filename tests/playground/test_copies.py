"""The texts to copy from a case's page do what the case does."""

import shlex
import subprocess
import sys
from html import unescape
from pathlib import Path

import msgspec
import pytest

from comparison import Case, Request, load_cases
from comparison.cases import CATALOGUE
from comparison.playground.app import create_app
from comparison.playground.copies import curl_of, pytest_of, toml_of
from comparison.playground.state import Playground
from comparison.targets import build_request, sent

from .test_pages import text_of

pytestmark = pytest.mark.usefixtures("quiet")


def test_the_toml_of_a_case_loads_as_the_same_case(tmp_path: Path) -> None:
    path = tmp_path / "cases.toml"
    for file in ("tuples", "forms", "multipart", "sessions", "configuration", "jobs"):
        for case in load_cases(CATALOGUE / f"{file}.toml"):
            path.write_text(f"schema_version = 1\n{toml_of(case)}\n", "utf-8")
            (again,) = load_cases(path)
            placed = msgspec.structs.replace(
                again, topic=case.topic, origin=case.origin
            )
            assert placed == case


def test_toml_without_a_null_is_not_made_up() -> None:
    assert toml_of(Case("null", Request("POST", "/", json={"a": None}))) == ""


@pytest.mark.slow
def test_the_pytest_test_passes_where_the_case_does(tmp_path: Path) -> None:
    plain = Case("say hello!", Request("GET", "/custom"))
    posted = Case(
        "setup", Request("GET", "/custom"), setup=(Request("GET", "/custom"),)
    )
    tests = f"{pytest_of(plain)}\n\n{pytest_of(posted)}"
    (tmp_path / "test_it.py").write_text(tests, "utf-8")
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.fixture(scope='session')\n"
        "def comparison_targets():\n"
        "    return {'flask': 'flask_app', 'quart': 'quart_app'}\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(tmp_path),
    ]
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120
    )
    assert "2 passed" in ended.stdout, ended.stdout


def test_curl_sends_what_was_sent() -> None:
    request = Request("PUT", "/a?b=%20", headers={"X-A": "it's"}, json={"a": "ü"})
    words = shlex.split(curl_of(sent(build_request(request))))
    assert words[:3] == ["curl", "--include", "--globoff"]
    assert words[words.index("--request") + 1] == "PUT"
    assert "x-a: it's" in [word.lower() for word in words]
    assert words[words.index("--data-raw") + 1] == '{"a":"ü"}'
    assert words[-1] == "http://127.0.0.1:5000/a?b=%20"


async def test_a_page_has_texts_to_copy(twins: Playground, hostile: Playground) -> None:
    page = await text_of(twins, "/cases/custom")
    for name in ("curl", "Case as TOML", "pytest test"):
        assert f"<summary>{name}</summary>" in page
    assert "<summary>Known difference as TOML</summary>" not in page
    assert "flask with <code>python -m flask_app --port 5000</code>" in page
    assert "quart with <code>python -m quart_app --port 5000</code>" in page
    client = create_app(hostile).test_client()
    page = await (await client.get("/cases/never")).get_data(as_text=True)
    assert "<summary>curl</summary>" in page
    command = "quart --app 'tests.playground.apps:make_quart()' run --port 5000"
    assert f"quart with <code>{command}</code>" in unescape(page)
