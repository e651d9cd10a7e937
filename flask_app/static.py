"""Files: from the static folder, from another folder, from memory, as downloads."""

import os
from datetime import UTC, datetime
from io import BufferedReader, BytesIO, StringIO
from pathlib import Path
from typing import Any

from flask import Blueprint, send_file, send_from_directory

blueprint = Blueprint("static", __name__)

FOLDER = Path(__file__).parent / "static"
WRITTEN = datetime(2022, 1, 1, tzinfo=UTC)


def init_app(app: Any) -> None:
    """Give the files of the static folder a fixed time of writing."""
    if app.config.get("STATIC_WRITTEN"):
        for path in FOLDER.glob("static-*"):
            os.utime(path, (WRITTEN.timestamp(), WRITTEN.timestamp()))


def note() -> BytesIO:
    """A file in memory."""
    return BytesIO(b"A note.\n")


@blueprint.get("/static-send/typed")
def typed() -> Any:
    """A file in memory, of a type that is given."""
    return send_file(note(), mimetype="text/plain")


@blueprint.get("/static-send/untyped")
def untyped() -> Any:
    """A file in memory, without a type."""
    return send_file(note())


@blueprint.get("/static-send/dated")
def dated() -> Any:
    """A file in memory, with the time it was last changed."""
    return send_file(
        note(),
        "text/plain",
        conditional=True,
        last_modified=WRITTEN,
    )


@blueprint.get("/static-send/named")
def named() -> Any:
    """A file in memory as a download, named by the fourth argument."""
    return send_file(note(), "text/plain", True, "note.txt")


@blueprint.get("/static-send/named-spaced")
def named_spaced() -> Any:
    """A download whose name has a space and quotes in it."""
    return send_file(note(), "text/plain", True, 'my "note".txt')


@blueprint.get("/static-send/named-non-ascii")
def named_non_ascii() -> Any:
    """A download whose name is outside ASCII."""
    return send_file(note(), "text/plain", True, "na\xefve \u6771.txt")


@blueprint.get("/static-send/nameless")
def nameless() -> Any:
    """A download without a name."""
    return send_file(note(), "text/plain", as_attachment=True)


@blueprint.get("/static-send/download-name")
def download_name() -> Any:
    """A download, named by the argument download_name."""
    name: dict[str, Any] = {"download_name": "note.txt"}
    return send_file(note(), "text/plain", as_attachment=True, **name)


@blueprint.get("/static-send/attachment-filename")
def attachment_filename() -> Any:
    """A download, named by the argument attachment_filename."""
    name: dict[str, Any] = {"attachment_filename": "note.txt"}
    return send_file(note(), "text/plain", as_attachment=True, **name)


@blueprint.get("/static-send/max-age")
def max_age() -> Any:
    """A file that a client may cache, by the argument max_age."""
    age: dict[str, Any] = {"max_age": 60}
    response = send_file(note(), "text/plain", **age)
    del response.headers["Expires"]
    return response


@blueprint.get("/static-send/cache-timeout")
def cache_timeout() -> Any:
    """A file that a client may cache, by the argument cache_timeout."""
    age: dict[str, Any] = {"cache_timeout": 60}
    response = send_file(note(), "text/plain", **age)
    del response.headers["Expires"]
    return response


@blueprint.get("/static-send/etag")
def etag() -> Any:
    """A file with a given entity tag, by the argument etag."""
    tag: dict[str, Any] = {"etag": "v1"}
    return send_file(note(), "text/plain", **tag)


@blueprint.get("/static-send/fifth")
def fifth() -> Any:
    """A file with False as its fifth argument."""
    return send_file(
        FOLDER / "static-note.txt",
        "text/plain",
        False,
        "note.txt",
        False,
    )


@blueprint.get("/static-send/path")
def path() -> Any:
    """A file from a path, its type and name taken from there."""
    return send_file(FOLDER / "static-note.txt", last_modified=WRITTEN)


@blueprint.get("/static-send/bytes-path")
def bytes_path() -> Any:
    """A file from a path in bytes."""
    path: Any = os.fsencode(FOLDER / "static-note.txt")
    return send_file(path, last_modified=WRITTEN)


@blueprint.get("/static-send/missing")
def missing() -> Any:
    """A file that doesn't exist."""
    return send_file(FOLDER / "static-missing.txt")


@blueprint.get("/static-send/opened")
def opened() -> Any:
    """A file object of another class than BytesIO."""
    file: Any = BufferedReader(note())
    return send_file(file, "text/plain")


@blueprint.get("/static-send/text-file")
def text_file() -> Any:
    """A file of text, where bytes are needed."""
    file: Any = StringIO("A note.\n")
    return send_file(file, "text/plain")


@blueprint.get("/static-send/moved-on")
def moved_on() -> Any:
    """A file in memory, of which the first part has been read."""
    file = note()
    file.read(2)
    return send_file(file, "text/plain")


@blueprint.get("/static-send/conditional-default")
def conditional_default() -> Any:
    """A file in memory with a date, and the default for conditions."""
    return send_file(note(), "text/plain", last_modified=WRITTEN)


@blueprint.get("/static-send/from/<path:name>")
def from_folder(name: str) -> Any:
    """A file by its name below a folder."""
    return send_from_directory(FOLDER, name, last_modified=WRITTEN)


@blueprint.get("/static-send/from-keyword/<path:name>")
def from_keyword(name: str) -> Any:
    """A file by its name below a folder, the name as the argument path."""
    where: dict[str, Any] = {"path": name}
    return send_from_directory(FOLDER, **where)


@blueprint.get("/static-send/from-relative/<path:name>")
def from_relative(name: str) -> Any:
    """A file by its name below a folder with a relative path."""
    return send_from_directory("static", name, last_modified=WRITTEN)


@blueprint.get("/static-send/download/<path:name>")
def download(name: str) -> Any:
    """A file by its name below a folder, as a download."""
    return send_from_directory(
        FOLDER,
        name,
        as_attachment=True,
        last_modified=WRITTEN,
    )
