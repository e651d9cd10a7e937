"""Mutants that answer as they should, and lose work."""

import threading
from typing import Any

from quart import Quart

from .mutant import in_view, mutant


async def note() -> None:
    """Do work that should be done."""


@mutant("custom", "effect")
def await_forgotten(app: Quart) -> None:
    """A coroutine is made, and nothing awaits it."""
    view: Any = app.view_functions["custom.custom_status"]

    async def forgetting() -> Any:
        note()  # type: ignore[unused-coroutine]
        return await view()

    in_view(app, "custom.custom_status", forgetting)


@mutant("custom", "effect")
def thread_that_raises(app: Quart) -> None:
    """Work on a thread ends with an exception that nothing sees."""
    view: Any = app.view_functions["custom.custom_status"]

    def work() -> None:
        raise RuntimeError("not done")

    async def starting() -> Any:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return await view()

    in_view(app, "custom.custom_status", starting)


@mutant("hooks-order", "effect")
def teardown_forgotten(app: Quart) -> None:
    """A function for the end of requests is not registered."""
    app.teardown_request_funcs.clear()
