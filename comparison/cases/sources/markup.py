"""Read JSON and YAML as plain data, with the line of each part.

We read YAML as OpenAPI requires (section 4.2 of 3.1.1): with the JSON schema of YAML
1.2. A date is then text, `no` is a word and every key is a string.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from comparison.core.errors import DocumentError, UsageError

MOST_VALUES = 2_000_000  # aliases written out
DEEPEST = 100
LONGEST = 4_000_000  # characters; longer JSON gets no line numbers

Keys = tuple[str | int, ...]

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Markup:
    """A JSON or YAML document: its `data`, and the line of each place in it.

    Raises DocumentError with the line for text that is neither. Raises UsageError if
    PyYAML, of the extra `import`, is missing.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self._yaml = _pyyaml()
        try:
            self._text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise self._error("is not UTF-8", line) from None
        try:
            self.data = self._read()
            _bounded(self.data)
        except RecursionError:
            raise self._error("is nested too deeply") from None
        except OverflowError:
            raise self._error("is too large") from None

    def line(self, keys: Keys) -> int:
        """Return the line of a place, or of the nearest enclosing place that exists."""
        node, line = self._nodes, 1
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            node, line = found
        return line

    def _read(self) -> Any:
        if not self._text.lstrip().startswith("{"):
            return self._plain()
        try:
            return json.loads(self._text)
        except ValueError as error:
            try:  # YAML may start with a brace too.
                return self._plain()
            except DocumentError:
                line, reason = getattr(error, "lineno", 1), getattr(error, "msg", error)
                raise self._error(f"is not JSON: {reason}", line) from None

    def _plain(self) -> Any:
        if self._root is None:
            raise self._error("is empty")
        try:
            return _Plain().of(self._root)
        except _Refused as error:
            raise self._error(str(error), error.line) from None

    @cached_property
    def _nodes(self) -> Any:
        try:
            return self._root
        except (DocumentError, RecursionError):
            return None

    @cached_property
    def _root(self) -> Any:
        yaml, text = self._yaml, self._text
        if text.lstrip().startswith("{"):
            # JSON may have tabs and surrogates, which YAML forbids; we need only lines.
            text = _SURROGATE.sub(r"\\u003f", text.expandtabs())
            if len(text) > LONGEST:
                raise self._error("is too long to look for a line")
        try:
            return yaml.compose(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or getattr(error, "reason", error)
            line = mark.line + 1 if mark else 1
            raise self._error(f"is not YAML: {reason}", line) from None

    def _error(self, text: str, line: int = 1) -> DocumentError:
        return DocumentError([f"{self.name}:{line}: {text}"])


class _Refused(Exception):
    def __init__(self, what: str, node: Any) -> None:
        super().__init__(what)
        self.line = node.start_mark.line + 1


class _Plain:
    """Plain data from composed nodes; an alias repeats the same data."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def of(self, node: Any) -> Any:
        """Return the data of a node. Raises RecursionError if it contains itself."""
        if node.id == "scalar":
            return _scalar(node)
        if id(node) not in self._made:
            self._made[id(node)] = (
                [self.of(item) for item in node.value]
                if node.id == "sequence"
                else self._table(node)
            )
        return self._made[id(node)]

    def _table(self, node: Any) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for key, item in node.value:
            if key.id != "scalar":
                raise _Refused("a key is not a text", key)
            if key.value == "<<" and _is_plain(key):
                table = {**self._merged(item), **table}
            else:
                table[key.value] = self.of(item)
        return table

    def _merged(self, node: Any) -> dict[str, Any]:
        # Merge keys are YAML 1.1, but still in use.
        given = self.of(node)
        merged: dict[str, Any] = {}
        for table in reversed(given if isinstance(given, list) else [given]):
            if not isinstance(table, dict):
                raise _Refused("`<<` wants a mapping", node)
            merged |= table
        return merged


def _bounded(data: Any) -> None:
    """Raise RecursionError for data that is too deep, OverflowError for too much data."""
    left = MOST_VALUES
    waiting: list[tuple[Any, int]] = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        left -= 1
        if depth > DEEPEST:
            raise RecursionError
        if left < 0:
            raise OverflowError
        if isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            waiting += [(item, depth + 1) for item in inner]


def _scalar(node: Any) -> Any:
    text: str = node.value
    if not _is_plain(node):
        return text
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    return next(_numbers(text), text)


def _is_plain(node: Any) -> bool:
    return node.style in (None, "")  # the parser decides which of them


def _numbers(text: str) -> Iterator[Any]:
    """Yield the number that a text is in JSON, if it is one."""
    if text[0] in "-0123456789" and len(text) < 400:
        try:
            number = json.loads(text, parse_constant=_no_number)
        except ValueError:
            return
        yield number


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _child(node: Any, key: str | int) -> tuple[Any, int] | None:
    """Return the node below a key or index, and its first line."""
    kind = getattr(node, "id", None)
    if kind == "sequence" and isinstance(key, int) and key < len(node.value):
        item = node.value[key]
        return item, item.start_mark.line + 1
    if kind == "mapping":
        for name, item in node.value:
            if name.id == "scalar" and name.value == str(key):
                return item, name.start_mark.line + 1
    return None


def _pyyaml() -> Any:
    try:
        import yaml
    except ImportError:
        yaml = None
    if yaml is None or not all(map(find_spec, ("jsonschema", "hypothesis"))):
        raise UsageError(
            "import-openapi needs PyYAML, referencing, jsonschema and Hypothesis:"
            " pip install 'flask-quart-comparison[import]'"
        )
    return yaml


def place(keys: Sequence[str | int]) -> str:
    """Return a place in readable form.

    >>> place(("paths", "/pets", "get", "parameters", 0))
    'paths./pets.get.parameters[0]'
    """
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.removeprefix(".")
