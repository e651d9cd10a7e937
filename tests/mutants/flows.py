"""Mutants whose request leads a sequence elsewhere."""

from quart import Quart

from .headers import dropped
from .mutant import Answer, at_the_boundary, mutant


@mutant("flashing-redirect", "status")
def redirect_with_another_status(app: Quart) -> None:
    """The next page is the same, but the sequence expects 302."""

    def change(answer: Answer) -> None:
        answer.status = 303 if answer.status == 302 else answer.status

    at_the_boundary(app, change)


@mutant("flashing-redirect", "failure", "header:location")
def redirect_to_nowhere(app: Quart) -> None:
    """A client has no redirect to follow."""
    dropped(app, b"location")
