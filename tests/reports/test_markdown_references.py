"""No recorded text becomes a link, a notification or a picture on GitHub."""

import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from comparison.cli import main
from tests.project import Project, project

__all__ = ["project"]

# GitHub Docs, "Autolinked references and URLs", "Basic writing and formatting syntax",
# "Writing mathematical expressions"; GitHub Flavored Markdown, section 6.9.
REFERENCES = (
    "@octocat", "(@octo/team)", "https://evil.example/a_b*c*", "HTTP://evil.example",
    "www.evil.example", "me@evil.example", "mailto:me@evil.example", "#12", "GH-12",
    "octo/shop#12", "octo@a5c3785ed8d6a35868bc169f07e40e889087fd2e",
    "a5c3785ed8d6a35868bc169f07e40e889087fd2e", "a5c3785", ":tada:", ":+1:", "$x^2$",
    "`@octocat`", "``#12`", "**@octocat**", "[#12](x)", "![x](http://evil.example)", "<@octocat>", "&#64;octocat",
    r"\@octocat",
)  # fmt: skip
HOSTILE = f"Say {' and '.join(REFERENCES)} aloud"
LINKED = re.compile(
    r"@\w|://|www\.|#\d|GH-\d|[\da-f]{7}|:tada:|:\+1:|\$x", re.IGNORECASE
)
MORE = f"""
    @app.get("/hostile")
    def hostile():
        if True: raise LookupError({HOSTILE!r})

    @app.errorhandler(LookupError)
    def told(error):
        told = {{"X-Who": "{{who}} " + str(error), "GH-12-#12": "{{who}}"}}
        return "{{who}} " + str(error), 200, told
"""
CASES = f"""
[[case]]
id = "hostile @octocat #12"
title = '''{HOSTILE}'''
description = '''{HOSTILE}'''
request = {{ path = "/hostile" }}

[[case]]
id = "calm"
request = {{ path = "/greeting" }}
"""


@pytest.fixture
def hostile(project: Project) -> Project:
    """Apps whose responses differ, with references wherever there is room for them."""
    for framework in ("flask", "quart"):
        project.app(framework, more=MORE.replace("{who}", framework))
    project.write("cases.toml", CASES)
    return project


def tokens(markdown: str) -> list[Token]:
    """Return the text, the code and the rest of a document, in order."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    inline = [token for token in parser.parse(markdown) if token.type == "inline"]
    return [child for token in inline for child in token.children or ()]


@pytest.mark.parametrize("command", ["run", "show"])
def test_recorded_references_stay_text(
    command: str, hostile: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    what = ["run"] if command == "run" else ["show", "hostile @octocat #12"]
    assert main([*what, "--output=report.md"]) == 1
    capsys.readouterr()
    markdown = (hostile.root / "report.md").read_text("utf-8")
    found = tokens(markdown)
    linked = [t.content for t in found if t.type == "text" and LINKED.search(t.content)]
    assert linked == []
    assert {token.type for token in found} & {"link_open", "image", "html_inline"} == (
        set()
    )
    # It is shown as it was, but for the type.
    shown = "".join(t.content for t in found if t.type in {"text", "code_inline"})
    assert HOSTILE in shown
    assert "@octocat" in markdown
