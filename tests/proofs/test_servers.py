"""Every difference of the servers is shown on plain sockets, and gone without its cause.

A proof starts each server once as it is, and once with the patches of its causes.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import pytest

from .proof import entries, unproven
from .server_patches import STACKS
from .server_proof import FOLDERS, ServerProof, applicable, proofs
from .sockets import COMMANDS, Serving, serving, talk


def expected_of(table: dict[str, Any], stack: str) -> Any:
    """Return the value of the last key that matches a stack, or None."""
    return ([v for key, v in table.items() if fnmatchcase(stack, key)] or [None])[-1]


def fits(expected: Any, came: bytes) -> bool:
    text = came.decode("latin-1")
    if isinstance(expected, int):
        statuses = re.findall(r"HTTP/1\.[01] (\d{3})", text)
        return statuses[-1:] == [str(expected)]
    return re.search(expected, text, re.DOTALL) is not None


def sent(server: Serving, proof: ServerProof, parts: str) -> bytes:
    """Send the parts of a request, and return what came."""
    encoded = [part.encode("latin-1") for part in getattr(proof, parts)]
    stopped = server.group if proof.together else 0
    talking = partial(talk, server.port, *encoded, wait=proof.wait, pause=proof.pause)
    if not proof.on_two_connections:
        return talking(ends=proof.ends and parts == "send", stopped=stopped)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(talking) for _ in range(2)]
        return b"".join(each.result() for each in both)


def run(stack: str, table: str, parts: str, patches: tuple[str, ...]) -> list[str]:
    """Return what is not as a table of the proofs says, a line for each proof."""
    unexpected = []
    with serving(stack, patches) as server:
        for proof in sorted(applicable(), key=lambda proof: proof.last):
            wanted = expected_of(getattr(proof, table), stack)
            if wanted is None or not getattr(proof, parts):
                continue
            if proof.before:
                talk(server.port, proof.before.encode())
            came = sent(server, proof, parts)
            if not fits(wanted, came):
                unexpected.append(f"{proof.known}: {wanted!r} is not in {came[:600]!r}")
    return unexpected


each_stack = pytest.mark.parametrize("stack", COMMANDS)


@pytest.mark.slow
@each_stack
def test_the_server_does_what_the_entries_say(stack: str) -> None:
    assert "\n".join(run(stack, "sees", "send", ())) == ""


@pytest.mark.slow
@each_stack
def test_without_the_causes_it_does_not(stack: str) -> None:
    patches = tuple(cause for cause, stacks in STACKS.items() if stack in stacks)
    patched = run(stack, "patched", "send", patches)
    otherwise = run(stack, "then", "without", ())
    assert "\n".join([*patched, *otherwise]) == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 loses none")
def test_without_lost_cancellations_quart_does_not_respond() -> None:
    # Beside the patch of half-closed connections this one changes nothing.
    (proof,) = (p for p in applicable() if p.known == ("half-closed-on-one-side",))
    with serving("quart+hypercorn", ("wait-for-loses-cancellations",)) as server:
        assert sent(server, proof, "send") == b"[closed]"


def test_every_entry_has_a_proof_on_its_versions() -> None:
    known = {id_: entry for f in FOLDERS for id_, entry in entries(f).items()}
    assert unproven(known, proofs(), applicable()) == set()
