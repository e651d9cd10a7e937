"""Cases from recorded traffic: recordings of browsers, and invalid ones."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from comparison.cases import load_cases
from comparison.cli import main
from comparison.models import Case
from comparison.targets import build_request
from tests.cases.browsing import CHROMIUM, RECORDED, SECRETS, record

FILES = sorted(RECORDED.glob("*.har"))


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTHORIZATION", "TOKEN", "PASSWORD", "API_KEY", "X_API_KEY",
                 "COOKIE_SESSION_ID", "COOKIE_DRINK"):  # fmt: skip
        monkeypatch.setenv(name, f"value of {name}")


def imported(path: Path, *options: str) -> list[Case]:
    out = path.parent / "drafted.toml"
    assert (
        main(["import-har", str(path), "--output", str(out), "--force", *options]) == 0
    )
    return load_cases(out)


def entry(
    url: str = "http://shop.example/", method: str = "GET", **parts: Any
) -> dict[str, Any]:
    """An entry as HAR 1.2 has it; headers are given as pairs."""
    headers = [{"name": n, "value": v} for n, v in parts.get("headers", [])]
    answered = [{"name": n, "value": v} for n, v in parts.get("answered", [])]
    request = {"method": method, "url": url, "headers": headers}
    if "body" in parts:
        mime, text = parts["body"]
        request["postData"] = {"mimeType": mime, "text": text}
    mime, text = parts.get("content", ("text/html", ""))
    content = {"size": len(text), "mimeType": mime, "text": text}
    status = parts.get("status", 200)
    response = {"status": status, "headers": answered, "content": content}
    return {"request": request, "response": response}


@pytest.fixture
def har(tmp_path: Path) -> Any:
    def write(*entries: Any) -> Path:
        path = tmp_path / "traffic.har"
        log = {"log": {"version": "1.2", "entries": entries}}
        path.write_text(json.dumps(log, indent=1), encoding="utf-8")
        return path

    return write


def paths(cases: list[Case]) -> list[str]:
    return [case.request.path for case in cases]


# Recordings of browsers and proxies -----------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_recorded_traffic_becomes_cases_without_secrets(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-har", str(file), "--expect"]) == 0
    out, err = capsys.readouterr()
    assert [secret for secret in SECRETS if secret in out + err] == []
    cases = {case["id"]: case for case in tomllib.loads(out)["case"]}
    assert cases["get-custom"]["expect"]["json"] == {"message": "Hello"}
    assert cases["get-custom"]["expect"]["status"] == 202
    body = cases["post-json-bodies-echo"]["request"]["json"]
    assert (body["article"], body["api_key"]) == (7, "${env:API_KEY}")


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["flask", "quart"])
def test_both_twins_pass_cases_from_chromium_recordings(
    framework: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cases.toml"
    file = RECORDED / f"chromium-{framework}.har"
    main(["import-har", str(file), "--expect", "--output", str(out)])
    assert main(["run", "--cases", str(out)]) == 0, capsys.readouterr().out


def test_unusual_methods_and_headers_are_imported_unchanged(har: Any) -> None:
    (found,) = imported(har(entry(method="PURGE${0}", headers=[("X-${a}", "${b}")])))
    assert (found.request.method, found.title) == ("PURGE${0}", "PURGE${0} /")
    assert found.request.headers == {"X-${a}": "${b}"}


@pytest.mark.slow
def test_a_live_chromium_recording_becomes_cases(tmp_path: Path) -> None:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has to have Chromium")
        pytest.skip("Chromium is not installed")
    pytest.importorskip("playwright")
    file = tmp_path / "live.har"
    record("quart_app", file)
    kept = RECORDED / "chromium-quart.har"
    sent = [(case.request.method, case.request.path) for case in imported(file)]
    copy = tmp_path / "kept.har"
    copy.write_bytes(kept.read_bytes())
    assert sent == [(c.request.method, c.request.path) for c in imported(copy)]


# Requests that become cases -------------------------------------------------------------


def test_static_files_other_hosts_and_duplicates_are_counted_as_skipped(
    har: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = har(
        entry("http://shop.example/a"),
        entry("http://shop.example/logo.png"),
        entry("http://shop.example/style", content=("text/css", "")),
        entry("http://counting.example/a"),
        entry("http://shop.example/a", headers=[("User-Agent", "another")]),
        entry("ws://shop.example/socket"),
    )
    assert paths(imported(file)) == ["/a"]
    message = capsys.readouterr().err
    for line in (
        "2 for static files",
        "1 to counting.example",
        "1 repeated",
        "1 for WebSocket connections",
    ):
        assert f"left out: {line}" in message


def test_the_host_can_be_chosen(har: Any) -> None:
    file = har(entry("http://noise.example/a"), entry("http://shop.example:81/b"))
    assert paths(imported(file, "--host", "shop.example:81")) == ["/b"]


def test_a_host_without_requests_is_rejected_with_a_suggestion(
    har: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = har(entry("http://noise.example/a"), entry("http://shop.example:81/b"))
    output = tmp_path / "cases.toml"
    options = ["--host", "noise.example", "--host", "shop.example:8", "--output"]
    assert main(["import-har", str(file), *options, str(output)]) == 2
    message = "no request to 'shop.example:8', did you mean \"shop.example:81\"?"
    assert message in capsys.readouterr().err
    assert not output.exists()


def test_secrets_are_replaced_everywhere(
    har: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = har(
        entry(
            "http://user:canary-user@shop.example/a?api_key=canary-query",
            headers=[("Authorization", "Basic canary-basic"), ("X-Token", "canary-own"),
                     ("Cookie", "session=canary-cookie; theme=canary-theme")],
            answered=[("Set-Cookie", "session=canary-set"),
                      ("Location", "/there?token=canary-there")],
            status=302,
        ),
        entry(
            "http://shop.example/canary-query/echo", "POST",
            body=("application/json", '{"password": {"old": "canary-old"}, "n": null}'),
            content=("application/json", '{"access_token": "canary-answer"}'),
        ),
        entry("http://shop.example/b", "POST",
              body=("text/plain", "it was canary-basic"),
              content=("text/plain", "it was canary-own")),
    )  # fmt: skip
    assert main(["import-har", str(file), "--expect"]) == 0
    out, err = capsys.readouterr()
    assert "canary" not in out + err
    assert 'text = "it was ${env:AUTHORIZATION}"' in out
    assert (
        "to be set: AUTHORIZATION, X_TOKEN, COOKIE_SESSION, COOKIE_THEME, API_KEY"
        in err
    )


def test_a_changing_cookie_is_one_variable_but_each_password_is_another(
    har: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    form = "application/x-www-form-urlencoded"
    file = har(
        *(entry(headers=[("Cookie", f"id=number-{n}")]) for n in range(3)),
        *(entry(method="POST", body=(form, f"password={n}")) for n in range(2)),
    )
    main(["import-har", str(file)])
    assert "to be set: COOKIE_ID, PASSWORD, PASSWORD_2\n" in capsys.readouterr().err


def test_a_text_that_looks_like_a_placeholder_is_escaped(har: Any) -> None:
    file = har(entry("http://shop.example/${a}?q=${env:HOME}", "POST",
                     body=("application/json", '{"b":"$${c}"}')))  # fmt: skip
    (case,) = imported(file)
    assert case.request.path == "/${a}?q=${env:HOME}"
    assert case.request.json == {"b": "$${c}"}


@pytest.mark.parametrize(
    ("parameters", "length", "form"),
    [
        # Without the length of the body we cannot know whether it was encoded twice.
        ([("a", "1+1")], None, "a=1%2B1"),
        ([("a", "1%2B1")], None, "a=1%2B1"),
        ([("a", "1+1")], 5, "a=1+1"),
        ([("a", "1%2B1")], 9, "a=1%252B1"),
        ([("a", "x y")], 5, "a=x+y"),
        ([("a", "x y")], 7, "a=x%20y"),
        ([("only", "")], 4, "only"),
    ],
)
def test_recorded_parameters_are_encoded_as_long_as_the_body_was(
    parameters: list[tuple[str, str]], length: int | None, form: str, har: Any
) -> None:
    sent = entry("http://shop.example/", "POST")
    named = [{"name": name, "value": value} for name, value in parameters]
    mime = "application/x-www-form-urlencoded"
    sent["request"]["postData"] = {"mimeType": mime, "params": named}
    sent["request"]["bodySize"] = -1 if length is None else length
    (case,) = imported(har(sent))
    request = build_request(case.request)
    assert request.read().decode() == form


def test_only_fields_that_a_client_may_send_back_are_captured(har: Any) -> None:
    made = ("2f6c9a41b0", "9c1f77aa02", "7d20be55c1")
    names = ("Server", "X-Order", "Content-MD5")
    query = "&".join(f"{n}={value}" for n, value in enumerate(made))
    file = har(
        entry("http://shop.example/", answered=list(zip(names, made, strict=True))),
        entry(f"http://shop.example/orders?{query}"),
    )
    (case,) = imported(file, "--sequence")
    (captured,) = case.setup[0].capture.values()
    assert captured.header == "X-Order"
    assert f"0={made[0]}&1=${{capture:" in case.request.path
    assert case.request.path.endswith(f"&2={made[2]}")


def test_sequence_option_makes_one_case_that_uses_response_cookies(
    har: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    form = "application/x-www-form-urlencoded"
    file = har(
        entry("http://shop.example/login", "POST", body=(form, "user=ann")),
        entry("http://shop.example/", headers=[("Cookie", "session=canary")]),
        entry("http://shop.example/style.css"),
        entry("http://shop.example/", headers=[("Accept", "text/plain")], status=204),
        entry("http://shop.example/", headers=[("Cookie", "session=canary")]),
    )
    (case,) = imported(file, "--sequence", "--expect")
    assert [r.path for r in case.setup] == ["/login", "/", "/"]
    assert case.setup[0].form == {"user": "ann"}
    assert case.setup[2].headers == {"Accept": "text/plain"}
    assert (case.id, case.request.path, case.request.headers) == ("traffic", "/", ())
    assert case.expect is not None and case.expect.status == 200
    assert "to be set" not in capsys.readouterr().err


def test_ids_do_not_clash_with_other_files_in_the_folder(har: Any) -> None:
    file = har(entry("http://shop.example/a"))
    first = imported(file)
    (file.parent / "drafted.toml").rename(file.parent / "first.toml")
    second = imported(file)
    assert [case.id for case in first + second] == ["get-a", "get-a-2"]
    assert len(load_cases(file.parent)) == 2


def test_a_cached_response_gets_no_expectation(har: Any) -> None:
    file = har(entry(headers=[("If-None-Match", '"1"')], status=304))
    (case,) = imported(file, "--expect")
    assert case.expect is None
    assert not case.request.headers


def test_an_existing_output_file_is_not_overwritten(har: Any) -> None:
    file = har(entry())
    out = file.parent / "cases.toml"
    out.write_text("mine")
    assert main(["import-har", str(file), "--output", str(out)]) == 2
    assert out.read_text() == "mine"


def test_the_schema_is_written_next_to_the_file_that_references_it(har: Any) -> None:
    file = har(entry())
    imported(file)
    first = (file.parent / "drafted.toml").read_text("utf-8").splitlines()[0]
    named = file.parent / first.removeprefix("#:schema ")
    assert json.loads(named.read_text("utf-8"))["$id"].endswith(":cases:1")


# Files that are not HAR -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: the file is cut off"),
        (b"[]", ":1: log.entries: holds no entries"),
        (b'{"entries": []}', ":1: log.entries: holds no entries"),
        (b'{"log":\n {"entries": [\n{"request": }]}}', ":3: is not JSON"),
        (b'{"log": {"entries": [\n1,\n2]}}', ":2: log.entries[0]: expected `object`"),
        (b'{"log": {"entries": [{"request": {}}]}}', "log.entries[0].request: object mis"),
        (b'{"log": {"entries": [{"request":\n{"method": "GET",\n"url": 7}}]}}',
         ":3: log.entries[0].request.url: expected `str`"),
        ((b'{"log": {"entries": [{"request":\n{"method": "GET",\n"headers": [{"name": "a",\n'
          b'"value": "b"}, {"name": "c", "value": ""}],\n"cookies": [],\n"url": 7}}]}}'),
         ":6: log.entries[0].request.url: expected `str`"),
        ((b'{"log": {"entries": [{"request": {"method": "GET", "url": "http://a.example/"},\n'
          b'"response": {"status": 200}},\n{"request": {"method": "GET",\n"url": 7}}]}}'),
         ":4: log.entries[1].request.url: expected `str`"),
        (b'{"log": {"entries": [{"request": "\xff\xfe"}]}}', "is not JSON"),
        (b"\x00\x01\x02" * 50, ":1: is not JSON"),
        (b"[" * 1_000_000, ":1: is nested too deeply"),
        (b'{"log": {"entries": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}}", ":1: is nested"),
        (b'{"log": {"entries": [{"request": 1e999999999}]}}', "traffic.har:1: "),
        (b'{"log": {"entries": [' + b"9" * 10_000 + b"]}}", "traffic.har:1: "),
    ],
    ids=range(15),
)  # fmt: skip
def test_a_malformed_document_is_reported(
    content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "traffic.har"
    file.write_bytes(content)
    out = tmp_path / "cases.toml"
    assert main(["import-har", str(file), "--output", str(out)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error) < 500
    assert [path.name for path in tmp_path.iterdir()] == ["traffic.har"]


def test_every_malformed_entry_is_reported(
    har: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-har", str(har(entry(), 1, entry(), {}))]) == 2
    error = capsys.readouterr().err
    assert "log.entries[1]: " in error
    assert "log.entries[3]: " in error


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_reported_as_cut_off(
    share: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = FILES[0].read_bytes()
    file = tmp_path / "traffic.har"
    file.write_bytes(content[: int(len(content) * share)])
    assert main(["import-har", str(file)]) == 2
    out, error = capsys.readouterr()
    assert "the file is cut off, after " in error
    assert out == ""


def test_a_byte_order_mark_is_accepted(har: Any) -> None:
    file = har(entry())
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert paths(imported(file)) == ["/"]


PEAK = """
import resource, sys
from comparison.cli import main
code = main(["import-har", sys.argv[1], "--expect", "--output", sys.argv[2]])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_use_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for megabytes in (1, 60):
        file = tmp_path / f"{megabytes}.har"
        with file.open("w") as out:
            out.write('{"log": {"entries": [')
            for number in range(megabytes * 10):
                each = entry(
                    f"http://shop.example/{number}", content=("a/b", "x" * 100_000)
                )
                out.write(("," if number else "") + json.dumps(each))
            out.write("]}}")
        command = [sys.executable, "-c", PEAK, file, tmp_path / f"{megabytes}.toml"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        code, peak = done.stdout.split()[-2:]
        assert code == "0"
        peaks.append(int(peak))
    assert peaks[1] < peaks[0] + 15_000, "kilobytes"
