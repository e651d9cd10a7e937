"""Load the explanations that are shipped."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from comparison.core.documents import Converter
from comparison.known.versions import in_range

from .models import Explanation

DATA = Path(__file__).parent / "data"
INSIDE = ("coroutines", "exceptions", "structure")
"""The files of explanations with evidence from inside an app; we try them first."""


@cache
def load_explanations() -> dict[str, Explanation]:
    """Return the shipped explanations by id, in the order in which we try them.

    Raises DocumentError for a wrong file.
    """
    found: dict[str, Explanation] = {}
    for file in sorted(DATA.glob("*.toml"), key=_order):
        converter = Converter(file)
        converter.known_tables(("schema_version", "explanation"))
        converter.version()
        for number, table in enumerate(converter.array("explanation")):
            item = converter.convert(table, Explanation, "explanation", number)
            if item is not None and item.id in found:
                converter.problem("duplicate id", "explanation", number, "id")
            if item is not None:
                found[item.id] = item
        converter.done()
    return found


def explanations_for(versions: Mapping[str, str]) -> list[Explanation]:
    """Return the explanations that hold for these versions, fallbacks last."""
    return [
        each
        for each in sorted(load_explanations().values(), key=lambda e: e.fallback)
        if all(
            in_range(versions.get(name), wanted)
            for name, wanted in each.versions.items()
        )
    ]


def _order(file: Path) -> tuple[int, str]:
    known = file.stem in INSIDE
    return (INSIDE.index(file.stem) if known else len(INSIDE)), file.stem
