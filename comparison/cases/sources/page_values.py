"""Find the values in an HTML page that a client sends back: hidden fields and tokens."""

import re
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


def page_values(text: str) -> list[PageValue]:
    """Return the fields of forms and the meta elements of a page, in order.

    >>> [each.css for each in page_values('<input type=hidden name=csrf_token value=7f>')]
    ['input[name=csrf_token]']
    """
    page = _Page()
    page.feed(text)
    page.close()
    return page.found


class _Page(HTMLParser):
    """Collects the elements with a value that a selector can find."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[PageValue] = []
        self.form = ""
        self._seen: set[str] = set()

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
        css = _selector(tag, "name", name)
        # A capture takes the first element: for another one, say in which form it is.
        if css in self._seen and self.form:
            css = f"{self.form} {css}"
        if css not in self._seen:
            self._seen.add(css)
            self.found.append(PageValue(name, value, css, attribute, hidden))


def _selector(tag: str, attribute: str, value: str) -> str:
    if not value:
        return ""
    if _PLAIN.fullmatch(value):
        return f"{tag}[{attribute}={value}]"
    # A string of CSS escapes quotes, backslashes and line breaks.
    text = re.sub(r'["\\]', r"\\\g<0>", value)
    text = re.sub(r"[\n\r\f]", lambda found: f"\\{ord(found[0]):x} ", text)
    return f'{tag}[{attribute}="{text}"]'
