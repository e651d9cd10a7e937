"""Read Set-Cookie fields as a client does (RFC 6265 section 5.2)."""

import re
import time

from msgspec import Struct

from .http_date import moment

_AGE = re.compile(r"-?[0-9]+")  # RFC 6265 section 5.2.2


class SetCookie(Struct, frozen=True):
    """A cookie that a response sets; the names of its attributes are in lower case."""

    name: str
    value: str
    attributes: dict[str, str]

    @property
    def deletes(self) -> bool:
        """Return whether the cookie has expired already, so that a client removes it.

        Max-Age overrides Expires.
        """
        age = self.attributes.get("max-age", "")
        if _AGE.fullmatch(age):
            # Python does not convert numbers of thousands of digits.
            return age.startswith("-") or not age.strip("0")
        expires = moment(self.attributes.get("expires", ""))
        return expires is not None and expires <= time.time()


def parse_set_cookie(field: str) -> SetCookie:
    """Parse a Set-Cookie field.

    >>> parse_set_cookie("id=7; Path=/; Secure")
    SetCookie(name='id', value='7', attributes={'path': '/', 'secure': ''})
    >>> parse_set_cookie("id=; Max-Age=0").deletes
    True
    """
    pair, *rest = field.split(";")
    name, _, value = pair.partition("=")
    attributes = {}
    for part in rest:
        key, _, text = part.partition("=")
        attributes[key.strip().lower()] = text.strip()
    return SetCookie(name.strip(), value.strip(), attributes)
