"""Targets as tables of pyproject.toml: path prefixes, headers and logins."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.cli import main
from comparison.core.errors import DocumentError
from comparison.runner.config import find_project

from .project import Project, project

__all__ = ["project"]

PASSWORD = "open-sesame-1"
# The server's side of RFC 7616 section 3.4, without a library that could be wrong as well.
APP = """
import hashlib
import itertools
from {framework} import {name}, redirect, request, url_for

def create_app():
    app = {name}(__name__)
    nonces = map("nonce{{}}".format, itertools.count(1))

    @app.get("{prefix}/open")
    def headers():
        return {{"key": request.headers.get("X-Key"), "auth": request.headers.get("Authorization")}}

    @app.get("{prefix}/moved")
    def moved():
        return redirect(url_for("headers"))

    @app.get("{prefix}/closed")
    @app.post("{prefix}/closed")
    def closed():
        given = request.authorization
        if given is None or given.type != "digest":
            challenge = f'Digest realm="shop", nonce="{{next(nonces)}}", qop="auth", algorithm={algorithm}'
            return "who?", 401, {{"WWW-Authenticate": challenge}}
        hashed = lambda text: hashlib.{hash}(text.encode()).hexdigest()
        first = hashed(f"{{given.username}}:shop:{password}")
        second = hashed(f"{{request.method}}:{{given.uri}}")
        target = request.full_path.rstrip("?")
        wanted = hashed(":".join([first, given.nonce, given.nc, given.cnonce, "auth", second]))
        if given.response != wanted or given.uri != target:
            return "no", 403
        return {{"user": given.username, "count": given.nc}}

    return app
"""
CASES = """
schema_version = 1

[[case]]
id = "open"
request = { path = "/open" }
expect = { status = 200 }
"""


def write(project: Project, quart: str, cases: str = CASES, **changes: str) -> None:
    for framework in ("flask", "quart"):
        fields = {"prefix": "", "algorithm": "MD5", "hash": "md5", "password": PASSWORD}
        if framework == "quart":
            fields |= changes
        source = APP.format(framework=framework, name=framework.title(), **fields)
        project.write(f"shop_{framework}.py", source)
    project.write("cases.toml", cases)
    project.write(
        "pyproject.toml",
        f"""
        [tool.comparison]
        cases = ["cases.toml"]
        [tool.comparison.targets]
        flask = "shop_flask:create_app()"
        [tool.comparison.targets.quart]
        spec = "shop_quart:create_app()"
        {quart}
        """,
    )


def ran(project: Project, code: int) -> dict[str, Any]:
    assert main(["run", "-q", "--output", "run.json"]) == code
    loaded: dict[str, Any] = json.loads((project.root / "run.json").read_text("utf-8"))
    return loaded


def test_a_path_prefix_is_added_for_one_target(project: Project) -> None:
    write(project, 'path-prefix = "/v2"', prefix="/v2")
    (found,) = ran(project, 0)["comparisons"]
    paths = [r["exchange"]["request"]["path"] for r in found["recordings"].values()]
    assert paths == ["/open", "/v2/open"]


PREFIXED = r"""
schema_version = 1

[[case]]
id = "octets"
request = { raw_path = '/open?q=%C3%BC\x2e' }
expect = { status = 200 }

