"""Patches of requests: forms, JSON, multipart, headers, bodies."""

import shutil
from functools import partial
from io import BytesIO
from typing import Any

import pytest
import quart
import quart.formparser
import quart.wrappers.base
import quart.wrappers.request
import werkzeug
import werkzeug.formparser
import werkzeug.wsgi
from werkzeug.datastructures import EnvironHeaders, Headers
from werkzeug.exceptions import (
    BadRequestKeyError,
    ClientDisconnected,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.sansio.multipart import Epilogue

from .registry import removes

# Forms


@removes("quart-replaces-undecodable-escapes")
def keep_undecodable_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = partial(quart.formparser.parse_qsl, errors="werkzeug.url_quote")
    monkeypatch.setattr("quart.formparser.parse_qsl", parse)


@removes("quart-parses-x-url-encoded")
def drop_the_old_type(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = quart.formparser.FormDataParser.parse_functions
    monkeypatch.delitem(functions, "application/x-url-encoded")


@removes("quart-keeps-form-bodies")
def empty_parsed_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    load = quart.Request._load_form_data

    async def load_form_data(request: Any) -> None:
        await load(request)
        request.body.clear()

    monkeypatch.setattr("quart.Request._load_form_data", load_form_data)


@removes("quart-has-no-debug-files-error")
def explain_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask.wrappers.Request._load_form_data", LOAD_FORM_DATA)


LOAD_FORM_DATA = werkzeug.Request._load_form_data


# JSON


@removes("quart-get-json-returns-none")
def refuse_other_types(monkeypatch: pytest.MonkeyPatch) -> None:
    get_json = quart.Request.get_json

    async def get(request: Any, force: bool = False, silent: bool = False) -> Any:
        if not (force or silent or request.is_json):
            raise UnsupportedMediaType
        return await get_json(request, force, silent)

    monkeypatch.setattr("quart.Request.get_json", get)


@removes("quart-decodes-json-before-parsing")
def decode_within_try(monkeypatch: pytest.MonkeyPatch) -> None:
    get_json = quart.Request.get_json

    async def get(request: Any, force: bool = False, silent: bool = False) -> Any:
        try:
            return await get_json(request, force, silent)
        except UnicodeDecodeError as error:
            if silent:
                return None
            return request.on_json_loading_failed(error)

    monkeypatch.setattr("quart.Request.get_json", get)


@removes("json-from-bytes-or-text")
def parse_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def get(request: Any) -> Any:
        return request.json_module.loads(await request.get_data())

    monkeypatch.setattr("quart.Request.get_json", get)


@removes("quart-words-json-errors-itself")
def word_json_errors_as_werkzeug(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = werkzeug.Request.on_json_loading_failed
    monkeypatch.setattr("quart.Request.on_json_loading_failed", failed)


@removes("quart-caches-silent-json-apart")
def cache_json_once(monkeypatch: pytest.MonkeyPatch) -> None:
    get_json = quart.Request.get_json

    async def get(request: Any, force: bool = False, silent: bool = False) -> Any:
        del silent
        return await get_json(request, force)

    monkeypatch.setattr("quart.Request.get_json", get)


# Multipart bodies


@removes("quart-never-ends-multipart")
def end_multipart(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = quart.formparser.MultiPartParser.parse
    decoders = []

    class Decoder(quart.formparser.MultipartDecoder):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            decoders.append(self)

    async def parse_to_the_end(*args: Any) -> Any:
        parsed = await parse(*args)
        decoders[-1].receive_data(None)
        while not isinstance(decoders[-1].next_event(), Epilogue):
            pass
        return parsed

    monkeypatch.setattr("quart.formparser.MultipartDecoder", Decoder)
    monkeypatch.setattr("quart.formparser.MultiPartParser.parse", parse_to_the_end)


@removes("werkzeug-measures-the-decoder-buffer")
def measure_no_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = werkzeug.formparser.MultipartDecoder

    def make(boundary: bytes, **kwargs: Any) -> Any:
        return decoder(boundary, **{**kwargs, "max_form_memory_size": None})

    monkeypatch.setattr("werkzeug.formparser.MultipartDecoder", make)


@removes("quart-saves-to-paths-only")
def save_to_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    async def save(storage: Any, target: Any) -> None:
        shutil.copyfileobj(storage.stream, target)

    monkeypatch.setattr("quart.datastructures.FileStorage.save", save)


@removes("quart-body-is-emptied-by-await")
def iterate_over_the_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    body = quart.wrappers.request.Body
    anext_ = body.__anext__

    async def iterate(self: Any) -> bytes:
        if self._data:
            data, self._data = self._data, None
            return bytes(data)
        return await anext_(self)

    monkeypatch.setattr(body, "__anext__", iterate)


@removes("werkzeug-splits-last-boundary")
def join_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    body = quart.wrappers.request.Body

    async def iterate(self: Any) -> bytes:
        data = await self
        self.clear()
        if not data:
            raise StopAsyncIteration
        return bytes(data)

    monkeypatch.setattr(body, "__anext__", iterate)


# Request headers


@removes("quart-adds-remote-addr-header")
def add_no_remote_addr(monkeypatch: pytest.MonkeyPatch) -> None:
    init = quart.wrappers.base.BaseRequestWebsocket.__init__

    def make(self: Any, *args: Any) -> None:
        init(self, *args)
        self.headers.pop("Remote-Addr")

    monkeypatch.setattr("quart.wrappers.base.BaseRequestWebsocket.__init__", make)


@removes("quart-reads-the-first-of-repeated-fields")
def join_repeated_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    init = quart.wrappers.base.BaseRequestWebsocket.__init__

    def make(self: Any, *args: Any) -> None:
        init(self, *args)
        for name in {name for name, _ in self.headers}:
            self.headers[name] = ",".join(self.headers.getlist(name))

    monkeypatch.setattr("quart.wrappers.base.BaseRequestWebsocket.__init__", make)


@removes("werkzeug-environ-headers-raise-key-error")
def raise_bad_request_for_missing_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    get_key = EnvironHeaders._get_key

    def get(headers: Any, key: str) -> str:
        try:
            return get_key(headers, key)
        except KeyError:
            raise BadRequestKeyError(key) from None

    monkeypatch.setattr(EnvironHeaders, "_get_key", get)


@removes("quart-headers-can-be-changed")
def make_headers_mutable(monkeypatch: pytest.MonkeyPatch) -> None:
    init = werkzeug.Request.__init__

    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self.headers = Headers(list(self.headers))

    monkeypatch.setattr("werkzeug.Request.__init__", make)


@removes("quart-has-no-environ")
def give_it_an_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"SERVER_PROTOCOL": "HTTP/1.1"}
    monkeypatch.setattr("quart.Request.environ", environ, raising=False)
    remote_user = werkzeug.Request.remote_user
    monkeypatch.setattr("quart.Request.remote_user", remote_user, raising=False)


# Bodies of requests


@removes("quart-decodes-text-strictly")
def replace_what_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    get_data = quart.Request.get_data

    async def get(request: Any, as_text: bool = False) -> Any:
        data = await get_data(request)
        return data.decode(errors="replace") if as_text else data

    monkeypatch.setattr("quart.Request.get_data", get)


@removes("quart-clears-what-was-kept")
def clear_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quart.wrappers.request.Body.clear", lambda _: None)


@removes("quart-has-no-stream")
def give_it_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stream(request: Any) -> Any:
        return BytesIO(await request.get_data())

    monkeypatch.setattr("quart.Request.stream", property(stream))


@removes("quart-limits-bodies-by-default")
def limit_nothing_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {**quart.Quart.default_config, "MAX_CONTENT_LENGTH": None}
    monkeypatch.setattr("quart.Quart.default_config", config)


@removes("werkzeug-stops-reading-at-the-limit")
def read_past_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    readall = werkzeug.wsgi.LimitedStream.readall

    def read(stream: Any) -> bytes:
        data = readall(stream)
        if stream._limit_is_max and stream._stream.read(1):
            stream.on_exhausted()
        return bytes(data)

    monkeypatch.setattr("werkzeug.wsgi.LimitedStream.readall", read)


@removes("quart-iterates-without-a-limit")
def count_while_iterating(monkeypatch: pytest.MonkeyPatch) -> None:
    body = quart.wrappers.request.Body
    anext_ = body.__anext__

    async def iterate(self: Any) -> bytes:
        data = await anext_(self)
        self.counted = getattr(self, "counted", 0) + len(data)
        if self._max_content_length and self.counted > self._max_content_length:
            raise RequestEntityTooLarge
        return bytes(data)

    monkeypatch.setattr(body, "__anext__", iterate)


@removes("quart-checks-the-limit-while-reading")
def check_the_limit_first(monkeypatch: pytest.MonkeyPatch) -> None:
    load = quart.Request._load_form_data

    async def load_form_data(request: Any) -> None:
        limit = request.max_content_length
        if limit is not None and (request.content_length or 0) > limit:
            raise RequestEntityTooLarge
        await load(request)

    monkeypatch.setattr("quart.Request._load_form_data", load_form_data)


@removes("quart-fixes-the-limit-early")
def read_the_limit_late(monkeypatch: pytest.MonkeyPatch) -> None:
    get_data = quart.Request.get_data

    async def get(request: Any) -> Any:
        data = await get_data(request)
        if len(data) > request.max_content_length:
            raise RequestEntityTooLarge
        return data

    monkeypatch.setattr("quart.Request.get_data", get)


@removes("quart-leaves-lengths-to-the-server")
def read_as_much_as_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    get_data = quart.Request.get_data

    async def get(request: Any) -> Any:
        announced = request.content_length or 0
        data = (await get_data(request))[:announced]
        if len(data) < announced:
            raise ClientDisconnected
        return data

    monkeypatch.setattr("quart.Request.get_data", get)


@removes("quart-waits-for-bodies")
def wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quart.Request.body_timeout", DISCARDED, raising=False)


DISCARDED = property(lambda _: None, lambda _, __: None)
