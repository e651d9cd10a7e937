"""The lifespan of an ASGI app: one startup and one shutdown."""

import asyncio
from typing import Any

import pytest

from comparison.targets.in_process.lifespan import Lifespan

from .test_asgi import TIMEOUT, sending


class Living:
    """Make an app that records its lifespan, and answers with the given messages."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.received: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        assert scope["asgi"] == {"version": "3.0", "spec_version": "2.0"}
        scope["state"]["database"] = "open"
        while True:
            stage = (await receive())["type"].removeprefix("lifespan.")
            self.received.append(stage)
            output = self.answers.get(stage, {"type": f"lifespan.{stage}.complete"})
            if isinstance(output, Exception):
                raise output
            await send(output)
            if stage == "shutdown":
                return


async def lived(app: Any) -> Lifespan:
    lifespan = Lifespan(app)
    await lifespan.startup(TIMEOUT)
    await lifespan.shutdown(TIMEOUT)
    return lifespan


async def test_the_lifespan_is_one_startup_and_one_shutdown() -> None:
    app = Living()
    assert (await lived(app)).failure is None
    assert app.received == ["startup", "shutdown"]


async def test_the_state_of_the_lifespan_is_given_to_requests() -> None:
    assert (await lived(Living())).state == {"database": "open"}


async def test_a_failing_startup_reports_its_reason() -> None:
    failed = {"type": "lifespan.startup.failed", "message": "no database"}
    lifespan = Lifespan(Living(startup=failed))
    await lifespan.startup(TIMEOUT)
    assert lifespan.failure == "no database"
    await lifespan.shutdown(TIMEOUT)


@pytest.mark.parametrize(
    "app",
    [Living(startup=ValueError()), sending(NotImplementedError())],
    ids=["a", "b"],
)
async def test_an_app_without_lifespan_support_is_accepted(app: Any) -> None:
    lifespan = await lived(app)
    assert (lifespan.failure, lifespan.state) == (None, None)


async def test_a_startup_that_hangs_fails() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    lifespan = Lifespan(app)
    await lifespan.startup(0.01)
    assert lifespan.failure == "lifespan.startup was not answered within 0.01 s"
    await lifespan.shutdown(0.01)
