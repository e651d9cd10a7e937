"""The generated documents are what would be generated now."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from comparison.cases import load_cases
from comparison.cli import DEFAULT_TARGETS
from comparison.known import BUNDLED, load_known
from comparison.reports.findings import finding
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_targets

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
INDEX = REFERENCE / "differences.md"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recorded_with(package: str) -> str:
    found = re.search(rf"\b{package} (\d+\.\d+)", INDEX.read_text(encoding="utf-8"))
    assert found is not None
    return found.group(1)


@pytest.mark.slow
def test_generated_documents_are_up_to_date(
    generate: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    if reason := generate.another_python():
        pytest.skip(reason)
    for package in ("flask", "quart", "werkzeug"):
        here = environment().packages[package]
        if not here.startswith(f"{recorded_with(package)}."):
            pytest.skip(f"recorded with another {package} than {here}")
    assert list(generate.drifted()) == []


def test_a_changed_document_is_noticed(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(
        generate, "documents", lambda _: [("a.md", "now"), ("b.md", "")]
    )
    (tmp_path / "a.md").write_text("before")
    gone = tmp_path / "reference" / "differences" / "gone.md"
    gone.parent.mkdir(parents=True)
    gone.write_text("")
    assert list(generate.drifted()) == [
        "a.md",
        "b.md",
        "reference/differences/gone.md",
    ]


def test_checking_named_documents_generates_only_these(
    generate: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(generate, "another_python", lambda: "")
    sources = {"a.md": lambda: [("a.md", "now")], "b.md": lambda: pytest.fail("made")}
    monkeypatch.setattr(generate, "SOURCES", sources)
    (tmp_path / "a.md").write_text("before")
    assert generate.main(["a.md", "--check"]) == 1
    assert "docs/a.md is out of date" in capsys.readouterr().out
    assert (tmp_path / "a.md").read_text() == "before"
    (tmp_path / "a.md").write_text("now")
    assert generate.main(["--check", "a.md"]) == 0
    assert generate.main(["--check", "c.md"]) == 2
    assert "no document 'c.md'" in capsys.readouterr().out
    assert generate.main(["--check", "outputs"]) == 2
    assert "outputs: give it alone" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "code"), [(["--check"], 0), ([], 2)])
def test_other_python_versions_do_not_check_or_write_documents(
    generate: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
) -> None:
    monkeypatch.setattr(generate, "another_python", lambda: "recorded with Python 3.11")
    monkeypatch.setattr(generate, "documents", lambda _: pytest.fail("was recorded"))
    assert generate.main(arguments) == code
    assert "recorded with Python 3.11" in "".join(capsys.readouterr())


def test_the_documents_are_recorded_with_the_stated_python(
    generate: ModuleType,
) -> None:
    assert recorded_with("CPython") == ".".join(map(str, generate.PYTHON))
    assert generate.another_python(generate.PYTHON) == ""
    assert "Python 3.12 may" in generate.another_python((3, 12))


def test_versions_and_times_do_not_count_as_drift(generate: ModuleType) -> None:
    one = generate.masked("with CPython 3.11.7, flask 3.1.3")
    other = generate.masked("with CPython 3.11.9, flask 3.1.4")
    assert one == other


def test_a_page_shows_no_memory_address() -> None:
    """A body shows a coroutine, whose address differs in the next recording."""
    known = load_known([BUNDLED])
    (entry,) = (entry for entry in known if entry.id == "json-formatted")
    cases = [case for case in load_cases() if case.id == "forgotten-json-text"]
    (comparison,) = Run(resolve_targets(DEFAULT_TARGETS), cases, known)
    assert re.search("0x[0-9a-f]{6}", str(comparison.recordings["quart"].exchange))
    page = "\n".join(finding(entry, known.cause_of(entry), comparison))
    assert "Request.get\\_json at 0x…" in page
    assert not re.search("0x[0-9a-f]", page)


def test_every_known_difference_is_in_the_documents() -> None:
    index = INDEX.read_text(encoding="utf-8")
    pages = "".join(
        page.read_text(encoding="utf-8")
        for page in (REFERENCE / "differences").glob("*.md")
    )
    known = load_known([BUNDLED])
    assert [e.id for e in known if f"#{e.id})" not in index] == []
    assert [e.id for e in known if f'id="{e.id}"' not in pages] == []
