"""An explanation: the evidence that it needs, the cause, and the remedy."""

from typing import Literal

from msgspec import Struct

from comparison.known.versions import check_range
from comparison.models import Layer

FACTS = {
    "exception": "an exception inside the app, `Type: message`",
    "raised": "an exception inside the app, or one that ended a thread or a task",
    "raising": "the source of what raised an exception in the app's code",
    "generator": "the name of the app's generator that raised an exception",
    "set-at-startup": "a name that the failing code uses and a function at the server's start sets, and that function",
    "set-in-main": 'a name that the failing code lacks and that `if __name__ == "__main__":` sets, or what it calls there',
    "optional-key": "a key that the app asks its `environ` or `scope` for with `get` or `in`, ` on ` and the server",
    "joined-generator": "an asynchronous generator function of the app, whose generator the code joins to a text",
    "lacking-class": "a class of the app, an attribute that it lacks and that the code uses, and its public methods",
    "printed-coroutine": "a coroutine function whose coroutine the response has as text, at a call without `await`",
    "server-object": "an object of `environ`, an attribute that it lacks, and its type",
    "scope-text": "a key of the ASGI scope that holds bytes, and the text that the app looks for in it",
    "lock-across-await": "a lock of threads that a coroutine function holds while it awaits",
    "parameter": "a function, a parameter that only Flask's has, and Quart's at its place, if there is one",
    "concurrent": "the request line of a concurrent request, this one or an earlier one",
    "waiting-call": "a call at which a plain view waits, or a function that it calls",
    "waits-for-others": "such a call in a concurrent request of the case, this one or an earlier one",
    "context-run": "a context, a coroutine function that its `run` calls, and a context variable that the function sets",
    "variable-after-app": "a context variable that a middleware reads after it awaited the app",
    "variable-of-earlier": "a variable of one thread or context that the view reads and an earlier view of the case sets, and its kind",
    "copied-g": "a function with `copy_current_request_context` that finds nothing in `g`",
    "variable-of-thread": "a thread-local value, or an object that has one, that the view reads after an `await`, and that the view or a hook sets",
    "changed-code": "a statement of the functions that ran that differs between the apps, if they read such a variable",
    "cookie-keyword": "a keyword that the app's own session class does not pass to `set_cookie`, what gives its value, and the attribute that only the other app's cookie has",
    "same-json": "`yes` if both bodies are the same JSON, written in another way",
    "hangs-at": "the source of the `await` at which an app that did not answer waits",
    "differing-setting": "a setting that only the other app's code sets, and that has another value there: its name and both values",
    "unlike-setting": "a setting that the code of an app sets and that has another value in the other app: its name and both values",
    "around": "the source of the function that raised an exception",
    "flask-name": "a name that the first line with another result uses, and that the app imports from Flask",
    "missing-setting": "the name of a setting that only the other app has, or that both set alike and that has another value",
    "startup": "an exception that kept the app from starting",
    "set-while-serving": "a missing attribute or key that a function of `while_serving` sets",
    "library": "the source of a library that raised an exception",
    "extension": "the package of a Flask extension whose code raised an exception",
    "overridden": "a plain method of the app's class that a framework awaits",
    "coroutine": "a coroutine used as a value, after `missing` or `misplaced` for its `await`",
    "unplaced-coroutine": "a coroutine never awaited that no code of the app made, by its name",
    "thread-coroutine": "a coroutine never awaited whose function the app passed to a thread",
    "library-coroutine": "a coroutine never awaited whose function a library called",
    "cached-coroutine": "a coroutine function whose coroutines a decorator caches",
    "cached-property": "a coroutine function whose coroutine a cached property keeps",
    "special-method": "a plain special method, such as `__str__`, and a coroutine never awaited that it made",
    "blocking-call": "a call in the async view, or in a function that it calls, that blocks the event loop",
    "blocks-others": "such a call in a concurrent request of the case, this one or an earlier one",
    "main-test": "an exception outside of functions, in a branch that depends on `__name__`",
    "plain-hook": "a plain hook before the view, its name and its source",
    "plain-handler": "the source of a plain error handler that ran",
    "executor-variable": "a function that the view passes to an executor, a variable of the context that it reads, and the kind of variable",
    "thread-function": "the function that raised an exception, if the app passes it to a thread or an executor",
    "flask-signal": "a signal of Flask to which the app connects a function",
    "lost-variable": "a plain hook, and a variable of one thread or context that it sets for the view",
    "bytes-as-path": "the source of bytes that the code sends as if they were the path of a file",
    "missing-file": "the path of a file that does not exist, or its start; `/` if it is absolute",
    "unclosed-iterable": "a class with `close` whose object an earlier view returned, used in this view too",
    "object-around-coroutine": "a coroutine never awaited that the `__call__` of an object made",
    "wrapped-coroutine": "a coroutine never awaited that a wrapper made, by its name",
    "module": "the source of the app's module",
    "other-host": "the Host of the request and the SERVER_NAME, if they differ",
    "never-awaited": "a coroutine that was never awaited, by its qualified name",
    "thread-raised": "an exception that ended a thread of the app",
    "task-raised": "an exception that ended a task of the app",
    "log": "a log record inside the app, `LEVEL: message`",
    "event": "an event of the trace with its name and detail, `hook_called load_user`",
    "view": "the source of the view that was called",
    "code": "a statement of the app's code that ran last: a `return`, or what raised",
    "returned": "the type of the value that the view returned",
    "app": "whether the server called the app: `called` or `not called`",
    "status": "the status of the response",
    "failure": "the failure, `kind: message`",
    "reason": "the reason phrase",
    "framing": "how the body was delimited",
    "connection": "the state of the connection afterwards",
    "body": "the first characters of the body",
    "response-head": "the status and all header fields, each on its own line",
    "header:NAME": "a value of the header field NAME",
    "session-cookie": "`set` if the response sets the cookie of the session",
    "setting": "a setting of the app, `NAME=value`",
    "server": "the server, or `in-process`",
    "framework": "the framework of the app",
    "effect": "an effect that only this app had",
    "request": "the request line",
    "request-head": "the request line and all header fields, each on its own line",
    "request-header:NAME": "a value of the request's header field NAME",
    "request-body": "the first characters of the request's body",
    "field": "a field that differs",
}
"""The facts that `when` and `unless` name.

`other.` before a name means the other app, and `earlier.` an earlier request of the case.
"""

