"""The values that flow through a run: case, recording, comparison, report.

`case`, `request` and `rules` define what people write, and `recording` what happened
during an exchange. `comparison` is the result of one case, `run` that of all. Import the
values from here. The results of studies are in `comparison.studies.models`.

Each value is immutable, and one place makes it. We write these same structs to disk with
msgspec, so they are the JSON contract. None can be part of a reference cycle, so the
garbage collector can ignore them (`gc=False`).
"""

from comparison.core.validation import SCHEMA_VERSION

from .case import Case
from .client import Client, Disconnect, Stall
from .comparison import (
    IN_BASE64,
    LONGEST,
    Comparison,
    Difference,
    Expectation,
    FieldValue,
    Finding,
    Layer,
    Stale,
    Unmet,
    Verdict,
    effect_text,
    timeout_error,
)
from .expect import Expect
from .recording import (
    CANCELLED,
    SECOND,
    Event,
    Exchange,
    Failure,
    Interim,
    Piece,
    Recording,
    Response,
    Row,
    SentRequest,
    Value,
    Variable,
)
from .request import Capture, Pairs, Part, Request
from .rules import Matching, NormalisationRules
from .run import (
    Agreement,
    Environment,
    Normalisation,
    Proposal,
    RouteMismatch,
    RunHeader,
    Selection,
    SelfCheck,
    StaleNotice,
    Summary,
    TargetInfo,
    Unexplained,
    Withheld,
)

__all__ = [
    "CANCELLED",
    "IN_BASE64",
    "LONGEST",
    "SCHEMA_VERSION",
    "SECOND",
    "Agreement",
    "Capture",
    "Case",
    "Client",
    "Comparison",
    "Difference",
    "Disconnect",
    "Environment",
    "Event",
    "Exchange",
    "Expect",
    "Expectation",
    "Failure",
    "FieldValue",
    "Finding",
    "Interim",
    "Layer",
    "Matching",
    "Normalisation",
    "NormalisationRules",
    "Pairs",
    "Part",
    "Piece",
    "Proposal",
    "Recording",
    "Request",
    "Response",
    "RouteMismatch",
    "Row",
    "RunHeader",
    "Selection",
    "SelfCheck",
    "SentRequest",
    "Stale",
    "StaleNotice",
    "Stall",
    "Summary",
    "TargetInfo",
    "Unexplained",
    "Unmet",
    "Value",
    "Variable",
    "Verdict",
    "Withheld",
    "effect_text",
    "timeout_error",
]
