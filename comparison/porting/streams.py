"""Find the functions that run while a response is streamed, in a context of the stream."""

from collections import defaultdict
from typing import TYPE_CHECKING

from .program import Key

if TYPE_CHECKING:
    from .asynchronous import Decider


def streaming(decider: "Decider") -> set[Key]:
    """Return the functions given to `stream_with_context`, and all that they call."""
    called: dict[Key, set[Key]] = defaultdict(set)
    for call in decider.calls:
        called[call.module, call.event.owner].update(call.functions)
    found: set[Key] = set()
    left = [key for key, how in decider.how.items() if "with_context" in how]
    while left:
        key = left.pop()
        if key not in found:
            found.add(key)
            left += called[key]
    return found