_PREFIXES = {
    "other.": "in the other app, ",
    "earlier.": "in an earlier request of the case, ",
}


def meaning_of(fact: str) -> str:
    """Describe a fact of `when` or `unless`.

    >>> meaning_of("other.header:vary")
    'in the other app, a value of the header field vary'
    """
    where, name = "", fact
    for prefix, words in _PREFIXES.items():
        if name.startswith(prefix):
            where, name = where + words, name.removeprefix(prefix)
    kind, colon, value = name.partition(":")
    return where + FACTS[f"{kind}{colon}NAME" if colon else kind].replace("NAME", value)


class Explanation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why an app differs, if the recordings have certain facts.

    `when` has a regular expression for each fact (see `FACTS`) that must match, and
    `unless` those that must not. Both are about the app at fault, which has the
    `framework`. The first fact of `when` is the evidence: its place is the place of the
    finding, unless `place` names another: the view, its `return`, a generator function
    inside it, where the module sets a middleware, the import of Flask, or none.

    In the source of the view or module, the place is the line of the match, or of its
    group `at`.

    `summary` and `remedy` may contain the named groups of the regular expressions in
    braces, and `{source}`, the code at the place. `{awaited}` is that code with the missing
    `await`, `{ensured}` with `ensure_async`. `{in_async_def}` names the plain function
    around. `fields` is a regular expression for the differing fields that the cause
    accounts for. With `fallback` it counts only if no other matches. `versions` are PEP 440
    ranges by package. `docs` are links.
    """

    id: str
    summary: str
    remedy: str
    when: dict[str, str]
    unless: dict[str, str] = {}
    fields: str = ".*"
    framework: Literal["flask", "quart", "*"] = "quart"
    layer: Layer = "app"
    place: Literal[
        "evidence", "view", "return", "generator", "middleware", "import", "none"
    ] = "evidence"
    fallback: bool = False
    versions: dict[str, str] = {}
    docs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.when:
            raise ValueError("when must name at least one fact")
        for name in {**self.when, **self.unless}:
            fact = name.removeprefix("other.").removeprefix("earlier.")
            kind, colon, _ = fact.partition(":")
            if fact not in FACTS and f"{kind}{colon}NAME" not in FACTS:
                raise ValueError(f"{name!r} is not a fact")
        for package, wanted in self.versions.items():
            check_range(wanted, f"versions.{package}")
