"""Write responses and cookies as cells of an execution table."""

from msgspec import UNSET

from comparison.core.plural import counted
from comparison.core.set_cookie import parse_set_cookie
from comparison.models import Exchange, Response

MAX_CONTENT = 120


def response_content(response: Response) -> str:
    """Return the body as one cell: text, or its size if it is not text."""
    if response.body_base64:
        return f"({len(response.content)} bytes, not text)"
    return text_content(response.body)


def text_content(body: str) -> str:
    """Return a text as one cell: one line, cut if it is too long."""
    text = body.strip()
    if not text:
        return _shortened(repr(body[: MAX_CONTENT + 1])) if body else "(empty)"
    # Cut before the rest, which would make several copies of a long body.
    text = text[: MAX_CONTENT + 1].replace("\n", " ")
    if not text.isprintable():
        # A body must not move the terminal cursor of a reader.
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return _shortened(text)


def _shortened(text: str) -> str:
    """Return the text, cut with a visible mark if it is too long for a cell."""
    return text if len(text) <= MAX_CONTENT else text[:MAX_CONTENT] + "…"


def cookies_sent(exchange: Exchange) -> str:
    """Name the cookies of a request; their values are in the recording."""
    fields = [v for name, v in exchange.request.headers if name.lower() == "cookie"]
    if not fields:
        return ""
    names = [pair.partition("=")[0].strip() for f in fields for pair in f.split(";")]
    return f" with {_named(names)}"


def cookies_set(response: Response) -> str:
    """Name the cookies that a response sets, and those that it deletes."""
    cookies = [parse_set_cookie(field) for field in response.header("set-cookie")]
    kept = [cookie.name for cookie in cookies if not cookie.deletes]
    deleted = [cookie.name for cookie in cookies if cookie.deletes]
    described = f", {_named(kept)} set" if kept else ""
    return described + (f", {_named(deleted)} deleted" if deleted else "")


def _named(names: list[str]) -> str:
    unique = list(dict.fromkeys(filter(None, names)))
    return f"{'cookie' if len(unique) == 1 else 'cookies'} {', '.join(unique)}"


def interim_before(response: Response) -> str:
    """Name the interim responses before a response."""
    if response.interim is UNSET:
        return ""
    return f" after {' and '.join(str(each.status) for each in response.interim)}"


def events_in(response: Response) -> str:
    """Count the events of a stream that the client has received."""
    return (
        f", {counted(len(response.parts), 'event')}" if response.is_event_stream else ""
    )
