"""No document is an internal error; see `benchmarks/mutated_documents.py`."""

import json
import warnings

import pytest

from benchmarks.mutated_documents import kinds, tried
from comparison.cases.sources.openapi import OpenApi
from comparison.cases.sources.operations import Operations

EXAMPLES = 60


@pytest.mark.slow
def test_mutated_documents_of_every_kind_are_loaded_or_rejected() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind in kinds():
            came = tried(kind, EXAMPLES, seed=16)
            assert not came.faults, kind.name
            assert came.accepted and came.rejected, kind.name


@pytest.mark.parametrize(
    "bound", ["minimum", "maximum", "multipleOf", "exclusiveMinimum"]
)
def test_a_bound_that_is_not_a_float_is_ignored(bound: str) -> None:
    schema = {"type": "integer", bound: 10**400}
    given = {"name": "n", "in": "query", "required": True, "schema": schema}
    paths = {"/a": {"get": {"parameters": [given], "summary": "\ud800"}}}
    api = json.dumps({"openapi": "3.1.0", "paths": paths}).encode()
    (draft,) = Operations(OpenApi("api", api))
    assert draft.path == "/a?n=1"
