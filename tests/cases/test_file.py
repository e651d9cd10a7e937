"""A case file in pieces says the same as the file as a whole."""

from pathlib import Path
from typing import Any

import pytest

from comparison import DocumentError, load_cases
from comparison.cases.loader import CaseFile
from comparison.core.documents import Converter

PLAIN = '[[case]]\nid = "a"\n[case.request]\npath = "/a"\n'
SECOND = '[[case]]\nid = "b"\nrequest = { path = "/b" }\n'

FILES = {
    "head": f'schema_version = 1\n[topic]\ntitle = "T"\n{PLAIN}{SECOND}',
    "indented": f'  [[ case ]]  # one\nid = "a"\nrequest = {{}}\n{SECOND}',
    "before": f'{PLAIN}[[case.setup]]\npath = "/x"\n[[case.setup]]\n{SECOND}',
    "case-in-string": f'{PLAIN}text = """\n[[case]]\nid = 1\n"""\n{SECOND}',
    "case-in-literal": f"{PLAIN}text = '''\n[[case]]\n'''\n{SECOND}",
    "topic-last": f'{PLAIN}{SECOND}[topic]\ntitle = "T"\n',
    "topic-goes-on": f'[topic]\n{PLAIN}[topic.settings]\nA = "1"\n{SECOND}',
    "table-in-string": f'{PLAIN}text = """\n[topic]\n"""\n{SECOND}',
    "quoted": f'[["case"]]\nid = "q"\nrequest = {{}}\n{PLAIN}{SECOND}',
    "quoted-last": f'{PLAIN}{SECOND}[["case"]]\nid = "q"\nrequest = {{}}\n',
    "inline": 'case = [{ id = "a", request = {} }]\n',
    "arrays": f'{PLAIN}headers = [\n  ["A", "1"],\n  ["B", "2"]\n]\n{SECOND}',
    "line-ends": (PLAIN + SECOND).replace("\n", "\r\n"),
    "empty": "",
    "no-case": "schema_version = 1\n",
}

WRONG = {
    "syntax-in-second": f"{PLAIN}{SECOND}oops\n",
    "table-twice": f"{PLAIN}[case.request]\n{SECOND}",
    "string-without-end": f'{PLAIN}text = """\n{SECOND}',
    "inline-and-table": f"case = []\n{PLAIN}",
    "unknown-table": f"[topics]\n{PLAIN}{SECOND}",
    "unknown-table-last": f"{PLAIN}{SECOND}[topics]\n",
    "unknown-table-strange": f'{PLAIN}{SECOND}["a]b"]\n',
    "no-array": "[case]\n",
    "two-fields": f'{PLAIN}oops = 1\n{SECOND}oops = 2\n["a]b"]\n',
}


def whole(path: Path) -> list[tuple[int, Any]]:
    converter = Converter(path)
    tables = converter.array("case")
    return [(converter.line("case", n), table) for n, table in enumerate(tables)]


@pytest.mark.parametrize("name", FILES)
def test_reading_in_pieces_gives_the_same_cases_as_reading_at_once(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "cases.toml"
    path.write_bytes(FILES[name].encode())
    file = CaseFile(path)
    assert [entry for _, entry in file] == [entry for _, entry in whole(path)]
    assert file.converter.problems == []


@pytest.mark.parametrize("name", ["head", "indented", "before", "line-ends"])
def test_a_plain_case_file_is_read_piece_by_piece(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cases.toml"
    path.write_bytes(FILES[name].encode())
    expected = whole(path)
    monkeypatch.delattr("comparison.core.documents.read")
    assert list(CaseFile(path)) == expected


@pytest.mark.parametrize("name", WRONG)
def test_problems_are_reported_with_their_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(WRONG[name])
    with pytest.raises(DocumentError) as caught:
        load_cases(path)
    problems = caught.value.problems
    assert len(problems) == (3 if name == "two-fields" else 1)
    assert all(problem.startswith(f"{path}:") for problem in problems)
    assert len(set(problems)) == len(problems)


def test_the_catalogue_is_read_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("comparison.core.documents.read")
    assert len(load_cases()) > 900
