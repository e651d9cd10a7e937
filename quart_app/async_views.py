"""Async views, and what changes when some functions of a request are not async."""

import asyncio
from contextvars import ContextVar
from typing import Any, NoReturn

from quart import Blueprint, Response, abort, current_app, g, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("async_views", __name__)
plain = Blueprint("plain", __name__)
waiting = Blueprint("waiting", __name__)
late = Blueprint("late", __name__)
tasks = Blueprint("tasks", __name__)
tenant: ContextVar[str] = ContextVar("tenant", default="nobody")


async def fetch(title: str) -> str:
    """Return a title, as a slow query would."""
    await asyncio.sleep(0)
    return f"{title} fetched"


async def fetch_both(title: str) -> list[str]:
    """Await another coroutine two times."""
    first = await fetch(f"first {title}")
    second = await fetch(f"second {title}")
    return [first, second]


@blueprint.get("/async/suspended")
async def suspended() -> ResponseReturnValue:
    """The view is suspended between two assignments, and resumed where it was."""
    message = "Waiting"
    await asyncio.sleep(0.005)
    message = f"{message} is over"
    return jsonify(message=message), 202


@blueprint.get("/async/yielding")
async def yielding() -> ResponseReturnValue:
    """Even a sleep of zero seconds lets other requests run."""
    before = request.path
    await asyncio.sleep(0)
    return jsonify(same_request=before == request.path)


@blueprint.get("/async/nested")
async def nested() -> ResponseReturnValue:
    """The view waits for a coroutine that waits for others."""
    return await fetch_both("report")


@blueprint.get("/async/together")
async def together() -> ResponseReturnValue:
    """Two coroutines wait at the same time; their results keep the order."""
    return list(await asyncio.gather(fetch("report"), fetch("invoice")))


@blueprint.get("/async/failing")
async def failing() -> ResponseReturnValue:
    """An exception after an await is raised in the view, as if it never waited."""
    title = await fetch("report")
    raise RuntimeError(title)


@blueprint.get("/async/plain")
def no_await() -> ResponseReturnValue:
    """A view that doesn't wait may be written without async in either app."""
    return jsonify(message="Hello"), 202


@plain.before_request
def set_plainly() -> None:
    """Set a context variable in a hook without async."""
    tenant.set("Ada")
    g.tenant = "Ada"


@plain.get("/async-sync/plain/plain")
def plain_view() -> ResponseReturnValue:
    """Read the variable in a view without async."""
    return tenant.get()


@plain.get("/async-sync/plain/async")
async def async_view_after_plain() -> ResponseReturnValue:
    """Read the variable in a view with async."""
    return tenant.get()


@plain.get("/async-sync/plain/g")
def g_view() -> Any:
    """Read the value that the same hook stored on g."""
    return g.tenant


@waiting.before_request
async def set_waiting() -> None:
    """Set a context variable in a hook with async."""
    await asyncio.sleep(0)
    tenant.set("Grace")


@waiting.get("/async-sync/waiting/async")
async def async_view() -> ResponseReturnValue:
    """Read the variable in a view with async."""
    return tenant.get()


@waiting.get("/async-sync/waiting/plain")
def plain_view_after_async() -> ResponseReturnValue:
    """Read the variable in a view without async."""
    return tenant.get()


@late.after_request
async def report_tenant(response: Response) -> Response:
    """Report, after the view, what the view set."""
    response.headers["X-Tenant"] = tenant.get()
    return response


@late.get("/async-sync/late/plain")
def set_in_plain_view() -> ResponseReturnValue:
    """Set a context variable in a view without async."""
    tenant.set("Alan")
    return "Set"


@late.get("/async-sync/late/async")
async def set_in_async_view() -> ResponseReturnValue:
    """Set a context variable in a view with async."""
    tenant.set("Alan")
    return "Set"


@blueprint.get("/async-sync/leftover")
async def leftover() -> ResponseReturnValue:
    """Read a context variable that this request has not set."""
    return f"tenant: {tenant.get()}"


def two_parts() -> Any:
    """Yield two parts of a body."""
    yield from ("one ", "two")


