"""Serve "Try it": compose a return value, send a request to both twins, save the case."""

import re
import shlex

import msgspec
from markupsafe import Markup
from quart import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response as WerkzeugResponse

from comparison.cases.sources.draft import identifier
from comparison.lesson.model import Lesson
from comparison.models import Case, Request
from comparison.reports.difference_view import raw_response
from comparison.reports.lesson_page import lesson_body, python
from comparison.reports.marked_text import shortened
from comparison.views import DescriptionError, View, case_of, sources_of, toml_of
from comparison.views.case import words_of

from . import view_form
from .case_page import DIFFERENCES
from .composed import lesson_of_view, name_of
from .guard import from_here
from .presets import PRESETS
from .state import playground
from .studies import has_code
from .view_form import ViewForm, described_view, read_form

blueprint = Blueprint("try_it", __name__)

CHOICES = {
    "does": view_form.DOES,
    "body_kind": view_form.BODIES,
    "made": view_form.MADE,
    "shape": view_form.SHAPES,
    "status_kind": view_form.STATUSES,
    "headers_kind": view_form.HEADERS,
    "new_status_kind": view_form.CHANGED_STATUSES,
    "style": view_form.STYLES,
    "method": {method: method for method in view_form.METHODS},
}
CHANGES = (
    *("new_status_kind", "new_status", "replaced", "new_body"),
    *("headers_set", "headers_added", "headers_removed"),
)
COOKIES = ("cookies_set", "cookies_deleted")
MORE = ("style", "handled", "method")
MAX_RESPONSE = 700  # characters
PORTS = {"flask": 5000, "quart": 5001}


@blueprint.get("/try")
async def compose() -> str | tuple[str, int]:
    """Show the form as the link fills it, and both responses if the link has `send`.

    The twins only do what the form describes and store nothing. So opening the link may
    send the request, unless another site led the visitor here.
    """
    form = read_form(request.args)
    try:
        view = described_view(form)
    except DescriptionError as error:
        return await invalid_form(form, error)
    return await page(form, view, send="send" in request.args and from_here())


@blueprint.post("/try")
async def send() -> WerkzeugResponse | tuple[str, int]:
    """Redirect to the link that sends the request, if the form is valid."""
    form = read_form(await request.form)
    try:
        described_view(form)
    except DescriptionError as error:
        return await invalid_form(form, error)
    return redirect(f"{_link(form)}#result", 303)


@blueprint.get("/try/source")
async def source() -> str:
    """Render only the Python, while the visitor fills in the form."""
    try:
        sources = highlighted(described_view(read_form(request.args)))
    except DescriptionError as error:
        return await render_template("source.html", sources={}, problem=str(error))
    return await render_template("source.html", sources=sources, problem="")


@blueprint.get("/try/case.toml")
async def case_file() -> Response:
    """Send the case as a TOML file to save."""
    form = read_form(request.args)
    try:
        text = toml_of(case_for(form, described_view(form)))
    except DescriptionError as error:
        abort(404, str(error))
    response = Response(text, mimetype="application/toml")
    response.headers["Content-Disposition"] = "attachment; filename=case.toml"
    return response


async def invalid_form(form: ViewForm, error: DescriptionError) -> tuple[str, int]:
    """Render the form as the visitor filled it in, with the error at its field."""
    known = error.field if error.field in ViewForm._fields else "body"
    errors = {known: error.problem}
    return await page(form, None, errors=errors), 422


def case_for(form: ViewForm, view: View) -> Case:
    """Return the case whose request goes to the view."""
    request = Request(form.method)
    return case_of(view, request, title=name_of(view), id=identifier(words_of(view)))


async def page(
    form: ViewForm,
    view: View | None,
    *,
    send: bool = False,
    errors: dict[str, str] | None = None,
) -> str:
    """Render the form, the Python, and both responses."""
    state = playground()
    case = lesson = result = None
    # This page sends its request to the twins, not to the targets of the other pages.
    header = msgspec.structs.replace(state.header(state.command("serve")), targets=())
    if view is not None:
        case = case_for(form, view)
        if send:
            command = state.command_of_twins("show", case.id, "--cases", "case.toml")
            state.rate.take()
            (normalised,) = state.settings.with_project_rules([case])
            explained = await state.twins.explain(normalised, command, deeply=False)
            header = explained.header
            result = lesson_of_view(explained.comparison, header, view, state.patterns)
            lesson = lesson_body(result, differences=DIFFERENCES)
    return await render_template(
        "try.html",
        form=form,
        choices=CHOICES,
        errors=errors or {},
        open_changes=opened(form, errors, CHANGES),
        open_cookies=opened(form, errors, COOKIES),
        open_more=opened(
            form._replace(
                style="" if form.style == "native" else "1",
                method="" if form.method == "GET" else "1",
            ),
            errors,
            MORE,
        ),
        presets=[(name, _link(each), each == form) for name, each in PRESETS.items()],
        sources=highlighted(view) if view is not None else {},
        problem="",
        lesson=lesson,
        responses=responses_of(result),
        result=result,
        status=status_of(view),
        link=f"{request.host_url.rstrip('/')}{_link(form)}",
        curls=curls(case) if case is not None else [],
        toml=toml_of(case) if case is not None else "",
        header=header,
    )


def _link(form: ViewForm) -> str:
    """Return the link that fills in a form and sends its request."""
    return f"/try?{'&'.join(filter(None, [form.query, 'send']))}"


def responses_of(lesson: Lesson | None) -> list[tuple[str, str]]:
    """Return the response of each target as HTTP writes it; equal ones once."""
    if lesson is None:
        return []
    texts = {
        name: shortened(raw_response(recording.exchange), MAX_RESPONSE)
        for name, recording in lesson.comparison.recordings.items()
    }
    names = {
        text: [n for n, t in texts.items() if t == text] for text in texts.values()
    }
    return [(" and ".join(found), text) for text, found in names.items()]


def status_of(view: View | None) -> int | None:
    """Return the status in a view that the status map has; None if it has none."""
    content = view.status.content if view is not None and view.status else None
    number = re.match(r"-?\d+", str(content))
    return int(number[0]) if number and has_code(int(number[0])) else None


def opened(
    form: ViewForm, errors: dict[str, str] | None, names: tuple[str, ...]
) -> bool:
    """Return whether a section of the form has a value or an error."""
    return any(getattr(form, name) or name in (errors or {}) for name in names)


def highlighted(view: View) -> dict[str, Markup]:
    """Return the Python that equals a view, by framework."""
    return {
        name: Markup("\n").join(map(python, text.splitlines()))
        for name, text in sources_of(view).items()
    }


def curls(case: Case) -> list[str]:
    """Return commands that serve the twins and send the same request with curl."""
    method = case.request.method
    how = {"GET": [], "HEAD": ["--head"]}.get(method, ["--request", method])
    out = []
    for name, port in PORTS.items():
        url = f"http://127.0.0.1:{port}{case.request.path}"
        command = ["curl", "--include", "--globoff", *how, url]
        out += [f"python -m {name}_app --port {port}", shlex.join(command)]
    return out
