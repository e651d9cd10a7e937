"""Take multipart bodies apart, and put the parts together as `targets` sends them."""

import base64
import re
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from .draft import sendable_text

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
# A name with other characters is escaped when it is sent.
_HEAD = re.compile(
    rb'Content-Disposition: form-data; name="([^"\\\x00-\x1f]*)"'
    rb'(?:; filename="([^"\\\x00-\x1f]+)")?(?:\r\nContent-Type: ([\x20-\x7e]+))?\r\n\r\n'
)


class FormPart(Struct, frozen=True):
    """One part of a multipart body."""

    name: str
    content: bytes
    filename: str = ""
    kind: str = ""

    @property
    def text(self) -> str | None:
        """The content as text; None if a case file cannot have it as text."""
        return sendable_text(self.content)

    def table(self, text: str | None) -> dict[str, Any]:
        """Return the part as a case file has it, with this text, or else in base64."""
        content = (
            {"base64": base64.b64encode(self.content).decode()}
            if text is None
            else {"text": text}
        )
        more = {"filename": self.filename, "type": self.kind}
        return {"name": self.name, **content, **{k: v for k, v in more.items() if v}}


def parts_of(content: bytes, media: str) -> list[FormPart] | None:
    r"""Return the parts of a multipart body; None if they would not give the same bytes.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    >>> parts_of(body, "multipart/form-data; boundary=x")
    [FormPart(name='a', content=b'1', filename='', kind='')]
    """
    boundary = _BOUNDARY.search(media)
    if boundary is None:
        return None
    mark = f"--{boundary[1]}".encode()
    first, *pieces = content.split(mark)
    if first or len(pieces) < 2 or pieces[-1] != b"--\r\n":
        return None
    parts = [_part(piece) for piece in pieces[:-1]]
    found = [part for part in parts if part is not None]
    return found if len(found) == len(parts) else None


def _part(piece: bytes) -> FormPart | None:
    if not (piece.startswith(b"\r\n") and piece.endswith(b"\r\n")):
        return None
    head = _HEAD.match(piece, 2)
    if head is None:
        return None
    name, filename, kind = (each or b"" for each in head.groups())
    if filename and not kind:
        return None  # We would send a type.
    try:
        return FormPart(
            name.decode(), piece[head.end() : -2], filename.decode(), kind.decode()
        )
    except UnicodeDecodeError:
        return None


def boundary_in(media: str) -> bool:
    """Return whether a media type has a boundary."""
    return _BOUNDARY.search(media) is not None


def names_of(parts: Iterable[FormPart]) -> set[str]:
    """Return the names of the parts."""
    return {part.name for part in parts}
