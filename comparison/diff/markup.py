"""Compare XML and HTML by structure.

XML is compared in its canonical form (C14N 2.0), which Python makes. HTML is read by lxml,
of the extra `html`, as browsers read it: with end tags and elements that may be omitted.
"""

import re
from collections.abc import Iterator
from typing import Any

from comparison.core.errors import UsageError

MISSING = (
    "html needs lxml: install it with"
    " python -m pip install 'flask-quart-comparison[html]'"
)
SPACE = re.compile(r"[ \t\n\f\r]+")  # the white space of HTML
AS_WRITTEN = ("pre", "textarea", "script", "style")
"""Elements whose white space counts."""
IN_LINE = {
    "a", "abbr", "audio", "b", "bdi", "bdo", "button", "canvas", "cite", "code", "data",
    "del", "dfn", "em", "i", "iframe", "img", "input", "ins", "kbd", "label", "mark",
    "meter", "object", "output", "picture", "progress", "q", "ruby", "s", "samp", "select",
    "small", "span", "strong", "sub", "sup", "svg", "textarea", "time", "u", "var", "video",
}  # fmt: skip
"""Elements beside which white space shows."""

Token = list[Any]


def canonical_xml(text: str) -> str:
    """Return the canonical form of an XML document. Raises ValueError.

    >>> canonical_xml('<a y="1" x="2"> <b/> </a>') == canonical_xml('<a x="2" y="1"><b></b></a>')
    True
    """
    from xml.etree import ElementTree as ET

    try:
        return ET.canonicalize(text, strip_text=True, rewrite_prefixes=True)
    except ET.ParseError as error:
        raise ValueError(str(error)) from None


def html_tokens(text: str) -> list[Token]:
    """Return an HTML page as a list of tags and texts. Raises ValueError, UsageError.

    >>> html_tokens("<p class='b a'>Hello, <b>you</b>")[3:6]
    [['text', 'Hello, '], ['start', 'b', {}], ['text', 'you']]
    """
    if "\0" in text:
        raise ValueError("a parser of HTML stops at NUL")
    try:
        from lxml import etree, html
    except ImportError:
        raise UsageError(MISSING) from None
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except etree.ParserError as error:  # only comments
        raise ValueError(str(error)) from None
    tokens = list(_tokens(etree.iterwalk(root, events=("start", "end"))))
    return list(_without_space(tokens))


def _tokens(events: Any) -> Iterator[Token]:
    kept = 0
    for event, element in events:
        tag = element.tag
        if event == "start":
            yield ["start", tag, dict(sorted(_attributes(element)))]
            kept += tag in AS_WRITTEN
            yield ["text", element.text or "", kept > 0]
        else:
            kept -= tag in AS_WRITTEN
            yield ["end", tag]
            yield ["text", element.tail or "", kept > 0]


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield name, " ".join(sorted(value.split())) if name == "class" else value


def _without_space(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens without the white space that no browser shows."""
    for at, token in enumerate(tokens):
        if token[0] != "text":
            yield token
            continue
        text, as_written = token[1:]
        if not as_written:
            text = SPACE.sub(" ", text)
            if not _in_line(tokens, at - 1):
                text = text.lstrip(" ")
            if not _in_line(tokens, at + 1):
                text = text.rstrip(" ")
        if text:
            yield ["text", text]


def _in_line(tokens: list[Token], at: int) -> bool:
    """Return whether white space shows beside the tag there."""
    return 0 <= at < len(tokens) and tokens[at][1] in IN_LINE
