"""Cookies between the requests of one case."""

import httpx

from comparison.models import Response

from .http import origin_form, request_target


def send_cookies(request: httpx.Request, cookies: httpx.Cookies) -> None:
    """Add the cookies for its path to a request, unless the case has its own."""
    if "cookie" in request.headers:
        return
    addressed = _addressed(request)
    cookies.set_cookie_header(addressed)
    if "cookie" in addressed.headers:
        request.headers["Cookie"] = addressed.headers["cookie"]


def store_cookies(
    request: httpx.Request, response: Response, cookies: httpx.Cookies
) -> None:
    """Store the cookies that a response sets (RFC 6265)."""
    fields = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
        if name.lower() == "set-cookie"
    ]
    answered = httpx.Response(200, headers=fields, request=_addressed(request))
    cookies.extract_cookies(answered)


def _addressed(request: httpx.Request) -> httpx.Request:
    """Return a request with its path in its URL: cookies are for paths (RFC 6265)."""
    path, _ = origin_form(request_target(request))
    raw_path = path.encode("ascii") if path.startswith("/") else b"/"
    url = request.url.copy_with(raw_path=raw_path)
    return httpx.Request(request.method, url)
