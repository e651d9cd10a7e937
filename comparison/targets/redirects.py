"""Follow the redirect of a response with the next request of a sequence."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from comparison.models import Exchange, Pairs, Request

from .bodies import header_pairs

REDIRECTS = (301, 302, 303, 307, 308)
"""The statuses that redirect to the Location (RFC 9110 section 15.4)."""
PORTS = {"http": ":80", "https": ":443"}


class NoRedirect(Exception):
    """A response does not redirect, or not to the same app; the message says why."""


def redirected(
    request: Request, before: Request, setup: Sequence[Exchange], prefix: str = ""
) -> Request:
    """Return a request that follows a redirect, with the method that browsers send.

    `before` is the request that was redirected, the last one of the `setup`. A target at a
    `prefix` adds it to each path, so we remove it from the Location. Raises NoRedirect.
    """
    exchange = setup[-1]
    try:
        return _redirected(request, before, exchange, prefix)
    except NoRedirect as error:
        line = exchange.request.request_line
        raise NoRedirect(f"request {len(setup)} ({line}): {error}") from None


def _redirected(
    request: Request, before: Request, exchange: Exchange, prefix: str
) -> Request:
    location = _location(exchange)
    origin = _origin(exchange)
    place = urlsplit(urljoin(f"{origin}{exchange.request.path}", location))
    if _host(place) != _host(urlsplit(origin)):
        raise NoRedirect(
            f"the redirect is to {location}, another host: write that request with its"
            " Host header instead of follow"
        )
    path = place.path or "/"
    if prefix:
        rest = path.removeprefix(prefix)
        if rest == path or rest[:1] not in ("", "/"):
            raise NoRedirect(f"the redirect is to {location}, outside of {prefix}")
        path = rest or "/"
    target = f"{path}?{place.query}" if place.query else path
    status = 0 if exchange.response is None else exchange.response.status
    changes: dict[str, Any] = {"path": target, "follow": False}
    method = _method(before.method, status)
    if method == before.method:
        changes |= {name: getattr(before, name) for name in Request.BODIES}
    inside = before.mount and f"{path}/".startswith(f"{before.mount}/")
    return msgspec.structs.replace(
        request, method=method, headers=_headers(request, before),
        mount=before.mount if inside else "", http_version=before.http_version,
        **changes,
    )  # fmt: skip


def _location(exchange: Exchange) -> str:
    response = exchange.response
    if response is None:
        raise NoRedirect(f"no redirect to follow: {exchange.failure}")
    locations = response.header("location")
    if response.status not in REDIRECTS or not locations:
        without = "" if response.status not in REDIRECTS else " without a Location"
        raise NoRedirect(f"no redirect to follow: status {response.status}{without}")
    return locations[0]


def _method(before: str, status: int) -> str:
    """Return the method of the next request (RFC 9110 sections 15.4.2 to 15.4.4)."""
    if status == 303 and before != "HEAD":
        return "GET"
    return "GET" if status in (301, 302) and before == "POST" else before


def _headers(request: Request, before: Request) -> Pairs:
    """Return the headers of the request, with the Host that the case gave before."""
    own = header_pairs(request.headers)
    if any(name.lower() == "host" for name, _ in own):
        return own
    host = [p for p in header_pairs(before.headers) if p[0].lower() == "host"]
    return (*host, *own)


def _origin(exchange: Exchange) -> str:
    sent = exchange.request
    hosts = [value for name, value in sent.headers if name.lower() == "host"]
    return f"http://{hosts[0] if hosts else 'localhost'}"


def _host(url: SplitResult) -> str:
    netloc = url.netloc.rpartition("@")[2].lower()
    return netloc.removesuffix(PORTS.get(url.scheme, ""))
