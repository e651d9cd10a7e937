"""White space in HTML counts where a browser shows it."""

import pytest

from comparison.diff.markup import html_tokens

# https://html.spec.whatwg.org/multipage/dom.html#phrasing-content, without elements that
# show nothing or are nothing but a break.
IN_LINE = [
    "a", "abbr", "audio", "b", "bdi", "bdo", "button", "canvas", "cite", "code", "data",
    "del", "dfn", "em", "i", "iframe", "ins", "kbd", "label", "mark", "meter", "object",
    "output", "picture", "progress", "q", "ruby", "s", "samp", "select", "small", "span",
    "strong", "sub", "sup", "svg", "textarea", "time", "u", "var", "video",
]  # fmt: skip


@pytest.mark.parametrize("tag", IN_LINE)
def test_white_space_around_an_element_in_a_line_counts(tag: str) -> None:
    apart, together = f"<p>a <{tag}>b</{tag}>", f"<p>a<{tag}>b</{tag}>"
    assert html_tokens(apart) != html_tokens(together)
    wider = apart.replace("a <", "a\n  <")
    assert html_tokens(apart) == html_tokens(wider)


@pytest.mark.parametrize("tag", ["img", "input"])
def test_white_space_around_an_element_without_content_counts(tag: str) -> None:
    assert html_tokens(f"<p>a <{tag}>b") != html_tokens(f"<p>a<{tag}>b")
    assert html_tokens(f"<p>a<{tag}> b") != html_tokens(f"<p>a<{tag}>b")


@pytest.mark.parametrize("tag", ["div", "p", "ul", "h1", "table", "section"])
def test_white_space_around_a_block_does_not_count(tag: str) -> None:
    apart, together = f"a <{tag}>b</{tag}> c", f"a<{tag}>b</{tag}>c"
    assert html_tokens(apart) == html_tokens(together)


@pytest.mark.parametrize("tag", ["pre", "textarea", "script", "style"])
def test_white_space_of_preformatted_elements_counts(tag: str) -> None:
    one, two = f"<div><{tag}>a b</{tag}></div>", f"<div><{tag}>a  b</{tag}></div>"
    assert html_tokens(one) != html_tokens(two)
    after, closer = f"{one} <p>c  d", f"{one}<p>c d"
    assert html_tokens(after.replace(" <p", "<p")) == html_tokens(closer)
