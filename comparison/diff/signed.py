"""Read values that Flask, Quart and Flask-WTF sign with itsdangerous."""

import base64
import json
import re
import zlib
from typing import Any

# A payload, the time, the signature.
SIGNED = re.compile(r"(\.?[\w-]+)\.([\w-]{6})\.([\w-]{27})")


def content_of(payload: str) -> Any:
    """Decode the payload of a signed value; return None if it cannot be read.

    >>> content_of("eyJ1c2VyIjoxfQ")
    {'user': 1}
    """
    try:
        data = base64.urlsafe_b64decode(f"{payload.lstrip('.')}==")
        return json.loads(zlib.decompress(data) if payload[:1] == "." else data)
    except (ValueError, zlib.error):
        return None


def content_of_signed(text: str) -> Any:
    """Decode the content of a signed value; return None for any other text."""
    found = SIGNED.fullmatch(text)
    return None if found is None else content_of(found[1])
