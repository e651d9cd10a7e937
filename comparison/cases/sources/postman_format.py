"""The format of Postman collections, version 2.1 (and 2.0, which differs in few places).

https://schema.postman.com/collection/json/v2.1.0/collection.json describes it. We read only
the parts that a case needs.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from comparison.core.errors import DocumentError
from comparison.core.validation import located

from .markup import place

SCHEMA = re.compile(r"/v2\.[01](?:\.\d+)?/")


class Pair(Struct, frozen=True):
    """A header, a parameter, or a field of a form or of an authorization."""

    key: str | None = None
    value: Any = None
    disabled: bool = False
    type: str | None = None
    src: Any = None
    content_type: str | None = msgspec.field(default=None, name="contentType")


class Url(Struct, frozen=True):
    """A URL in its parts. `raw` is all of it, if it is there."""

    raw: str = ""
    host: tuple[str, ...] | str = ()
    path: tuple[Any, ...] | str = ()
    query: tuple[Pair, ...] = ()
    variable: tuple[Pair, ...] = ()


class Body(Struct, frozen=True):
    """The body of a request, in one of several modes."""

    mode: str = "raw"
    raw: str = ""
    urlencoded: tuple[Pair, ...] = ()
    formdata: tuple[Pair, ...] = ()
    file: dict[str, Any] = {}
    graphql: dict[str, Any] = {}
    options: dict[str, Any] = {}
    disabled: bool = False


class ItemRequest(Struct, frozen=True):
    """The request of an item."""

    method: str = "GET"
    url: Url | str | None = None
    header: tuple[Pair, ...] | str | None = None
    body: Body | None = None
    auth: dict[str, Any] | None = None


class Saved(Struct, frozen=True):
    """A response that was saved as an example."""

    code: int | None = None
    status: str | None = None
    header: tuple[Pair, ...] | str | None = None
    body: str | None = None


class Item(Struct, frozen=True):
    """A request, or a folder with `item`."""

    name: str = ""
    item: tuple["Item", ...] | None = None
    request: ItemRequest | str | None = None
    response: tuple[Saved, ...] = ()
    event: tuple[Any, ...] = ()
    auth: dict[str, Any] | None = None


class Info(Struct, frozen=True):
    """The name of a collection, and the version of its format."""

    schema: str
    name: str = ""


class Collection(Struct, frozen=True):
    """A whole file."""

    info: Info
    item: tuple[Item, ...]
    variable: tuple[Pair, ...] = ()
    auth: dict[str, Any] | None = None


def read_collection(path: Path) -> Collection:
    """Read a collection. Raises DocumentError, with the line of what is wrong."""
    try:
        content = path.read_bytes()
        document = json.loads(content)
    except OSError as error:
        raise DocumentError([f"{path}: {error.strerror}"]) from None
    except json.JSONDecodeError as error:
        raise DocumentError(
            [f"{path}:{error.lineno}: is not JSON: {error.msg}"]
        ) from None
    except (ValueError, RecursionError):
        raise DocumentError([f"{path}:1: is not JSON"]) from None
    if isinstance(document, dict) and "collection" in document:
        document = document["collection"]  # as the Postman API returns it
    try:
        collection = msgspec.convert(document, Collection)
    except (msgspec.ValidationError, RecursionError) as error:
        inner, message = located(error, Collection)
        field = place(inner)
        line = _line(content.decode(errors="replace"), inner)
        where = f"{path}:{line}: {field}" if field else f"{path}:{line}"
        raise DocumentError([f"{where}: {message}"]) from None
    if not SCHEMA.search(collection.info.schema):
        line = _line(content.decode(errors="replace"), ("schema",))
        problem = f"is {collection.info.schema!r}; export the collection as version 2.1"
        raise DocumentError([f"{path}:{line}: info.schema: {problem}"])
    return collection


def _line(text: str, field: Iterable[str | int]) -> int:
    """Return about where a field is: the first line with the last name in it."""
    names = [part for part in field if isinstance(part, str)]
    at = text.find(f'"{names[-1]}"') if names else 0
    return text.count("\n", 0, max(at, 0)) + 1
