"""A canary secret in every encoding, in every report of every command, and on the page."""

import base64
import html
import re
import sys
from urllib.parse import unquote_plus

import pytest

from comparison.cli import main
from comparison.redaction import secrets_in
from tests.project import CONFIG, Project, project

__all__ = ["project"]

CORE = "Canary7Jx2QpLm9"
SECRET = f"a<&'\"/+ é{CORE}%"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQ{0}\nAASCBK{0}\n-----END PRIVATE KEY-----\n"
NUMBER = 9407131286

APP = """
import base64, html, json
from urllib.parse import quote, quote_plus
from markupsafe import escape
from {framework} import {name}, jsonify, render_template_string, request

def b64(text, before):
    return base64.b64encode(b"x" * before + text.encode() + b"yz").decode()

WRITE = {{
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "blanks": lambda text: " ".join(text.split()),
    "joined": lambda text: "".join(text.split("\\n")),
    "crlf": lambda text: text.replace("\\n", "\\r\\n"),
    "html": html.escape,
    "markup": lambda text: str(escape(text)),
    "url": lambda text: quote(text, safe=""),
    "path": quote,
    "form": quote_plus,
    "url-twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form-twice": lambda text: quote_plus(quote_plus(text)),
    "json": json.dumps,
    "json-whole": lambda text: json.dumps(text, ensure_ascii=False),
    "json-twice": lambda text: json.dumps(json.dumps({{"x": text}})),
    "repr": lambda text: repr([text]),
    "bytes": lambda text: repr(text.encode()),
    "base64-0": lambda text: b64(text, 0),
    "base64-1": lambda text: b64(text, 1),
    "base64-2": lambda text: b64(text, 2),
    "base64-url": lambda text: b64(text, 1).replace("+", "-").replace("/", "_"),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
}}

def create_app(settings=None):
    if settings and "API_TOKEN" in settings:
        raise ValueError("cannot connect with " + settings["API_TOKEN"])
    app = {name}(__name__)

    @app.post("/<form>")
    {prefix}def written(form):
        secret = ({wait}request.get_json())["api_token"]
        shown = WRITE[form](secret)
        app.logger.warning("{framework} wrote %s", shown)
        plain = shown.isascii() and shown.isprintable()
        header = shown if plain else quote(shown, safe="")
        return "{framework}: " + shown, 200, {{"X-Shown": header, "X-Echo": "a"}}

    @app.post("/raise/<form>")
    {prefix}def failing(form):
        secret = ({wait}request.get_json())["api_token"]
        raise ValueError("{framework} knows " + WRITE[form](secret))

    @app.get("/template")
    {prefix}def template():
        source = "{framework} {{{{ t }}}} <a b='{{{{ t|urlencode }}}}'>{{{{ t|tojson }}}}</a>"
        secret = request.args["token"]
        return {wait}render_template_string(source, t=secret)

    @app.get("/number")
    {prefix}def number():
        return jsonify(by="{framework}", password={number}, tokens=["{core}-in-a-list"])
    return app
"""
DRAFTED = """
from flask import Flask

def create_app(settings):
    app = Flask(__name__)
    app.config.update(settings)
    app.add_url_rule("/orders/<int:number>", "order", lambda number: str(number))
    return app
"""
PATTERNS = re.findall(r'^    "([\w-]+)": ', APP, re.MULTILINE)


def written_case(form: str, variable: str, path: str = "") -> str:
    return f"""
[[case]]
id = "{variable.lower()}-{path.strip("/")}{form}"
[case.request]
method = "POST"
path = "{path}/{form}"
json = {{ api_token = "${{env:{variable}}}" }}
"""


CASES = (
    "".join(written_case(form, "CANARY") for form in PATTERNS)
    + "".join(written_case(f, "PEM") for f in ("plain", "blanks", "joined", "crlf"))
    + "".join(written_case(f, "CANARY", "/raise") for f in ("plain", "base64-1"))
    + """
[[case]]
id = "template"
[case.request]
path = "/template?token=a%3C%26%27%22%2F%2B%20%C3%A9Canary7Jx2QpLm9%25"

[[case]]
id = "number"
[case.request]
path = "/number"
"""
)


@pytest.fixture
def canary(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    for framework in ("flask", "quart"):
        source = APP.format(
            framework=framework,
            name=framework.title(),
            prefix="async " if framework == "quart" else "",
            wait="await " if framework == "quart" else "",
            number=NUMBER,
            core=CORE,
        )
        project.write(f"shop_{framework}.py", source)
    project.write("cases.toml", CASES)
    project.write("pyproject.toml", CONFIG)
    monkeypatch.setenv("CANARY", SECRET)
    monkeypatch.setenv("PEM", PEM.format(CORE * 3))
    return project


def found(text: str) -> list[str]:
    """Where the canary is in a text, looked for by decoding what is there."""
    core = CORE.encode()
    parts = [core.hex(), str(NUMBER), "MIIEvQ"]
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + core).decode()
        parts.append(encoded[4:16])
    decoded = text
    for _ in range(3):
        decoded = html.unescape(unquote_plus(decoded))
    everything = f"{text}\n{decoded}"
    lowered = everything.lower()
    hits = [lowered.find(part.lower()) for part in (CORE, core.hex(), "miievqcan")]
    hits += [everything.find(part) for part in parts]
    # In JSON and in the source of an app, the test itself wrote it.
    return [everything[max(0, at - 80) : at + 40] for at in hits if at >= 0]


