"""Names that show whether a value is likely a secret."""

import re
from collections.abc import Collection
from functools import lru_cache

CREDENTIALS = ("authorization", "proxy-authorization")
"""Headers with credentials after the name of their scheme."""

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
"""Each secret name, in lower case, has a part that matches one of them.

They begin with letters, not with alternatives, so that the search is fast.
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
# Names of facts about a secret, not of the secret itself.
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
def is_secret_name(name: str) -> bool:
    """Return whether a value with this name is likely a secret, such as `password`.

    >>> [is_secret_name(name) for name in ("userPassword", "X-Auth-Key", "otp", "csrfToken")]
    [True, True, True, True]
    >>> [is_secret_name(name) for name in ("author", "max_tokens", "code", "token_type")]
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
    """Return whether a value is a number of secrets, such as `tokens` = 4096.

    >>> counting("tokens", "150000"), counting("password", "987654321")
    (True, False)
    """
    return value.isdecimal() and name.lower().endswith("s")


def authorizing(name: str, names: Collection[str]) -> bool:
    """Return whether this is an authorization code; other codes are not secrets.

    RFC 6749 sections 4.1.2 and 4.1.3 list the parameters sent with one.

    >>> authorizing("code", {"code", "state"}), authorizing("code", {"code", "page"})
    (True, False)
    """
    return name == "code" and ("state" in names or "grant_type" in names)


def about(name: str) -> bool:
    """Return whether a value with this name, below a secret name, is not a secret.

    >>> about("expires_in"), about("value")
    (True, False)
    """
    words = _WORD.findall(name)
    return bool(words) and words[-1].lower() in _ABOUT


def masked_setting(name: str) -> bool:
    """Return whether reports hide the value of a setting, such as `SECRET_KEY`.

    >>> masked_setting("SQLALCHEMY_DATABASE_URI"), masked_setting("TESTING")
    (True, False)
    """
    return is_secret_name(name) or bool(_SETTING.search(name))
