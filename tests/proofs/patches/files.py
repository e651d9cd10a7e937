"""Patches of send_file and send_from_directory."""

import mimetypes
from collections.abc import Callable
from functools import partial
from io import BytesIO, TextIOBase
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import flask
import pytest
import quart
import quart.helpers
import quart.wrappers.response
import werkzeug
import werkzeug.utils

from .registry import PATCHES, Patch, removes

# Files


def _send_file(change: Callable[..., Any]) -> Patch:
    """Return a patch of Quart's `send_file`, which gets the original first."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        changed = partial(change, quart.helpers.send_file)
        monkeypatch.setattr("quart.helpers.send_file", changed)
        monkeypatch.setattr("quart.send_file", changed)

    return patch


async def _conditional(send: Any, *args: Any, **kwargs: Any) -> Any:
    return await send(*args, **{"conditional": True, **kwargs})


async def _private(send: Any, *args: Any, **kwargs: Any) -> Any:
    response = await send(*args, **kwargs)
    response.cache_control.clear()
    response.cache_control.no_cache = True
    response.headers.pop("Expires", None)
    return response


async def _named(send: Any, file: Any, *args: Any, **kwargs: Any) -> Any:
    response = await send(file, *args, **kwargs)
    name = args[2] if len(args) > 2 else Path(file).name
    response.headers.add("Content-Disposition", "inline", filename=name)
    return response


async def _encoded(send: Any, file: Any, *args: Any, **kwargs: Any) -> Any:
    response = await send(file, *args, **kwargs)
    response.content_encoding = mimetypes.guess_type(file)[1]
    return response


async def _x_sendfile(send: Any, file: Any, *args: Any, **kwargs: Any) -> Any:
    response = await send(file, *args, **kwargs)
    response.headers["X-Sendfile"] = file
    response.response = quart.wrappers.response.DataBody(b"")
    return response


async def _encoded_name(send: Any, *args: Any, **kwargs: Any) -> Any:
    response = await send(*args, **kwargs)
    plain = "".join(c for c in normalize("NFKD", args[3]) if c.isascii())
    encoded = f"filename*=UTF-8''{quote(args[3])}"
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; {encoded}"
    return response


async def _opened(send: Any, file: Any, *args: Any, **kwargs: Any) -> Any:
    if isinstance(file, TextIOBase):
        raise ValueError("Files must be opened in binary mode or use BytesIO.")  # noqa: TRY004
    if not hasattr(file, "read"):
        return await send(file, *args, **kwargs)
    return await send(BytesIO(file.read()), *args, **kwargs)


async def _nameless(send: Any, *args: Any, **kwargs: Any) -> Any:
    if args[2:] == (True,):
        raise TypeError("No name provided for attachment.")
    return await send(*args, **kwargs)


RENAMED = {
    "download_name": "attachment_filename",
    "max_age": "cache_timeout",
    "etag": "add_etags",
}
ORDER = ("conditional", "add_etags", "last_modified", "cache_timeout")


async def _new_arguments(send: Any, *args: Any, **kwargs: Any) -> Any:
    if old := set(RENAMED.values()) & set(kwargs):
        name = old.pop()
        raise TypeError(f"send_file() got an unexpected keyword argument {name!r}")
    renamed = {RENAMED.get(name, name): value for name, value in kwargs.items()}
    return await send(*args[:4], **dict(zip(ORDER, args[4:], strict=False)), **renamed)


def _rename_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    send_from_directory = quart.send_from_directory

    async def send(directory: Any, path: str) -> Any:
        return await send_from_directory(directory, path)

    monkeypatch.setattr("quart.send_from_directory", send)
    renamed = partial(_new_arguments, quart.helpers.send_file)
    monkeypatch.setattr("quart.send_file", renamed)


PATCHES |= {
    "quart-send-file-is-unconditional": _send_file(_conditional),
    "quart-files-are-public": _send_file(_private),
    "quart-asks-no-age-for-memory": _send_file(_private),
    "quart-names-no-inline-files": _send_file(_named),
    "quart-names-no-encoding": _send_file(_encoded),
    "quart-has-no-x-sendfile": _send_file(_x_sendfile),
    "quart-writes-names-raw": _send_file(_encoded_name),
    "quart-sends-no-opened-files": _send_file(_opened),
    "quart-names-nothing-for-a-nameless-download": _send_file(_nameless),
    "quart-keeps-old-arguments": _rename_arguments,
}


@removes("flask-takes-bytes-for-a-file")
def decode_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    send_file = flask.send_file

    def send(path: Any, *args: Any, **kwargs: Any) -> Any:
        decoded = path.decode() if isinstance(path, bytes) else path
        return send_file(decoded, *args, **kwargs)

    monkeypatch.setattr("flask.send_file", send)


@removes("quart-has-no-root-path-in-files")
def join_the_root_path(monkeypatch: pytest.MonkeyPatch) -> None:
    send_from_directory = quart.send_from_directory

    async def send(directory: str, name: str) -> Any:
        folder = Path(quart.current_app.root_path) / directory
        return await send_from_directory(folder, name)

    monkeypatch.setattr("quart.send_from_directory", send)


@removes("quart-rewinds-memory")
def start_where_the_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    async def enter(body: Any) -> Any:
        return body

    monkeypatch.setattr("quart.wrappers.response.IOBody.__aenter__", enter)


@removes("send-file-raises-for-unknown-types")
def raise_the_same_for_unknown_types(monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(*_: Any) -> Any:
        return werkzeug.utils.send_file(BytesIO(), {})

    monkeypatch.setattr("quart.send_file", send)
