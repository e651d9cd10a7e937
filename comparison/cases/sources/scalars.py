"""Make texts and numbers that a JSON Schema allows."""

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from tempfile import TemporaryDirectory
from typing import Any

FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "someone@example.com",
    "idn-email": "someone@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/example",
    "iri-reference": "/example",
    "json-pointer": "/example",
    "byte": "c2FtcGxl",
}
# Classes of ECMA-262 that Python does not have.
_CLASSES = {
    r"\p{L}": "a-zA-Z", r"\p{Lu}": "A-Z", r"\p{Ll}": "a-z", r"\p{N}": "0-9",
    r"\p{Nd}": "0-9", r"\p{Alpha}": "a-zA-Z", r"\p{Letter}": "a-zA-Z",
}  # fmt: skip
_BRACKETS = re.compile(r"\[(?:[^\]\\]|\\.)*\]")
_CLASS = re.compile("|".join(map(re.escape, _CLASSES)))
_TRIES = 40
_LONGEST = 1000


def real(value: Any) -> float | int | None:
    """Return a number that is not too large to count with; None for anything else."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return value if plain and abs(value) < 2**53 else None  # excludes NaN too


def whole(value: Any, otherwise: int) -> int:
    """Return an integer, or the other one if it is not an integer."""
    return value if type(value) is int else otherwise


def bounds(
    schema: dict[str, Any], *, integer: bool
) -> tuple[float | int | None, float | int | None]:
    """Return the least and the greatest number that a schema allows, if it has any."""
    low, high = real(schema.get("minimum")), real(schema.get("maximum"))
    over, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = real(schema.get("multipleOf")) or (1 if integer else 0.5)
    if over is True and low is not None:  # 3.0
        low += step
    elif (bound := real(over)) is not None:  # 3.1
        low = bound + step if low is None else max(low, bound + step)
    if under is True and high is not None:
        high -= step
    elif (bound := real(under)) is not None:
        high = bound - step if high is None else min(high, bound - step)
    return low, high


def number(schema: dict[str, Any], *, integer: bool) -> float | int:
    """Return 1, or the nearest number to it that the bounds allow."""
    low, high = bounds(schema, integer=integer)
    found: float | int = 1 if integer else 1.5
    if low is not None and found < low:
        found = low
    if high is not None and found > high:
        found = high
    if low is not None and high is not None and not low <= found <= high:
        over, under = (
            real(schema.get("exclusiveMinimum")),
            real(schema.get("exclusiveMaximum")),
        )
        least = over if over is not None else low
        most = under if under is not None else high
        found = (least + most) / 2
    if step := real(schema.get("multipleOf")):
        # A quotient, because a product such as 301 * 0.01 is not exactly 3.01.
        upside = 1 / step
        steps = math.ceil(round(found / step, 9))
        found = steps / upside if upside.is_integer() else steps * step
    return math.ceil(found) if integer else found


def text(schema: dict[str, Any], name: str) -> str:
    """Return a text of the schema's format, pattern and length; else the name."""
    known = schema.get("format")
    given = FORMATS.get(known, "") if isinstance(known, str) else ""
    if given and not unlike(given, schema):
        return given
    least = min(max(0, whole(schema.get("minLength"), 0)), _LONGEST)
    pattern = schema.get("pattern")
    word = name or "text"
    most = max(least, whole(schema.get("maxLength"), max(least, len(word))), 0)
    plain = (word * (least // len(word) + 1))[: max(least, min(most, len(word)))]
    if not isinstance(pattern, str) or not unlike(plain, schema):
        return plain
    found = matching(pattern, least, whole(schema.get("maxLength"), _LONGEST))
    return plain if found is None else found


def unlike(value: str, schema: dict[str, Any]) -> bool:
    """Return whether a text has another length or pattern than the schema says."""
    if len(value) < whole(schema.get("minLength"), 0):
        return True
    if len(value) > whole(schema.get("maxLength"), len(value)):
        return True
    pattern = schema.get("pattern")
    return isinstance(pattern, str) and not matches(pattern, value)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    for written in _spellings(pattern):
        try:
            return re.compile(written)
        except (re.error, OverflowError, RecursionError):
            continue
    return None


def matches(pattern: str, value: str) -> bool:
    """Return whether a text matches a pattern; a pattern that we cannot read matches."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


def _spellings(pattern: str) -> Iterator[str]:
    """Yield a pattern as it is, then as Python writes it."""
    yield pattern

    def inside(found: re.Match[str]) -> str:
        return _CLASS.sub(lambda each: _CLASSES[each[0]], found[0])

    pattern = _BRACKETS.sub(inside, pattern)
    pattern = _CLASS.sub(lambda found: f"[{_CLASSES[found[0]]}]", pattern)
    pattern = pattern.replace(r"\/", "/").replace("[^]", r"[\s\S]")
    pattern = re.sub(r"\(\?<(?![=!])", "(?P<", pattern)
    yield pattern
    # In Python, a minus beside a class in brackets is not a minus.
    yield re.sub(r"(\\[wdsWDS])-(?=[^\]])", r"\1\\-", pattern)


@lru_cache(maxsize=4096)
def matching(pattern: str, least: int = 0, most: int = _LONGEST) -> str | None:
    """Return a text that matches a pattern, the same in every run; None without one.

    >>> matching("^[A-Z]{3}-[0-9]{4}$")
    'AAA-0000'
    """
    compiled = _compiled(pattern)
    if compiled is None or len(pattern) > _LONGEST:
        return None
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.configuration import set_hypothesis_home_dir
    from hypothesis.errors import HypothesisException

    printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    made: list[str] = []

    def fits(value: str) -> bool:
        # Only what a header or a path may have too.
        made.append(value)
        return least <= len(value) <= most and value.isprintable()

    rules = settings(
        database=None, derandomize=True, deadline=None, max_examples=_TRIES,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    # Hypothesis would put a table of characters into the working folder.
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            for alphabet in (printable, st.characters(exclude_categories=("Cs", "Cc"))):
                with suppress(HypothesisException, ValueError, RecursionError):
                    matched = st.from_regex(compiled, alphabet=alphabet)
                    return find(matched, fits, settings=rules)
        finally:
            set_hypothesis_home_dir(None)
    return _lengthened(compiled, made, least, most)


def _lengthened(
    compiled: re.Pattern[str], made: list[str], least: int, most: int
) -> str | None:
    """Repeat a character of a text that is too short, where the pattern allows it."""
    for value in made[:_TRIES]:
        for at in range(len(value) if len(value) < least <= most else 0):
            longer = value[:at] + value[at] * (least - len(value)) + value[at:]
            if compiled.search(longer):
                return longer
    return None
