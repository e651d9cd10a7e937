"""Patches of servers, each of which removes one cause. A server applies them to itself."""

from collections.abc import Callable

PATCHES: dict[str, Callable[[], None]] = {}
STACKS: dict[str, tuple[str, ...]] = {}
"""The stacks whose server each patch changes."""


def removes(cause: str, *stacks: str) -> Callable[..., Callable[[], None]]:
    """Register a function as the patch that removes a cause from the servers of stacks."""

    def register(patch: Callable[[], None]) -> Callable[[], None]:
        PATCHES[cause] = patch
        STACKS[cause] = stacks
        return patch

    return register
