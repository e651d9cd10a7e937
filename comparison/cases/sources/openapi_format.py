"""The parts of an OpenAPI 3.x document that cases need.

https://spec.openapis.org/oas/v3.1.1.html describes the format.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct


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
    empty: Any = msgspec.field(name="allowEmptyValue", default=False)
    schema: Any = UNSET
    example: Any = UNSET
    examples: dict[str, Any] = {}
    content: dict[str, Any] = {}

    @property
    def header(self) -> str:
        """The name of a header in lower case; "" in another place."""
        return self.name.lower() if self.where == "header" else ""


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
