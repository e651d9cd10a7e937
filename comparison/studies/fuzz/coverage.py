"""Count which forms of each part of the model the search has tried, alone and in pairs."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from msgspec import UNSET

from comparison.models import Request
from comparison.views import model

from .example import Example
from .facts import tag_of
from .generate import CHANGES, METHODS

NONE = "none given"

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "style": model.STYLES,
    "handled": ("no", "yes"),
    "raises": (NONE, "abort", *model.ERRORS),
    "body": (NONE, *model.BODY_KINDS),
    "made": model.MADE,
    "shape": model.SHAPES,
    "status": (NONE, *model.STATUS_KINDS),
    "headers": (NONE, *model.HEADERS_KINDS),
    "change": (NONE, *CHANGES),
    "method": METHODS,
    # A body from a file is sent like a body in the case.
    "request body": (NONE, *(kind for kind in Request.BODIES if kind != "file")),
}
"""Each part of an example, with its possible forms."""


def _forms(example: Example) -> Iterator[tuple[str, str]]:
    view, request = example.view, example.request
    yield "style", view.style
    yield "handled", "yes" if view.handled else "no"
    raises = NONE
    if view.raises is not None:
        raises = view.raises.name if isinstance(view.raises, model.Raise) else "abort"
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
    """Counters of each form of each part of the model, and of each pair of forms."""

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
        """Return how many pairs of forms of two parts occurred together."""
        return sum(part != another for (part, _), (another, _) in self._pairs)

    def table(self) -> dict[str, dict[str, int]]:
        """Return how often each form of each part occurred, including 0."""
        return {
            part: {form: self.forms[part, form] for form in forms}
            for part, forms in DIMENSIONS.items()
        }
