"""Read the parameters of cases from CSV and JSON files."""

import csv
import json
import re
from pathlib import Path
from typing import Any

from comparison.cases.sources.bodies import Allowed
from comparison.core.documents import Converter
from comparison.core.plural import counted

_LITERAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false")


def with_rows(entry: Any, converter: Converter, number: int, allowed: Allowed) -> Any:
    """Return the table of a case with the rows of the file that `parameters` names.

    Returns None for a file that is wrong, which is a problem of the case's document.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("parameters"), str):
        return entry
    name = entry["parameters"]
    if (problem := allowed.problem(name)) is None:
        try:
            return {**entry, "parameters": read_rows(allowed.folder / name)}
        except ValueError as error:
            problem = str(error)
    converter.problem(problem, "case", number, "parameters", displayed=["parameters"])
    return None


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file. Raises ValueError that names the file and the line.

    A CSV file has the names in its first line. Its cells are text, except numbers, `true`
    and `false`. A JSON file is a list of objects.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: is not UTF-8") from None
    rows = _of_json(path, text) if path.suffix == ".json" else _of_csv(path, text)
    if not rows:
        raise ValueError(f"{path}: has no rows")
    return rows


def _of_json(path: Path, text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}: is not JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError(f"{path}: is nested too deeply") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f'{path}: is a list of objects, as [{{"number": 1}}]')
    return rows


def _of_csv(path: Path, text: str) -> list[dict[str, Any]]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    rows: list[dict[str, Any]] = []
    names: list[str] = []
    try:
        for cells in reader:
            if not names:
                names = [name.strip() for name in cells]
                if "" in names or len(set(names)) < len(names):
                    raise ValueError(
                        f"{path}:1: the first line has a name for each column, each once"
                    )
            elif cells:
                if len(cells) != len(names):
                    raise ValueError(
                        f"{path}:{reader.line_num}: has {counted(len(cells), 'cell')}, not"
                        f" {len(names)}; a cell with a comma is written in quotes"
                    )
                rows.append(dict(zip(names, map(_value, cells), strict=True)))
    except csv.Error as error:
        raise ValueError(f"{path}:{reader.line_num}: is not CSV: {error}") from None
    return rows


def _value(cell: str) -> Any:
    return json.loads(cell) if _LITERAL.fullmatch(cell) else cell
