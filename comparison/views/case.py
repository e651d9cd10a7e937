"""Convert a described view to JSON and to a case for both twins, and back."""

from typing import Any
from urllib.parse import parse_qsl, quote

import msgspec
from msgspec import UNSET, to_builtins

from comparison.cases.sources.draft import Draft, case_file, identifier
from comparison.core.errors import UsageError
from comparison.core.validation import located
from comparison.models import Case, Request

from .model import View

PARAMETER = "view"

LONGEST = 2000
"""Characters of a description as JSON."""

LONGEST_QUERY = 3600
"""Characters of a description in a query: every server accepts this in a request line.
"""

DEEPEST = 20
"""The deepest nesting of arrays and objects in a description."""


class DescriptionError(UsageError):
    """The error for a description that is malformed or too large.

    `field` is "" if it concerns the whole description.
    """

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}" if field else problem)


def view_from_json(text: str | bytes) -> View:
    """Return the view that a JSON text describes. Raises DescriptionError.

    >>> view_from_json('{"body": {"kind": "int", "content": "1"}}')
    Traceback (most recent call last):
    ...
    comparison.views.case.DescriptionError: body.content: expected `int`, got `str`
    """
    if len(text) > LONGEST:
        raise DescriptionError("", f"has more than {LONGEST} characters")
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise DescriptionError("", f"is not JSON: {error}") from None
    if _nested(found, DEEPEST):
        raise DescriptionError("", f"is nested more than {DEEPEST} deep")
    try:
        view = msgspec.convert(found, View)
    except msgspec.ValidationError as error:
        path, message = located(error, View)
        field = ".".join(part for part in path if isinstance(part, str))
        name, colon, rest = message.partition(": ")
        if colon and name.isidentifier():  # the part itself says so
            field, message = f"{field}.{name}".lstrip("."), rest
        raise DescriptionError(field, message) from None
    if len(quoted(view)) > LONGEST_QUERY:
        problem = f"has more than {LONGEST_QUERY} characters in a query"
        raise DescriptionError("", problem)
    return view


def view_to_json(view: View) -> str:
    """Return the shortest JSON text that describes the view."""
    return msgspec.json.encode(view).decode()


def quoted(view: View) -> str:
    """Return the JSON text of a view as the value of a query parameter."""
    return quote(view_to_json(view), safe=":,")


def _nested(value: Any, deeper: int) -> bool:
    """Return whether arrays and objects are nested more deeply than allowed."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return deeper == 0 or any(_nested(each, deeper - 1) for each in inner)


def case_of(
    view: View, request: Request | None = None, *, id: str = "", title: str = ""
) -> Case:
    """Return the case that sends a view to the twins' endpoint.

    `request` has the parts that the description does not: method, headers, body, and
    the query of its path. The path of the case is a link that reproduces the result.
    """
    request = request or Request()
    path = f"{view.path}?{PARAMETER}={quoted(view)}"
    _, mark, query = request.path.partition("?")
    request = Request(
        method=request.method,
        path=f"{path}&{query}" if mark else path,
        headers=request.headers,
        **{
            name: content
            for name in Request.BODIES
            if (content := getattr(request, name)) is not UNSET
        },
    )
    title = title or words_of(view)
    return Case(id=id or identifier(title), request=request, title=title)


def view_of(case: Case | str) -> View:
    """Return the view in a case, or in the path of one. Raises DescriptionError."""
    path = case if isinstance(case, str) else case.request.path
    view_path, _, query = path.partition("?")
    texts = [text for name, text in parse_qsl(query) if name == PARAMETER]
    if not view_path.startswith("/composed") or not texts:
        raise DescriptionError("", f"{view_path} has no description in its query")
    view = view_from_json(texts[0])
    if view.path != view_path:
        problem = f"belongs to {view.path}, not to {view_path}"
        raise DescriptionError(
            "handled" if "handled" in view_path else "style", problem
        )
    return view


def toml_of(case: Case, topic: str = "Composed views") -> str:
    """Return a case file with this case, as TOML."""
    return case_file(topic, [], [draft_of(case)])


def draft_of(case: Case) -> Draft:
    """Return a draft of a case for a case file, without its expectation."""
    request = case.request
    bodies = [(n, to_builtins(getattr(request, n))) for n in Request.BODIES
              if getattr(request, n) is not UNSET]  # fmt: skip
    headers = request.headers
    return Draft(
        id=case.id,
        title=case.title,
        method=request.method,
        path=request.path,
        headers=tuple(headers.items()) if isinstance(headers, dict) else headers,
        body=next(
            ((n, content) for n, content in bodies if content is not UNSET), None
        ),
    )


def words_of(view: View) -> str:
    """Describe a view in a few words, as a title.

    >>> from comparison.views.model import Body, Status
    >>> body, status = Body("text", "Hello"), Status("int", 202)
    >>> words_of(View(body=body, shape="body-status", status=status))
    'text with status (int)'
    """
    style = "" if view.style == "native" else f", {view.style}"
    handled = ", handled" if view.handled else ""
    if view.raises is not None:
        raises = view.raises
        what = f"abort {raises.code}" if hasattr(raises, "code") else raises.name
        return f"{what}{handled}{style}"
    assert view.body is not None
    what = (
        view.body.kind if view.made == "value" else f"{view.made} of {view.body.kind}"
    )
    parts = []
    if view.status is not None:
        parts.append(f"status ({view.status.kind})")
    if view.headers is not None:
        parts.append(f"headers ({view.headers.kind})")
    if view.shape in {"empty", "one", "four"}:
        parts.append(f"tuple: {view.shape}")
    changes = dict.fromkeys(c.__struct_config__.tag for c in view.changes)
    parts += [f"change: {name}" for name in changes]
    with_ = f" with {', '.join(parts)}" if parts else ""
    return f"{what}{with_}{handled}{style}"
