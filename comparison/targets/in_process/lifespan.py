"""The lifespan of an ASGI app: startup and shutdown (lifespan specification, 2.0)."""

import asyncio
import sys
from typing import Any

from comparison.models import Event
from comparison.targets.describe import MAX_MESSAGE
from comparison.tracing import describe, raised_events

from .asgi import ASGIApp, Message

CANCEL_GRACE = 0.2  # seconds
LIFESPAN_SPEC = {"version": "3.0", "spec_version": "2.0"}


class Lifespan:
    """The lifespan of an ASGI app: `startup` once, `shutdown` once, on one event loop.

    An app may not support the lifespan protocol. As servers do, we run it without. `state`
    is the state of the lifespan scope, which the app fills. `error` is the exception that
    made the startup fail, if the app was handling one when it said so. `unanswered` is
    True if the app did not answer in time. `refusal` is the event of an app that raised
    instead of starting.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.state: dict[str, Any] | None = None
        self.failure: str | None = None
        self.error: BaseException | None = None
        self.unanswered = False
        self.refusal: tuple[Event, ...] = ()
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[str | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def startup(self, timeout: float) -> None:
        """Start the app. `failure` holds the message of a failed startup."""
        self._task = asyncio.create_task(self._run())
        await self._exchange("startup", timeout)

    async def shutdown(self, timeout: float) -> None:
        """Let the app clean up, if it has started and supports that."""
        if self._task is not None and not self._task.done():
            await self._exchange("shutdown", timeout)
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CANCEL_GRACE)

    async def _exchange(self, stage: str, timeout: float) -> None:
        await self._events.put({"type": f"lifespan.{stage}"})
        try:
            async with asyncio.timeout(timeout):
                self.failure = await self._answers.get()
        except TimeoutError:
            self.unanswered = True
            self.failure = f"lifespan.{stage} was not answered within {timeout:g} s"

    async def _run(self) -> None:
        state: dict[str, Any] = {}
        lifespan = {"type": "lifespan", "asgi": LIFESPAN_SPEC.copy(), "state": state}
        self.state = state
        try:
            await self.app(lifespan, self._events.get, self._send)
        except Exception as error:
            # By the specification, an exception here means: lifespan is not supported.
            self.refusal = tuple(raised_events("lifespan_raised", error))
            self.state = None
            await self._answers.put(None)
        except BaseException as error:
            # This includes SystemExit, which ends many servers.
            self._answers.put_nowait(describe(error, MAX_MESSAGE))
        else:
            await self._answers.put(None)

    async def _send(self, message: Message) -> None:
        failed = message["type"].endswith(".failed")
        if failed:
            self.error = sys.exception()
        await self._answers.put(
            message.get("message", "") or "no reason given" if failed else None
        )
