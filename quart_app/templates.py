"""Templates, rendered with and without an async environment."""

from typing import Any

from quart import (
    Blueprint,
    get_template_attribute,
    render_template,
    render_template_string,
    request,
    stream_template,
    stream_template_string,
)
from quart.typing import ResponseReturnValue

blueprint = Blueprint("templates", __name__, template_folder="templates")

PEOPLE = [
    {"name": "Grace", "born": 1906, "city": "New York"},
    {"name": "Ada", "born": 1815, "city": "London"},
    {"name": "Alan", "born": 1912, "city": "London"},
]

SOURCES = {
    "loop": (
        "{% for person in people %}{{ loop.index }}/{{ loop.length }} {{ person.name }}"
        "{{ '' if loop.last else ', ' }}{% endfor %}"
    ),
    "macro": (
        "{% macro tag(name) %}<{{ name }}>{{ caller() }}</{{ name }}>{% endmacro %}"
        "{% call tag('b') %}bold{% endcall %}{{ tag|string|length > 0 }}"
    ),
    "filters": (
        "{{ people|map(attribute='name')|join(', ') }}"
        " {{ people|sum(attribute='born') }}"
        " {{ people|selectattr('born', 'gt', 1900)|list|length }}"
    ),
    "group": (
        "{% for city, found in people|groupby('city') %}"
        "{{ city }}: {{ found|length }};{% endfor %}"
    ),
    "recursive": (
        "{% for node in tree recursive %}"
        "{{ node.name }}({{ loop(node.children) if node.children }}){% endfor %}"
    ),
    "escape": "{{ '<b>' }} {{ '<b>'|safe }} {{ {'a': '</script>'}|tojson }}",
    "set": "{% set text %}{{ people[0].name }}!{% endset %}{{ text|upper }}",
    "undefined": "[{{ nothing }}]",
    "undefined-attribute": "{{ nothing.at_all }}",
    "syntax": "{% for %}",
    "sort": "{{ people|map(attribute='name')|sort|join(', ') }}",
    "in": "{{ 'yes' if 'Ada' in people|map(attribute='name') else 'no' }}",
    "max": "{{ people|map(attribute='born')|max }}",
    "batch": (
        "{% for row in people|map(attribute='name')|batch(2) %}"
        "{{ row|join('+') }};{% endfor %}"
    ),
    "custom-filter": "{{ people|map(attribute='name')|templates_commas }}",
    "sort-list": "{{ people|map(attribute='name')|list|sort|join(', ') }}",
    "sort-first": (
        "{{ people|sort(attribute='name')|map(attribute='name')|join(', ') }}"
    ),
    "custom-filter-list": "{{ people|map(attribute='name')|list|templates_commas }}",
    "custom-test": "{{ 3 is templates_odd }} {{ templates_shout('hello') }}",
    "waiting": "{{ templates_wait('Ada')|upper }}",
    "processor": "{{ site }} {{ owner }} {{ request.endpoint }}",
    "globals": "{{ url_for('templates.source', name='globals') }} {{ config.TESTING }}",
    "include": (
        "{% include 'templates/part.html' %}"
        "{% include 'templates/none.html' ignore missing %}"
    ),
    "import": "{% from 'templates/macros.html' import greet %}{{ greet('<Ada>') }}",
    "import-g": "{% import 'templates/macros.html' as macros %}{{ macros.path() }}",
}

TREE = [{"name": "root", "children": [{"name": "leaf", "children": []}]}]


@blueprint.app_template_filter("templates_commas")
def commas(values: Any) -> str:
    """Join values, as a filter for templates."""
    return ", ".join(values)


@blueprint.app_template_test("templates_odd")
def odd(number: int) -> bool:
    """Check for an odd number, as a test for templates."""
    return number % 2 == 1


@blueprint.app_template_global("templates_shout")
def shout(text: str) -> str:
    """Return upper case, as a function for templates."""
    return f"{text.upper()}!"


@blueprint.app_template_global("templates_wait")
async def wait(name: str) -> str:
    """Return a text, as a function for templates that may wait."""
    return f"waited for {name}"


@blueprint.context_processor
async def describe() -> dict[str, str]:
    """Give every template of this blueprint two values."""
    return {"site": "The site", "owner": "The processor"}


@blueprint.get("/templates/source/<name>")
async def source(name: str) -> ResponseReturnValue:
    """Render one of the sources above."""
    return await render_template_string(SOURCES[name], people=PEOPLE, tree=TREE)


@blueprint.get("/templates/argument")
async def argument() -> ResponseReturnValue:
    """Pass a value under a name that a context processor also sets."""
    return await render_template_string("{{ owner }}", owner="The view")


@blueprint.get("/templates/page/<name>")
async def page(name: str) -> ResponseReturnValue:
    """Render a file that extends another."""
    return await render_template(f"templates/{name}", title="<Page>", people=PEOPLE)


@blueprint.get("/templates/choice")
async def choice() -> ResponseReturnValue:
    """Name several files, and render the first that exists."""
    return await render_template(["templates/none.html", "templates/part.html"])


@blueprint.get("/templates/attribute")
async def attribute() -> Any:
    """Call a macro of a template from Python."""
    greet = get_template_attribute("templates/macros.html", "greet")
    return greet("Ada")


@blueprint.get("/templates/stream")
async def stream() -> Any:
    """Stream a file."""
    return await stream_template("templates/list.html", people=PEOPLE)


@blueprint.get("/templates/stream-request")
async def stream_request() -> Any:
    """Stream a template that reads the request."""
    return await stream_template_string("{{ request.path }} {{ request.args.name }}")


@blueprint.get("/templates/stream-headers")
async def stream_headers() -> Any:
    """Stream a template with a status and a header."""
    body = await stream_template_string("{{ site }}")
    return body, 203, {"Content-Type": "text/plain"}


@blueprint.get("/templates/stream-error")
async def stream_error() -> Any:
    """Stream a template that fails in the middle."""
    return await stream_template_string("start {{ nothing.at_all }} end")


@blueprint.post("/templates/form")
async def form() -> ResponseReturnValue:
    """Let a template read the form."""
    return await render_template_string("Hello, {{ request.form.name }}")


@blueprint.post("/templates/json")
async def json() -> ResponseReturnValue:
    """Let a template read the JSON of the request by the method."""
    return await render_template_string("Hello, {{ request.get_json().name }}")


@blueprint.post("/templates/json-property")
async def json_property() -> ResponseReturnValue:
    """Let a template read the JSON of the request by the property."""
    return await render_template_string("Hello, {{ request.json.name }}")


@blueprint.post("/templates/form-given")
async def form_given() -> ResponseReturnValue:
    """Give a template the form."""
    form = await request.form
    return await render_template_string("Hello, {{ form.name }}", form=form)
