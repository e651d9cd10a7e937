"""Shell commands are split into words as bash splits them."""

import pytest

from comparison.cases.sources.shell import commands
from comparison.cases.sources.variables import as_variable

A, B = as_variable("A"), as_variable("B")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("a b\tc", [("a", "b", "c")]),
        # Backslashes.
        ("a\\ b", [("a b",)]),
        ("a\\b\\\\", [("ab\\",)]),
        ("a \\", [("a", "\\")]),
        ("a \\\n b \\\r\n c", [("a", "b", "c")]),
        ("a\\\nb", [("ab",)]),
        # Comments.
        ("a # c\nb", [("a",), ("b",)]),
        ("a # c", [("a",)]),
        ("a #", [("a",)]),
        ("a# c", [("a#", "c")]),
        ("# x\n# y", []),
        # Ends of commands.
        ("a; b | c & d && e\nf", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("a\r\nb", [("a",), ("b",)]),
        (";;\n", []),
        # Quotes.
        ("a ''", [("a", "")]),
        ("a 'x;\n#\\y'", [("a", "x;\n#\\y")]),
        ("a'b'\"c\"d", [("abcd",)]),
        ('a "x\\\ny" "\\$A \\`b\\` \\"c\\" \\\\ \\d"', [("a", "xy", '$A `b` "c" \\ \\d')]),
        ("a $'\\x41\\102\\u0043\\U00000044\\n\\t'", [("a", "ABCD\n\t")]),
        ("a $'\\'\\\"\\\\\\?\\e\\q'", [("a", "'\"\\?\x1b\\q")]),
        # Variables.
        ("a $A x${B}y $ $1", [("a", A, f"x{B}y", "$", as_variable("1"))]),
        ('a "$A ${B}"', [("a", f"{A} {B}")]),
        ("a '$A'", [("a", "$A")]),
    ],
)  # fmt: skip
def test_a_script_is_split_into_words(script: str, words: list[tuple[str]]) -> None:
    assert [each.words for each in commands(script)] == words


def test_each_command_has_the_line_on_which_it_begins() -> None:
    script = "\n\na 'x\ny' \\\n b\n# c\nd; e\n\nf"
    assert [(each.line, each.words[0]) for each in commands(script)] == [
        (3, "a"), (7, "d"), (7, "e"), (9, "f"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("a\n\nb 'c", "3: the quote ' has no end"),
        ('a\nb "c', '2: the quote " has no end'),
    ],
)
def test_an_open_quote_has_its_line(script: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(commands(script))
