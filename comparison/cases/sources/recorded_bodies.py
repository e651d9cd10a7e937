"""Find the bytes of a recorded body: recorders write them as text, each in its way.

HAR 1.2 has no encoding for request bodies. Browsers decode them as UTF-8. mitmproxy uses
the charset of the media type, or Latin-1, and writes other bytes as lone surrogates. So we
take the encoding that agrees with the recorded length.
"""

import base64
import re
import zlib
from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote_plus, urlencode

from msgspec import Struct

from .draft import is_json
from .har import EntryRequest, Named, PostData
from .left_out import LeftOut

_CHARSET = re.compile(r'charset="?([\w.:-]+)', re.IGNORECASE)
_SURROGATE = re.compile("[\udc80-\udcff]")
_TEXTUAL = re.compile(r"text/|application/(.*\+)?(xml|javascript|graphql|x-www-form)")
# Firefox writes the headers of an upload stream before its content.
_UPLOAD_HEADERS = re.compile(
    r"\A(?:Content-[\w-]+: [^\r\n]*\r\n)*Content-Length: (\d+)\r\n"
    r"(?:Content-[\w-]+: [^\r\n]*\r\n)*\r\n",
    re.IGNORECASE,
)
FORM = "application/x-www-form-urlencoded"
ENCODED = re.compile(r"(?:[\w*.~+-]|%[0-9A-Fa-f]{2})*", re.ASCII)
"""Matches a value that needs no encoding, because it is encoded."""
_DATA_URL = re.compile(r"data:([^;,]*)(?:;name=[^;,]*)?;base64,", re.IGNORECASE)
_MAGIC = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


class Content(Struct, frozen=True):
    """The bytes of a body; `decoded` if they are no longer in their content coding."""

    data: bytes
    decoded: bool = False


def media_type(text: str) -> str:
    """Return a media type without parameters, in lower case."""
    return text.partition(";")[0].strip().lower()


def content_of(
    request: EntryRequest, data: PostData, mime: str, left_out: LeftOut
) -> Content:
    """Return the bytes of a body. Count a body that the recorder did not write whole."""
    length = _length(request)
    coding = (request.header("content-encoding") or "identity").strip().lower()
    content = _bytes(data, mime, request, None if coding != "identity" else length)
    if coding != "identity":
        as_sent = _is_encoded(coding, content) if length is None else (
            length == len(content)
        )  # fmt: skip
        return Content(content, decoded=not as_sent)
    if length is not None and length != len(content):
        left_out.part("bodies", "cut in the file")
    elif length is None and data.encoding != "base64" and "\ufffd" in (data.text or ""):
        left_out.part("bodies", "with replaced bytes in the file")
    return Content(content)


def sent_content(request: EntryRequest) -> bytes:
    """Return the bytes of a request's body; none if the file does not say them all.

    A recorder that wrote the parts of a multipart body left out how it was encoded.
    """
    data = request.post_data or PostData()
    mime = request.header("content-type") or data.mime_type or ""
    if data.text:
        return content_of(request, data, mime, LeftOut()).data
    if data.params and media_type(mime) in (FORM, ""):
        pairs = [(each.name, each.text) for each in data.params]
        return form_of(pairs, request).encode()
    return b""


def form_of(pairs: Sequence[tuple[str, str]], request: EntryRequest) -> str:
    """Return the form whose parameters a recorder wrote instead of the body.

    Chromium writes them encoded. Charles decodes them, and takes a body without "=" as one
    name. So we take the form of the recorded length, or else leave encoded ones alone.
    """
    forms = [
        urlencode(pairs),
        urlencode(pairs, quote_via=quote),
        "&".join(f"{name}={value}" for name, value in pairs),
        "&".join(f"{name}={value}" if value else name for name, value in pairs),
    ]
    words = [word for pair in pairs for word in pair]
    if all(map(ENCODED.fullmatch, words)) and any("%" in word for word in words):
        forms.insert(0, forms[2])
    sizes = (_length(request), request.body_size)
    known = [form for form in forms if len(form.encode()) in sizes]
    return (known or forms)[0]


def unlike(params: Sequence[Named], form: bytes) -> bool:
    """Return whether a recorder wrote parameters that the form does not have."""
    names = {pair.partition("=")[0] for pair in form.decode("latin-1").split("&")}
    names |= {unquote_plus(name) for name in names}
    known = (each.name for each in params if "\ufffd" not in each.name)
    return any(n not in names and unquote_plus(n) not in names for n in known)


def in_data_url(text: str, kind: str | None) -> bytes | None:
    """Return the content of a data URL of a media type (RFC 2397); None if it is none.

    ReadMe and k6 write files like this.
    """
    found = _DATA_URL.match(text)
    if found is None or (kind and media_type(kind) != found[1].lower()):
        return None
    try:
        return base64.b64decode(text[found.end() :], validate=True)
    except ValueError:
        return None


def _length(request: EntryRequest) -> int | None:
    value = (request.header("content-length") or "").strip()
    return (
        int(value)
        if value.isascii() and value.isdecimal() and len(value) < 16
        else None
    )


def _bytes(
    data: PostData, mime: str, request: EntryRequest, length: int | None
) -> bytes:
    text = data.text or ""
    if mime and not _is_text(mime) and (content := in_data_url(text, mime)):
        return content
    # Insomnia writes a file as base64, and an empty media type instead of an encoding.
    is_file = data.mime_type == "" and length is None and not _is_text(mime or FORM)
    if data.encoding == "base64" or is_file:
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            pass
    if upload := _UPLOAD_HEADERS.match(text):
        rest = text[upload.end() :].encode("utf-8", "surrogateescape")
        if len(rest) == int(upload[1]):
            return rest
    if _SURROGATE.search(text):
        return text.encode("utf-8", "surrogateescape")
    encoded = list(_encodings(text, mime))
    for size in (length, None if _is_text(mime) else request.body_size):
        for each in encoded if size is not None else ():
            if len(each) == size:
                return each
    return encoded[0]


def _encodings(text: str, mime: str) -> Iterator[bytes]:
    """Yield the text in the encodings that a recorder may have read, likely ones first."""
    if charset := _CHARSET.search(mime):
        yield from _encoded(text, charset[1])
    utf_8 = text.encode("utf-8", "surrogatepass")
    latin_1 = list(_encoded(text, "latin-1"))
    certain = _is_text(mime) or media_type(mime) in ("", "multipart/form-data")
    yield from (utf_8, *latin_1) if certain else (*latin_1, utf_8)
    # mitmproxy reads a body with a byte order mark, and removes that of UTF-8.
    marked = ("utf-16-le", "utf-16-be") if text.startswith("\ufeff") else ("utf-8-sig",)
    for encoding in marked:
        yield from _encoded(text, encoding)


def _encoded(text: str, encoding: str) -> Iterator[bytes]:
    try:
        yield text.encode(encoding)
    except (UnicodeError, LookupError):
        return


def _is_text(mime: str) -> bool:
    kind = media_type(mime)
    return is_json(kind) or bool(_TEXTUAL.match(kind))


def _is_encoded(coding: str, content: bytes) -> bool:
    """Return whether a body of unknown length is still in its content coding."""
    last = coding.rpartition(",")[2].strip()
    if last in _MAGIC:
        return content.startswith(_MAGIC[last])
    if last == "deflate":
        try:
            zlib.decompress(content)
        except zlib.error:
            return False
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False
