"""Write parameters in the styles of OpenAPI 3.1.1, section 4.8.12.2."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

_BETWEEN = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}


def in_path(name: str, value: Any, style: str | None, explode: bool) -> str:
    """Return a path parameter, percent-encoded.

    >>> in_path("ids", [3, 4], None, False)
    '3,4'
    >>> in_path("ids", [3, 4], "matrix", True)
    ';ids=3;ids=4'
    """
    match style:
        case "label":
            return "." + ("." if explode else ",").join(_parts(value, explode))
        case "matrix" if explode and isinstance(value, list):
            return "".join(f";{_quoted(name)}={_word(item)}" for item in value)
        case "matrix" if explode and isinstance(value, dict):
            return "".join(f";{part}" for part in _parts(value, explode))
        case "matrix":
            return f";{_quoted(name)}={','.join(_parts(value, explode))}"
    return ",".join(_parts(value, explode))


def in_query(name: str, value: Any, style: str | None, explode: bool | None) -> str:
    """Return a query parameter, percent-encoded; empty if it has no values.

    >>> in_query("tag", ["a", "b c"], None, None)
    'tag=a&tag=b%20c'
    >>> in_query("at", {"x": 1, "y": 2}, "deepObject", None)
    'at%5Bx%5D=1&at%5By%5D=2'
    """
    exploded = style in (None, "form") if explode is None else explode
    if isinstance(value, dict):
        if style == "deepObject":
            pairs = ((f"{name}[{key}]", item) for key, item in value.items())
            return "&".join(f"{_quoted(key)}={_word(item)}" for key, item in pairs)
        if exploded:
            return "&".join(_parts(value, exploded=True))
    if isinstance(value, list) and exploded:
        return "&".join(f"{_quoted(name)}={_word(item)}" for item in value)
    between = _BETWEEN.get(style or "", ",")
    return f"{_quoted(name)}={between.join(_parts(value, exploded=False))}"


def in_querystring(value: Any) -> str:
    """Return a value that is the whole query: a form if it has names, else JSON.

    >>> in_querystring({"a": 1, "b": ["x", "y z"]})
    'a=1&b=x&b=y%20z'
    """
    if isinstance(value, dict):
        return "&".join(
            in_query(name, item, None, None) for name, item in value.items()
        )
    return _word(value)


def in_header(value: Any, explode: bool) -> str:
    """Return a header parameter, not encoded.

    >>> in_header(["a", 1, True], False)
    'a,1,true'
    """
    if isinstance(value, dict):
        pairs = ((key, plain(item)) for key, item in value.items())
        return ",".join(f"{k}={v}" if explode else f"{k},{v}" for k, v in pairs)
    return ",".join(map(plain, value)) if isinstance(value, list) else plain(value)


def plain(value: Any) -> str:
    """Return a value as a word: text unchanged, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parts(value: Any, exploded: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if exploded:
                yield f"{_quoted(key)}={_word(item)}"
            else:
                yield from (_quoted(key), _word(item))
    elif isinstance(value, list):
        yield from map(_word, value)
    else:
        yield _word(value)


def _word(value: Any) -> str:
    return _quoted(plain(value))


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="")
