"""Targets to load, and the process that started before they were known."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comparison.targets import Target

    from .ahead import Ahead
    from .host import Host


class Starting:
    """Targets to load, and the process that will load them, if any."""

    def __init__(
        self, load: Callable[[], dict[str, "Target"]], ahead: "Ahead | None"
    ) -> None:
        self._load = load
        self._ahead = ahead
        self.host: Host | None = None

    def load(self) -> dict[str, "Target"]:
        """Start loading the targets, without waiting. Raises UsageError or TargetError."""
        targets = self._load()
        if self._ahead is not None:
            from .host import Host

            self.host = Host(targets, url_maps=True, ahead=self._ahead)
        return targets

    def close(self) -> None:
        """End the process, unless a run has done so."""
        if self.host is not None:
            self.host.close(0)
        elif self._ahead is not None:
            self._ahead.close()
