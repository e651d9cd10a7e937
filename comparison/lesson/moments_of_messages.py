"""Key moments of the request and the response: body, JSON, redirects, cookies, sessions."""

import json

from comparison.core.set_cookie import SetCookie, parse_set_cookie
from comparison.diff.signed import content_of_signed

from .facts import (
    REDIRECTS,
    body_of,
    code,
    content_type,
    cookies_of,
    is_json,
    listed,
    returned,
    streams,
    who,
)
from .model import Answer, Moments
from .snapshot import FRAMINGS
from .subject import Subject

SESSION = "session"
_JSON = ("dict", "list")


def moments_of_messages(subject: Subject) -> Moments:
    """Return the key moments of the request and the response."""
    yield from _json(subject)
    yield from _streaming(subject)
    yield from _body_dropped(subject)
    yield from _redirect(subject)
    yield from _session(subject)
    yield from _cookies(subject)
    yield from _cookies_sent(subject)


def _json(subject: Subject) -> Moments:
    recording, framework = subject.recording, subject.framework
    event, response, at = (
        returned(recording),
        recording.exchange.response,
        subject.received,
    )
    if event is None or event.value is None or response is None or at is None:
        return
    value = event.value
    calls = "jsonify(" in event.source
    body = body_of(value)
    if not is_json(recording) or not (body.type in _JSON or calls):
        return
    kind = content_type(recording)
    if calls:
        question = "What does `jsonify` do?"
        rule = (
            "`jsonify` writes its arguments as JSON and makes a response of them, with"
        )
        rule += " the media type of JSON."
    else:
        question = f"How does a {body.type} become a response?"
        rule = f"A view may return a {body.type}. The framework writes it as JSON, as"
        rule += " `jsonify` does."
    yield (
        question,
        Answer(
            f"{rule}\n{who(event)} returned {code(value.text)}. The client received"
            f" {code(kind)} from {framework} at {subject.step(at)}.",
            (at,),
        ),
    )


def _streaming(subject: Subject) -> Moments:
    recording = subject.recording
    event, response, at = (
        returned(recording),
        recording.exchange.response,
        subject.received,
    )
    if response is None or at is None or event is None or event.value is None:
        return
    if not streams(recording) or not response.content:
        return
    length = response.header("content-length")
    says = f"`Content-Length: {length[0]}`" if length else "no Content-Length"
    yield (
        "Is the whole body made before it is sent?",
        Answer(
            "Not if the app returns an iterator or a stream. The framework sends each piece"
            " as it is made, so it does not know the length beforehand.\n"
            f"{who(event)} returned {code(event.value.text)}. The response has {says}, as"
            f" {subject.step(at)} shows. {FRAMINGS.get(response.framing, '')}".rstrip(),
            (at,),
        ),
    )


def _body_dropped(subject: Subject) -> Moments:
    recording, at = subject.recording, subject.received
    response = recording.exchange.response
    if response is None or at is None:
        return
    method, status = recording.exchange.request.method, response.status
    head = method == "HEAD"
    if not (head or status in (204, 205, 304) or "none is allowed" in response.framing):
        return
    if response.body:
        return
    if head:
        rule = (
            "HEAD requests only the header fields (RFC 9110, section 9.3.2). They are"
        )
        rule += " those of GET."
    else:
        rule = f"A response with status {status} has no content (RFC 9110, section 15)."
    text = f"The client received none at {subject.step(at)}."
    if "none is allowed" in response.framing:
        text = (
            f"{subject.framework} handed over a body all the same:"
            f" {response.framing}. {text}"
        )
    length = response.header("content-length")
    if length:
        text += f" The field `Content-Length: {length[0]}` came without it."
    yield "Where did the body go?", Answer(f"{rule}\n{text}", (at,))


