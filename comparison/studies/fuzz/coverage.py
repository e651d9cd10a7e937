"""What was tried: which parts of the model, in which forms, how often, and together."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from msgspec import UNSET

from comparison.models import Request
from comparison.views import Raise
from comparison.views.model import (
    BODY_KINDS,
    ERRORS,
    HEADERS_KINDS,
    MADE,
    SHAPES,
    STATUS_KINDS,
    STYLES,
)

from .generate import CHANGES, METHODS, Example
from .signature import tag_of

NONE = "none given"

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "style": STYLES,
    "handled": ("no", "yes"),
    "raises": (NONE, "abort", *ERRORS),
    "body": (NONE, *BODY_KINDS),
    "made": MADE,
    "shape": SHAPES,
    "status": (NONE, *STATUS_KINDS),
    "headers": (NONE, *HEADERS_KINDS),
    "change": (NONE, *CHANGES),
    "method": METHODS,
    # One from a file is no other than one written out.
    "request body": (NONE, *(kind for kind in Request.BODIES if kind != "file")),
}
"""Each part of an example, with the forms that it has."""


def _forms(example: Example) -> Iterator[tuple[str, str]]:
    view, request = example.view, example.request
    yield "style", view.style
    yield "handled", "yes" if view.handled else "no"
    raises = NONE
    if view.raises is not None:
        raises = view.raises.name if isinstance(view.raises, Raise) else "abort"
    yield "raises", raises
    yield "body", NONE if view.body is None else view.body.kind
    if view.raises is None:
        yield "made", view.made
        yield "shape", view.shape
        yield "status", NONE if view.status is None else view.status.kind
        yield "headers", NONE if view.headers is None else view.headers.kind
        changes = {tag_of(change) for change in view.changes}
        yield from (("change", change) for change in sorted(changes) or (NONE,))
    yield "method", request.method
    given = (n for n in Request.BODIES if getattr(request, n) is not UNSET)
    yield "request body", next(given, NONE)


class Coverage:
    """Counts each form of each part of the model, and each two forms together."""

    def __init__(self) -> None:
        self.forms: Counter[tuple[str, str]] = Counter()
        self._pairs: set[tuple[tuple[str, str], tuple[str, str]]] = set()

    def add(self, example: Example) -> None:
        """Count one example."""
        forms = list(_forms(example))
        self.forms.update(forms)
        self._pairs.update(combinations(forms, 2))

    @property
    def pairs(self) -> int:
        """How many forms of two parts were tried together."""
        return sum(part != another for (part, _), (another, _) in self._pairs)

    def table(self) -> dict[str, dict[str, int]]:
        """How often each form of each part was tried, 0 included."""
        return {
            part: {form: self.forms[part, form] for form in forms}
            for part, forms in DIMENSIONS.items()
        }