@blueprint.get("/async-sync/generator")
def generator() -> Any:
    """Stream from a view without async."""
    return two_parts()


@blueprint.get("/async-sync/generator-in-async")
async def generator_in_async() -> Any:
    """Stream from a view with async, by a generator without."""
    return two_parts()


@blueprint.get("/async-sync/gather")
async def gather() -> ResponseReturnValue:
    """Wait for two coroutines that use the request."""

    async def read(name: str) -> str:
        await asyncio.sleep(0)
        return request.args[name]

    return jsonify(await asyncio.gather(read("first"), read("second")))


async def fail() -> NoReturn:
    """Raise an exception that has a handler."""
    raise ZeroDivisionError


@blueprint.get("/async-sync/gather-fails")
async def gather_fails() -> ResponseReturnValue:
    """Wait for two coroutines of which one raises."""
    await asyncio.gather(fail(), asyncio.sleep(0))
    return "Not reached"


@blueprint.get("/async-sync/group-fails")
async def group_fails() -> ResponseReturnValue:
    """Wait for a group of tasks of which one raises: the exception comes wrapped."""
    async with asyncio.TaskGroup() as group:
        group.create_task(fail())
    return "Not reached"


@blueprint.errorhandler(ZeroDivisionError)
def handle_division(error: ZeroDivisionError) -> ResponseReturnValue:
    """Answer, without async, for a view with async."""
    return "Handled division", 409


@blueprint.errorhandler(ExceptionGroup)
async def handle_group(error: Any) -> ResponseReturnValue:
    """Answer for several exceptions at once."""
    return f"Handled group of {len(error.exceptions)}", 409


@blueprint.errorhandler(StopIteration)
async def handle_stop(error: StopIteration) -> ResponseReturnValue:
    """Answer for an empty iterator."""
    return "Nothing found", 404


@blueprint.errorhandler(TimeoutError)
async def handle_timeout(error: TimeoutError) -> ResponseReturnValue:
    """Answer for a timeout."""
    return "Took too long", 504


@blueprint.get("/async-sync/plain-fails")
def plain_fails() -> ResponseReturnValue:
    """Raise in a view without async."""
    raise ZeroDivisionError


@blueprint.get("/async-sync/plain-aborts")
def plain_aborts() -> ResponseReturnValue:
    """Abort in a view without async."""
    abort(403)


@blueprint.get("/async-sync/timeout")
async def timeout() -> ResponseReturnValue:
    """Give up waiting."""
    async with asyncio.timeout(0.001):
        await asyncio.sleep(0.05)
    return "Not reached"


@blueprint.get("/async-sync/first")
async def first() -> ResponseReturnValue:
    """Take the first name that matches."""
    return next(name for name in ("Ada", "Grace") if name == request.args["name"])


@blueprint.get("/async-sync/run")
def run() -> ResponseReturnValue:
    """Run a coroutine in a new loop, in a view without async."""

    async def answer() -> str:
        await asyncio.sleep(0)
        return "Ran"

    return asyncio.run(answer())


@blueprint.get("/async-sync/loop")
def loop() -> ResponseReturnValue:
    """Look for a running loop in a view without async."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "No loop"
    return "A loop"


@blueprint.get("/async-sync/loop-async")
async def loop_async() -> ResponseReturnValue:
    """Look for a running loop in a view with async."""
    return "A loop" if asyncio.get_running_loop().is_running() else "No loop"


@tasks.get("/async-sync/task")
async def start_task() -> ResponseReturnValue:
    """Start a task and answer before it is done."""
    outcome = current_app.extensions.setdefault("async_views.outcome", [])

    async def work() -> None:
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            outcome.append("cancelled")
            raise
        outcome.append("done")

    g.task = asyncio.create_task(work())
    await asyncio.sleep(0)
    return "Started"


@tasks.after_request
async def wait_a_little(response: Response) -> Response:
    """Wait for the task, if it still runs, and report its outcome."""
    if "task" in g:
        if not g.task.done():
            await g.task
        outcome = current_app.extensions["async_views.outcome"]
        response.headers["X-Task"] = ", ".join(outcome) or "still running"
    return response


for part in (plain, waiting, late, tasks):
    blueprint.register_blueprint(part)
