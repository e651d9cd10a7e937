"""Small views whose lines and variables the tests have written by hand."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any


def straight() -> Any:
    """Assign, assign again, delete."""
    a = 1
    b = a + 1
    a = b * 10
    del b
    return str(a)


def branch() -> Any:
    """Only the branch that is taken."""
    n = 3
    if n > 2:
        word = "big"
    else:
        word = "small"
    return word


def loop() -> Any:
    """A loop with its variable, and its `else`."""
    total = 0
    for n in (1, 2):
        total += n
    else:
        total *= 10
    return str(total)


def endless() -> Any:
    """A loop that is left from its middle."""
    n = 0
    while True:
        n += 1
        if n == 2:
            break
    return str(n)


def growing() -> Any:
    """A list that changes without being assigned."""
    found: list[int] = []
    found.append(7)
    same = found
    same.append(8)
    return str(len(found))


def early() -> Any:
    """A return before the end."""
    n = 1
    if n:
        return "early"
    return "late"


def caught() -> Any:
    """An exception handled where it is raised."""
    try:
        n = 1 // 0
    except ZeroDivisionError as error:
        n = len(error.args)
    return "caught" if n else ""


def cleaned() -> Any:
    """A `finally` that runs before the value leaves."""
    n = 1
    try:
        n = 2
        return str(n)
    finally:
        n = 3


def double(n: int) -> int:
    """A helper."""
    result = n * 2
    return result


def helped() -> Any:
    """A helper of the app is entered, one of a library is not."""
    n = double(4)
    text = str(n).zfill(2)
    return text


def refuse(n: int) -> int:
    """A helper that raises."""
    if n:
        raise ValueError("no")
    return n


def refused() -> Any:
    """An exception that a helper raises, and its caller handles."""
    try:
        refuse(5)
    except ValueError:
        return "refused"
    return "accepted"


def suppressed() -> Any:
    """An exception that a `with` ends."""
    with suppress(ValueError):
        refuse(6)
    return "suppressed"


def factorial(n: int) -> int:
    """Recursion."""
    if n <= 1:
        return 1
    return n * factorial(n - 1)


def recursive() -> Any:
    """A helper that calls itself."""
    return str(factorial(2))


def count() -> Iterator[int]:
    """A generator."""
    yield 1
    yield 2


def generated() -> Any:
    """A generator, step by step."""
    total = 0
    for n in count():
        total += n
    return str(total)


def comprehended() -> Any:
    """A comprehension is one line, as is a generator expression."""
    squares = [n * n for n in (1, 2, 3)]
    odd = {n for n in squares if n % 2}
    roots = {n: n for n in odd}
    total = sum(n for n in roots)
    return str(total)


def nested() -> Any:
    """A function made inside the view."""
    base = 10

    def add(n: int) -> int:
        return base + n

    return str(add(1))


def sorted_by_key() -> Any:
    """A helper that a library calls."""
    return str(sorted([2, 1], key=double))


class Broken:
    """Raise for its text and for its equality."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")


def broken() -> Any:
    """A variable that cannot be shown."""
    thing = Broken()
    return "fine" if thing else ""


async def fetch(n: int) -> int:
    """A coroutine that waits."""
    await asyncio.sleep(0)
    return n * 2


async def awaited() -> Any:
    """Awaits inside awaits."""
    one = await fetch(1)
    return str(one)


async def stream() -> AsyncIterator[str]:
    """An asynchronous generator."""
    yield "a"
    await asyncio.sleep(0)
    yield "b"


async def streamed() -> Any:
    """An asynchronous loop."""
    text = ""
    async for part in stream():
        text += part
    return text


async def awaited_and_cleaned() -> Any:
    """An exception through an await, and a `finally`."""
    state = "begun"
    try:
        await asyncio.sleep(0)
        refuse(1)
    except ValueError:
        state = "refused"
    finally:
        state += ", ended"
    return state
