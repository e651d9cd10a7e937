"""The self-contained page."""

import re
from html.parser import HTMLParser

from comparison import Case, Request

from .making import VERY_ODD, cases, reported


class Page(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_case_has_both_recordings() -> None:
    page = Page(reported("html", lambda: "one", lambda: "two", cases(3)))
    assert page.tags.count("details") == 3
    assert page.tags.count("table") == 6


def test_the_difference_is_marked_on_both_sides() -> None:
    text = reported("html", lambda: "one", lambda: "two")
    assert "<del>    - body: one</del>" in text
    assert "<ins>    + body: two</ins>" in text


def test_the_page_fetches_no_resources() -> None:
    page = Page(reported("html", lambda: "one", lambda: "two"))
    fetching = {"src", "href", "action", "srcset"}
    assert [a for a in page.attributes if a[1] in fetching] == []
    assert not {"link", "img", "iframe"} & set(page.tags)


def test_responses_are_escaped_in_the_page() -> None:
    sent = [Case("odd", Request("GET", '/?q="><script>'), title="</title><script>")]
    page = Page(reported("html", lambda: VERY_ODD, lambda: "", sent))
    assert page.tags.count("script") == 1
    assert page.tags.count("b") == 1


def test_the_policy_allows_the_page_its_own_script_only() -> None:
    text = reported("html", lambda: "a", lambda: "a")
    assert re.search(r"default-src 'none'; .*script-src 'sha256-[\w+/=]+'\"", text)


def test_the_search_covers_id_method_path_and_fields() -> None:
    text = reported("html", lambda: "one", lambda: "two")
    (search,) = re.findall(r'data-search="([^"]*)"', text)
    assert {"case-1", "get", "/", "body"} <= set(search.split())
