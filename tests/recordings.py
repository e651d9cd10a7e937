"""Every recording that is made or read in the process of the tests keeps to the schema.

The schema says of which types a document is made, and which events there are. So of
recordings that are made alike in that, one is held against it.
"""

import functools
import json
from typing import Any

import jsonschema
import msgspec

from comparison import schemas
from comparison.models import Comparison, Recording

NAMED_BY_APPS = ("changed", "arguments", "steps", "captured")


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schemas.schema_text("recording")))


def validate(recording: Any) -> None:
    """Hold what is written of a recording against the schema that is shipped."""
    _validator().validate(json.loads(msgspec.json.encode(recording)))


def kind_of(value: Any, name: str = "") -> Any:
    """Return the structure of a document, without its values."""
    if isinstance(value, dict):
        parts = {key: kind_of(part, key) for key, part in value.items()}
        if name in NAMED_BY_APPS:
            return "{}", frozenset(parts.values())
        return "{}", frozenset(parts.items())
    if isinstance(value, list):
        return "[]", min(len(value), 3), frozenset(map(kind_of, value))
    return value if name == "event" else type(value).__name__


class Checked:
    """Methods that make recordings, or read those of workers, and what is wrong with them."""

    def __init__(self) -> None:
        self.kinds: set[Any] = set()
        self.problems: list[str] = []

    def making(self, method: Any) -> Any:
        """A method that returns a recording, with a check of it."""

        @functools.wraps(method)
        def checked(*arguments: Any) -> Recording:
            recording: Recording = method(*arguments)
            self.check(recording)
            return recording

        return checked

    def comparing(self, method: Any) -> Any:
        """A method that returns a comparison, with a check of its recordings."""

        @functools.wraps(method)
        def checked(*arguments: Any) -> Comparison:
            comparison: Comparison = method(*arguments)
            for recording in comparison.recordings.values():
                self.check(recording)
            return comparison

        return checked

    def check(self, recording: Recording) -> None:
        """Hold one recording of each kind against the schema."""
        kind = kind_of(json.loads(msgspec.json.encode(recording)))
        if kind not in self.kinds:
            self.kinds.add(kind)
            try:
                validate(recording)
            except jsonschema.ValidationError as error:
                self.problems.append(f"{error.json_path}: {error.message}")
