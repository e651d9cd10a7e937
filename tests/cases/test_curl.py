"""Case files drafted from curl commands."""

from pathlib import Path
from typing import Any

import pytest

from comparison.cli import main
from comparison.models.request import Part
from tests.cases.imported import drafted, secrets

__all__ = ["secrets"]


CURL = r"""
# From the documentation.
curl 'http://shop.example/orders?page=2&token=abcdefgh123' -H 'X-A: b' --compressed -s

curl -X PUT http://shop.example/orders/7 \
  -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' \
  --data-raw $'{"note":"it\'s \u0041"}'
curl shop.example/form -d a=1 -d 'b=x y' -L; ls
curl shop.example/upload -F file=@notes.txt -F 'kind=a;type=text/plain'
curl --json '{"q": "${price}"}' shop.example/json && curl -I shop.example/head
curl -u ann:hunter2hunter2 -G --data-urlencode 'q=a b' shop.example/search
curl -X PUT --data-binary @notes.txt -H 'Content-Type: text/plain' shop.example/notes
curl -d "say=\"hi\" for \$5 \`now\` \
again" shop.example/say
curl cdn.example/other
"""


def test_each_curl_command_is_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    found = drafted("import-curl", CURL)
    sent = {name: case.request for name, case in found.items()}
    assert sent["get-orders"].path == "/orders?page=2&token=token-value"
    assert sent["get-orders"].headers == {"X-A": "b"}
    put = sent["put-orders-7"]
    assert (put.method, put.json) == ("PUT", {"note": "it's A"})
    assert put.headers == {"Authorization": "Bearer token-value"}
    assert (sent["post-form"].method, sent["post-form"].form) == (
        "POST", {"a": "1", "b": "x y"},
    )  # fmt: skip
    assert sent["post-upload"].multipart == (
        Part("file", file="notes.txt", filename="notes.txt"),
        Part("kind", "a", type="text/plain"),
    )
    assert sent["post-json"].json == {"q": "${price}"}
    assert sent["head-head"].method == "HEAD"
    assert sent["post-say"].form == {"say": '"hi" for $5 `now` again'}
    assert sent["get-search"].path == "/search?q=a%20b"
    assert sent["put-notes"].file == "notes.txt"
    message = capsys.readouterr().err
    assert "left out: 1 to cdn.example" in message
    assert "left out: 1 option --location" in message
    assert "left out: 1 other command" in message
    assert "to be set: TOKEN, AUTHORIZATION" in message
    assert "hunter2" not in Path("cases.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ("--oauth2-bearer $TOKEN", {"Authorization": "Bearer token-value"}),
        ("-u ann:hunter2hunter2", {"Authorization": "Basic authorization-value"}),
        ("--range 0-9", {"Range": "bytes=0-9"}),
        ("-b 'a=1'", {"Cookie": "a=${cookie}"}),
        ("-H 'X-Empty;' -H 'X-Unset:' -H ' X-A :  b '", {"X-Empty": "", "X-A": "b"}),
    ],
)
def test_options_that_stand_for_a_header_send_it(
    options: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIE_A", "${cookie}")
    (case,) = drafted("import-curl", f"curl {options} shop.example/a").values()
    assert case.request.headers == headers


@pytest.mark.parametrize(
    ("options", "method", "path"),
    [
        ("", "GET", "/a"),
        ("-I", "HEAD", "/a"),
        ("-T notes.txt", "PUT", "/a"),
        ("-d x=1", "POST", "/a"),
        ("-d x=1 -X PATCH -X DELETE", "DELETE", "/a"),
        ("-G -d x=1 --data-urlencode 'y z'", "GET", "/a?x=1&y%20z"),
        ("--url-query 'q=a b' --url-query '=c&d'", "GET", "/a?q=a%20b&c%26d"),
        ("-sG -d x=1", "GET", "/a?x=1"),
    ],
)
def test_options_decide_method_and_query(options: str, method: str, path: str) -> None:
    (case,) = drafted("import-curl", f"curl {options} shop.example/a#part").values()
    assert (case.request.method, case.request.path) == (method, path)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("-d a=1 --data-urlencode 'b=x&y'", {"form": {"a": "1", "b": "x&y"}}),
        ("-d a=1 -H 'Content-Type: text/plain'", {"text": "a=1", "headers": {"Content-Type": "text/plain"}}),
        ("--json '{\"a\":' --json '1}'", {"json": {"a": 1}}),
        ("--data-raw @x", {"form": {"@x": ""}}),
        ("--data-binary @notes.txt", {"file": "notes.txt"}),
        ("-F 'a=\"b;c\"' -F 'd=<notes.txt;type=text/x' --form-string 'e=@f;g'", {"multipart": (
            Part("a", "b"), Part("d", file="notes.txt", type="text/x"), Part("e", "@f;g"),
        )}),
        ("-F 'a=@notes.txt;filename=n.md;type=text/x'", {"multipart": (
            Part("a", file="notes.txt", filename="n.md", type="text/x"),
        )}),
    ],
)  # fmt: skip
def test_options_of_a_body_are_its_fields(options: str, fields: dict[str, Any]) -> None:
    (case,) = drafted("import-curl", f"curl {options} shop.example/a").values()
    found = {name: getattr(case.request, name) for name in fields}
    assert found == fields


