"""A canary secret, sent through every place that a report can show: it is nowhere."""

import base64
import subprocess
import sys
import time
from typing import Any

import msgspec
import pytest

from comparison import Case, Request, compare
from comparison.cli import main
from comparison.models import (
    Comparison,
    Exchange,
    Expectation,
    Interim,
    Recording,
    Response,
    SentRequest,
)
from comparison.redaction import Replacing, redacted, redacted_command, secrets_in
from tests.apps import FRAMEWORKS, new_app
from tests.project import CONFIG, Project, project

__all__ = ["project"]

CANARY = "cana/ry 'q\" +é-7Jx2"
PLAIN = "canary-7Jx2Qp"
FORMATS = ("txt", "md", "json", "jsonl", "xml", "html")

APP = """
import base64
import re
from {framework} import {name}, request

CANARY = "{canary}"[::-1]  # what an app's source says is no secret to its reader

def create_app():
    app = {name}(__name__)

    @app.route("/echo", methods=["GET", "POST"])
    {prefix}def echo():
        sent = ({wait}request.get_data()).decode()
        given = request.headers.get("Authorization", "")
        kept = [given, request.full_path, str(dict(request.cookies)), sent]
        body = "{framework} " + " ".join(kept)
        return body, 200, {{"X-Echo": given, "Location": request.full_path}}

    @app.route("/fail", methods=["GET", "POST"])
    {prefix}def fail():
        word = request.headers["Authorization"].split()[-1]
        raise ValueError("{framework} knows " + word + request.full_path)

    @app.get("/login")
    {prefix}def login():
        body = {{"access_token": CANARY, "by": "{framework}"}}
        return body, 200, {{"Set-Cookie": f"session={{CANARY}}; Path=/"}}

    @app.get("/whoami")
    {prefix}def whoami():
        return "{framework} " + request.cookies.get("session", "none")

    @app.post("/upload")
    {prefix}def upload():
        sent = {wait}request.form
        app.logger.warning("{framework} was given %s", sent["password"])
        return "{framework} " + sent["password"]

    @app.get("/bytes")
    {prefix}def raw():
        word = request.headers["Authorization"].split()[-1]
        return b"\\xff\\xfe" + word.encode() + b"{framework}"

    @app.get("/long")
    {prefix}def long():
        word = request.headers["Authorization"].split()[-1]
        return "{framework}" + "x" * int(request.args["n"]) + word * 3

    app.config["PROPAGATE_EXCEPTIONS"] = request is None
    return app
"""
CASES = f"""
[[case]]
id = "bearer"
[case.request]
path = "/echo"
headers = {{ Authorization = "Bearer {PLAIN}" }}
[case.expect]
status = 299
text = "{PLAIN}"

[[case]]
id = "basic"
[case.request]
path = "/echo"
headers = {{ Authorization = "Basic {base64.b64encode(f"me:{PLAIN}".encode()).decode()}" }}

[[case]]
id = "query"
[case.request]
path = "/echo?api_key={PLAIN}&page=2"

[[case]]
id = "cookie"
[case.request]
path = "/echo"
headers = {{ Cookie = "session={PLAIN}; theme=light" }}

[[case]]
id = "json"
[case.request]
method = "POST"
path = "/echo"
json = {{ user = "me", deep = {{ password = "{PLAIN}" }} }}

[[case]]
id = "form"
[case.request]
method = "POST"
path = "/echo"
form = {{ user = "me", password = "{PLAIN}" }}

[[case]]
id = "key-header"
[case.request]
path = "/echo"
headers = {{ X-Api-Key = "{PLAIN}", Authorization = "Custom {PLAIN}" }}

[[case]]
id = "failing"
[case.request]
path = "/fail?token={PLAIN}"
headers = {{ Authorization = "Bearer {PLAIN}" }}

[[case]]
id = "raising"
settings = {{ PROPAGATE_EXCEPTIONS = true }}
[case.request]
path = "/fail?token={PLAIN}"
headers = {{ Authorization = "Bearer {PLAIN}" }}

[[case]]
id = "given"
[case.request]
path = "/login"

[[case]]
id = "used"
[[case.setup]]
path = "/login"
[case.request]
path = "/whoami"

[[case]]
id = "captured"
[[case.setup]]
path = "/login"
capture = {{ given = {{ json = "$.access_token" }} }}
[case.request]
path = "/echo?page=${{capture:given}}"
[case.expect]
text = "${{capture:given}}"

[[case]]
id = "parts"
[case.request]
method = "POST"
path = "/upload"
multipart = [{{ name = "password", text = "{PLAIN}" }}, {{ name = "a", text = "b" }}]

[[case]]
id = "environment"
[case.request]
path = "/echo?page=${{env:CANARY}}"
[case.expect]
contains = "not ${{env:CANARY}}"

[[case]]
id = "bytes"
[case.request]
path = "/bytes"
headers = {{ Authorization = "Bearer {PLAIN}" }}
""" + "".join(
    f"""
[[case]]
id = "long-{n}"
[case.request]
path = "/long?n={n}"
headers = {{ Authorization = "Bearer {PLAIN}" }}
[case.expect]
text = ""
"""
    for n in (60, 75, 100, 195, 285, 290, 295)
)