def _redirect(subject: Subject) -> Moments:
    recording, at = subject.recording, subject.received
    response = recording.exchange.response
    if response is None or at is None:
        return
    places = response.header("location")
    if places and response.status in REDIRECTS:
        end = subject.last
        yield (
            "What does a client do with a redirect?",
            Answer(
                "A browser requests the address in `Location` next (RFC 9110, section 15.4)."
                f"\nThe response has status {response.status} and"
                f" {code(f'Location: {places[0]}')}. The client of this recording does not"
                f" follow it: it ends with {subject.step(end)}.",
                (at, end),
            ),
        )


def _session(subject: Subject) -> Moments:
    recording, framework, at = subject.recording, subject.framework, subject.received
    for cookie in cookies_of(recording):
        signed = content_of_signed(cookie.value)
        if cookie.name != SESSION or cookie.deletes or at is None:
            continue
        text = f"The response of {subject.step(at)} sets the cookie `{SESSION}`."
        if signed is not None:
            text += f" Its value has this content: {code(json.dumps(signed))}."
        yield (
            "Where is the session kept?",
            Answer(
                "In the client. The framework signs the session's data with the secret key and"
                " sends it as a cookie. The client can read it. A changed value does not fit"
                f" the signature.\n{framework} did so here. {text}",
                (at,),
            ),
        )


def _cookies(subject: Subject) -> Moments:
    recording, at = subject.recording, subject.received
    cookies = list({cookie.name: cookie for cookie in cookies_of(recording)}.values())
    if not cookies or at is None:
        return
    effects = [
        f"The response of {subject.step(at)} {_does(cookie)}" for cookie in cookies
    ]
    yield (
        "What does the client do with the cookie?",
        Answer(
            "A client stores a cookie and returns it with later requests, as the attributes of"
            f" Set-Cookie say (RFC 6265, section 5.4).\n{' '.join(effects)}",
            (at,),
        ),
    )


def _does(cookie: SetCookie) -> str:
    """Say what a cookie makes a client do, by its attributes."""
    name, has = code(cookie.name), cookie.attributes
    if cookie.deletes:
        why = "Max-Age" if "max-age" in has else "Expires"
        return (
            f"deletes {name}: {code(f'{why}={has[why.lower()]}')} says that it has"
            " expired, so the client removes it and sends it no more."
        )
    limits = []
    path = has.get("path", "")
    if path.startswith("/") and path != "/":
        limits.append(f"to paths at or below {code(path)}")
    elif not path.startswith("/"):
        limits.append("to paths below that of this request")
    if has.get("domain"):
        limits.append(f"to {code(has['domain'].lstrip('.'))} and its subdomains")
    else:
        limits.append("to this host")
    if "secure" in has:
        limits.append("over HTTPS")
    text = f"sets {name}. The client returns it with requests {listed(limits)} only"
    if has.get("max-age") or has.get("expires"):
        until = f"Max-Age={has['max-age']}" if has.get("max-age") else f"Expires={has['expires']}"  # fmt: skip
        text += f", until {code(until)}"
    return text + (
        ". Scripts of a page cannot read it (HttpOnly)." if "httponly" in has else "."
    )


def _cookies_sent(subject: Subject) -> Moments:
    recording = subject.recording
    sent = [
        pair.partition("=")[0].strip()
        for name, value in recording.exchange.request.headers
        if name.lower() == "cookie"
        for pair in value.split(";")
    ]
    stored = {
        cookie.name: number
        for number, earlier in enumerate(recording.setup, 1)
        if earlier.response is not None
        for cookie in map(parse_set_cookie, earlier.response.header("set-cookie"))
    }
    both = [name for name in dict.fromkeys(sent) if name in stored]
    at = subject.first("sent")
    if not both or at is None:
        return
    step = subject.earlier(stored[both[0]])
    yield (
        "Where does the cookie of the request come from?",
        Answer(
            "A client returns what an earlier response made it store.\nThe client stored"
            f" {listed(map(code, both))} from the response of {subject.step(step)}, and sent"
            f" it back at {subject.step(at)}.",
            (step, at),
        ),
    )
