"""Values that are new in each run: `${unique}`, `${counter}` and `${today}`."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

NAMES = ("unique", "counter", "today")


class Values:
    """Makes the values of cases; each case gets its own, which all its texts share.

    >>> case = Values().of_case()
    >>> case("counter"), case("unique") == case("unique")
    (1, True)
    """

    def __init__(self) -> None:
        self.today = datetime.now(UTC).date().isoformat()
        self.counter = 0

    def of_case(self) -> Callable[[str], Any]:
        """Return a function that gives one case its values, by name."""
        made: dict[str, Any] = {"today": self.today}

        def value(name: str) -> Any:
            if name not in made:
                made[name] = self._counted() if name == "counter" else _unique()
            return made[name]

        return value

    def _counted(self) -> int:
        self.counter += 1
        return self.counter


def _unique() -> str:
    # A letter first, for apps that take it as a name.
    return f"u{secrets.token_hex(6)}"
