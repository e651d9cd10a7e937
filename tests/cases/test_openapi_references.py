"""References of OpenAPI documents: where one stands, and what it leads to."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.cases.sources import references
from comparison.cases.sources.markup import Markup
from comparison.cases.sources.references import File, References, Rejected

NAMED = [
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas",
    "schemas", "parameters", "examples", "requestBodies", "headers", "responses",
    "callbacks", "links", "pathItems", "paths", "webhooks", "content", "encoding",
]  # fmt: skip
"""Fields whose keys are names that people choose (OpenAPI 3.1.1 and JSON Schema)."""
REFERENCE = {"$ref": "#/x"}
ABSOLUTE = {"$ref": "document:/#/x"}


def resolved(data: Any) -> Any:
    """The data of a document, whose references are absolute."""
    markup = Markup("api.json", json.dumps(data).encode())
    References(markup, None, None)
    return markup.data


@pytest.mark.parametrize("field", NAMED)
@pytest.mark.parametrize("name", ["default", "const", "enum", "example", "value"])
def test_a_name_that_people_choose_is_no_field_for_data(field: str, name: str) -> None:
    assert resolved({field: {name: REFERENCE}}) == {field: {name: ABSOLUTE}}
    # Below the name, fields are fields again.
    below = {field: {"a": {name: REFERENCE}}}
    assert resolved(below) == below


@pytest.mark.parametrize(
    "data",
    [
        {"default": REFERENCE}, {"const": REFERENCE}, {"enum": [REFERENCE]}, {"example": REFERENCE},
        {"value": REFERENCE}, {"examples": [REFERENCE]}, {"a": {"$ref": 3}},
    ],
)  # fmt: skip
def test_a_reference_in_data_is_data(data: Any) -> None:
    assert resolved(data) == data


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"a": [REFERENCE]}, {"a": [ABSOLUTE]}),
        ({"examples": {"a": REFERENCE}}, {"examples": {"a": ABSOLUTE}}),
        ({"$ref": "other.yaml#/a"}, {"$ref": "other.yaml#/a"}),
        ({"$ref": "http://[::1/a"}, {"$ref": "http://[::1/a"}),
        ({"discriminator": {"mapping": {"a": "#/x", "b": "b.yaml", "c": "Plain", "d": 4}}},
         {"discriminator": {"mapping": {"a": "document:/#/x", "b": "b.yaml", "c": "Plain", "d": 4}}}),
        ({"discriminator": {"mapping": 4}}, {"discriminator": {"mapping": 4}}),
        ({"discriminator": 4}, {"discriminator": 4}),
    ],
)  # fmt: skip
def test_references_become_absolute(data: Any, expected: Any) -> None:
    assert resolved(data) == expected


@pytest.fixture
def found(tmp_path: Path) -> References:
    (tmp_path / "near.yaml").write_text("a:\n  b: [4, {$ref: 'api.json#/c'}]\n")
    (tmp_path / "broken.yaml").write_text("a: b: c")
    (tmp_path / "folder.yaml").mkdir()
    file = tmp_path / "api.json"
    content = json.dumps({"c": {"d e/f": 5}}).encode()
    return References(Markup("api.json", content), file, tmp_path)


def test_a_reference_leads_to_a_value_and_its_place(
    found: References, tmp_path: Path
) -> None:
    api, near = (found.place, (tmp_path / "near.yaml").as_uri())
    assert found.followed(f"{api}#/c/d%20e~1f") == (5, ("c", "d e/f"))
    value, keys = found.followed(f"{near}#/a/b/1")
    assert value == {"$ref": f"{api}#/c"}
    assert keys == (File(near), "a", "b", 1) and isinstance(keys[0], File)
    assert found.markup_of(keys)[1] == ("a", "b", 1)
    assert found.markup_of(keys)[0].name == "near.yaml"
    assert found.markup_of(("c",)) == (found.markup, ("c",))
    assert found.absolute("#/a", keys) == f"{near}#/a"
    assert found.absolute("#/c", ()) == found.absolute("#/c", ("c",))
    assert found.absolute("#/c", ("c",)) == f"{api}#/c"
    assert found.as_written(f"{api}#/c") == "#/c"
    assert found.as_written(f"{near}#/a") == "near.yaml#/a"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("PLACE#/none", "'#/none' names nothing in this document"),
        ("PLACE#/c/0", "'#/c/0' names nothing in this document"),
        ("FOLDER/none.yaml#/a", "'none.yaml#/a' cannot be read: No such file or directory"),
        ("FOLDER/folder.yaml", "'folder.yaml' cannot be read: Is a directory"),
        ("FOLDER/broken.yaml", "'broken.yaml' cannot be read: broken.yaml:1: is not YAML: mapping"),
        ("FOLDER/near.yaml#/a/x", "'near.yaml#/a/x' names nothing in this document"),
        ("file:///etc/hostname", "'file:///etc/hostname' is outside of "),
        ("http://a.example/b", "'http://a.example/b' is not in this document or its folder, and we read nothing else; bundle it into one file first"),
        ("file://host/b", "'file://host/b' is not in this document or its folder"),
    ],
)  # fmt: skip
def test_a_reference_that_leads_nowhere_is_rejected(
    reference: str, message: str, found: References, tmp_path: Path
) -> None:
    given = reference.replace("PLACE", found.place).replace("FOLDER", tmp_path.as_uri())
    with pytest.raises(Rejected) as raised:
        found.followed(given)
    assert str(raised.value).startswith(message)


def test_a_file_that_is_too_large_is_rejected(
    found: References, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (tmp_path / "near.yaml").stat().st_size
    monkeypatch.setattr(references, "LONGEST", size)
    near = (tmp_path / "near.yaml").as_uri()
    assert found.followed(f"{near}#/a/b/0")[0] == 4
    monkeypatch.setattr(references, "LONGEST", 3)
    broken = (tmp_path / "broken.yaml").as_uri()
    with pytest.raises(Rejected, match=r"^'broken\.yaml' has more than 3 bytes$"):
        found.followed(broken)


def test_a_document_from_a_url_reads_no_files() -> None:
    found = References(Markup("api", b'{"a": 1}'), None, None)
    assert found.followed("document:/#/a") == (1, ("a",))
    for reference in ("document:/b.yaml", "b.yaml"):
        with pytest.raises(Rejected, match="we read nothing else"):
            found.followed(reference)