[[case]]
id = "followed"
setup = [{ path = "/moved", expect = { status = 302 } }]
request = { follow = true }
expect = { status = 200 }
"""


def test_a_path_prefix_is_added_to_octets_and_redirects(project: Project) -> None:
    write(project, 'path-prefix = "/v2"', PREFIXED, prefix="/v2")
    octets, followed = ran(project, 1)["comparisons"]
    assert octets["verdict"] == "identical"
    sent = [r["exchange"]["request"]["path"] for r in octets["recordings"].values()]
    assert sent == ["/open?q=%C3%BC.", "/v2/open?q=%C3%BC."]
    sent = [r["exchange"]["request"]["path"] for r in followed["recordings"].values()]
    assert sent == ["/open", "/v2/open"]
    # Each app redirects to its own address.
    assert "header:location" in {d["field"] for d in followed["differences"]}


def test_a_path_prefix_is_no_cause_of_a_difference(project: Project) -> None:
    table = """path-prefix = "/v2"
        headers = { X-Key = "${env:HOME}" }"""
    write(project, table, prefix="/v2")
    (found,) = ran(project, 1)["comparisons"]
    assert found["verdict"] == "different"
    assert "another-route" not in {f.get("cause") for f in found["findings"]}


AUTHS = {
    "headers": 'headers = { X-Key = "${env:SHOP_PASSWORD}" }',
    "basic": 'auth = { basic = { user = "ada", password = "${env:SHOP_PASSWORD}" } }',
    "bearer": 'auth = { bearer = "${env:SHOP_PASSWORD}" }',
}


@pytest.mark.parametrize("name", AUTHS)
def test_headers_and_logins_are_sent_and_never_printed(
    name: str, project: Project, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    write(project, AUTHS[name])
    assert main(["run", "-v", "--output", "run.json", "--output", "run.html"]) == 1
    out = capfd.readouterr().out
    written = [
        (project.root / f"run.{kind}").read_text("utf-8") for kind in ("json", "html")
    ]
    (found,) = json.loads(written[0])["comparisons"]
    body = found["recordings"]["quart"]["exchange"]["response"]["body"]
    assert ("‹secret" in body) == (name != "nothing")
    encoded = "YWRhOm9wZW4tc2VzYW1lLTE="  # ada:open-sesame-1 (RFC 7617 section 2)
    for text in (out, *written):
        assert PASSWORD not in text
        assert encoded not in text


CLOSED = """
schema_version = 1

[[case]]
id = "closed"
request = { path = "/closed?a=[1]&b=/../c" }
expect = { status = 200 }

[[case.setup]]
path = "/closed"
"""
DIGEST = 'auth = { digest = { user = "ada", password = "${env:SHOP_PASSWORD}" } }'


@pytest.mark.parametrize(
    ("algorithm", "hash_"), [("MD5", "md5"), ("SHA-256", "sha256")]
)
def test_a_digest_challenge_is_answered_and_recorded(
    algorithm: str, hash_: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    write(project, DIGEST, CLOSED, algorithm=algorithm, hash=hash_)
    (found,) = ran(project, 1)["comparisons"]
    quart = found["recordings"]["quart"]
    first, last = quart["setup"][0], quart["exchange"]
    challenged = first["challenge"]["response"]
    assert challenged["status"] == 401
    assert 'nonce="nonce1"' in dict(challenged["headers"])["www-authenticate"]
    assert json.loads(first["response"]["body"]) == {"user": "ada", "count": "00000001"}
    # The nonce of the first challenge serves the whole case (RFC 7616 section 3.4).
    assert json.loads(last["response"]["body"]) == {"user": "ada", "count": "00000002"}
    assert "challenge" not in last
    assert "Challenge received: Digest realm" in quart["table"][0]["client_receives"]
    assert found["recordings"]["flask"]["setup"][0]["response"]["status"] == 401


def test_a_wrong_password_is_a_difference(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "another-password")
    write(project, DIGEST, CLOSED)
    (found,) = ran(project, 1)["comparisons"]
    assert found["recordings"]["quart"]["exchange"]["response"]["status"] == 403


WRONG = {
    "path-prefx = '/v2'": '7: targets.quart.path-prefx: unknown field, did you mean "path-prefix"?',
    "path-prefix = 'v2'": 'path-prefix begins with "/"',
    "auth = { bearer = 'abc' }": 'a token does not belong into a file: write "${env:NAME}"',
    "auth = { bearer = '${env:A}', basic = { user = 'a', password = '${env:A}' } }":
        "auth has one of basic, digest and bearer, not basic and bearer",
    "auth = { digest = { user = 'a' } }": "object missing required field `password`",
}  # fmt: skip


@pytest.mark.parametrize("table", WRONG)
def test_an_invalid_target_table_is_reported_with_its_location(
    table: str, project: Project
) -> None:
    write(project, table)
    with pytest.raises(DocumentError) as caught:
        find_project()
    (problem,) = caught.value.problems
    assert WRONG[table] in problem
    assert problem.startswith("pyproject.toml:")


def test_an_unset_environment_variable_is_reported(
    project: Project, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write(project, AUTHS["bearer"])
    assert main(["run"]) == 2
    output = capsys.readouterr().err
    assert (
        "pyproject.toml:5: targets.quart: environment variable SHOP_PASSWORD is not set"
        in output
    )
