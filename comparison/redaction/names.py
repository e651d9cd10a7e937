"""Names that say whether a value is likely a secret."""

import re
from collections.abc import Collection
from functools import lru_cache

CREDENTIALS = ("authorization", "proxy-authorization")
"""Headers that hold credentials after the name of their scheme."""

STEMS = tuple(
    map(
        re.compile,
        (
            r"pass(?:w|phrase|code|(?![a-z]))",
            r"secret(?!ar)",
            r"token(?!i[sz])",
            r"api[-_]?key",
            r"access[-_]?key",
            r"private[-_]?key",
            r"credential",
            r"srf",
            r"sig(?:nature|ning[-_]?key|(?![a-z]))",
            r"session[-_]?id",
            r"auth(?:orization|[-_]?code|[-_]?key|(?![a-z]))",
            r"verification[-_]?code",
            r"pwd",
            r"jwt",
            r"otp(?:code|(?![a-z]))",
            r"cvv",
            r"pin(?![a-z])",
        ),
    )
)
"""Each telling name, in lower case, has a part that one of them matches.

They begin with letters, not with alternatives, so that they are found fast.
"""

_ANYWHERE = re.compile(
    r"passw(or)?d|passphrase|passcode|secret(?!ar)|token(?!i[sz])|apikey|accesskey"
    r"|privatekey|signingkey|credential|csrf|xsrf|signature|sessionid|authorization"
    r"|verificationcode|authcode|authkey|otpcode"
)
_WORDS = frozenset({"auth", "cvv", "jwt", "otp", "pwd", "sig", "totp"})
_COUNTED = re.compile(
    r"(max|min|prompt|completion|input|output|total|cached|reasoning|new|num)\w*tokens"
)
# Those of what is said about a secret, not of the secret itself.
_ABOUT = frozenset(
    {"type", "types", "count", "limit", "length", "size", "budget", "url", "uri",
     "endpoint", "name", "policy", "required", "enabled", "expiry", "expires",
     "expiration", "lifetime", "ttl", "at", "in", "hint", "label", "field", "header",
     "headers", "param", "algorithm", "method", "methods", "strength", "usage", "window",
     "details", "scheme", "error", "errors", "message", "help", "placeholder"}
)  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SETTING = re.compile(r"KEY|DSN|DATABASE|_URI$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def telling(name: str) -> bool:
    """Whether a value of this name is likely a secret, as `password` and `X-Api-Key`.

    >>> [telling(name) for name in ("userPassword", "X-Auth-Key", "otp", "csrfToken")]
    [True, True, True, True]
    >>> [telling(name) for name in ("author", "max_tokens", "code", "token_type")]
    [False, False, False, False]
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    joined = "".join(words)
    if joined in ("pass", "pin") or not _WORDS.isdisjoint(words):
        return True
    return bool(_ANYWHERE.search(joined)) and not _COUNTED.search(joined)


def counting(name: str, value: str) -> bool:
    """Whether a value is a number of secrets, as 4096 of `tokens`.

    >>> counting("tokens", "150000"), counting("password", "987654321")
    (True, False)
    """
    return value.isdecimal() and name.lower().endswith("s")


def authorizing(name: str, names: Collection[str]) -> bool:
    """Whether this is an authorization code; elsewhere a code is not a secret.

    RFC 6749 sections 4.1.2 and 4.1.3 say what is sent with one.

    >>> authorizing("code", {"code", "state"}), authorizing("code", {"code", "page"})
    (True, False)
    """
    return name == "code" and ("state" in names or "grant_type" in names)


def about(name: str) -> bool:
    """Whether a name below a telling one is of something that is not secret.

    >>> about("expires_in"), about("value")
    (True, False)
    """
    words = _WORD.findall(name)
    return bool(words) and words[-1].lower() in _ABOUT


def masked_setting(name: str) -> bool:
    """Whether reports only say that a setting is set, as `SECRET_KEY`.

    >>> masked_setting("SQLALCHEMY_DATABASE_URI"), masked_setting("TESTING")
    (True, False)
    """
    return telling(name) or bool(_SETTING.search(name))
