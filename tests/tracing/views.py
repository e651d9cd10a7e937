"""Views whose source the tests of recordings quote; both frameworks are given them."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Any

SHORT = lambda: "short"  # noqa: E731


def branching(kind: str) -> Any:
    """Several returns: which one ran is a fact of the request."""
    if kind == "one":
        return "first", 201
    if kind == "two":
        body = "second"
        return body, 202
    return (
        "third",
        203,
    )


def within(kind: str) -> Any:
    """Returns that something else follows: a `with` that ends, a `finally`."""
    with suppress(LookupError), nullcontext():
        if kind == "one":
            return "first", 201
        if kind == "two":
            return (
                kind,
                202,
            )
        if kind == "three":
            raise LookupError
        try:
            if kind == "four":
                return kind, 204
            for status in (205, 206):
                return kind, status
        finally:
            kind = ""


async def within_async(kind: str) -> Any:
    """The same, suspended where the `with` ends."""
    async with resting():
        if kind == "one":
            return "first", 201
        return kind, 202


@asynccontextmanager
async def resting() -> AsyncIterator[None]:
    """Wait when all is done."""
    yield
    await asyncio.sleep(0)


async def branching_async(kind: str) -> Any:
    """The same, suspended in between."""
    if kind == "one":
        await asyncio.sleep(0)
        return "first", 201
    await asyncio.sleep(0)
    return "second", 202


def forgetful() -> Any:
    """A view whose only return does not run."""
    if "never" == "ever":
        return "Hello"


async def waiting() -> Any:
    """Two awaits, one after the other."""
    first = await asyncio.sleep(0, "one")
    second = await asyncio.sleep(0, "two")
    return first + second


def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
    """Call the function between two other lines."""

    @functools.wraps(function)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return result

    return decorated


@decorator
def decorated_view() -> Any:
    """The `return` that counts is the innermost."""
    return "decorated", 202


def raising() -> Any:
    """A view that raises."""
    raise LookupError("not here")


def handling(error: Exception) -> Any:
    """An error handler."""
    return f"handled {error}", 409


def first_hook() -> None:
    """A hook that lets the request pass."""


def last_hook(response: Any) -> Any:
    """A hook that changes the response."""
    response.headers["X-Hook"] = "last"
    return response


def answering_hook() -> Any:
    """A hook that answers, so that no view is called."""
    return "hooked", 203
