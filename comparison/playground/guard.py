"""Who may ask: people at this machine, and no page of another site.

A name that leads here by DNS rebinding is refused by its Host (RFC 9110 section 7.2), a
form or script elsewhere by its Origin (RFC 6454) and by what browsers say of a fetch
(Fetch Metadata, `Sec-Fetch-Site`). No page has script or style of its own: the policy
allows files from here and nothing else (Content Security Policy Level 3).
"""

from urllib.parse import urlsplit

from quart import Response, request
from werkzeug.exceptions import Forbidden, MisdirectedRequest

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
SAFE = ("GET", "HEAD", "OPTIONS")


async def refuse_strangers() -> None:
    """Before every request: raises MisdirectedRequest or Forbidden."""
    try:
        host = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        host = ""
    if not is_loopback(host):
        raise MisdirectedRequest(
            "This page answers at 127.0.0.1, ::1 and localhost only."
        )
    if request.method not in SAFE and not from_here():
        raise Forbidden("This was asked by a page of another site.")


def from_here() -> bool:
    """Whether the visitor asked, from a page of ours or by typing the address."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    ours = f"{request.scheme}://{request.host}"
    return site in ("same-origin", "none") and origin in (None, ours)


async def protect(response: Response) -> Response:
    """After every request: what a browser may do with the answer."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