@pytest.fixture
def echoing(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    for framework in FRAMEWORKS:
        source = APP.format(
            framework=framework,
            name=framework.title(),
            prefix="async " if framework == "quart" else "",
            wait="await " if framework == "quart" else "",
            canary=PLAIN[::-1],
        ).replace("def create_app():", "def create_app(settings=None):")
        source = source.replace(
            'app.config["PROPAGATE_EXCEPTIONS"] = request is None',
            "app.config.update(settings or {})",
        )
        project.write(f"shop_{framework}.py", source)
    project.write("cases.toml", CASES)
    project.write("pyproject.toml", CONFIG)
    monkeypatch.setenv("CANARY", PLAIN)
    return project


def findings(text: str) -> list[str]:
    """Where the canary, or enough of it, is in a text."""
    # In base64, three bytes are four characters, wherever in three it begins.
    encoded = [
        base64.b64encode(b"\0" * before + PLAIN.encode()).decode()[-16:-6]
        for before in range(3)
    ]
    return [
        text[max(0, at - 60) : at + 30]
        for part in (PLAIN[:7], *encoded)
        if (at := text.find(part)) >= 0
    ]


def test_no_report_shows_a_secret(
    echoing: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    outputs = [f"--output=run.{suffix}" for suffix in FORMATS]
    assert main(["run", "-v", *outputs]) == 1
    output = capsys.readouterr()
    assert findings(output.out + output.err) == []
    for suffix in FORMATS:
        text = (echoing.root / f"run.{suffix}").read_text("utf-8")
        assert "secret 1" in text
        assert findings(text) == [], suffix


def test_no_annotation_or_verbose_case_shows_a_secret(
    echoing: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    assert main(["run", "--format", "github"]) == 1
    assert main(["show", "bearer"]) == 1
    assert main(["show", "used", "-v"]) == 1
    output = capsys.readouterr()
    assert findings(output.out + output.err) == []


@pytest.mark.parametrize("case", ["bearer", "failing", "used", "parts", "captured"])
def test_no_lesson_in_any_format_shows_a_secret(
    case: str, echoing: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    outputs = [f"--output=lesson.{suffix}" for suffix in ("html", "md", "json", "txt")]
    assert main(["show", case, *outputs]) in {0, 1}
    output = capsys.readouterr()
    assert findings(output.out + output.err) == []
    paths = [*echoing.root.glob("lesson.*")]
    assert len(paths) == len(outputs)
    for path in paths:
        assert findings(path.read_text("utf-8")) == [], path.name


@pytest.mark.slow
def test_no_baseline_or_shard_shows_a_secret(
    echoing: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    assert main(["record", "baseline.jsonl"]) == 0
    assert main(["check", "baseline.jsonl"]) == 0
    changed = (echoing.root / "shop_quart.py").read_text("utf-8")
    echoing.write("shop_quart.py", changed.replace('"quart "', '"changed "'))
    sys.modules.pop("shop_quart", None)
    assert main(["check", "baseline.jsonl"]) == 1
    for n in (1, 2):
        shard = f"--shard={n}/2"
        assert main(["run", "-q", shard, f"--output=shard-{n}.jsonl"]) == 1
    for suffix in ("jsonl", "html", "xml", "json", "md", "txt"):
        assert main(["merge", f"run.{suffix}", "shard-1.jsonl", "shard-2.jsonl"]) == 1
    output = capsys.readouterr()
    assert findings(output.out + output.err) == []
    for path in (*echoing.root.glob("*.jsonl"), *echoing.root.glob("run.*")):
        assert findings(path.read_text("utf-8")) == [], path.name


@pytest.mark.slow
def test_the_pytest_plugin_shows_no_secret(echoing: Project) -> None:
    echoing.write(
        "test_shop.py",
        f"""
        def test_it(compare_apps):
            compare_apps("/echo", headers={{"Authorization": "Bearer " + word()}})

        def word():
            return "{PLAIN[::-1]}"[::-1]
        """,
    )
    command = [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=echoing.root
    )
    assert done.returncode == 1, done.stderr
    assert "secret 1" in done.stdout
    assert findings(done.stdout + done.stderr) == []


@pytest.mark.slow
async def test_the_playground_shows_no_secret(echoing: Project, quiet: None) -> None:
    from comparison.playground.app import create_app
    from comparison.playground.state import Playground
    from comparison.runner.settings import RunSettings

    state = Playground(RunSettings((), (), (), None))
    try:
        client = create_app(state).test_client()
        for path in ("/", *(f"/cases/{case}" for case in state.cases)):
            response = await client.get(path)
            page = await response.get_data(as_text=True)
            assert response.status_code == 200, path
            assert findings(page) == [], path
    finally:
        state.close()


def test_binary_bodies_are_searched_for_secrets(echoing: Project, quiet: None) -> None:
    import json

    assert main(["run", "-q", "-k", "bytes", "--output", "run.json"]) == 1
    document = json.loads((echoing.root / "run.json").read_text("utf-8"))
    (found,) = document["comparisons"]
    (body,) = (d for d in found["differences"] if d["field"] == "body")
    assert body["reference"] == "base64://4=‹secret 2›Zmxhc2s="
    assert len(found["recordings"]) == 2
    for recording in found["recordings"].values():
        encoded = recording["exchange"]["response"]["body_base64"]
        assert findings(base64.b64decode(encoded).decode("latin-1")) == []


def test_a_project_can_disable_redaction(
    echoing: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    echoing.write(
        "pyproject.toml", CONFIG.replace("cases =", "redact = false\ncases =")
    )
    main(["run"])
    assert findings(capsys.readouterr().out) != []


def secretive(secret: str = "first-secret", **options: Any) -> Any:
    one, other = (new_app(framework) for framework in FRAMEWORKS)
    for app, name in ((one, "one"), (other, "other")):
        app.add_url_rule("/", "view", lambda name=name: (options.get(name, ""), 200))
    (found,) = compare(one, other, [Case("c", Request("GET", f"/?token={secret}"))])
    return redacted(found)


def test_secrets_that_differ_still_differ() -> None:
    found = secretive(one='{"token": "second-secret"}', other='{"token": "third-one"}')
    (body,) = (d for d in found.differences if d.field == "body")
    assert body.reference != body.candidate
    assert "secret 2" in str(body.reference)
    assert "secret 3" in str(body.candidate)


def test_ordinary_values_are_not_redacted() -> None:
    found = secretive(one="hello", other="good bye")
    (body,) = (d for d in found.differences if d.field == "body")
    assert (body.reference, body.candidate) == ("hello", "good bye")


@pytest.mark.parametrize("length", range(6, len(CANARY)))
def test_a_truncated_secret_is_redacted(length: int) -> None:
    assert CANARY[:length] not in Replacing([CANARY])(f"so: {CANARY[:length]}…")


def test_a_secret_is_found_in_every_encoding() -> None:
    import html
    import json
    from urllib.parse import quote, quote_plus

    replace = Replacing([CANARY])
    written = [
        CANARY, quote(CANARY), quote_plus(CANARY), quote(CANARY, safe=""),
        json.dumps(CANARY), json.dumps(CANARY, ensure_ascii=False), repr(CANARY),
        html.escape(CANARY),
    ]  # fmt: skip
    assert [text for text in written if "7Jx2" in replace(text)] == []


def test_a_command_shows_no_credentials() -> None:
    shown = redacted_command("run --target a=http://u:pass-word@h/?sig=abc&page=2")
    assert shown == "run --target a=http://•••@h/?sig=•••&page=2"


WORDS = [
    "response", "request", "headers", "verdict", "flask", "quart", "different", "failed",
    "framework", "status", "content-length", "view_called", "/words", "title", "words",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_secret_can_equal_a_word_of_the_report(
    word: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    more = f"""
    @app.get("/words")
    def words():
        return "{{}}", 200, {{{{"Set-Cookie": "a={word}"}}}}
"""
    project.app("flask", more=more.format("one"))
    project.app("quart", more=more.format("two"))
    project.write(
        "cases.toml", '[[case]]\nid = "words"\n[case.request]\npath = "/words"\n'
    )
    outputs = [f"--output=run.{suffix}" for suffix in FORMATS]
    assert main(["run", "-v", *outputs]) == 1
    assert "≠ words  GET " in capsys.readouterr().out


def test_a_secret_after_a_base64_prefix_is_redacted() -> None:
    word = base64.b64encode(b"first secret").decode()
    found = secretive(word, one=f"base64:{word}", other="base64:other")
    assert word not in str(found.differences)


def test_redaction_is_idempotent() -> None:
    app = new_app("flask")
    app.add_url_rule("/", "view", lambda: {"token": PLAIN})
    headers = {"Authorization": f"Bearer {PLAIN}", "Cookie": "session=another-secret"}
    (comparison,) = compare(app, app, [Case("c", Request("GET", "/", headers))])
    once = redacted(comparison)
    assert "another-secret" not in str(once)
    assert redacted(once) == once


def test_accepted_entries_explain_redacted_differences(
    echoing: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    chosen = "not bearer and not captured and not environment and not long"
    asking = ["run", "-k", chosen]
    assert main([*asking, "--accept", "known.toml"]) == 1
    known = (echoing.root / "known.toml").read_text("utf-8")
    assert main([*asking, "--known", "known.toml"]) == 0, known
    assert findings(known) == []


def test_redaction_of_a_long_word_is_fast() -> None:
    began = time.process_time()
    assert list(secrets_in("x" * 100_000 + ' token: "hidden"')) == ["hidden"]
    assert time.process_time() - began < 2


def test_secrets_in_trailers_raw_targets_and_interim_responses_are_replaced() -> None:
    request = Request(
        "POST", raw_path="/?api_key=sesame-one", chunks=("a",),
        trailers={"X-Auth-Token": "sesame-two"},
    )  # fmt: skip
    hint = Interim(103, (("Set-Cookie", "id=sesame-three"),))
    answer = Response(
        200, "OK", (), "", "chunked", "HTTP/1.1", interim=(hint,),
        trailers=(("X-Token", "sesame-four"),),
    )  # fmt: skip
    exchange = Exchange(SentRequest("POST", "/", ()), answer)
    recording = Recording(exchange, (), (), ())
    comparison = Comparison(
        Case("one", request), "identical", Expectation(met=True), (),
        {"flask": recording},
    )  # fmt: skip
    shown = msgspec.json.encode(redacted(comparison)).decode()
    assert "sesame" not in shown