def test_the_search_finds_every_encoding_of_the_canary() -> None:
    encoded = base64.b64encode(b"me:" + CORE.encode()).decode()
    shown = (CORE.upper(), CORE.encode().hex(), encoded, f"%2522{CORE}", str(NUMBER))
    assert [text for text in shown if not found(text)] == []
    assert found("nothing of the kind") == []


@pytest.mark.slow
def test_no_report_of_any_command_shows_the_canary(
    canary: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    suffixes = ("txt", "md", "json", "jsonl", "xml", "html")
    outputs = [f"--output=run.{suffix}" for suffix in suffixes]
    assert main(["run", "-v", *outputs]) == 1
    assert main(["run", "--format", "github"]) == 1
    assert main(["record", "baseline.jsonl"]) == 0
    assert main(["check", "baseline.jsonl", "-k", "template or number"]) in {0, 1}
    shown = [f"--output=show.{suffix}" for suffix in ("txt", "md", "json", "html")]
    for case in ("pem-blanks", "canary-raisebase64-1"):
        assert main(["show", case, *shown]) in {0, 1}
        paths = [*canary.root.glob("show.*")]
        assert len(paths) == len(shown)
        for path in paths:
            assert found(path.read_text("utf-8")) == [], (case, path.name)
    message = capsys.readouterr()
    assert "secret 1" in message.out
    assert found(message.out + message.err) == []
    for path in (*canary.root.glob("run.*"), canary.root / "baseline.jsonl"):
        assert found(path.read_text("utf-8")) == [], path.name


@pytest.mark.parametrize("loud", [(), ("-v",), ("-vv",)])
def test_no_factory_error_shows_the_canary(
    loud: tuple[str, ...], canary: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    canary.write(
        "cases.toml",
        """
        [[case]]
        id = "settings"
        settings = { API_TOKEN = "${env:CANARY}" }
        [case.request]
        path = "/number"
        """,
    )
    assert main(["run", *loud]) == 3
    message = capsys.readouterr()
    assert "cannot connect with ‹secret 1›" in message.err
    assert found(message.out + message.err) == []


def test_no_printed_command_or_header_shows_the_canary(
    canary: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app = f"shop_{{0}}:create_app({{{{'PASSWORD': '{CORE}', 'TOKEN': {NUMBER}}}}})"
    canary.write("cases.toml", '[[case]]\nid = "a"\n[case.request]\npath = "/none"\n')
    targets = [f"--target={n}={app.format(n)}" for n in ("flask", "quart")]
    outputs = [f"--output=run.{suffix}" for suffix in ("json", "md", "xml", "html")]
    main(["run", *targets, *outputs])
    message = capsys.readouterr()
    assert found(message.out + message.err) == []
    paths = [*canary.root.glob("run.*")]
    assert len(paths) == len(outputs)
    for path in paths:
        text = path.read_text("utf-8")
        assert "•••" in text, path.name
        assert found(text) == [], path.name


def spec_with_secrets(module: str) -> str:
    """A SPEC whose settings have secrets."""
    settings = {"PASSWORD": CORE, "TOKEN": NUMBER, "TOPICS": ["composed"]}
    return f"{module}:create_app({settings!r})"


@pytest.mark.parametrize("output", ["-", "drafted.toml"])
def test_no_drafted_case_file_shows_the_canary(
    output: str, canary: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app = spec_with_secrets("shop_flask")
    canary.write("shop_flask.py", DRAFTED)
    sys.modules.pop("shop_flask", None)
    assert main(["discover", app, "--output", output]) == 0
    message = capsys.readouterr()
    path = canary.root / output
    text = path.read_text("utf-8") if path.exists() else message.out
    assert "'PASSWORD': '•••'" in text
    assert "/orders/" in text
    assert found(text + message.out + message.err) == []


@pytest.mark.parametrize(
    "command",
    [
        ["discover", spec_with_secrets("shop_flask").replace("create_app", "none")],
        ["discover", f"shop_flask:create_app({{'PASSWORD': '{CORE}'"],
        ["run", f"--target=a={spec_with_secrets('shop_none')}", "--target=b=shop_none:a"],
        ["fuzz", f"--target=a={spec_with_secrets('shop_none')}", "--target=b=shop_none:a"],
        ["run", f"--target=a=http://me:{CORE}@127.0.0.1:1", "--target=b=http://127.0.0.1:1"],
    ],
    ids=["attribute", "syntax", "module", "fuzz", "url"],
)  # fmt: skip
@pytest.mark.parametrize("loud", [(), ("-v",), ("-v", "-v")], ids=len)
def test_no_target_error_shows_the_canary(
    loud: tuple[str, ...],
    command: list[str],
    canary: Project,
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([*command, *loud])
    message = capsys.readouterr()
    assert found(message.out + message.err) == []


@pytest.mark.slow
def test_no_fuzz_finding_shows_the_canary(
    canary: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    canary.write("none.toml", "schema_version = 1\n")
    targets = [
        f"--target={n}={spec_with_secrets(f'{n}_app')}" for n in ("flask", "quart")
    ]
    search = [
        "fuzz",
        "-q",
        "--examples=8",
        "--database=",
        "--known=none.toml",
        *targets,
    ]
    for form in ("text", "md", "json"):
        path = canary.root / f"{form}.toml"
        assert main([*search, f"--format={form}", f"--write-cases={path}"]) == 1
        message = capsys.readouterr()
        assert "[[case]]" in path.read_text("utf-8")
        assert found(path.read_text("utf-8") + message.out + message.err) == [], form


async def test_no_playground_page_shows_the_canary(
    canary: Project, quiet: None
) -> None:
    from comparison.playground.app import create_app
    from comparison.playground.state import Playground
    from comparison.runner.settings import RunSettings

    state = Playground(RunSettings((), (), (), None))
    try:
        client = create_app(state).test_client()
        for case in ("canary-base64-1", "canary-hex", "pem-blanks"):
            response = await client.get(f"/cases/{case}")
            assert response.status_code == 200
            assert found(await response.get_data(as_text=True)) == [], case
    finally:
        state.close()


NO_SECRETS = [
    '{"author": "somebody-99", "authors": ["somebody-98"], "max_tokens": 150000}',
    '{"usage": {"prompt_tokens": 123456, "completion_tokens": 234567}, "tokens": 98765}',
    '{"code": "ERR-12345", "token_type": "bearer-99", "expires_in": 12345}',
    '<meta name="author" content="somebody-99"><label for="password">Password9</label>',
    "The token is explained below. Your password: must be long. design=signal99",
    "author=somebody-99&code=ERR-12345&page=23456",
    "secretary: somebody-99, tokenizer: words-99, passenger=somebody-97",
]


@pytest.mark.parametrize("text", NO_SECRETS)
def test_ordinary_text_is_not_taken_for_a_secret(text: str) -> None:
    assert list(secrets_in(text)) == []


SECRETS = [
    '{"password": "the-secret"}',
    "{'password': 'the-secret'}",
    '{"tokens": ["the-secret"]}',
    '{"credentials": {"type": "plain", "value": "the-secret"}}',
    r'{"query": "mutation { login(password: \"the-secret\") { id } }"}',
    'mutation { login(user: "me", password: "the-secret") { id } }',
    r'{"log": "{\"password\": \"the-secret\"}"}',
    "<login><password>the-secret</password></login>",
    '<ns:Password type="text">the-secret</ns:Password>',
    "<password><![CDATA[the-secret]]></password>",
    '<input type="hidden" name="csrf_token" value="the-secret">',
    '<meta name="csrf-token" content="the-secret">',
    '<property name="password">the-secret</property>',
    '{"name": "password", "value": "the-secret"}',
    "user=me&password=the-secret&page=2",
    "user: me\npassword=the-secret\n",
    "connecting to postgres://me:the-secret@localhost/shop",
    '{"otp": "the-secret"}',
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_found_in_any_kind_of_text(text: str) -> None:
    assert "the-secret" in secrets_in(text)


def test_tokens_are_recognised_by_their_format() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
    for text in (f"see {token}.", f'["{token}"]', f"/a/{token}/b", f"<t>{token}</t>"):
        assert any(value.startswith(token) for value in secrets_in(text)), text


def test_redaction_time_is_linear_in_the_text_length(capsys: object) -> None:
    import time

    from comparison.redaction import Replacing

    def seconds(count: int) -> float:
        text = "".join(f'{{"api_token": "{n:05}-abcdefghij"}},' for n in range(count))
        began = time.process_time()
        replaced = Replacing(secrets_in(text))(text)
        assert "abcdefghij" not in replaced
        return time.process_time() - began

    seconds(100)
    # Of a quadratic one it would be sixty-four times as long.
    assert seconds(4000) < 30 * seconds(500)


def test_a_password_from_the_environment_is_redacted_in_factory_errors(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHOP_DB_PASSWORD", SECRET)
    project.write(
        "shop_flask.py",
        "import os\ndef create_app():\n"
        "    raise ValueError('no access with ' + os.environ['SHOP_DB_PASSWORD'])\n",
    )
    sys.modules.pop("shop_flask", None)
    assert main(["run"]) == 3
    message = capsys.readouterr().err
    assert "no access with" in message
    assert found(message) == []
