"""Digest authentication (RFC 7616): the answer to a server's challenge."""

from collections.abc import Callable

import httpx

from comparison.models import Exchange, Failure, Response
from comparison.models.access import Login

from .http import request_target, sent

Answer = tuple[Response | None, Failure | None]
UNAUTHORIZED = 401


class DigestLogin:
    """The login of one case: later requests use the nonce of the first challenge.

    httpx knows the algorithms. We send the requests, so that both are recorded.
    """

    def __init__(self, login: Login) -> None:
        self.auth = httpx.DigestAuth(login.user, login.password)

    def exchange(
        self, request: httpx.Request, send: Callable[[httpx.Request], Answer]
    ) -> tuple[httpx.Request, Answer, Exchange | None]:
        """Send a request, and again with credentials if the server challenges it.

        Return the last request, its answer, and the exchange with the challenge.
        """
        if "authorization" in request.headers:
            return request, send(request), None
        described = _addressed(request)
        steps = self.auth.auth_flow(described)
        first = _authorized(request, next(steps))
        response, failure = send(first)
        if response is None or response.status != UNAUTHORIZED:
            return first, (response, failure), None
        try:
            again = steps.send(_answered(described, response))
        except StopIteration:  # no challenge that we can answer
            return first, (response, failure), None
        except Exception as error:
            return first, (None, _failure(error)), None
        challenge = Exchange(sent(first), response)
        second = _authorized(request, again)
        return second, send(second), challenge


def _failure(error: Exception) -> Failure:
    """Describe why httpx cannot answer a challenge."""
    match error:
        case NotImplementedError():
            kind, problem = "unsupported", str(error)
        case KeyError(args=[algorithm]):
            kind, problem = "unsupported", f"httpx has no algorithm {algorithm}"
        case httpx.ProtocolError():
            kind, problem = "protocol", str(error)
        case ValueError():
            kind, problem = "protocol", "the challenge is malformed"
        case _:
            raise error
    return Failure(kind, f"digest authentication: {problem}")


class _Url(httpx.URL):
    """A URL with the request target as we send it: httpx would normalise it."""

    def __init__(self, url: httpx.URL, target: bytes) -> None:
        super().__init__(url)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        return self._target


def _addressed(request: httpx.Request) -> httpx.Request:
    """Return a request whose URL has the target, because the digest covers it."""
    described = httpx.Request(request.method, request.url)
    described.method = request.method
    described.url = _Url(request.url, request_target(request))
    return described


def _answered(request: httpx.Request, response: Response) -> httpx.Response:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
        if name.lower() in ("www-authenticate", "set-cookie")
    ]
    return httpx.Response(response.status, headers=headers, request=request)


def _authorized(request: httpx.Request, described: httpx.Request) -> httpx.Request:
    """Return the request with the credentials and cookies that httpx added."""
    added = {
        name: described.headers[name]
        for name in ("Authorization", "Cookie")
        if name in described.headers
    }
    if not added:
        return request
    if "cookie" in request.headers and "Cookie" in added:
        added["Cookie"] = f"{request.headers['cookie']}; {added['Cookie']}"
    kept = [(k, v) for k, v in request.headers.raw if k.lower() != b"cookie"]
    if "Cookie" not in added:
        kept = list(request.headers.raw)
    headers = [*kept, *((n.encode(), v.encode("latin-1")) for n, v in added.items())]
    extensions = {k: v for k, v in request.extensions.items() if k != "sent"}
    made = httpx.Request(
        request.method, request.url, headers=headers, stream=request.stream,
        extensions=extensions,
    )  # fmt: skip
    made.method = request.method
    return made
