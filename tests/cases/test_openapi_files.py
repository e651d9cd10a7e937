"""OpenAPI documents of several files: references in a folder, never outside it."""

from pathlib import Path

import pytest

from comparison.cli import main

from .test_openapi import imported

API = """
openapi: 3.1.0
info: {title: Several, version: "1"}
paths:
  /pages: {get: {parameters: [{$ref: "shared/parameters.yaml#/page"}]}}
  /users: {$ref: "./users%20and%20groups.yaml"}
"""
USERS = """
post:
  requestBody:
    content: {application/json: {schema: {$ref: "shared/schemas.yaml#/User"}}}
"""
PARAMETERS = """
page: {name: page, in: query, required: true, schema: {$ref: "schemas.yaml#/Number"}}
"""
SCHEMAS = """
Number: {type: integer, minimum: 3}
User: {type: object, required: [age, self], properties: {age: {$ref: "#/Number"},
  self: {oneOf: [{$ref: "../shared/schemas.yaml#/Code"}]}}}
Code: {type: string, pattern: "^[A-Z]{2}$"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "api" / "shared").mkdir(parents=True)
    for name, text in (
        ("api.yaml", API),
        ("users and groups.yaml", USERS),
        ("shared/parameters.yaml", PARAMETERS),
        ("shared/schemas.yaml", SCHEMAS),
    ):
        (tmp_path / "api" / name).write_text(text)
    return tmp_path / "api"


def test_references_to_files_of_the_folder_are_followed(folder: Path) -> None:
    cases = imported(folder / "api.yaml", "--all-methods")
    assert cases["get-pages"].request.path == "/pages?page=3"
    assert cases["post-users"].request.json == {"age": 3, "self": "AA"}


@pytest.mark.parametrize("way", ["../secret.yaml", "link.yaml", "/etc/hostname"])
def test_a_file_outside_of_the_folder_is_not_read(
    way: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = folder.parent / "secret.yaml"
    secret.write_text("Number: {type: integer, const: 987654}")
    (folder / "link.yaml").symlink_to(secret)
    parameters = folder / "shared/parameters.yaml"
    other = way if way.startswith("/") else f"../{way}"
    parameters.write_text(PARAMETERS.replace("schemas.yaml", other))
    assert main(["import-openapi", str(folder / "api.yaml")]) == 2
    error = capsys.readouterr().err
    assert "shared/parameters.yaml:2: page.schema.$ref: " in error
    assert f"is outside of {folder}; allow it with --root" in error


def test_another_folder_can_be_allowed(folder: Path) -> None:
    shared = folder.parent / "shared.yaml"
    shared.write_text(SCHEMAS)
    users = USERS.replace("shared/schemas.yaml", "../shared.yaml")
    (folder / "users and groups.yaml").write_text(users)
    (folder / "shared/schemas.yaml").write_text("Number: {type: integer}")
    shared.write_text(SCHEMAS.replace("../shared/schemas.yaml", ""))
    options = ("--all-methods", "--root", str(folder.parent))
    cases = imported(folder / "api.yaml", *options)
    assert cases["post-users"].request.json == {"age": 3, "self": "AA"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "'shared/schemas.yaml#/Number' cannot be read: No such file"),
        (
            "a: [",
            "'shared/schemas.yaml#/Number' cannot be read: shared/schemas.yaml:2: ",
        ),
        ("a: 1", "'shared/schemas.yaml#/Number' names nothing in this document"),
    ],
)
def test_a_file_that_is_wrong_is_named(
    text: str | None, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "users and groups.yaml").write_text("get: {}")
    file = folder / "shared/schemas.yaml"
    file.unlink() if text is None else file.write_text(text)
    assert main(["import-openapi", str(folder / "api.yaml")]) == 2
    assert message in capsys.readouterr().err


def test_what_no_draft_has_is_listed_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = tmp_path / "api.yaml"
    api.write_text(
        "openapi: 3.1.0\n"
        "paths:\n"
        "  /a:\n"
        "    post:\n"
        "      callbacks: {done: {}}\n"
        "      parameters:\n"
        "      - {name: Accept, in: header, schema: {type: string}}\n"
        "      - {name: n, in: query, required: true, schema: {enum: []}}\n"
        "      requestBody:\n"
        "        content:\n"
        "          multipart/mixed: {}\n"
        "      security: [{certificate: []}]\n"
        "webhooks:\n"
        "  paid: {}\n"
        "components:\n"
        "  securitySchemes:\n"
        "    certificate: {type: mutualTLS}\n"
    )
    imported(api, "--all-methods")
    error = capsys.readouterr().err
    for place, message in (
        ("5: paths./a.post.callbacks.done", "not drafted: the API sends it"),
        ("7: paths./a.post.parameters[0]", "not used: the body or the security"),
        ("8: paths./a.post.parameters[1].schema", "no value that its schema allows"),
        ("4: paths./a.post", "a comment: A body of multipart/mixed"),
        ("14: webhooks.paid", "not drafted: the API sends it"),
        ("17: components.securitySchemes.certificate", "not drafted: a certificate"),
    ):
        assert f"{api}:{place}: {message}" in error


@pytest.mark.parametrize(
    ("schema", "example", "message"),
    [
        ("{type: object, required: [a], properties: {a: {type: integer}}}", "{b: [1]}",
         "changed at a: 'a' is a required property"),
        ("{properties: {a: {properties: {b: {type: integer}}}}}", "{a: {b: x}}",
         "changed at a.b: a.b: 'x' is not of type 'integer'"),
        ("{type: integer, multipleOf: 4}", "7", "changed: 7 is not a multiple of 4"),
        ("{allOf: [{type: integer}, {type: string}]}", "7",
         "used anyway: 7 is not of type 'string'"),
    ],
)  # fmt: skip
def test_an_example_against_its_schema_is_reported(
    schema: str,
    example: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = tmp_path / "api.yaml"
    api.write_text(
        "openapi: 3.1.0\n"
        "paths:\n"
        "  /a:\n"
        "    post:\n"
        "      requestBody:\n"
        "        content:\n"
        "          application/json:\n"
        f"            schema: {schema}\n"
        f"            example: {example}\n"
    )
    imported(api, "--all-methods")
    place = "paths./a.post.requestBody.content.application/json.example"
    text = f"{api}:9: {place}: an example that its schema does not allow, {message}"
    assert text in capsys.readouterr().err


def test_parameters_that_cannot_be_sent_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = tmp_path / "api.json"
    # YAML, which finds the lines, has no surrogates.
    api.write_text(
        '{"openapi": "3.1.0", "info": {"title": "\\ud83d\\ude00"},\n'
        '"paths": {"/a": {"get": {"parameters": [\n'
        '  {"name": "id", "in": "path", "schema": {"type": "string"}},\n'
        '  {"name": "n", "in": "query", "schema": {"type": "integer", "enum": ["x"]}}\n'
        "]}}}}\n"
    )
    assert imported(api)["get-a"].request.path == "/a"
    error = capsys.readouterr().err
    for line, message in (
        (3, "parameters[0]: not used: the path has no {id}"),
        (4, "parameters[1].schema: left out: no value that its schema allows"),
    ):
        assert f"{api}:{line}: paths./a.get.{message}" in error
