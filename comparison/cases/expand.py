"""Expand cases: fill in parameters and environment variables.

`${name}` is replaced by a parameter, `${env:NAME}` by an environment variable, `$${` by
`${`. `${unique}`, `${counter}` and `${today}` are values of the run, unless a parameter has
that name. A text that is only a placeholder takes the value unchanged, even a number. In a
form, a header and other fields of texts, the number becomes a text.
`${capture:NAME}` stays until the value is captured while the case runs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from comparison.core.errors import nearest
from comparison.redaction import is_secret_name

from .values import NAMES, Values

CAPTURED = "capture:"
LONGEST = 60  # characters of values in an id

TEXTS = frozenset({
    "id", "title", "description", "path", "raw_path", "headers", "trailers", "form",
    "multipart", "text", "chunks", "contains", "matches",
})  # fmt: skip
"""The fields whose values are texts."""
VALUES = frozenset({"json", "json_schema", "match", "settings", "normalisations"})
"""The fields in which a name such as `text` is one of the app's own."""

_PLACEHOLDER = re.compile(r"\$(\$\{)|\$\{([^{}]*)\}")


class Expanded(Struct, frozen=True):
    """The table of one case, with its secrets and its problems."""

    table: dict[str, Any]
    unique: str = ""
    secrets: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def expanded(
    table: Any, environment: Mapping[str, str], values: Values | None = None
) -> Iterator[Expanded]:
    """Expand a table into cases: one for each row of its parameters.

    `values` makes the values of the run; all cases of a run share it.

    >>> written = {"id": "order", "parameters": [{"n": 1}, {"n": 2}], "path": "/${n}"}
    >>> [each.table for each in expanded(written, {})]
    [{'id': 'order-1', 'path': '/1'}, {'id': 'order-2', 'path': '/2'}]
    """
    if not isinstance(table, dict):
        yield Expanded(table)
        return
    values = values or Values()
    plain = {key: value for key, value in table.items() if key != "parameters"}
    rows = table.get("parameters", [{}])
    tables = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if not rows or not tables:
        message = (
            "parameters: is a list of tables, as [{ number = 1 }, { number = 2 }], or"
            " the name of a CSV or JSON file"
        )
        yield Expanded(plain, problems=(message,))
        return
    for number, row in enumerate(rows, 1):
        filling = _Filling(row, environment, _captures(table), values.of_case())
        filled = filling.fill(plain)
        if row and filled.get("id") == plain.get("id") and "id" in plain:
            filled["id"] = f"{plain['id']}-{_words(row) or number}"
        problems = tuple(dict.fromkeys(filling.problems))
        yield Expanded(filled, filling.unique, tuple(filling.secrets), problems)


class _Filling:
    """Fills placeholders, and collects secrets and problems."""

    def __init__(
        self,
        row: Mapping[str, Any],
        environment: Mapping[str, str],
        captures: bool,
        values: Callable[[str], Any],
    ) -> None:
        self.row = row
        self.environment = environment
        self.captures = captures
        self.values = values
        self.unique = ""
        self.secrets: list[str] = []
        self.problems: list[str] = []

    def fill(self, value: Any, field: str = "") -> Any:
        """Fill a value in; `field` is the field of `TEXTS` or `VALUES` around it."""
        if isinstance(value, str):
            found = self._text(value) if "${" in value else value
            number = isinstance(found, int | float) and not isinstance(found, bool)
            return str(found) if number and field in TEXTS else found
        if isinstance(value, list):
            return [self.fill(item, field) for item in value]
        if isinstance(value, dict):
            return {
                self._key(key): self.fill(
                    item, field or (key if key in TEXTS | VALUES else "")
                )
                for key, item in value.items()
            }
        return value

    def _key(self, key: str) -> str:
        return str(self._text(key)) if "${" in key else key

    def _text(self, text: str) -> Any:
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None and whole[1] is None:
            return self._value(whole[2])
        return _PLACEHOLDER.sub(self._replaced, text)

    def _replaced(self, match: re.Match[str]) -> str:
        if match[1] is None:
            return str(self._value(match[2]))
        later = self.captures and match.string.startswith(CAPTURED, match.end())
        return match[0] if later else match[1]

    def _value(self, name: str) -> Any:
        if name.startswith(CAPTURED):
            if not self.captures:
                self.problems.append(f"nothing is captured that ${{{name}}} could be")
            return f"${{{name}}}"
        if name.startswith("env:"):
            variable = name.removeprefix("env:")
            if variable not in self.environment:
                self.problems.append(f"environment variable {variable} is not set")
                return ""
            self.secrets.append(self.environment[variable])
            return self.environment[variable]
        if name not in self.row:
            if name in NAMES:
                value = self.values(name)
                self.unique = value if name == "unique" else self.unique
                return value
            hint = nearest(name, [*self.row, *NAMES])
            known = "" if hint or not self.row else f", there are {', '.join(self.row)}"
            self.problems.append(f"no parameter {name!r}{hint or known}")
            return ""
        return self.row[name]


def _captures(table: Mapping[str, Any]) -> bool:
    setup = table.get("setup", [])
    requests = [table.get("request"), *(setup if isinstance(setup, list) else [])]
    return any(isinstance(each, dict) and each.get("capture") for each in requests)


def _words(row: Mapping[str, Any]) -> str:
    """Return a row's values for an id; empty if they are secret or too long."""
    words = [
        re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-") or "empty"
        for value in row.values()
    ]
    text = "-".join(words)
    return "" if len(text) > LONGEST or any(map(is_secret_name, row)) else text
