"""Bodies in parts and from files, beside the case file."""

import base64
from pathlib import Path

import flask
import pytest
import quart

from comparison import Case, Request, UsageError, compare
from comparison.cases import digest_of, load_cases
from comparison.cli import main
from comparison.core.errors import DocumentError
from comparison.models import Part
from comparison.redaction import redacted
from comparison.targets import build_request
from tests.apps import app_of

UPLOAD = """
schema_version = 1

[[case]]
id = "upload"
[case.request]
method = "POST"
path = "/"
multipart = [
    { name = "title", text = "Größe" },
    { name = "picture", file = "files/logo.png", type = "image/png" },
    { name = "raw", base64 = "AAEC", filename = "r.bin" },
]

[[case]]
id = "whole"
[case.request]
method = "POST"
path = "/"
headers = { Content-Type = "image/png" }
file = "files/logo.png"
"""
PNG = b"\x89PNG\r\n\x1a\n\x00"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "cases"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "logo.png").write_bytes(PNG)
    path = folder / "cases.toml"
    path.write_text(UPLOAD, encoding="utf-8")
    return path


def flask_view() -> dict[str, object]:
    request = flask.request
    files = {
        name: [each.filename, each.mimetype, base64.b64encode(each.read()).decode()]
        for name, each in request.files.items()
    }
    raw = base64.b64encode(request.get_data()).decode()
    return {"form": request.form, "files": files, "raw": raw}


async def quart_view() -> dict[str, object]:
    request = quart.request
    files = {
        name: [each.filename, each.mimetype, base64.b64encode(each.read()).decode()]
        for name, each in (await request.files).items()
    }
    form = await request.form
    raw = "" if form or files else base64.b64encode(await request.get_data()).decode()
    return {"form": form, "files": files, "raw": raw}


@pytest.mark.usefixtures("uploads")
def test_both_apps_receive_and_parse_the_same_multipart_body(file: Path) -> None:
    apps = (
        app_of("flask", flask_view, methods=["POST"]),
        app_of("quart", quart_view, methods=["POST"]),
    )
    upload, whole = compare(*apps, load_cases(file))
    for comparison in (upload, whole):
        assert comparison.verdict == "identical", comparison.differences
        sent = {r.exchange.request for r in comparison.recordings.values()}
        assert len(sent) == 1
    response = upload.recordings["flask"].exchange.response
    assert response is not None
    assert flask.json.loads(response.body) == {
        "form": {"title": "Größe"},
        "files": {
            "picture": ["logo.png", "image/png", base64.b64encode(PNG).decode()],
            "raw": ["r.bin", "application/octet-stream", "AAEC"],
        },
        "raw": "",
    }
    response = whole.recordings["quart"].exchange.response
    assert response is not None
    assert base64.b64encode(PNG).decode() in response.body


def sent(*parts: Part, headers: dict[str, str] | None = None) -> tuple[bytes, str]:
    request = build_request(Request("POST", "/", headers or {}, multipart=parts))
    return request.read(), request.headers["content-type"]


def test_a_multipart_body_follows_rfc_7578() -> None:
    body, kind = sent(Part("a", text="1"), Part("b", text="2", type="text/plain"))
    assert kind == "multipart/form-data; boundary=comparison-part"
    assert body.decode().split("\r\n") == [
        "--comparison-part",
        'Content-Disposition: form-data; name="a"',
        "",
        "1",
        "--comparison-part",
        'Content-Disposition: form-data; name="b"',
        "Content-Type: text/plain",
        "",
        "2",
        "--comparison-part--",
        "",
    ]


def test_the_boundary_occurs_in_no_part_and_is_deterministic() -> None:
    body, kind = sent(Part("a", text="--comparison-part"))
    assert kind.endswith("boundary=comparison-part-2")
    assert body == sent(Part("a", text="--comparison-part"))[0]


def test_a_boundary_of_the_case_is_used() -> None:
    given = {"Content-Type": 'multipart/form-data; boundary="mine"'}
    body, kind = sent(Part("a", text="1"), headers=given)
    assert kind == given["Content-Type"]
    assert body.startswith(b"--mine\r\n")


def test_an_empty_list_of_parts_is_an_empty_form() -> None:
    body, _ = sent()
    assert body == b"--comparison-part--\r\n"


PROBLEMS = {
    'file = "no.png"': "cases.toml:4: request.file: '{folder}/no.png': no such file",
    'file = "files"': "cases.toml:4: request.file: '{folder}/files': is a folder",
    'multipart = [{ name = "a", file = "no.png" }]': (
        "cases.toml:4: request.multipart.file: '{folder}/no.png': no such file"
    ),
    'multipart = [{ name = "a" }]': "a part has one of text, base64 and file, not none",
    'multipart = [{ name = "a", text = "", file = "b" }]': "not text and file",
    'multipart = [{ name = "a", base64 = "!" }]': "base64 cannot be decoded",
    'multipart = [{ nam = "a", text = "" }]': 'unknown field, did you mean "name"?',
    'file = "a"\ntext = "b"': "a request has one body, not text and file",
}


@pytest.mark.parametrize("body", PROBLEMS)
def test_an_unsendable_body_is_reported_with_file_line_and_field(
    file: Path, body: str
) -> None:
    text = f'[[case]]\nid = "a"\n[case.request]\n{body}\nmethod = "POST"\n'
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_cases(file)
    output = PROBLEMS[body].format(folder=file.parent)
    assert any(output in problem for problem in caught.value.problems)


def test_a_file_deleted_before_sending_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    request = Request("POST", "/", file=str(tmp_path / "gone"))
    app = app_of("flask", lambda: "")
    with pytest.raises(UsageError, match="gone: No such file or directory"):
        list(compare(app, app, [Case("c", request)]))


def test_the_case_digest_depends_on_file_contents_not_on_paths(
    tmp_path: Path, file: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    file.parent.rename(elsewhere)
    before = digest_of(load_cases(elsewhere / "cases.toml"))
    elsewhere.rename(file.parent)
    assert digest_of(load_cases(file)) == before
    (file.parent / "files" / "logo.png").write_bytes(b"other")
    assert digest_of(load_cases(file)) != before


def test_a_part_with_a_secret_looking_name_is_redacted(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("0815-4711")
    parts = (Part("password", text="open sesame"), Part("private_key", file=str(key)))
    app = app_of("flask", lambda: flask.request.form["password"], methods=["POST"])
    request = Request("POST", "/", multipart=parts)
    (comparison,) = compare(app, app, [Case("c", request)])
    shown = str(redacted(comparison))
    assert "open sesame" in str(comparison)
    assert "open sesame" not in shown
    assert "0815-4711" not in shown


def test_jobs_send_files_too(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The twins have no route there: what counts is that both were sent it.
    monkeypatch.chdir(tmp_path)
    code = main(
        ["run", "-q", "--cases", str(file), "--jobs", "2", "--output", "a.json"]
    )
    assert code == 0
    assert base64.b64encode(PNG).decode()[:8] in Path("a.json").read_text("utf-8")
