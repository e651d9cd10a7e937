"""Multipart bodies are read if a case can send the same bytes."""

import pytest

from comparison.cases.sources.multipart import FormPart, parts_of

MEDIA = "multipart/form-data; boundary=x"
HEAD = 'Content-Disposition: form-data; name="a"'
PART = f"--x\r\n{HEAD}\r\n\r\n1\r\n"
END = "--x--\r\n"


def test_each_part_has_its_name_and_content() -> None:
    other = HEAD.replace('"a"', '"b"')
    body = f"{PART}--x\r\n{other}\r\n\r\n\r\n2\r\n\r\n{END}"
    assert parts_of(body.encode(), MEDIA) == [
        FormPart("a", b"1"),
        FormPart("b", b"\r\n2\r\n"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "",
        END,
        PART,
        f"before{PART}{END}",
        f"{PART}{END}after",
        f"{PART}--x--",
        PART.replace("--x\r\n", "--x \n") + END,
        PART.replace("--x\r\n", "--x\n\n") + END,
        PART.replace("1\r\n", "1\n\n") + END,
        PART.replace("name=", "nam=") + END,
        f'--x\r\n{HEAD}; filename="a.txt"\r\n\r\n1\r\n{END}',
    ],
    ids=range(11),
)
def test_a_body_that_would_be_sent_in_other_bytes_is_not_read(body: str) -> None:
    assert parts_of(body.encode(), MEDIA) is None


def test_a_body_without_a_boundary_is_not_read() -> None:
    assert parts_of((PART + END).encode(), "multipart/form-data") is None
