"""Find the values in an HTML page that a client sends back: hidden fields and tokens."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from msgspec import Struct

_PLAIN = re.compile(r"[A-Za-z_][\w-]*")


class PageValue(Struct, frozen=True):
    """A value in a page: the name of its field, and how a capture finds it."""

    name: str
    value: str
    css: str
    attribute: str
    hidden: bool


def page_values(text: str) -> Iterator[PageValue]:
    """Yield the fields of forms and the meta elements of a page, in order.

    >>> [each.css for each in page_values('<input type=hidden name=csrf_token value=7f>')]
    ['input[name=csrf_token]']
    """
    page = _Page()
    page.feed(text)
    page.close()
    seen: set[str] = set()
    for selector, inner in page.found:
        # A capture takes the first element: for another one, say in which form it is.
        css = selector if selector not in seen else f"{inner.css} {selector}"
        seen.add(selector)
        if css == selector or (inner.css and css not in seen):
            seen.add(css)
            yield PageValue(inner.name, inner.value, css, inner.attribute, inner.hidden)


class _Page(HTMLParser):
    """Collects elements with a value: each with its selector, and that of its form."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, PageValue]] = []
        self.form = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.form = _selector("form", "action", given.get("action", ""))
        elif tag == "input" and name and given.get("value"):
            hidden = given.get("type", "").lower() == "hidden"
            self._add(tag, name, given["value"], "value", hidden)
        elif tag == "meta" and name and given.get("content"):
            self._add(tag, name, given["content"], "content", hidden=False)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = ""

    def _add(
        self, tag: str, name: str, value: str, attribute: str, hidden: bool
    ) -> None:
        found = PageValue(name, value, self.form, attribute, hidden)
        self.found.append((_selector(tag, "name", name), found))


def _selector(tag: str, attribute: str, value: str) -> str:
    if not value:
        return ""
    if _PLAIN.fullmatch(value):
        return f"{tag}[{attribute}={value}]"
    # A string of CSS escapes quotes, backslashes and line breaks.
    text = re.sub(r'["\\]', r"\\\g<0>", value)
    text = re.sub(r"[\n\r\f]", lambda found: f"\\{ord(found[0]):x} ", text)
    return f'{tag}[{attribute}="{text}"]'
