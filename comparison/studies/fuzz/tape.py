"""Read choices from a tape of bytes, and make the tape of a finding smaller.

A tape determines an example, one byte for each choice. The lowest byte is the simplest
choice, and bytes after the end of the tape are 0.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

LENGTH = 60
"""Bytes of a tape: each part of an example reads a fixed range of it."""


class Tape:
    """A reader of choices from bytes, one after another."""

    def __init__(self, choices: Sequence[int]) -> None:
        self.choices = choices
        self.read = 0

    def part(self, length: int) -> "Tape":
        """Read the next bytes as a separate tape."""
        self.read += length
        return Tape(self.choices[self.read - length : self.read])

    def byte(self) -> int:
        """Read the next byte; 0 after the last."""
        self.read += 1
        return self.choices[self.read - 1] if self.read <= len(self.choices) else 0

    def of(self, values: Sequence[T]) -> T:
        """Choose one of these values, at most 256."""
        return values[self.byte() * len(values) // 256]

    def one_in(self, number: int) -> bool:
        """Choose whether an event with the chance 1/`number` happens."""
        return self.byte() >= 256 - 256 // number

    def below(self, number: int) -> int:
        """Choose a number from 0 to below `number`."""
        return self.byte() * number // 256


def zeroed(tape: bytes, same: Callable[[bytes], bool]) -> bytes:
    """Replace each byte that the finding does not need with 0, from the last byte.

    Hypothesis then has only a few bytes to shrink.
    """
    for at in reversed(range(len(tape))):
        lower = tape[:at] + b"\0" + tape[at + 1 :]
        if tape[at] and same(lower):
            tape = lower
    return tape


def lowered(tape: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy of tapes whose bytes are not higher than in this one.

    It draws a number as the upper limit of each byte that is not 0. Most numbers do not
    change the byte, so this tape is the most frequent one. Hypothesis lowers the numbers.
    """
    drawn = st.tuples(*(st.integers(0, 1 << 24) for byte in tape if byte))

    def capped(highest: tuple[int, ...]) -> bytes:
        numbers = iter(highest)
        return bytes(min(byte, next(numbers)) if byte else 0 for byte in tape)

    return drawn.map(capped)
