"""Protect the playground: serve people at this machine, and limit their requests.

The guard rejects DNS rebinding by the Host header (RFC 9110 section 7.2). It rejects
forms and scripts of other sites by Origin (RFC 6454) and `Sec-Fetch-Site` (Fetch
Metadata). The pages have no inline scripts or styles: the policy allows only files from
this server (Content Security Policy Level 3).
"""

import time
from urllib.parse import urlsplit

from quart import Response, request
from werkzeug.exceptions import Forbidden, MisdirectedRequest

from comparison.models.request import SAFE_METHODS
from comparison.targets.url import is_loopback

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
MAX_REQUEST = 256 * 1024  # bytes of a request's body
PER_SECOND = 10.0  # actions of visitors
BURST = 40.0


async def reject_foreign() -> None:
    """Reject a request from elsewhere. Raises MisdirectedRequest or Forbidden."""
    try:
        host = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        host = ""
    if not is_loopback(host):
        raise MisdirectedRequest(
            "This page answers at 127.0.0.1, ::1 and localhost only."
        )
    if request.method not in SAFE_METHODS and not from_here():
        raise Forbidden("A page of another site sent this request.")


def from_here() -> bool:
    """Return whether the request comes from one of our pages or a typed address."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    bundled = f"{request.scheme}://{request.host}"
    return site in ("same-origin", "none") and origin in (None, bundled)


async def protect(response: Response) -> Response:
    """Add the headers that restrict what a browser may do with a response."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


class Busy(Exception):
    """The playground has too much to do; the visitor should retry in a moment."""


class Rate:
    """A rate limiter: a token bucket with a burst at the start."""

    def __init__(self, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self.per_second = per_second
        self.burst = burst
        self.left = burst
        self.seen = time.monotonic()

    def take(self) -> None:
        """Take one token. Raises Busy if the bucket is empty."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.seen) * self.per_second)
        self.seen = now
        if self.left < 1:
            raise Busy("The playground received too many requests in a short time")
        self.left -= 1
