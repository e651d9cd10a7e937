"""Generate JSON Schemas of the documents that people write, for editors.

Other schemas describe a view (see `comparison.views`) and a recording, which runs
write. `docs/reference/trace.md` describes its events. We generate the schemas from the models
that read the documents. Files name them in their first line (`#:schema PATH`), which
Taplo and Even Better TOML read.
"""

import inspect
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Struct

from comparison.cases import Topic
from comparison.known.models import Cause, KnownDifference
from comparison.known.patterns import DifferencePattern
from comparison.models import SCHEMA_VERSION, Case, Recording
from comparison.models.case import FILLED_IN
from comparison.runner.config import Config
from comparison.tracing.schema import EVENTS
from comparison.views import View

FOLDER = Path(__file__).parent
Name = Literal["cases", "known", "configuration", "view", "recording"]
NAMES: tuple[Name, ...] = get_args(Name)

PLACEHOLDER = {"type": "string", "pattern": r"\$\{[^{}]+\}"}


Version = Annotated[int, msgspec.Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]


class CaseDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """A case file: the common data of the cases, and the cases."""

    schema_version: Version = SCHEMA_VERSION
    topic: Topic = Topic()
    case: tuple[Case, ...] = ()


class KnownDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of known differences: causes, and the differences that they explain."""

    schema_version: Version = SCHEMA_VERSION
    accept: tuple[str, ...] = ()
    cause: tuple[Cause, ...] = ()
    known: tuple[KnownDifference, ...] = ()
    pattern: tuple[DifferencePattern, ...] = ()


class Tool(Struct, frozen=True):
    """The tables of tools in pyproject.toml."""

    comparison: Config = Config()


class ProjectDocument(Struct, frozen=True):
    """A pyproject.toml; the schema describes only [tool.comparison]."""

    tool: Tool = Tool()


_DOCUMENTS: dict[Name, type[Struct]] = {
    "cases": CaseDocument,
    "known": KnownDocument,
    "configuration": ProjectDocument,
    "view": View,
    "recording": Recording,
}


def schema(name: Name) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document, generated from its model."""
    made = msgspec.json.schema(_DOCUMENTS[name])
    if name == "cases":
        _with_placeholders(made["$defs"])
    if name == "recording":
        made["$defs"]["Event"]["properties"]["event"]["enum"] = list(EVENTS)
    for definition in made["$defs"].values():
        if "description" in definition:  # a docstring, indented before Python 3.13
            definition["description"] = inspect.cleandoc(definition["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:flask-quart-comparison:{name}:{SCHEMA_VERSION}",
        **made,
    }


def generated_text(name: Name) -> str:
    """Return the schema as its file has it."""
    encoded = msgspec.json.encode(schema(name))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def file_name(name: Name) -> str:
    """Return the name of a schema's file, in any folder."""
    return f"comparison-{name}.schema.json"


def schema_text(name: Name) -> str:
    """Return the shipped schema."""
    return (FOLDER / file_name(name)).read_text(encoding="utf-8")


def _with_placeholders(definitions: dict[str, Any]) -> None:
    """Allow placeholders, because parameters and environment are filled in later."""
    case = definitions["Case"]
    for field in FILLED_IN:
        case["properties"].pop(field)
    case["properties"]["parameters"] = {
        "description": "A row for each case that this one stands for, or a CSV or JSON"
        " file with the rows.",
        "anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "string"}],
    }
    for name, definition in definitions.items():
        if name == "Topic":
            continue
        for field, described in definition["properties"].items():
            if not _takes_text(described):
                definition["properties"][field] = _or_placeholder(described)


def _takes_text(described: dict[str, Any]) -> bool:
    choices = described.get("anyOf", [described])
    return any(choice in ({}, {"type": "string"}) for choice in choices) or (
        "type" not in described and "$ref" not in described and "anyOf" not in described
        and "enum" not in described
    )  # fmt: skip


def _or_placeholder(described: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in described.items() if key != "default"}
    choices = kept.get("anyOf", [kept])
    return {**described, "anyOf": [*choices, PLACEHOLDER]} if "anyOf" in described else {
        "anyOf": [kept, PLACEHOLDER],
        **({"default": described["default"]} if "default" in described else {}),
    }  # fmt: skip
