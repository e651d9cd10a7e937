"""Protect the playground: serve people at this machine, not pages of other sites.

The guard rejects DNS rebinding by the Host header (RFC 9110 section 7.2). It rejects
forms and scripts of other sites by Origin (RFC 6454) and `Sec-Fetch-Site` (Fetch
Metadata). The pages have no inline scripts or styles: the policy allows only files from
this server (Content Security Policy Level 3).
"""

from urllib.parse import urlsplit

from quart import Response, request
from werkzeug.exceptions import Forbidden, MisdirectedRequest

from comparison.models.case import SAFE_METHODS
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
