"""JSON and parts that a recording has, and whether a case file can have them."""

import json
from typing import Any

import pytest

from comparison.cases.placeholders import NumberText, Placeholders
from comparison.cases.sources.multipart import (
    FormPart,
    boundary_in,
    names_of,
    parts_of,
)
from comparison.cases.sources.recorded_json import (
    Unwritable,
    as_text,
    encoded,
    has_secret_numbers,
    plain_json,
    strict_json,
)


@pytest.mark.parametrize(
    ("text", "strict", "plain"),
    [
        ('{"a": [1, 2.5, "x"]}', None, None),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "'c' twice", "'c' twice"),
        ('{"a": NaN}', "", ""), ("[Infinity]", "", ""), ("", "", ""), ("{", "", ""), ("1 2", "", ""),
        ('{"a": null}', None, "has null, or a number that is too large"),
        (f"[{2**63}]", None, "has null, or a number that is too large"),
        (f"[{2**63 - 1}]", None, None),
        ("[" * 100_000, "", ""),
    ],
    ids=range(11),
)  # fmt: skip
def test_json_that_would_not_survive_is_unwritable(
    text: str, strict: str | None, plain: str | None
) -> None:
    for read, message in ((strict_json, strict), (plain_json, plain)):
        if message is None:
            assert read(text) == json.loads(text)
            continue
        with pytest.raises(Unwritable) as raised:
            read(text)
        assert str(raised.value) == message or not message


SECRET, CAPTURED = NumberText("${env:TOKEN}"), NumberText("${capture:id}")


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (SECRET, True), ([1, SECRET], True), ({"a": 1, "b": {"c": [SECRET]}}, True),
        (CAPTURED, False), ("${env:TOKEN}", False), ([1, "x"], False), ({}, False), (4, False),
    ],
)  # fmt: skip
def test_numbers_in_variables_are_found(value: Any, secret: bool) -> None:
    assert has_secret_numbers(value) is secret


def test_placeholders_of_numbers_have_no_quotes() -> None:
    places = Placeholders()
    places.secret("note", 'say "hi" to all')
    value = {
        "id": CAPTURED,
        "ids": [SECRET, CAPTURED],
        "é": "${env:NOTE}",
        "n": [1, None],
    }
    assert as_text(value, places) == (
        '{"id":${capture:id},"ids":[${env:TOKEN},${capture:id}],'
        '"é":"${env:NOTE_ENCODED}","n":[1,null]}'
    )
    assert places.names["NOTE_ENCODED"] == r"say \"hi\" to all"
    assert encoded({"a": ["ä", 1.0]}) == '{"a":["ä",1.0]}'


HEAD = 'Content-Disposition: form-data; name="{}"'


def test_parts_have_names_files_and_types() -> None:
    file = HEAD.format("b") + '; filename="c.txt"\r\nContent-Type: text/x'
    body = (
        f"--x\r\n{HEAD.format('a')}\r\n\r\n1\r\n--x\r\n{file}\r\n\r\n\xff\r\n--x--\r\n"
    )
    found = parts_of(body.encode("latin-1"), "multipart/form-data; boundary=x")
    assert found == [FormPart("a", b"1"), FormPart("b", b"\xff", "c.txt", "text/x")]
    assert names_of(found) == {"a", "b"}
    first, second = found
    assert (first.text, second.text) == ("1", None)
    assert first.table("${x}") == {"name": "a", "text": "${x}"}
    assert second.table(None) == {
        "name": "b", "base64": "/w==", "filename": "c.txt", "type": "text/x",
    }  # fmt: skip
    named = body.replace('"a"', '"\xff"').encode("latin-1")
    assert parts_of(named, "multipart/form-data; boundary=x") is None
    assert boundary_in("multipart/form-data; boundary=x")
    assert not boundary_in("multipart/form-data")
