"""Proofs and the entries that they prove, as data.

The files of entries are read as TOML, so that no code of the project has a part in it.
"""

import platform
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from packaging.specifiers import SpecifierSet

from .programs import Sent

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "comparison" / "known" / "data"


class _Proves(Protocol):
    @property
    def known(self) -> tuple[str, ...]: ...


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """One proof of one or more entries.

    `program` is the program for Quart, or the name of one in the table `programs` of
    its file. `shows` has the value on Flask and on Quart for each field. A text that
    starts with `~` only has to be contained.

    With `same`, both values are equal; without the cause both have to be different ones.

    `without` has edits of the programs that remove the cause. If there are none, the
    patch of the entries' cause removes it. `advice` has edits that follow the advice, and
    `flask_advice` and `quart_advice` those of one program. They also remove a cause that
    has no patch.
    """

    known: tuple[str, ...]
    program: str
    shows: dict[str, tuple[Any, Any]]
    flask_program: str = ""
    request: Sent = Sent()
    before: tuple[Sent, ...] = ()
    without: dict[str, str] = {}
    advice: dict[str, str] = {}
    flask_advice: dict[str, str] = {}
    quart_advice: dict[str, str] = {}
    same: bool = False
    versions: dict[str, str] = {}

    @property
    def follows_advice(self) -> bool:
        """True if it shows that the advice removes the difference."""
        return bool(self.advice or self.flask_advice or self.quart_advice)

    @property
    def requests(self) -> list[Sent]:
        """All requests; the last response shows the difference."""
        return [*self.before, self.request]


@cache
def entries(folder: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the entries and the patterns of a folder of known differences, by id."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted((DATA / folder).glob("*.toml")):
        document = tomllib.loads(file.read_text("utf-8"))
        for entry in [*document.get("known", ()), *document.get("pattern", ())]:
            found[entry["id"]] = entry
    return found


def installed(package: str) -> str:
    """Return the version of a package, or of `python`."""
    return platform.python_version() if package == "python" else version(package)


def applies_here(versions: Mapping[str, str]) -> bool:
    """Return whether the installed versions are those that a proof or entry names."""
    return all(
        SpecifierSet(wanted, prereleases=True).contains(installed(package))
        for package, wanted in versions.items()
    )


@cache
def proofs(folder: str) -> tuple[Proof, ...]:
    """Return the proofs of a folder of known differences."""
    found: list[Proof] = []
    for file in sorted((HERE / folder).glob("*.toml")):
        document = tomllib.loads(file.read_text("utf-8"))
        programs = document.get("programs", {})
        for table in document["proof"]:
            program = programs.get(table["program"], table["program"])
            found.append(msgspec.convert({**table, "program": program}, Proof))
    return tuple(found)


def applicable(folder: str) -> list[Proof]:
    """Return the proofs whose versions and entries hold for the installed versions."""
    known = entries(folder)
    return [
        proof
        for proof in proofs(folder)
        if applies_here(proof.versions)
        and all(applies_here(known[entry].get("versions", {})) for entry in proof.known)
    ]


def unproven(
    known: Mapping[str, Mapping[str, Any]],
    proofs: Iterable[_Proves],
    applicable: Iterable[_Proves],
) -> set[str]:
    """Return the entries without a proof, and those without one that applies here.

    Raises ValueError for a proof of an unknown entry.
    """
    proven = {entry for proof in proofs for entry in proof.known}
    if unknown := proven - set(known):
        raise ValueError(f"proofs of unknown entries: {sorted(unknown)}")
    here = {entry for proof in applicable for entry in proof.known}
    hold = {id_ for id_, e in known.items() if applies_here(e.get("versions", {}))}
    return (set(known) - proven) | (hold - here)
