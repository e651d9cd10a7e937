"""How a project resets the state that its targets share."""

import re
from typing import Literal

from msgspec import Struct

from .comparison import timeout_error

FUNCTION = re.compile(r"\w+(\.\w+)*:\w+(\.\w+)*")
WAYS = ("command", "url", "function")


class Reset(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A way to reset state, and when.

    `command` runs in a shell, in the project's folder. `url` gets a POST. `function` is
    called, as `module:function`. `before` says how often: before each case, each topic or
    once, always for each target. `timeout` is in seconds.
    """

    command: str = ""
    url: str = ""
    function: str = ""
    before: Literal["case", "topic", "target"] = "case"
    timeout: float = 30.0

    def __post_init__(self) -> None:
        given = [name for name in WAYS if getattr(self, name)]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"reset has one of {', '.join(WAYS)}, not {found}")
        if self.url and not self.url.startswith(("http://", "https://")):
            raise ValueError(f'url begins with "http://" or "https://": {self.url!r}')
        if fault := timeout_error(self.timeout):
            raise ValueError(fault)
        if self.function and not FUNCTION.fullmatch(self.function):
            raise ValueError(f"function: write module:function, not {self.function!r}")

    def __str__(self) -> str:
        return self.command or self.url or self.function
