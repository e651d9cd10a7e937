"""Try it: a return value that is composed, asked of both twins, and kept."""

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
    url_for,
)
from werkzeug.wrappers import Response as WerkzeugResponse

from comparison.lesson.model import Lesson, Sample
from comparison.lesson.sample import Source, align
from comparison.models import Case, Request
from comparison.reports.lesson_page import lesson_body, python
from comparison.views import DescriptionError, View, case_of, sources_of, toml_of

from . import typed as form_of
from .guard import from_here
from .lessons import DIFFERENCES
from .state import playground
from .typed import Typed, described, typed

blueprint = Blueprint("trying", __name__)

CHOICES = {
    "does": form_of.DOES,
    "body_kind": form_of.BODIES,
    "made": form_of.MADE,
    "shape": form_of.SHAPES,
    "status_kind": form_of.STATUSES,
    "headers_kind": form_of.HEADERS,
    "new_status_kind": form_of.CHANGED_STATUSES,
    "style": form_of.STYLES,
    "method": {method: method for method in form_of.METHODS},
}
CHANGES = (
    *("new_status_kind", "new_status", "replaced", "new_body"),
    *("headers_set", "headers_added", "headers_removed"),
)
COOKIES = ("cookies_set", "cookies_deleted")
PORTS = {"flask": 5000, "quart": 5001}


@blueprint.get("/try")
async def compose() -> str | tuple[str, int]:
    """The form, as the link has filled it; what both did, where the link asks them.

    The twins do what is described and keep nothing, so that reading may ask, unless
    another site has sent the reader here.
    """
    form = typed(request.args)
    try:
        view = described(form)
    except DescriptionError as error:
        return await refused(form, error)
    return await page(form, view, ask="ask" in request.args and from_here())


@blueprint.post("/try")
async def ask() -> WerkzeugResponse | tuple[str, int]:
    """To the link that asks both for what was typed, if that can be described."""
    form = typed(await request.form)
    try:
        described(form)
    except DescriptionError as error:
        return await refused(form, error)
    query = "&".join(filter(None, [form.query, "ask"]))
    return redirect(f"{url_for('trying.compose')}?{query}#result", 303)


@blueprint.get("/try/source")
async def source() -> str:
    """The Python alone, for a form that is being filled in."""
    try:
        sources = highlighted(described(typed(request.args)))
    except DescriptionError as error:
        return await render_template("source.html", sources={}, problem=str(error))
    return await render_template("source.html", sources=sources, problem="")


@blueprint.get("/try/case.toml")
async def case_file() -> Response:
    """The case as TOML, to keep."""
    form = typed(request.args)
    try:
        text = toml_of(case_for(form, described(form)))
    except DescriptionError as error:
        abort(404, str(error))
    response = Response(text, mimetype="application/toml")
    response.headers["Content-Disposition"] = "attachment; filename=case.toml"
    return response


async def refused(form: Typed, error: DescriptionError) -> tuple[str, int]:
    """The form with what was typed, and what is wrong where it is wrong."""
    known = error.field if error.field in Typed._fields else "body"
    errors = {known: error.problem}
    return await page(form, None, errors=errors), 422


def case_for(form: Typed, view: View) -> Case:
    """The case that asks for what was typed."""
    return case_of(view, Request(form.method))


async def page(
    form: Typed,
    view: View | None,
    *,
    ask: bool = False,
    errors: dict[str, str] | None = None,
) -> str:
    """The form, the Python, and what both did."""
    state = playground()
    case = lesson = comparison = None
    # The twins are asked here, whatever targets the other pages ask.
    header = msgspec.structs.replace(state.header(state.command("serve")), targets=())
    if view is not None:
        case = case_for(form, view)
        if ask:
            command = state.command_of_twins("show", case.id, "--cases", "case.toml")
            state.rate.take()
            (asked,) = state.asking.loosened([case])
            told = await state.twins.tell(asked, command, deeply=False)
            told_so = with_sources(told.lesson, view)
            lesson = lesson_body(told_so, differences=DIFFERENCES)
            comparison, header = told.comparison, told.header
    return await render_template(
        "try.html",
        form=form,
        choices=CHOICES,
        errors=errors or {},
        open_changes=opened(form, errors, CHANGES),
        open_cookies=opened(form, errors, COOKIES),
        sources=highlighted(view) if view is not None else {},
        problem="",
        lesson=lesson,
        comparison=comparison,
        link=f"{request.host_url.rstrip('/')}/try?{form.query}&ask",
        curls=curls(case) if case is not None else [],
        toml=toml_of(case) if case is not None else "",
        header=header,
    )


def opened(form: Typed, errors: dict[str, str] | None, names: tuple[str, ...]) -> bool:
    """Whether what is folded away has something in it, or something wrong."""
    return any(getattr(form, name) or name in (errors or {}) for name in names)


def with_sources(lesson: Lesson, view: View) -> Lesson:
    """The lesson with the Python that the view stands for, not what builds it."""
    reference, *others = (target.name for target in lesson.targets)
    sources = {}
    for target in lesson.targets:
        lines = sources_of(view)[target.framework.lower()].splitlines()
        # None of it ran: it stands for what the endpoint did.
        sources[target.name] = Source(lines, [()] * len(lines))
    samples = [
        Sample(reference, other, align(sources[reference], sources[other]))
        for other in others
    ]
    return msgspec.structs.replace(lesson, samples=tuple(samples))


def highlighted(view: View) -> dict[str, Markup]:
    """The Python that a view stands for, by framework."""
    return {
        name: Markup("\n").join(map(python, text.splitlines()))
        for name, text in sources_of(view).items()
    }


def curls(case: Case) -> list[str]:
    """Commands that ask the same of the twins on their own servers."""
    method = case.request.method
    how = {"GET": [], "HEAD": ["--head"]}.get(method, ["--request", method])
    out = []
    for name, port in PORTS.items():
        url = f"http://127.0.0.1:{port}{case.request.path}"
        command = ["curl", "--include", "--globoff", *how, url]
        out += [f"python -m {name}_app --port {port}", shlex.join(command)]
    return out
