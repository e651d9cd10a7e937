"""The reason phrases of status codes.

The registry (RFC 9110 section 16.2.1) has renamed some over the years. Each server has
its own table, from a different year. Werkzeug has its own phrases for 207, 306 and 511,
and one for 449, which was never registered.
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
    """Return whether a phrase belongs to its status in any of these tables.

    Letter case does not matter. The phrase of an unknown status may be empty.

    >>> is_registered("ACCEPTED", 202), is_registered("Hello", 202)
    (True, False)
    """
    try:
        phrases = (HTTPStatus(status).phrase, *RENAMED.get(status, ()))
    except ValueError:
        phrases = (*UNREGISTERED, *RENAMED.get(status, ()))
    return phrase.casefold() in map(str.casefold, phrases)
