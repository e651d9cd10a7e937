"""Patches of what a view may return, and of response objects."""

from collections.abc import Iterator
from typing import Any

import flask
import pytest
import quart
import werkzeug
import werkzeug.sansio.response
from werkzeug.datastructures import Headers

from .registry import (
    PATCHES,
    around_make_response,
    before_sending,
    parts,
    removes,
)

# Values that a view may return


@removes("quart-streams-generators-only")
@around_make_response
async def stream_every_iterator(make: Any, app: Any, result: Any) -> Any:
    def streamed(body: Any) -> Any:
        return (each for each in body) if isinstance(body, Iterator) else body

    if isinstance(result, tuple):
        return await make(app, (streamed(result[0]), *result[1:]))
    return await make(app, streamed(result))


# Tuples and header fields


@removes("quart-takes-a-tuple-for-a-status")
@around_make_response
async def take_a_tuple_for_headers(make: Any, app: Any, result: Any) -> Any:
    return await make(app, parts(result))


@removes("quart-replaces-headers")
@around_make_response
async def extend_headers(make: Any, app: Any, result: Any) -> Any:
    body, status, headers = parts(result)
    response = await make(app, (body, status, None))
    response.headers.extend(headers or ())
    return response


@removes("quart-sets-headers-after-the-body")
@around_make_response
async def set_the_body_last(make: Any, app: Any, result: Any) -> Any:
    response = await make(app, result)
    response.set_data(await response.get_data())
    return response


@removes("quart-encodes-headers-as-utf-8")
def encode_headers_as_latin_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(headers: Any) -> list[tuple[bytes, bytes]]:
        return [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers.items()]

    monkeypatch.setattr("quart.asgi.encode_headers", encode)


@removes("flask-keeps-the-headers-object")
def copy_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    make_response = flask.Flask.make_response

    def make(app: Any, result: Any) -> Any:
        body, status, headers = parts(result)
        copied = Headers(headers) if isinstance(headers, Headers) else headers
        return make_response(app, (body, status, copied))

    monkeypatch.setattr("flask.Flask.make_response", make)


# Statuses


@removes("quart-converts-status-with-int")
@around_make_response
async def clean_status_as_werkzeug(make: Any, app: Any, result: Any) -> Any:
    body, status, headers = parts(result)
    response = await make(app, (body, None, headers))
    if isinstance(status, (str, bytes, bytearray)):
        response.status = status
    elif status is not None:
        response.status_code = status
    return response


PATCHES["werkzeug-sets-status-0"] = clean_status_as_werkzeug


# Response objects


@removes("quart-counts-no-pieces")
def count_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    init = quart.Response.__init__

    def make(self: Any, response: Any = None, *args: Any, **kwargs: Any) -> None:
        is_list = isinstance(response, list) or response is None
        pieces = "".join(response or ()) if is_list else response
        init(self, pieces, *args, **kwargs)

    def count(response: Any) -> None:
        data = getattr(response.response, "data", None)
        if data is not None and "Content-Length" not in response.headers:
            response.content_length = len(data)

    monkeypatch.setattr("quart.Response.__init__", make)
    before_sending(monkeypatch, count)


@removes("flask-checks-no-body")
def check_the_body_in_the_view(monkeypatch: pytest.MonkeyPatch) -> None:
    init = werkzeug.Response.__init__

    def make(self: Any, response: Any = None, *args: Any, **kwargs: Any) -> None:
        if response is not None:
            iter(response)
        init(self, response, *args, **kwargs)

    monkeypatch.setattr("werkzeug.Response.__init__", make)
    monkeypatch.setattr(
        "quart.wrappers.response.IterableBody.__init__",
        lambda self, body: setattr(self, "iter", iter(body)),
    )


@removes("quart-has-no-wsgi-response")
def give_it_werkzeugs_response(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quart.Response", flask.Response)


@removes("quart-wraps-the-body")
def wrap_assigned_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrap(response: Any) -> None:
        if isinstance(response.response, list):
            response.response = response.iterable_body_class(response.response)

    before_sending(monkeypatch, wrap)


@removes("quart-freezes-without-etag")
def freeze_with_etag(monkeypatch: pytest.MonkeyPatch) -> None:
    freeze = quart.Response.freeze

    async def freeze_and_tag(response: Any) -> None:
        await freeze(response)
        await response.add_etag()

    monkeypatch.setattr("quart.Response.freeze", freeze_and_tag)


@removes("quart-inverts-silent")
def invert_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    get_json = quart.Response.get_json

    async def get(response: Any, force: bool = False, silent: bool = False) -> Any:
        return await get_json(response, force, not silent)

    monkeypatch.setattr("quart.Response.get_json", get)


@removes("bytearray-is-not-bytes")
def take_bytearrays_for_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    for framework in (flask.Response, quart.Response):
        init = framework.__init__

        def make(
            self: Any, body: Any = None, *args: Any, init: Any = init, **more: Any
        ) -> None:
            init(
                self,
                bytes(body) if isinstance(body, bytearray) else body,
                *args,
                **more,
            )

        monkeypatch.setattr(framework, "__init__", make)


@removes("quart-calls-no-wsgi")
@around_make_response
async def call_wsgi(make: Any, app: Any, result: Any) -> Any:
    body, status, headers = parts(result)
    if callable(body) and not isinstance(body, werkzeug.sansio.response.Response):
        body = werkzeug.Response.from_app(body, {"REQUEST_METHOD": "GET"})
    return await make(app, (body, status, headers))
