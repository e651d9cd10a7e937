"""Follow the references of a document, in it and to files in its folder.

We never leave the folder and never use the network.
"""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from comparison.core.errors import DocumentError

from .markup import Keys, Markup

LONGEST = 64_000_000  # bytes of one file
_SCHEMES = ("", "file")
_DATA = ("default", "const", "enum", "example", "value")
"""Fields with values of an API. A `$ref` in them is no reference."""
_NAMED = (
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas",
    "schemas", "parameters", "examples", "requestBodies", "headers", "responses",
    "callbacks", "links", "pathItems", "paths", "webhooks", "content", "encoding",
)  # fmt: skip
"""Fields whose keys are names that people choose."""


class File(str):
    """The first key of a place in another file than the document: its URI."""

    __slots__ = ()


class Rejected(Exception):
    """A reference that we do not follow, or that leads nowhere."""


class References:
    """The documents that references lead to.

    `root` is the folder whose files we may read; None reads no files. `place` is the URI
    of the document.
    """

    def __init__(self, markup: Markup, path: Path | None, root: Path | None) -> None:
        from referencing import Registry

        self.markup = markup
        # A document from a URL has a name that no file has.
        self.place = path.absolute().as_uri() if path else "document:/"
        self._root = root.resolve() if path and root else None
        self._files: dict[str, Markup] = {self.place: markup}
        self._resources: dict[str, Any] = {}
        _absolute(markup.data, self.place)
        opaque = _opaque()
        resource = opaque.create_resource(markup.data)
        retrieving: Any = Registry
        self.registry: Any = retrieving(retrieve=self._retrieve).with_resource(
            self.place, resource
        )
        self._resolver = self.registry.resolver()

    def followed(self, reference: str) -> tuple[Any, Keys]:
        """Return what a reference names, and its place. Raises Rejected."""
        from referencing.exceptions import Unresolvable

        as_written = self.as_written(reference)
        try:
            found = self._resolver.lookup(reference).contents
        except Unresolvable as error:
            cause: BaseException | None = error
            while cause is not None:
                if isinstance(cause, Rejected):
                    raise Rejected(f"{as_written!r} {cause}") from None
                cause = cause.__cause__
            raise Rejected(f"{as_written!r} names nothing in this document") from None
        except (LookupError, ValueError, TypeError):
            raise Rejected(f"{as_written!r} names nothing in this document") from None
        file, fragment = urldefrag(reference)
        keys = _pointed(fragment)
        return found, keys if file == self.place else (File(file), *keys)

    def absolute(self, reference: str, keys: Keys) -> str:
        """Return a reference that stands at a place as it holds anywhere."""
        here = keys[0] if keys and isinstance(keys[0], File) else self.place
        return _joined(here, reference)

    def as_written(self, reference: str) -> str:
        """Return a reference as the document has it."""
        if reference.startswith(f"{self.place}#"):
            return reference.removeprefix(self.place)
        return reference.removeprefix(self.place.rpartition("/")[0] + "/")

    def markup_of(self, keys: Keys) -> tuple[Markup, Keys]:
        """Return the file of a place, and the place in it."""
        if keys and isinstance(keys[0], File):
            return self._files.get(keys[0], self.markup), keys[1:]
        return self.markup, keys

    def _retrieve(self, uri: str) -> Any:
        # A registry never changes, so each resolver would read the files again.
        if uri not in self._resources:
            self._resources[uri] = self._read(uri)
        return self._resources[uri]

    def _read(self, uri: str) -> Any:
        path = self._path(uri)
        try:
            with path.open("rb") as file:
                content = file.read(LONGEST + 1)
        except (OSError, ValueError) as error:
            raise Rejected(f"cannot be read: {_reason(error)}") from None
        if len(content) > LONGEST:
            raise Rejected(f"has more than {LONGEST:,} bytes")
        try:
            markup = Markup(self.as_written(uri), content)
        except DocumentError as error:
            raise Rejected(f"cannot be read: {error}") from None
        _absolute(markup.data, uri)
        self._files[uri] = markup
        return _opaque().create_resource(markup.data)

    def _path(self, uri: str) -> Path:
        parts = urlsplit(uri)
        if parts.scheme not in _SCHEMES or parts.netloc or self._root is None:
            raise Rejected(
                "is not in this document or its folder, and we read nothing else;"
                " bundle it into one file first"
            )
        path = Path(unquote(parts.path)).resolve()
        if not path.is_relative_to(self._root):
            raise Rejected(f"is outside of {self._root}; allow it with --root")
        return path


def _absolute(data: Any, base: str) -> None:
    """Make the references in a file absolute, so that they hold in any other."""
    waiting: list[tuple[Any, bool]] = [(data, False)]
    seen: set[int] = set()
    while waiting:
        value, named = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, list):
            waiting += [(item, False) for item in value]
        elif isinstance(value, dict):
            _own(value, base)
            for key, item in value.items():
                data_only = key in _DATA or (
                    key == "examples" and isinstance(item, list)
                )
                if named or not data_only:
                    waiting.append((item, key in _NAMED and not named))


def _own(table: dict[str, Any], base: str) -> None:
    reference = table.get("$ref")
    if isinstance(reference, str):
        table["$ref"] = _joined(base, reference)
    discriminator = table.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if not isinstance(mapping, dict):
        return
    for name, each in mapping.items():
        if isinstance(each, str) and ("/" in each or "." in each):
            mapping[name] = _joined(base, each)


def _joined(base: str, reference: str) -> str:
    try:
        if reference.startswith("#"):
            return f"{urldefrag(base).url}{reference}"
        return urljoin(base, reference)
    except ValueError:
        return reference


def _pointed(fragment: str) -> Keys:
    parts = unquote(fragment).split("/")[1:]
    names = (part.replace("~1", "/").replace("~0", "~") for part in parts)
    return tuple(int(name) if name.isdecimal() else name for name in names)


def _reason(error: Exception) -> object:
    return getattr(error, "strerror", None) or error


@cache
def _opaque() -> Any:
    from referencing import Specification

    # We follow pointers only, so a schema's `$id` cannot lead elsewhere.
    return Specification.OPAQUE
