"""Every difference of the frameworks is shown by a program, and gone without its cause.

A proof takes the cause from the entry. If an entry names another cause than the true
one, then the patch of that cause does not remove the difference.
"""

import gc
from collections.abc import Iterator
from functools import partial
from typing import Any

import flask
import pytest
import quart
import werkzeug.http
from werkzeug.datastructures import WWWAuthenticate

from .patches import PATCHES
from .programs import Seen, app_of, exchange, for_flask
from .proof import Proof, applicable, entries, proofs, unproven

FOLDERS = ("frameworks", "patterns")
KNOWN = {id_: entry for f in FOLDERS for id_, entry in entries(f).items()}


def programs_of(proof: Proof) -> tuple[str, str]:
    """Return the program for Flask and the program for Quart."""
    for_both = proof.program if proof.flask_program == "same" else proof.flask_program
    return for_both or for_flask(proof.program), proof.program


def edited(program: str, edits: dict[str, str]) -> str:
    """Return a program with texts replaced, without `await` if it has none."""
    plain = "async " not in program
    for old, new in edits.items():
        before = old if old in program else for_flask(old)
        assert before in program, f"not in the program: {old}"
        after = for_flask(new) if before == for_flask(old) and plain else new
        program = program.replace(before, after)
    return program


def run(
    proof: Proof, edits: tuple[dict[str, str], dict[str, str]] = ({}, {})
) -> tuple[Seen, Seen]:
    """Return what Flask and Quart respond to the last request, with edited programs."""
    one, other = map(edited, programs_of(proof), edits)
    unawaited = "unawaited" in proof.shows
    return (
        exchange(app_of(flask, one), proof.requests, unawaited)[-1],
        exchange(app_of(quart, other), proof.requests, unawaited)[-1],
    )


def fits(expected: Any, found: Any) -> bool:
    """Whether a value is the expected one; `~text` has to be contained."""
    if isinstance(expected, str) and expected.startswith("~"):
        return isinstance(found, str) and expected[1:] in found
    return bool(found == (None if expected == "absent" else expected))


def named(proof: Proof) -> str:
    return ",".join(proof.known)


@pytest.fixture(scope="module", autouse=True)
def _collect_only_what_is_new() -> Iterator[None]:
    gc.freeze()
    yield
    gc.unfreeze()


APPLICABLE = [proof for folder in FOLDERS for proof in applicable(folder)]
each_proof = pytest.mark.parametrize("proof", APPLICABLE, ids=named)


@each_proof
def test_the_program_shows_the_difference(proof: Proof) -> None:
    one, other = run(proof)
    for field, (flask_value, quart_value) in proof.shows.items():
        seen = one.value(field), other.value(field)
        assert (fits(flask_value, seen[0]), fits(quart_value, seen[1])) == (
            True,
            True,
        ), (field, seen, one, other)
        assert (seen[0] == seen[1]) == proof.same, field


def assert_ended(proof: Proof, found: tuple[Seen, Seen]) -> None:
    """Assert that the sides are equal, and have not the values that `same` has shown."""
    for field, shown in proof.shows.items():
        one, other = (seen.value(field) for seen in found)
        assert one == other, (field, *found)
        assert not (proof.same and fits(shown[0], one)), (field, *found)


def followed(proof: Proof) -> tuple[Seen, Seen]:
    """Return the responses of programs that follow the advice."""
    assert proof.follows_advice
    edits = (
        {**proof.advice, **proof.flask_advice},
        {**proof.advice, **proof.quart_advice},
    )
    return run(proof, edits)


def causes_of(proof: Proof) -> set[str]:
    return {KNOWN[entry]["cause"] for entry in proof.known}


BY_ADVICE = [p for p in APPLICABLE if not p.without and not causes_of(p) & set(PATCHES)]
"""The proofs whose cause ends only if somebody follows the advice."""
OTHERWISE = [proof for proof in APPLICABLE if proof not in BY_ADVICE]


@pytest.mark.parametrize("proof", OTHERWISE, ids=named)
def test_without_the_cause_nothing_differs(
    proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    if proof.without:
        assert_ended(proof, run(proof, (proof.without, proof.without)))
        return
    for cause in causes_of(proof):
        PATCHES[cause](monkeypatch)
    assert_ended(proof, run(proof))


ADVICE = [p for p in APPLICABLE if p.follows_advice or p in BY_ADVICE]


@pytest.mark.parametrize("proof", ADVICE, ids=named)
def test_with_the_advice_followed_nothing_differs(proof: Proof) -> None:
    assert_ended(proof, followed(proof))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_entry_has_a_proof_on_its_versions(folder: str) -> None:
    all_of, here = proofs(folder), applicable(folder)
    # Both frameworks do the same with a realm, so it has a test instead of a proof.
    assert unproven(entries(folder), all_of, here) - {"realm-unquoted"} == set()


def test_neither_framework_quotes_a_realm(monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = WWWAuthenticate("basic", {"realm": "Shop"})
    assert challenge.to_header() == "Basic realm=Shop"
    # The advice: a space in it.
    spaced = WWWAuthenticate("basic", {"realm": "The Shop"})
    assert spaced.to_header() == 'Basic realm="The Shop"'
    # The cause: a token is not quoted.
    quote = partial(werkzeug.http.quote_header_value, allow_token=False)
    monkeypatch.setattr("werkzeug.http.quote_header_value", quote)
    assert challenge.to_header() == 'Basic realm="Shop"'
