"""Convert a described view to a case for both twins, and back."""

from urllib.parse import parse_qsl

from msgspec import UNSET, to_builtins

from comparison.cases.sources.draft import Draft, case_file, identifier
from comparison.models import Case, Request

from .model import DescriptionError, View, quoted, view_from_json

PARAMETER = "view"


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
