"""Secrets of requests become environment variables, and captured values captures."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from comparison import Case, Request
from comparison.cases.placeholders import Placeholders, escaped
from comparison.cases.rows import read_rows
from comparison.cases.select import parse_shard, shard_of
from comparison.cases.sources.har import EntryRequest, Named, PostData
from comparison.cases.sources.left_out import LeftOut
from comparison.cases.sources.recorded_bodies import content_of, in_data_url
from comparison.core.errors import NoCaseSelected, UsageError


def env(name: str) -> str:
    return f"${{env:{name}}}"


def part(name: str, value: str) -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def test_a_multipart_body_has_its_secrets_replaced_by_name() -> None:
    places = Placeholders()
    text = part("password", "hunter22hunter") + part("a", "${x}") + "--b--"
    assert places.multipart(text) == (
        part("password", env("PASSWORD")) + part("a", "$${x}") + "--b--"
    )
    assert places.names == {"PASSWORD": "hunter22hunter"}


def test_credentials_of_headers_are_secrets() -> None:
    places = Placeholders()
    for name, value, written in (
        ("Authorization", "Bearer abc123def456", f"Bearer {env('AUTHORIZATION')}"),
        ("Authorization", "abc123def4567", env("AUTHORIZATION_2")),
        ("X-Api-Key", "k1k1k1k1k1", env("X_API_KEY")),
        ("X-Note", "costs ${price}", "costs $${price}"),
        ("Cookie", "a=12345; flag; sid=xyz; a=99",
         f"a={env('COOKIE_A')}; {env('COOKIE')}; sid={env('COOKIE_SID')}; a={env('COOKIE_A_2')}"),
    ):  # fmt: skip
        assert places.header(name, value) == written
    assert places.names["COOKIE"] == "flag" and places.names["COOKIE_A_2"] == "99"
    # The next request has the same variable for a cookie, although its value changed.
    assert places.header("Cookie", "a=777") == f"a={env('COOKIE_A')}"


def test_queries_and_forms_have_their_secrets_as_they_were_encoded() -> None:
    places = Placeholders()
    query = places.query("token=abc%20def&q=${x}&a&code=7&page=2")
    assert query == f"token={env('TOKEN')}&q=$${{x}}&a&code=7&page=2"
    # A code beside a state authorizes (RFC 6749 section 4.1.2).
    assert places.query("code=8&state=2") == f"code={env('CODE')}&state=2"
    assert places.form("token=abc+def&q=%24%7Bx%7D&e=") == [
        ("token", env("TOKEN_2")), ("q", "$${x}"), ("e", ""),
    ]  # fmt: skip
    assert places.names == {"TOKEN": "abc%20def", "CODE": "8", "TOKEN_2": "abc def"}
    assert places.form("code=9&page=2")[0] == ("code", "9")
    assert places.form("code=9&state=2")[0] == ("code", env("CODE_2"))


def test_everything_below_a_secret_name_in_json_is_a_secret() -> None:
    places = Placeholders()
    value = {
        "password": {"of": ["hunter22x", True, None, 123456789]},
        "again": "hunter22x and ${b}",
        "hunter22x": 1,
        "n": 5,
    }
    found = places.json(json.dumps(value), value)
    first = env("PASSWORD")
    assert found["password"]["of"][:3] == [first, True, None]
    assert str(found["password"]["of"][3]) == env("PASSWORD_2")
    assert found["again"] == f"{first} and $${{b}}"
    assert found[first] == 1 and found["n"] == 5
    plain = {"a": "${b}", "n": [1, "${c}"], "${d}": None}
    assert Placeholders().json(json.dumps(plain), plain) == escaped(plain)
    assert escaped(plain) == {"a": "$${b}", "n": [1, "$${c}"], "$${d}": None}


def test_captured_values_are_replaced_in_every_place() -> None:
    def captured(name: str, value: str) -> str | None:
        return f"${{capture:{name or 'path'}}}" if value == "77" else None

    places = Placeholders(captured)
    assert places.target("/orders/77?id=77&x=7") == (
        "/orders/${capture:path}?id=${capture:id}&x=7"
    )
    assert places.target("/orders/${x}") == "/orders/$${x}?"[:-1]
    assert places.field("id", "77") == "${capture:id}"
    assert places.data({"id": 77, "b": ["77"], "c": 7}) == {
        "id": "${capture:id}", "b": ["${capture:b}"], "c": 7,
    }  # fmt: skip
    assert places.header("X-Id", "77") == "${capture:X-Id}"
    assert (
        places.header("Authorization", "Bearer 77") == "Bearer ${capture:Authorization}"
    )
    assert places.header("Cookie", "sid=77; b=1x1x") == (
        f"sid=${{capture:cookie sid}}; b={env('COOKIE_B')}"
    )
    # An encoded value is not the captured one.
    assert places.query("a=77&b=%3777") == "a=${capture:a}&b=%3777"
    assert Placeholders().captured("id", "77") is None


def test_variables_have_valid_names_and_one_for_each_value() -> None:
    places = Placeholders()
    names = [
        ("", "x1"),
        ("9a", "y1"),
        ("a-b c", "z1"),
        ("a b-c", "w1"),
        ("a", "z1"),
        ("n", ""),
    ]
    assert [places.secret(*each) for each in names] == [
        env("SECRET"), env("SECRET_9A"), env("A_B_C"), env("A_B_C_2"), env("A_B_C"), "",
    ]  # fmt: skip
    assert [places.secret("n", v, one=True) for v in ("v1", "u1")] == [env("N")] * 2
    encoded = places.encoded(f"a={env('A_B_C')}&b={env('OTHER')}&$${{c}}", str.upper)
    assert encoded == f"a={env('A_B_C_ENCODED')}&b={env('OTHER')}&$${{c}}"
    assert places.names["A_B_C_ENCODED"] == "Z1"


# Rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('n,name\n1,tea\n"2","a,b"\n-1.5,true\nfalse,\n\n', [
            {"n": 1, "name": "tea"}, {"n": 2, "name": "a,b"}, {"n": -1.5, "name": True},
            {"n": False, "name": ""},
        ]),
        # Only numbers that JSON writes so are numbers.
        (" n \n01\n1e3\n+1\nTrue\n-0\n.5\n", [{"n": v} for v in ("01", "1e3", "+1", "True", 0, ".5")]),
        ('n\n"a\nb"\n', [{"n": "a\nb"}]),
    ],
)  # fmt: skip
def test_the_cells_of_a_csv_file_are_texts_or_literals(
    text: str, rows: list[Any], tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(text)
    assert read_rows(file) == rows


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", ": has no rows"),
        ("a.csv", b"n,\n1,2", ":1: the first line has a name for each column, each once"),
        ("a.csv", b"n,m\n1,2\n3", ":3: has 1 cell, not 2; a cell with a comma is written in quotes"),
        ("a.csv", b'n\n"a"b', ":2: is not CSV: ',' expected after '\"'"),
        ("a.csv", b"\xff", ": is not UTF-8"),
        ("a.json", b"[1]", ': is a list of objects, as [{"number": 1}]'),
        ("a.json", b"[\n1,", ":2: is not JSON: Expecting value"),
        ("a.json", b"[" * 100_000, ": is nested too deeply"),
        ("a.json", b"[]", ": has no rows"),
    ],
)  # fmt: skip
def test_a_file_without_rows_is_reported(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.") as raised:
        read_rows(file)
    assert str(raised.value) == f"{file}{message}"
    with pytest.raises(ValueError, match=r"none\.csv: No such file or directory$"):
        read_rows(tmp_path / "none.csv")


# Bodies --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "content", "decoded"),
    [
        ("gzip", gzip.compress(b"a", mtime=0), False), ("gzip", b"a", True),
        ("br, GZIP", gzip.compress(b"a", mtime=0), False), ("zstd", b"\x28\xb5\x2f\xfd", False),
        ("zstd", b"a", True), ("deflate", zlib.compress(b"a"), False), ("deflate", b"a", True),
        ("br", b"a", True), ("br", b"\xff\xfe\xfd", False), ("identity", b"a", False),
    ],
)  # fmt: skip
def test_a_recorded_body_may_be_decoded_already(
    coding: str, content: bytes, decoded: bool
) -> None:
    import base64

    text = base64.b64encode(content).decode()
    request = EntryRequest("POST", "/", (Named("Content-Encoding", coding),))
    data = PostData("application/octet-stream", text, encoding="base64")
    found = content_of(request, data, "application/octet-stream", LeftOut())
    assert (found.data, found.decoded) == (content, decoded)


@pytest.mark.parametrize(
    ("text", "kind", "content"),
    [
        ("data:image/png;base64,AAEC", "image/png", b"\x00\x01\x02"),
        ("data:image/png;base64,AAEC", "Image/PNG; a=b", b"\x00\x01\x02"),
        ("data:image/png;base64,AAEC", None, b"\x00\x01\x02"),
        ("data:image/png;base64,AAEC", "image/gif", None),
        ("data:image/png;base64,A", None, None), ("data:image/png,AAEC", None, None),
        ("x", None, None),
    ],
)  # fmt: skip
def test_a_data_url_has_content_of_its_type(
    text: str, kind: str | None, content: bytes | None
) -> None:
    assert in_data_url(text, kind) == content


# Shards --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shard"),
    [
        ("1/1", (1, 1)), ("2/3", (2, 3)), ("3/3", (3, 3)), ("0/3", None), ("4/3", None),
        ("1", None), ("1/", None), ("-1/3", None), ("1/3 ", None), ("1/1000000", None),
    ],
)  # fmt: skip
def test_a_shard_is_a_number_of_a_count(
    text: str, shard: tuple[int, int] | None
) -> None:
    if shard is not None:
        assert parse_shard(text) == shard
        return
    with pytest.raises(UsageError, match="write i/n, as 1/4 to 4/4"):
        parse_shard(text)


def test_shards_divide_the_cases_by_their_ids() -> None:
    cases = [Case(each, Request()) for each in "dbcea"]
    found = [[case.id for case in shard_of(cases, n, 2)] for n in (1, 2)]
    assert found == [["c", "e", "a"], ["d", "b"]]
    with pytest.raises(
        NoCaseSelected, match="^shard 6/6 is empty: the run has 5 cases$"
    ):
        shard_of(cases, 6, 6)
    with pytest.raises(NoCaseSelected, match="the run has 1 case$"):
        shard_of(cases[:1], 2, 2)
