"""Patches of responses as they are sent: bodies, validators, ranges, locations."""

from datetime import UTC, datetime
from hashlib import sha1
from typing import Any
from urllib.parse import urljoin

import pytest
import quart
import quart.asgi
import quart.helpers
import quart.wrappers.response
import werkzeug
import werkzeug.utils
import werkzeug.wrappers.response
from werkzeug.exceptions import (
    RequestedRangeNotSatisfiable,
)
from werkzeug.http import remove_entity_headers

from .registry import before_sending, removes

# Bodies that must not be sent


@removes("quart-sends-every-body")
def send_no_forbidden_body(monkeypatch: pytest.MonkeyPatch) -> None:
    send_response = quart.asgi.ASGIHTTPConnection._send_response

    async def send(connection: Any, server_send: Any, response: Any) -> None:
        status = response.status_code
        forbidden = 100 <= status < 200 or status in (204, 304)
        if connection.scope["method"] == "HEAD" or forbidden:
            ours = isinstance(response, quart.Response)
            response.response = quart.wrappers.response.DataBody(b"") if ours else []
        await send_response(connection, server_send, response)

    monkeypatch.setattr("quart.asgi.ASGIHTTPConnection._send_response", send)


# Responses without a body


@removes("quart-keeps-lengths-of-bodyless")
def remove_lengths_as_werkzeug(monkeypatch: pytest.MonkeyPatch) -> None:
    def remove(response: Any) -> None:
        if response.status_code == 204 or 100 <= response.status_code < 200:
            response.headers.remove("Content-Length")

    before_sending(monkeypatch, remove)


@removes("quart-keeps-entity-headers-of-304")
def remove_entity_headers_as_werkzeug(monkeypatch: pytest.MonkeyPatch) -> None:
    def remove(response: Any) -> None:
        if response.status_code == 304:
            remove_entity_headers(response.headers)

    before_sending(monkeypatch, remove)


# Conditional responses


@removes("quart-hashes-with-md5")
def hash_with_sha1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quart.wrappers.response.md5", sha1)


@removes("quart-conditional-sets-no-date")
def date_conditional_responses(monkeypatch: pytest.MonkeyPatch) -> None:
    make_conditional = quart.Response.make_conditional
    send_file = quart.helpers.send_file

    async def make(response: Any, *args: Any, **kwargs: Any) -> Any:
        response.date = datetime.now(UTC)
        return await make_conditional(response, *args, **kwargs)

    async def send(*args: Any, **kwargs: Any) -> Any:
        return await send_file(*args, **{"conditional": True, **kwargs})

    monkeypatch.setattr("quart.Response.make_conditional", make)
    monkeypatch.setattr("quart.send_file", send)


# Ranges


@removes("quart-counts-no-suffix")
def count_suffixes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("DataBody", "data"), ("FileBody", "size")):
        body = getattr(quart.wrappers.response, name)
        make_conditional = body.make_conditional

        async def make(
            self: Any,
            begin: int,
            end: Any,
            size: str = size,
            real: Any = make_conditional,
        ) -> Any:
            complete = getattr(self, size)
            length = complete if isinstance(complete, int) else len(complete)
            return await real(self, begin + length if begin < 0 else begin, end)

        monkeypatch.setattr(body, "make_conditional", make)


@removes("quart-refuses-without-length")
def refuse_with_length(monkeypatch: pytest.MonkeyPatch) -> None:
    process = quart.Response._process_range_request

    async def process_range(
        self: Any, request: Any, length: Any = None, accept: Any = None
    ) -> Any:
        try:
            return await process(self, request, length, accept)
        except RequestedRangeNotSatisfiable as error:
            error.length = length
            raise

    monkeypatch.setattr("quart.Response._process_range_request", process_range)


@removes("quart-takes-none-for-a-unit")
def take_false_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = quart.wrappers.response._clean_accept_ranges
    monkeypatch.setattr(
        "quart.wrappers.response._clean_accept_ranges",
        lambda accept: None if accept is False else clean(accept),
    )


@removes("werkzeug-cuts-text")
def cut_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    wrap = werkzeug.wrappers.response._RangeWrapper

    def wrapper(pieces: Any, *args: Any) -> Any:
        return wrap((p.encode() if isinstance(p, str) else p for p in pieces), *args)

    monkeypatch.setattr("werkzeug.wrappers.response._RangeWrapper", wrapper)


@removes("quart-offers-no-ranges")
def offer_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    process = quart.Response._process_range_request

    async def process_range(
        self: Any, request: Any, length: Any = None, accept: Any = None
    ) -> Any:
        if accept is not None:
            self.headers["Accept-Ranges"] = accept
        return await process(self, request, length, accept)

    monkeypatch.setattr("quart.Response._process_range_request", process_range)


# Redirects


@removes("flask-rebuilds-locations")
def send_locations_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("werkzeug.wrappers.response.iri_to_uri", str)


@removes("flask-parses-locations-while-sending")
def parse_no_locations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("werkzeug.wrappers.response.iri_to_uri", str)


@removes("quart-has-no-autocorrect")
def correct_locations(monkeypatch: pytest.MonkeyPatch) -> None:
    send_response = quart.asgi.ASGIHTTPConnection._send_response

    async def send(connection: Any, server_send: Any, response: Any) -> None:
        if response.autocorrect_location_header:
            location = urljoin("http://localhost/", response.location)
            response.location = location
        await send_response(connection, server_send, response)

    monkeypatch.setattr("quart.asgi.ASGIHTTPConnection._send_response", send)


@removes("quart-redirect-takes-no-class")
def accept_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quart.redirect", werkzeug.utils.redirect)
