"""Read an OpenAPI 3.x document: only the parts that cases need.

https://spec.openapis.org/oas/v3.1.1.html describes the format.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Struct

from comparison.core.errors import DocumentError
from comparison.core.validation import located

from .markup import Keys, Markup, place
from .references import References, Rejected

MOST_PROBLEMS = 20
MOST_REFERENCES = 50  # references in a chain
METHODS = ("get", "head", "options", "trace", "post", "put", "patch", "delete", "query")

VARIABLE = re.compile(r"\{([^{}]+)\}")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

ABSENT = object()
"""Marks a missing value: none is given, or the schema is recursive or invalid."""

Read = TypeVar("Read")


class MediaType(Struct, frozen=True):
    """A body in one media type: its schema, and examples of it."""

    schema: Any = UNSET
    item_schema: Any = msgspec.field(name="itemSchema", default=UNSET)
    example: Any = UNSET
    examples: dict[str, Any] = {}
    encoding: dict[str, Any] = {}


class Parameter(Struct, frozen=True):
    """A value in the path, the query, a header or a cookie.

    `schema` or `content` describes it.
    """

    name: str
    where: str = msgspec.field(name="in")
    required: bool = False
    style: str | None = None
    explode: bool | None = None
    schema: Any = UNSET
    example: Any = UNSET
    examples: dict[str, Any] = {}
    content: dict[str, Any] = {}


class RequestBody(Struct, frozen=True):
    """The media types that a request's body may have, the preferred one first."""

    content: dict[str, Any]


class Server(Struct, frozen=True):
    """The address of the API; its path precedes all others."""

    url: str
    variables: dict[str, dict[str, Any]] = {}


class SecurityScheme(Struct, frozen=True):
    """How a client authenticates."""

    type: str
    scheme: str = ""
    name: str = ""
    where: str = msgspec.field(name="in", default="")


class Operation(Struct, frozen=True, rename="camel"):
    """One method of one path."""

    operation_id: str | None = None
    summary: str | None = None
    parameters: tuple[Any, ...] = ()
    request_body: Any = UNSET
    responses: dict[str, Any] = {}
    callbacks: dict[str, Any] = {}
    security: tuple[dict[str, Any], ...] | None = None
    servers: tuple[Server, ...] = ()


class PathItem(Struct, frozen=True):
    """The common parts of all methods of a path."""

    summary: str | None = None
    parameters: tuple[Any, ...] = ()
    servers: tuple[Server, ...] = ()


class Endpoint(NamedTuple):
    """One method of one path, with the places of both."""

    path: str
    method: str
    item: PathItem
    item_keys: Keys
    operation: Operation
    keys: Keys


class Info(Struct, frozen=True):
    """The name of the API."""

    title: str = ""


class Root(Struct, frozen=True):
    """The document itself."""

    openapi: str
    info: Info = Info()
    servers: tuple[Server, ...] = ()
    paths: dict[str, Any] = {}
    security: tuple[dict[str, Any], ...] = ()
    webhooks: dict[str, Any] = {}


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

    def resolved(self, given: Any, keys: Keys) -> tuple[Any, Keys]:
        """Follow a reference and return its value and place.

        Returns (None, ...) and records a problem if that fails.
        """
        for _ in range(MOST_REFERENCES):
            if not isinstance(given, dict) or "$ref" not in given:
                return given, keys
            reference = given["$ref"]
            keys = (*keys, "$ref")
            if not isinstance(reference, str):
                self.problem("a reference is text", keys)
                return None, keys
            try:
                given, keys = self.references.followed(reference)
            except Rejected as error:
                self.problem(str(error), keys)
                return None, keys
        self.problem("leads in a circle", keys)
        return None, keys

    def example(self, described: Parameter | MediaType, keys: Keys) -> Any:
        """Return the first example; ABSENT if the document has none."""
        if described.example is not UNSET:
            return described.example
        return next((value for _, value in self.examples(described, keys)), ABSENT)

    def examples(
        self, described: Parameter | MediaType, keys: Keys
    ) -> Iterator[tuple[str, Any]]:
        """Yield the named examples that have a value, in order."""
        for name, given in described.examples.items():
            found, _ = self.resolved(given, (*keys, "examples", name))
            for field in ("dataValue", "value"):  # the first since 3.2
                if isinstance(found, dict) and field in found:
                    yield name, found[field]
                    break
            else:
                self.note(
                    "not used: an example without a value", (*keys, "examples", name)
                )

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
