"""Every difference of the servers is shown on plain sockets, and gone without its cause.

A proof starts each server once as it is, and once with the patches of its causes.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import Any

import pytest

from .proof import entries
from .server_patches import STACKS
from .server_proof import FOLDERS, ServerProof, applicable, proofs
from .sockets import COMMANDS, serving, talk
from .unproven import UNPROVEN


def expected_of(table: dict[str, Any], stack: str) -> Any:
    """Return the value of the last key that matches a stack, or None."""
    return ([v for key, v in table.items() if fnmatchcase(stack, key)] or [None])[-1]


def fits(expected: Any, came: bytes) -> bool:
    text = came.decode("latin-1")
    if isinstance(expected, int):
        statuses = re.findall(r"HTTP/1\.[01] (\d{3})", text)
        return statuses[-1:] == [str(expected)]
    return re.search(expected, text, re.DOTALL) is not None


def sent(port: int, proof: ServerProof, parts: str) -> bytes:
    """Send the parts of a request, and return what came."""
    encoded = [part.encode("latin-1") for part in getattr(proof, parts)]
    ends = proof.ends and parts == "send"
    options = {"wait": proof.wait, "pause": proof.pause, "ends": ends}
    if not proof.on_two_connections:
        return talk(port, *encoded, **options)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(talk, port, *encoded, **options) for _ in range(2)]
        return b"".join(each.result() for each in both)


def run(stack: str, table: str, parts: str, patches: tuple[str, ...]) -> list[str]:
    """Return what is not as a table of the proofs says, a line for each proof."""
    unexpected = []
    with serving(stack, patches) as port:
        for proof in sorted(applicable(), key=lambda proof: proof.last):
            wanted = expected_of(getattr(proof, table), stack)
            if wanted is None or not getattr(proof, parts):
                continue
            if proof.before:
                talk(port, proof.before.encode())
            came = sent(port, proof, parts)
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


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_entry_has_a_proof_or_is_listed_as_unproven(folder: str) -> None:
    proven = {entry for proof in proofs() for entry in proof.known}
    assert proven - {entry for each in FOLDERS for entry in entries(each)} == set()
    assert set(entries(folder)) - proven == set(UNPROVEN[folder])
