"""Read an OpenAPI 3.x document: only the parts that cases need."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET

from comparison.core.errors import DocumentError
from comparison.core.validation import located

from .markup import Keys, Markup, place
from .openapi_format import MediaType, Operation, Parameter, PathItem, Root
from .references import References, Rejected

MOST_PROBLEMS = 20
MOST_REFERENCES = 50  # references in a chain
METHODS = ("get", "head", "options", "trace", "post", "put", "patch", "delete", "query")

VARIABLE = re.compile(r"\{([^{}]+)\}")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

ABSENT = object()
"""Marks a missing value: none is given, or the schema is recursive or invalid."""

Read = TypeVar("Read")


class Endpoint(NamedTuple):
    """One method of one path, with the places of both."""

    path: str
    method: str
    item: PathItem
    item_keys: Keys
    operation: Operation
    keys: Keys


class OpenApi:
    """A document whose parts are read on demand.

    `problems` collects the parts that could not be read, a line each, as `file:line:
    place: what is wrong`. `notes` collects what no draft has. Raises DocumentError if the document is not OpenAPI 3.
    """

    def __init__(
        self,
        name: str,
        content: bytes,
        path: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        self.problems: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self._markup = Markup(name, content)
        self._check_version()
        self.references = References(
            self._markup, path, folder or (path.parent if path else None)
        )
        root = self.read(self._markup.data, Root, ())
        if root is None:
            raise DocumentError(self.problems)
        self.root = root

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield the methods of all paths, in order."""
        for name in self.root.webhooks:
            self.note("not drafted: the API sends it", ("webhooks", name))
        if not self.root.paths:
            self.problem("has no paths, so there is nothing to send", ("paths",))
        for path, given in self.root.paths.items():
            if path.startswith("x-"):
                continue
            table, keys = self.resolved(given, ("paths", path))
            item = self.read(table, PathItem, keys)
            if item is None:
                continue
            for method, there, described in _methods(table, keys):
                found, here = self.resolved(described, there)
                operation = self.read(found, Operation, here)
                if operation is not None:
                    yield Endpoint(path, method, item, keys, operation, here)

    def read(self, given: Any, kind: type[Read], keys: Keys) -> Read | None:
        """Follow a reference and return the part as `kind`.

        Returns None and records a problem if that fails.
        """
        value, keys = self.resolved(given, keys)
        if value is None:
            return None
        try:
            return msgspec.convert(value, kind)
        except UnicodeEncodeError as error:
            self.problem(f"a name that is not a text: {error.object!a}", keys)
            return None
        except (msgspec.ValidationError, RecursionError) as error:
            path, message = located(error, kind)
            self.problem(message, (*keys, *path))
            return None

    def resolved(
        self, given: Any, keys: Keys, report: Callable[[str, Keys], None] | None = None
    ) -> tuple[Any, Keys]:
        """Follow a reference and return its value and place.

        Returns (None, ...) and records a problem if that fails. `report` records it in
        another way.
        """
        report = report or self.problem
        for _ in range(MOST_REFERENCES):
            if not isinstance(given, dict) or "$ref" not in given:
                return given, keys
            reference = given["$ref"]
            keys = (*keys, "$ref")
            if not isinstance(reference, str):
                report("a reference is text", keys)
                return None, keys
            try:
                given, keys = self.references.followed(reference)
            except Rejected as error:
                report(str(error), keys)
                return None, keys
        report("leads in a circle", keys)
        return None, keys

    def examples(
        self, described: Parameter | MediaType, keys: Keys
    ) -> Iterator[tuple[str, Any, Keys]]:
        """Yield the examples that have a value, in order, with name, value and place.

        Without any, yield that of the schema.
        """
        if described.example is not UNSET:
            yield "", described.example, (*keys, "example")
            return
        for name, given in described.examples.items():
            here = (*keys, "examples", name)
            found, there = self.resolved(given, here, self.note)
            for field in ("dataValue", "value"):  # the first since 3.2
                if isinstance(found, dict) and field in found:
                    yield name, *self._example(found[field], (*there, field))
                    break
            else:
                self.note("not used: an example without a value", here)
        if not described.examples:
            schema, there = self.resolved(described.schema, (*keys, "schema"))
            table = schema if isinstance(schema, dict) else {}
            if "example" in table:
                yield "", table["example"], (*there, "example")
            elif isinstance(several := table.get("examples"), list) and several:
                yield "", several[0], (*there, "examples", 0)

    def _example(self, value: Any, keys: Keys) -> tuple[Any, Keys]:
        """Follow a reference in place of a value: some tools put it there."""
        if not isinstance(value, dict) or list(value) != ["$ref"]:
            return value, keys
        reference = self.references.absolute(str(value["$ref"]), keys)
        found, there = self.resolved({"$ref": reference}, keys, self.note)
        return (value, keys) if found is None else (found, there)

    def part(self, keys: Keys) -> Any:
        """Return the part at a place; None if it does not exist."""
        found = self._markup.data
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def done(self) -> None:
        """Raise DocumentError with every part that could not be read, if any."""
        if self.problems:
            raise DocumentError(self.problems)

    def problem(self, text: str, keys: Keys) -> None:
        """Record a problem at a place. Raises DocumentError if there are too many."""
        self.problems[self.located(text, keys)] = None
        if len(self.problems) == MOST_PROBLEMS:
            raise DocumentError([*self.problems, f"{self._markup.name}: and more"])

    def note(self, text: str, keys: Keys) -> None:
        """Record what a draft does not have, or has in another way, at a place."""
        self.notes[self.located(text, keys)] = None

    def located(self, text: str, keys: Keys) -> str:
        """Return a line about a place: file, line, place and text."""
        markup, keys = self.references.markup_of(keys)
        where, named = f"{markup.name}:{markup.line(keys)}", place(keys)
        return f"{where}: {named}: {text}" if named else f"{where}: {text}"

    def _check_version(self) -> None:
        data, name = self._markup.data, self._markup.name
        version = data.get("openapi") if isinstance(data, dict) else None
        if isinstance(data, dict) and "swagger" in data:
            problem = f"is Swagger {data['swagger']}; convert it to OpenAPI 3 first"
        elif version is None:
            problem = 'has no "openapi" with a version; is it OpenAPI 3?'
        elif not str(version).startswith("3."):
            problem = f"openapi: {version!r} is not read; 3.0, 3.1 and 3.2 are"
        else:
            return
        line = self._markup.line(("openapi",))
        raise DocumentError([f"{name}:{line}: {problem}"])


def _methods(table: dict[str, Any], keys: Keys) -> Iterator[tuple[str, Keys, Any]]:
    """Yield the methods of a path, each with its place; 3.2 has others than these."""
    for name in METHODS:
        if name in table:
            yield name.upper(), (*keys, name), table[name]
    more = table.get("additionalOperations")
    for name, each in more.items() if isinstance(more, dict) else ():
        yield name, (*keys, "additionalOperations", name), each
