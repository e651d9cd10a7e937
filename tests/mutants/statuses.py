"""Mutants whose status is wrong."""

from typing import Any

from quart import Quart, abort, jsonify, redirect

from .mutant import Answer, at_the_boundary, in_view, mutant


def status(app: Quart, wrong: int) -> None:
    def change(answer: Answer) -> None:
        assert answer.status != wrong
        answer.status = wrong

    at_the_boundary(app, change)


@mutant("custom", "status")
def status_200_for_202(app: Quart) -> None:
    """The status of the tuple is lost."""

    async def view() -> Any:
        return jsonify(message="Hello")

    in_view(app, "custom.custom_status", view)


@mutant("custom", "status", "framing", "body")
def status_204_for_202(app: Quart) -> None:
    """Accepted becomes No Content, which has no body."""
    status(app, 204)


@mutant("status-int", "status")
def status_201_for_202(app: Quart) -> None:
    """The status is a different success."""
    status(app, 201)


@mutant("status-299", "status")
def unregistered_status_rounded_to_its_class(app: Quart) -> None:
    """The first status of its class replaces an unregistered one."""
    status(app, 200)


@mutant("job-done", "status")
def redirect_302_for_303(app: Quart) -> None:
    """The default of `redirect`."""

    async def view(name: str) -> Any:
        return redirect(f"/jobs/{name}/result")

    in_view(app, "jobs.show", view)


@mutant("method-folder-redirect", "status")
def redirect_301_for_308(app: Quart) -> None:
    """After this redirect clients send GET."""
    status(app, 301)


@mutant("method-not-allowed", "status")
def status_404_for_405(app: Quart) -> None:
    """The path is denied where only the method is wrong."""
    status(app, 404)


@mutant("method-not-found", "status")
def status_200_for_404(app: Quart) -> None:
    """A page that says it was not found, with a status that says it was."""
    status(app, 200)


@mutant("error-unhandled", "status")
def status_200_for_500(app: Quart) -> None:
    """An error that looks like success to a program."""
    status(app, 200)


@mutant("job-duplicate", "status")
def status_400_for_409(app: Quart) -> None:
    """A conflict becomes a bad request."""
    status(app, 400)


@mutant("job-without-name", "status")
def status_400_for_422(app: Quart) -> None:
    """An unprocessable body becomes an unreadable one."""
    status(app, 400)


@mutant("error-abort", "status", "body", "header:content-length")
def abort_with_another_code(app: Quart) -> None:
    """The view aborts with the next code."""

    async def view(code: int) -> Any:
        abort(code + 1)

    in_view(app, "errors.abort_with", view)
