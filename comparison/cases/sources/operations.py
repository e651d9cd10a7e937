"""Draft cases from the operations of an OpenAPI document."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from comparison.cases.placeholders import Placeholders, escaped

from .draft import Draft, identifier, unsafe, unsendable
from .openapi import HUMP, VARIABLE, Endpoint, OpenApi
from .openapi_format import Operation, Server
from .parameters import Other, Parameters
from .repairs import Repairs
from .request_bodies import IMPLIED, Body, RequestBodies
from .samples import Sampler

MOST_SHOWN = 6  # values to choose that one comment names

_STATUS = re.compile(r"[23]\d\d")


class Operations:
    """The cases of one OpenAPI document; iterate over it for drafts.

    We use the document's examples, a case for each example of a body. Other values are
    made up by type and format, and marked. Methods that are not safe (RFC 9110 section
    9.2.1) are comments unless `all_methods`. With `expect`, the case expects the lowest
    documented status below 400. `base` is the path before all others, by default that
    of the document's first server. `variables` names the environment variables for credentials. Raises
    DocumentError after the last case that could be drafted.
    """

    def __init__(
        self,
        document: OpenApi,
        *,
        expect: bool = False,
        all_methods: bool = False,
        variants: bool = False,
        base: str | None = None,
    ) -> None:
        self.document = document
        self.expect = expect
        self.all_methods = all_methods
        self.variants = variants
        self.base = base
        self._places = Placeholders()
        self._sampler = Sampler(document)
        self._bodies = RequestBodies(
            document, self._sampler, Repairs(document, self._sampler, in_body=True)
        )
        self._parameters = Parameters(
            document,
            self._sampler,
            Repairs(document, self._sampler, in_body=False),
            self._places,
        )

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables to set before the cases run."""
        return tuple(self._places.names)

    def __iter__(self) -> Iterator[Draft]:
        for endpoint in self.document.endpoints():
            for draft in self._drafts(endpoint):
                if problem := unsendable(draft):
                    self.document.note(f"not drafted: {problem}", endpoint.keys)
                else:
                    yield draft
            for name in endpoint.operation.callbacks:
                here = (*endpoint.keys, "callbacks", name)
                self.document.note("not drafted: the API sends it", here)
        self.document.done()

    def _drafts(self, endpoint: Endpoint) -> Iterator[Draft]:
        path, method, item, _, operation, keys = endpoint
        self._sampler.made_up = []
        name = HUMP.sub("-", operation.operation_id or "") or f"{method} {path}"
        base = self._base(operation.servers or item.servers)
        title = _line(operation.summary or item.summary) or f"{method} {path}"
        expect = tuple(self._expected(operation)) if self.expect else ()
        off = "" if self.all_methods else unsafe(method)

        def draft(
            label: str,
            other: Other | None,
            media: str,
            body: Body,
            made_up: str = "",
            *,
            variant: bool = True,
        ) -> Draft:
            self._sampler.made_up = []
            target, headers, chosen = self._parameters.target_and_headers(
                endpoint, other
            )
            why = off
            if media.startswith("multipart/") and (body is None or body[0] == "text"):
                why = f"A body of {media}, which has to be written by hand."
                self.document.note(f"a comment: {why}", keys)
            described = body is not None and body[0] in ("json", "form", "multipart")
            sent = media and not (described and media in IMPLIED)
            return Draft(
                id=identifier(name, label),
                title=escaped(f"{title.rstrip('.')}: {label}" if variant else title),
                method=method,
                path=base + target,
                headers=(*headers, *((("Content-Type", media),) if sent else ())),
                body=body,
                choose=self._choose(),
                choose_headers=_few(chosen),
                choose_body=made_up,
                expect=() if variant else expect,
                off=why,
            )

        first: tuple[str, Body] | None = None
        for which, media, body in self._bodies.of(operation, keys):
            first = first or (media, body)
            yield draft(which, None, media, body, self._choose(), variant=False)
        if not self.variants or first is None:
            return
        for label, other in self._parameters.variants(endpoint):
            yield draft(label, other, *first)
        for label, media, body in self._bodies.variants(operation, keys):
            yield draft(label, None, media, body)

    def _base(self, servers: tuple[Server, ...]) -> str:
        """Return the path of a server, without the slash at its end."""
        if self.base is not None:
            return self.base.rstrip("/")
        for server in (*servers, *self.document.root.servers)[:1]:

            def value(found: re.Match[str], server: Server = server) -> str:
                return str(server.variables.get(found[1], {}).get("default", found[1]))

            try:
                path = urlsplit(VARIABLE.sub(value, server.url)).path
            except ValueError:
                return ""
            path = "/" + path.lstrip("./") if path.strip("./") else ""
            return quote(path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
        return ""

    def _choose(self) -> str:
        """Return the values made up since the last call, for a comment."""
        found, self._sampler.made_up = self._sampler.made_up, []
        return _few(found)

    def _expected(self, operation: Operation) -> Iterator[tuple[str, Any]]:
        documented = sorted(filter(_STATUS.fullmatch, operation.responses))
        if documented:
            yield "status", int(documented[0])


def _few(made_up: list[str]) -> str:
    found = list(dict.fromkeys(made_up))
    more = [f"and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
    return ", ".join([*found[:MOST_SHOWN], *more])


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