def test_a_digest_login_is_left_to_the_target(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cases = drafted("import-curl", "curl --digest -u ann:hunter2 shop.example/closed")
    assert cases["get-closed"].request.headers == ()
    output = capsys.readouterr().err
    assert "left out: 1 option --digest (write auth of a target)" in output


def test_curl_commands_may_be_one_sequence() -> None:
    (case,) = drafted("import-curl", CURL, "--sequence").values()
    assert len(case.setup) == 8


PROBLEMS = [
    ("import-curl", "curl --dta a u", 'source.txt:1: --dta: unknown option, did you mean "--data"?'),
    ("import-curl", "\ncurl -d", "source.txt:2: -d: has no value"),
    ("import-curl", "curl a b", "source.txt:1: has several URLs"),
    ("import-curl", "ls", "source.txt:1: has no curl command"),
    ("import-curl", "curl -s", "source.txt:1: has no URL"),
    ("import-curl", "curl -?s a", "source.txt:1: -?: unknown option"),
    ("import-curl", "curl -F a b", "source.txt:1: --form a: is written as name=content"),
    ("import-curl", "curl -b jar a", "source.txt:1: --cookie jar: is a file; write its cookies as name=value"),
    ("import-curl", "curl -d @a -d b u", "source.txt:1: @a: a body has one file, and nothing else"),
    ("import-curl", "curl -G -d @a u", "source.txt:1: @a: a body has one file, and nothing else"),
    ("import-postman", "[" * 100_000, "source.txt:1: is not JSON"),
    ("import-curl", "curl a\n\ncurl 'b", "source.txt:3: the quote ' has no end"),
    ("import-postman", '{\n"item": [}', "source.txt:2: is not JSON"),
    ("import-postman", '{"info": {},\n"item": []}', "source.txt:1: info: Object missing required field `schema`"),
    (
        "import-postman", '{"info": {\n"schema": "https://x/json/collection/v1.0.0/"}, "item": []}',
        "source.txt:2: info.schema: is 'https://x/json/collection/v1.0.0/'; export",
    ),
    (
        "import-postman", '{"info": {"schema": "/v2.1.0/"}, "item": [\n{"request": {"method": 7}}]}',
        "source.txt:2: item[0].request",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("command", "text", "message"), PROBLEMS)
def test_unreadable_input_is_reported_with_its_line(
    command: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("source.txt").write_text(text, "utf-8")
    assert main([command, "source.txt", "--output", "cases.toml"]) == 2
    assert message.lower() in capsys.readouterr().err.lower()
    assert not Path("cases.toml").exists()


@pytest.mark.parametrize("command", ["import-curl", "import-postman"])
def test_a_file_that_is_missing_or_not_utf_8_is_reported(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "none.txt", "--output", "cases.toml"]) == 2
    assert "none.txt" in capsys.readouterr().err
    Path("source.txt").write_bytes(b"\xff")
    assert main([command, "source.txt", "--output", "cases.toml"]) == 2
    assert "source.txt:" in capsys.readouterr().err
