"""Describe the events of a trace; `comparison.schemas` has the JSON Schema."""

from comparison.models import SCHEMA_VERSION

SCHEMA = "comparison-recording.schema.json"

EVENTS = {
    "request_sent": "The client sent the request; `name` is its method.",
    "route_matched": "Routing found the view: `rule`, the endpoint as `name`, and where the view is defined.",
    "route_missed": "Routing found no view for the path `name`; `detail` is the exception it will raise.",
    "hook_called": "A hook (before or after a request, at its teardown) was called.",
    "hook_returned": "A hook returned `value`, at `source`.",
    "hook_raised": "A hook raised `detail`.",
    "view_called": "The view was called with `arguments`, on `thread`.",
    "view_returned": "The view returned `value`, at `source`.",
    "view_raised": "The view raised `detail`, at `source`.",
    "handler_called": "An error handler was called with `arguments`, on `thread`.",
    "handler_returned": "An error handler returned `value`, at `source`.",
    "handler_raised": "An error handler raised `detail`.",
    "suspended": "An `await` at `source` gave way to others, on `thread`.",
    "resumed": "What was suspended goes on, on `thread`.",
    "line": "A line ran: `source`. It set or changed the variables in `changed`, deleted those in `removed`, and, where `detail` is given, an exception left it.",
    "function_called": "A function of the app was called with `arguments`.",
    "function_returned": "A function of the app returned `value`.",
    "function_raised": "An exception left a function of the app; `detail` says which, unless it was seen by nobody.",
    "yielded": "A generator yielded `value` and is suspended.",
    "continued": "A generator goes on.",
    "lines_truncated": "From here on lines and calls were left out; `detail` says how many.",
    "automatic_options": "The framework answers OPTIONS by itself.",
    "error_caught": "The framework caught `detail`.",
    "response_made": "The framework made a response: `status_before` of what the view returned, `status` of the response. `detail` says where it was not made of what the view returned.",
    "response_handed_over": "The app handed `status` and headers to the server.",
    "client_received": "The client received the response, with `status`.",
    "failed": "No response, or not all of it: the kind of failure as `name`, and `detail`.",
    "logged": "The app logged `detail` with level `name`.",
    "truncated": "Events were left out at the end; `detail` says how many.",
}  # fmt: skip


def trace_reference() -> str:
    """Return the documentation page about the events of a trace."""
    rows = [f"| `{name}` | {words} |" for name, words in EVENTS.items()]
    return "\n".join(
        [
            "# The trace",
            "",
            "What happened inside an app during one request, in the order in which it",
            "happened. It is the `trace` of each recording in the JSON of a run:",
            "`comparison show CASE --format json` has every line of the view and of error",
            "handlers, `comparison run --format json` all the other events.",
            "",
            f"[{SCHEMA}](../comparison/schemas/{SCHEMA})",
            f"is the JSON Schema of a recording, version {SCHEMA_VERSION}: the run's `schema_version`. A later",
            "version may add fields and events; it changes none.",
            "",
            "Values are what they were when they were seen: `type`, `text` (of at most 400",
            "characters, without memory addresses), `items`, and the `status` of a",
            "response. A field that is empty is left out. `depth` is 0 in the view or error",
            "handler itself and counts the functions of the app around a line. Code of",
            "libraries is not entered. A trace has at most 500 events and, beside them, 400",
            "lines and calls; it says how many were left out.",
            "",
            "Before Python 3.12 nothing is followed once the view has returned (the",
            "generator of a streamed body), nor in tasks and threads that a view starts.",
            "",
            "| event | what happened |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )
