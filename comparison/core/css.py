"""Find values in HTML by CSS selectors, with lxml and cssselect."""

from functools import lru_cache
from typing import Any

from comparison.core.errors import UsageError

MISSING = (
    "css needs lxml and cssselect: install them with"
    " python -m pip install 'flask-quart-comparison[html]'"
)


def check(selector: str) -> None:
    """Raise ValueError if a text is not a CSS selector, or if the libraries are missing."""
    _compiled(selector)


def first(selector: str, attribute: str, text: str) -> str | None:
    """Return the text of the first element that a selector finds, or its attribute.

    Returns None if there is no such element, or if it has no such attribute.

    >>> first("input[name=token]", "value", '<p>Hi <input name="token" value="a&amp;b">')
    'a&b'
    >>> first("p", "", "<p> Hello, <b>you</b> </p>")
    'Hello, you'
    """
    # lxml reads bytes, because a text may declare another encoding.
    try:
        from lxml import etree, html
    except ImportError:
        raise UsageError(MISSING) from None
    if not text.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8")
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except etree.ParserError:  # only comments
        return None
    found = _compiled(selector)(root)
    if not found:
        return None
    if attribute:
        value: str | None = found[0].get(attribute)
        return value
    return str(found[0].text_content()).strip()


@lru_cache(maxsize=1024)
def _compiled(selector: str) -> Any:
    try:
        from cssselect import SelectorError
        from lxml.cssselect import CSSSelector
    except ImportError:
        raise ValueError(MISSING) from None
    try:
        return CSSSelector(selector, translator="html")
    except SelectorError as error:
        raise ValueError(f"css is not a selector: {selector!r}: {error}") from None
