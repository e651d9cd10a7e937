"""Proofs on servers, as data."""

import tomllib
from functools import cache

import msgspec
from msgspec import Struct

from .proof import HERE, applies_here, entries

FOLDERS = ("on_servers", "stacks", "patterns_on_servers")
Expected = dict[str, int | str]


class ServerProof(Struct, frozen=True, forbid_unknown_fields=True):
    """A request, and the behaviour of each server with the cause and without.

    `send` has the parts of one or more requests. `sees` has what must come back, by
    stack: the status of the last response, or a regular expression. `patched` has the
    same for servers with the patches of their causes. `then` has it for the request
    `without`, which lacks what the cause needs.

    A client waits `pause` seconds between parts, and `wait` seconds for more. With
    `ends` it closes its sending half. With `together` the server is stopped until then.
    With `on_two_connections` the client sends all on two of them at once. Proofs that
    harm a server come `last`. `before` is a request that an earlier connection sends.
    """

    known: tuple[str, ...]
    send: tuple[str, ...]
    sees: Expected
    before: str = ""
    patched: Expected = {}
    without: tuple[str, ...] = ()
    then: Expected = {}
    pause: float = 0
    wait: float = 30
    ends: bool = False
    together: bool = False
    on_two_connections: bool = False
    last: int = 0


@cache
def proofs() -> tuple[ServerProof, ...]:
    """Return all proofs on servers."""
    return tuple(
        msgspec.convert(table, ServerProof)
        for file in sorted((HERE / "on_servers").glob("*.toml"))
        for table in tomllib.loads(file.read_text("utf-8"))["proof"]
    )


def applicable() -> list[ServerProof]:
    """Return the proofs of entries that hold for the installed versions."""
    known = {id_: entry for f in FOLDERS for id_, entry in entries(f).items()}
    return [
        proof
        for proof in proofs()
        if all(applies_here(known[e].get("versions", {})) for e in proof.known)
    ]
