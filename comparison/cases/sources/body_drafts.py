"""Draft the bodies of recorded requests as case files have them."""

import base64
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from comparison.cases.placeholders import Placeholders, escaped

from .draft import is_json, sendable_text
from .har import EntryRequest, Named, PostData
from .left_out import LeftOut
from .multipart import boundary_in, names_of, parts_of
from .recorded_bodies import (
    FORM,
    content_of,
    form_of,
    in_data_url,
    media_type,
    unlike,
)
from .recorded_json import (
    Unwritable,
    as_text,
    encoded,
    has_secret_numbers,
    plain_json,
    strict_json,
)

MULTIPART = "multipart/form-data"

Body = tuple[str, Any]


class BodyDrafts:
    """Drafts bodies, without secrets, and counts what they lose.

    A body that was `recorded` comes out byte for byte, unless a value is filled in: then
    it is encoded anew. Other bodies may have other spaces between JSON values. With `keep`,
    a binary body stays even if it has secrets.
    """

    def __init__(
        self, places: Placeholders, left_out: LeftOut, *, recorded: bool, keep: bool
    ) -> None:
        self.places = places
        self.left_out = left_out
        self.recorded = recorded
        self.keep = keep

    def body(self, request: EntryRequest) -> tuple[Body | None, str, bool]:
        """Return the body, its media type, and whether it lost its content coding.

        The media type is "" if the body implies it.
        """
        data = request.post_data or PostData()
        mime = request.header("content-type") or data.mime_type or ""
        if data.path is not None:
            return ("file", escaped(data.path)), mime, False
        if not data.text and data.params:
            return (*self._of_params(data, mime, request), False)
        if not data.text:
            length = request.header("content-length")
            if length not in (None, "0"):
                self.left_out.part("bodies", "missing in the file")
            body = ("text", "") if length == "0" else None
            return body, request.header("content-type") or "", False
        content = content_of(request, data, mime, self.left_out)
        if (
            data.params
            and media_type(mime) == FORM
            and unlike(data.params, content.data)
        ):
            self.left_out.part(
                "bodies", "with parameters that their text does not have"
            )
        if content.decoded:
            self.left_out.part("bodies", "decoded in the file")
        body = self._of_content(content.data, mime)
        implied = {"json": "application/json", "form": FORM}.get(
            body[0] if body else ""
        )
        return body, "" if mime == implied else mime, content.decoded

    def _of_params(
        self, data: PostData, mime: str, request: EntryRequest
    ) -> tuple[Body | None, str]:
        kind = media_type(mime)
        if kind not in (MULTIPART, FORM) and data.mime_type:
            kind = media_type(data.mime_type)  # The header may be another one.
        params = data.params or ()
        files = any(each.file_name or each.path for each in params)
        if kind == MULTIPART or (files and not kind):
            parts = [
                self._part(each, {each.name for each in params}) for each in params
            ]
            return ("multipart", parts), mime if boundary_in(mime) else ""
        if kind in (FORM, ""):
            pairs = [(each.name, each.text) for each in params]
            text = form_of(pairs, request) if self.recorded else urlencode(pairs)
            body = self._of_form(text)
            implied = body[0] == "form" and mime in (FORM, "")
            return body, "" if implied else mime or FORM
        self.left_out.part("bodies", f"in parameters of {kind}")
        return None, request.header("content-type") or ""

    def _part(self, part: Named, names: set[str]) -> dict[str, Any]:
        if part.path is not None:
            content = {"file": escaped(part.path)}
        elif part.file_name and (found := in_data_url(part.text, part.content_type)):
            text = sendable_text(found)
            content = (
                {"base64": base64.b64encode(found).decode()}
                if text is None
                else {"text": self.places.field(part.name, text, names)}
            )
        else:
            content = {"text": self.places.field(part.name, part.text, names)}
        name = re.split(r"[/\\]", part.file_name or "")[-1]
        if name and part.path is None and not part.text:
            self.left_out.part("bodies", "without the content of a file")
        more = {"filename": name, "type": part.content_type}
        given = {key: escaped(value) for key, value in more.items() if value}
        return {"name": escaped(part.name), **content, **given}

    def _of_content(self, content: bytes, mime: str) -> Body | None:
        kind = media_type(mime)
        if kind == MULTIPART and (parts := parts_of(content, mime)) is not None:
            names = names_of(parts)
            tables = []
            for part in parts:
                text = part.text
                if text is not None:
                    text = self.places.field(part.name, text, names)
                table = part.table(text)
                more = ("name", "filename", "type")
                tables.append(
                    {k: escaped(v) if k in more else v for k, v in table.items()}
                )
            return "multipart", tables
        text = sendable_text(content)
        if text is None:
            return self._of_bytes(content)
        if kind == FORM:
            return self._of_form(text)
        if is_json(kind):
            return self._of_json(text)
        if kind == MULTIPART:
            return "text", self.places.multipart(text)
        return "text", self.places.text(text)

    def _of_bytes(self, content: bytes) -> Body | None:
        if self.places.learn(content.decode("latin-1")) and not self.keep:
            self.left_out.part("bodies", "binary with secrets (--keep bodies)")
            return None
        return "base64", base64.b64encode(content).decode()

    def _of_form(self, text: str) -> Body:
        pairs = parse_qsl(text, keep_blank_values=True)
        if not pairs or "&&" in text:
            return "text", self.places.query(text)
        written = self.places.form(text)
        # A value that is filled in has to be encoded, which only a form does.
        filled = written != [(escaped(name), escaped(value)) for name, value in pairs]
        if filled or not self.recorded or urlencode(pairs) == text:
            return "form", _table(written)
        return "text", escaped(text)

    def _of_json(self, text: str) -> Body:
        try:
            value = strict_json(text)
        except Unwritable:
            return "text", self.places.text(text)
        written = self.places.json(text, value)
        if has_secret_numbers(written):
            return "text", as_text(written, self.places)
        changed = written != escaped(value)
        try:
            plain_json(text)
        except Unwritable:
            return "text", as_text(written, self.places) if changed else escaped(text)
        if changed or not self.recorded or encoded(value) == text:
            return "json", written
        return "text", escaped(text)


def _table(pairs: list[tuple[str, str]]) -> Any:
    # A name with a placeholder may be equal to another one.
    names = {name for name, _ in pairs if "${" not in name}
    return dict(pairs) if len(names) == len(pairs) else pairs
