"""The reason phrases that status codes are registered with.

The registry (RFC 9110 section 16.2.1) has renamed some over the years, and each server
has a table of its own, from one year or another. Werkzeug's has phrases of its own for
207, 306 and 511, and one for 449, which was never registered.
"""

from http import HTTPStatus

RENAMED = {
    203: ("Non Authoritative Information",),
    207: ("Multi Status",),
    302: ("Moved Temporarily",),
    306: ("Switch Proxy",),
    408: ("Request Time-out",),
    413: ("Content Too Large", "Payload Too Large", "Request Entity Too Large"),
    414: ("URI Too Long", "Request URI Too Long", "Request-URI Too Long"),
    416: ("Range Not Satisfiable", "Requested Range Not Satisfiable"),
    418: ("I'm a teapot",),
    422: ("Unprocessable Content", "Unprocessable Entity"),
    449: ("Retry With",),
    504: ("Gateway Time-out",),
    511: ("Network Authentication Failed",),
}
UNREGISTERED = ("", "Unknown", "Unknown Status", "<none>")


def is_registered(phrase: str, status: int) -> bool:
    """Whether a phrase is the one of its status, whichever table it was taken from.

    Capitals don't matter. A status that has no phrase may come without one.

    >>> is_registered("ACCEPTED", 202), is_registered("Hello", 202)
    (True, False)
    """
    try:
        phrases = (HTTPStatus(status).phrase, *RENAMED.get(status, ()))
    except ValueError:
        phrases = (*UNREGISTERED, *RENAMED.get(status, ()))
    return phrase.casefold() in map(str.casefold, phrases)
