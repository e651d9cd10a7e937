"""Describe the events of a trace; `comparison.schemas` has the JSON Schema."""

from comparison.models import SCHEMA_VERSION

SCHEMA = "comparison-recording.schema.json"

EVENTS = {
    "request_sent": "The client sent the request; `name` is its method.",
    "route_matched": "Routing found the view: `rule`, the endpoint as `name`, and where the view is defined.",
    "route_missed": "Routing found no view for the path `name`; `detail` is the exception it will raise.",
    "hook_called": "A hook (before or after a request, at its teardown) was called. `detail` is `not registered` for a receiver of a signal, and for a hook of this request alone.",
    "hook_returned": "A hook returned `value`, at `source`.",
    "hook_raised": "A hook raised `detail`.",
    "view_called": "The view was called with `arguments`, on `thread`.",
    "view_returned": "The view returned `value`, at `source`.",
    "view_raised": "The view raised `detail`, at `source`.",
    "handler_called": "An error handler was called with `arguments`, on `thread`.",
    "handler_returned": "An error handler returned `value`, at `source`.",
    "handler_raised": "An error handler raised `detail`.",
    "suspended": "An `await` at `source` suspended the function, on `thread`.",
    "resumed": "The suspended function resumed, on `thread`.",
    "line": "A line ran: `source`. It set or changed the variables in `changed` and deleted those in `removed`. If `detail` is given, an exception left it.",
    "function_called": "A function of the app was called with `arguments`.",
    "function_returned": "A function of the app returned `value`.",
    "function_raised": "An exception left a function of the app. `detail` is the exception, if it was seen.",
    "yielded": "A generator yielded `value` and is suspended.",
    "continued": "A generator resumed.",
    "lines_truncated": "Later lines and calls were not recorded; `detail` says how many.",
    "automatic_options": "The framework responds to OPTIONS by itself.",
    "error_caught": "The framework caught `detail`.",
    "response_made": "The framework made a response. `status_before` is the status that the view returned, `status` that of the response. `detail` is given if the response was not made from the view's value.",
    "response_handed_over": "The app handed `status` and headers to the server. `detail` says so if a WSGI app did that while the server read the body.",
    "client_received": "The client received the response, with `status`.",
    "failed": "No response, or not all of it: the kind of failure as `name`, and `detail`.",
    "app_raised": "`detail` left the app and reached the server. `name` is `server` if the server raised it when the app sent its response.",
    "lifespan_raised": "The app raised `detail` when the server started it, so the server went on without the lifespan protocol.",
    "protocol_broken": "The app did not do what WSGI or ASGI demands: `detail`.",
    "never_awaited": "The coroutine `name`, made at `source`, was never awaited.",
    "thread_raised": "`detail` ended the thread `name` of the app.",
    "task_raised": "`detail` ended a task of the app, which nothing awaited.",
    "task_destroyed": "A task of the app was destroyed before its end; `detail` has the task.",
    "logged": "The app logged `detail` with level `name`.",
    "truncated": "Events at the end were not recorded; `detail` says how many.",
}  # fmt: skip


def trace_reference() -> str:
    """Return the documentation page about the events of a trace."""
    rows = [f"| `{name}` | {words} |" for name, words in EVENTS.items()]
    return "\n".join(
        [
            "# The trace",
            "",
            "The trace has the events inside an app during one request, in order. It is",
            "the `trace` of each recording in the JSON of a run. `comparison show CASE",
            "--format json` has every line of the view and of error handlers. `comparison",
            "run --format json` has all the other events.",
            "",
            f"[{SCHEMA}](../comparison/schemas/{SCHEMA})",
            f"is the JSON Schema of a recording, version {SCHEMA_VERSION}: the run's `schema_version`. A later",
            "version may add fields and events, but changes none.",
            "",
            "Values are recorded at the moment of the event: `type`, `text` (of at most 400",
            "characters, without memory addresses), `items`, and the `status` of a",
            "response. Empty fields are omitted. `depth` is 0 in the view or error handler",
            "itself and counts the functions of the app around a line. We do not follow",
            "code of libraries. A trace has at most 500 events and, beside them, 400 lines",
            "and calls. It says how many more there were.",
            "",
            "Before Python 3.12 we follow no code after the view has returned, such as the",
            "generator of a streamed body. We also follow none in tasks and threads that a",
            "view starts.",
            "",
            "| event | what happened |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )
