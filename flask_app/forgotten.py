"""Views without an await, also where Quart needs one."""

from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    get_flashed_messages,
    jsonify,
    make_response,
    redirect,
    render_template_string,
    request,
    send_file,
    send_from_directory,
    session,
    stream_template_string,
    url_for,
)
from werkzeug.exceptions import BadRequest

blueprint = Blueprint("forgotten", __name__)
measured = Blueprint("measured", __name__)


@blueprint.post("/forgotten/json-key")
def json_key() -> Any:
    """Look a key up in the JSON of the request."""
    return request.get_json()["name"]


@blueprint.post("/forgotten/json-echo")
def json_echo() -> Any:
    """Return the JSON of the request."""
    return request.get_json()


@blueprint.post("/forgotten/json-jsonify")
def json_jsonify() -> Any:
    """Put the JSON of the request into other JSON."""
    return jsonify(received=request.get_json())


@blueprint.post("/forgotten/json-truth")
def json_truth() -> Any:
    """Choose an answer by the JSON of the request."""
    if request.get_json():
        return "There is something to do"
    return "There is nothing to do"


@blueprint.post("/forgotten/json-check")
def json_check() -> Any:
    """Reject a body that is not JSON."""
    try:
        request.get_json()
    except BadRequest:
        return "This is not JSON", 422
    return "Accepted"


@blueprint.post("/forgotten/json-property")
def json_property() -> Any:
    """Compare the JSON of the request, taken from the property."""
    return "Equal" if request.json == {"name": "Ada"} else "Not equal"


@blueprint.post("/forgotten/json-text")
def json_text() -> Any:
    """Format the JSON of the request into a text."""
    return f"Hello, {request.get_json()}"


@blueprint.post("/forgotten/data-compare")
def data_compare() -> Any:
    """Compare the body of the request."""
    return "Equal" if request.get_data() == b"Ada" else "Not equal"


@blueprint.post("/forgotten/data-length")
def data_length() -> Any:
    """Measure the body of the request."""
    return str(len(request.data))


@blueprint.post("/forgotten/form-get")
def form_get() -> Any:
    """Get a field of the form."""
    return request.form.get("name", "nobody")


@blueprint.post("/forgotten/form-key")
def form_key() -> Any:
    """Look a field of the form up."""
    return request.form["name"]


@blueprint.post("/forgotten/form-truth")
def form_truth() -> Any:
    """Check for a form."""
    return "A form" if request.form else "No form"


@blueprint.post("/forgotten/form-template")
def form_template() -> Any:
    """Render a field of the form."""
    return render_template_string("Hello, {{ request.form.name }}")


@blueprint.post("/forgotten/files")
def files() -> Any:
    """Count the uploaded files."""
    return str(len(request.files))


@blueprint.post("/forgotten/values")
def values() -> Any:
    """Look a value up in the query and in the form."""
    return request.values["name"]


@blueprint.get("/forgotten/template")
def template() -> Any:
    """Return a rendered template."""
    return render_template_string("Hello, {{ name }}", name="Ada")


@blueprint.get("/forgotten/template-status")
def template_status() -> Any:
    """Return a rendered template and a status."""
    return render_template_string("Not here"), 404


@blueprint.get("/forgotten/template-joined")
def template_joined() -> Any:
    """Put a rendered template into a text."""
    return f"<main>{render_template_string('Hello')}</main>"


@blueprint.get("/forgotten/template-stream")
def template_stream() -> Any:
    """Stream a template."""
    return stream_template_string("Hello, {{ name }}", name="Ada")


@blueprint.get("/forgotten/response")
def response() -> Any:
    """Return what make_response returns."""
    return make_response("Made", 202)


@blueprint.get("/forgotten/response-header")
def response_header() -> Any:
    """Add a header to what make_response returns."""
    made = make_response("Made")
    made.headers["X-Made"] = "yes"
    return made


@blueprint.get("/forgotten/response-class")
def response_class() -> Any:
    """Create a response from the class, which needs no await."""
    made = Response("Made", 202)
    made.headers["X-Made"] = "yes"
    return made


@blueprint.get("/forgotten/file")
def file() -> Any:
    """Send a file."""
    return send_file(BytesIO(b"A file"), mimetype="text/plain")


@blueprint.get("/forgotten/directory/<name>")
def directory(name: str) -> Any:
    """Send a file that does not exist."""
    return send_from_directory("nowhere", name)


@blueprint.get("/forgotten/flash")
def flash_message() -> Any:
    """Leave a message, and show it at once."""
    flash("Saved")
    return jsonify(get_flashed_messages())


@blueprint.get("/forgotten/resource")
def resource() -> Any:
    """Open a file that comes with the app."""
    with current_app.open_resource("__init__.py") as source:
        return f"{len(source.read()) > 0}"


@blueprint.get("/forgotten/context")
def context() -> Any:
    """Push an app context."""
    with current_app.app_context():
        return str(current_app.testing)


@blueprint.get("/forgotten/redirect")
def redirected() -> Any:
    """Redirect to an endpoint, which needs no await."""
    return redirect(url_for(".template"))


@blueprint.get("/forgotten/query")
def query() -> Any:
    """Read query and headers, which needs no await."""
    return jsonify(name=request.args["name"], accept=request.headers["Accept"])


@blueprint.get("/forgotten/abort")
def aborted() -> Any:
    """Abort, which needs no await."""
    abort(403, "No entry")


@blueprint.get("/forgotten/cookie")
def cookie() -> Any:
    """Read a cookie and the session, which needs no await."""
    return jsonify(
        cookie=request.cookies.get("name"), session=session.get("name", "absent")
    )


@measured.after_request
def measure(made: Response) -> Response:
    """Write the length of the body into a header."""
    made.headers["X-Length"] = str(len(made.get_data()))
    return made


@measured.get("/forgotten/measured")
def view_measured() -> Any:
    """Return a body that a hook measures."""
    return "Measured"


blueprint.register_blueprint(measured)
