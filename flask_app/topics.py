"""The topics of the app, in chapters, in the order in which to learn them."""

from typing import NamedTuple


class Topic(NamedTuple):
    """A topic: the name of its module and blueprint, a first URL, and a sentence."""

    name: str
    url: str
    summary: str


CHAPTERS: dict[str, tuple[Topic, ...]] = {
    "Return values": (
        Topic("custom", "/custom", "A view returns a body and a status code."),
        Topic(
            "tuples",
            "/tuples/body-status-headers",
            "A tuple combines body, status and headers.",
        ),
        Topic(
            "statuses",
            "/status/int",
            "A view writes a status code in one of five ways.",
        ),
        Topic(
            "status_types",
            "/codes/read-back",
            "Some types work as a status code, and others fail.",
        ),
        Topic(
            "bodies",
            "/bodies/mapping",
            "Text, bytes, dicts, lists and generators become bodies.",
        ),
        Topic(
            "headers",
            "/fields/headers-object",
            "A view sets header fields in many forms.",
        ),
        Topic(
            "returns",
            "/returns/counter",
            "Other types that a view may return, and types that fail.",
        ),
        Topic(
            "response_objects",
            "/objects/list-body",
            "A view reads and changes a response object.",
        ),
        Topic(
            "no_content", "/bodyless/text/204", "Some status codes do not allow a body."
        ),
        Topic(
            "json_output",
            "/json-output/value/datetime",
            "Each kind of Python value becomes JSON or fails.",
        ),
        Topic(
            "streaming",
            "/streaming/generator",
            "A generator sends the body piece by piece.",
        ),
        Topic(
            "templates",
            "/templates/page/list.html",
            "Jinja renders and streams templates.",
        ),
    ),
    "Request data": (
        Topic(
            "queries",
            "/queries/echo?page=1&page=2",
            "The query string becomes request.args.",
        ),
        Topic("forms", "/forms/echo", "A URL-encoded body becomes request.form."),
        Topic(
            "json_bodies",
            "/json-bodies/looks",
            "A JSON body is parsed once and then cached.",
        ),
        Topic(
            "multipart",
            "/multipart/fields",
            "A multipart body becomes fields and files.",
        ),
        Topic("uploads", "/uploads/limit", "A view reads raw bytes, up to a limit."),
        Topic(
            "negotiation",
            "/negotiation/names",
            "A view reads request headers as text or as objects.",
        ),
    ),
    "Routing": (
        Topic("paths", "/paths/int/7", "Converters turn parts of a path into values."),
        Topic(
            "methods",
            "/methods/read",
            "The router answers HEAD, OPTIONS and 405 itself.",
        ),
        Topic("request_methods", "/request-methods/get", "A rule may name any method."),
        Topic(
            "head",
            "/head/text",
            "HEAD and OPTIONS have automatic and hand-written answers.",
        ),
        Topic("urls", "/urls/build/value", "url_for builds a URL from an endpoint."),
        Topic(
            "prefixes",
            "/prefixes/shop/en/orders/7",
            "Nested blueprints add up their prefixes.",
        ),
        Topic(
            "hosts",
            "/hosts/addresses",
            "The Host header and SERVER_NAME decide external URLs.",
        ),
        Topic(
            "class_views",
            "/class-views/items/pen",
            "A class has one method for each HTTP method.",
        ),
    ),
    "Redirects, files and caches": (
        Topic(
            "redirects",
            "/redirects/created",
            "The Location header says where to go next.",
        ),
        Topic(
            "static",
            "/static-send/typed",
            "A view sends files from a folder or from memory.",
        ),
        Topic("ranges", "/ranges/letters", "A client requests a part of a response."),
        Topic(
            "caching",
            "/caching/tagged",
            "Validators save a client from loading a page again.",
        ),
    ),
    "State between requests": (
        Topic("cookies", "/cookies/set/plain", "A response sets and deletes cookies."),
        Topic("sessions", "/sessions/user", "A signed cookie carries the session."),
        Topic("flashing", "/flashing/show", "A message waits for the next request."),
        Topic(
            "jobs", "/jobs", "A small resource uses status codes as HTTP defines them."
        ),
    ),
    "Errors, hooks and settings": (
        Topic(
            "errors",
            "/errors/gone",
            "A view aborts, raises, or returns an invalid value.",
        ),
        Topic(
            "handlers",
            "/handlers/paper/JamError",
            "The closest error handler answers an exception.",
        ),
        Topic("hooks", "/hooks/view", "Functions run before and after each view."),
        Topic(
            "decorators",
            "/decorators/versioned",
            "A decorator wraps a view that may be async.",
        ),
        Topic(
            "contexts",
            "/contexts/inside",
            "g, request and current_app exist only in a context.",
        ),
        Topic("signals", "/signals/view", "The framework sends signals to receivers."),
        Topic(
            "configuration",
            "/configuration/object",
            "Some settings change the response.",
        ),
    ),
    "With and without async": (
        Topic(
            "async_views",
            "/async/suspended",
            "A view waits; plain and async functions mix.",
        ),
        Topic(
            "connections",
            "/connections/report",
            "A client stalls, hangs up, or has several requests in flight.",
        ),
        Topic(
            "forgotten",
            "/forgotten/response-class",
            "No view here has an await: some fail on Quart.",
        ),
    ),
}

TOPICS = tuple(topic.name for topics in CHAPTERS.values() for topic in topics)
