"""Every recording that is made in the process of the tests keeps to the schema.

The schema says of which types a document is made, and which events there are. So of
recordings that are made alike in that, one is held against it.
"""

import functools
import json
from typing import Any

import jsonschema
import msgspec

from comparison import schemas
from comparison.model import Recording

NAMED_BY_APPS = ("changed", "arguments", "steps", "captured")


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schemas.schema_text("recording")))


def validate(recording: Any) -> None:
    """Hold what is written of a recording against the schema that is shipped."""
    _validator().validate(json.loads(msgspec.json.encode(recording)))


def kind_of(value: Any, name: str = "") -> Any:
    """What a document is made of, without what stands in it."""
    if isinstance(value, dict):
        parts = {key: kind_of(part, key) for key, part in value.items()}
        if name in NAMED_BY_APPS:
            return "{}", frozenset(parts.values())
        return "{}", frozenset(parts.items())
    if isinstance(value, list):
        return "[]", min(len(value), 3), frozenset(map(kind_of, value))
    return value if name == "event" else type(value).__name__


class Checked:
    """A method that makes recordings, and what is wrong with those it made."""

    def __init__(self, making: Any) -> None:
        self.making = making
        self.kinds: set[Any] = set()
        self.problems: list[str] = []

    def method(self) -> Any:
        """The method that takes its place."""
        making = self.making

        @functools.wraps(making)
        def checked(*arguments: Any) -> Recording:
            recording: Recording = making(*arguments)
            kind = kind_of(json.loads(msgspec.json.encode(recording)))
            if kind not in self.kinds:
                self.kinds.add(kind)
                try:
                    validate(recording)
                except jsonschema.ValidationError as error:
                    self.problems.append(f"{error.json_path}: {error.message}")
            return recording

        return checked
