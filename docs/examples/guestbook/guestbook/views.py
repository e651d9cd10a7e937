"""The pages, the API and the export."""

from functools import wraps

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)

bp = Blueprint("guestbook", __name__)


def page(name, **values):
    return render_template(name, entries=current_app.store.entries, **values)


def with_key(view):
    """Let only visitors in who have the key."""

    @wraps(view)
    def wrapper(*args, **kwargs):
        if request.headers.get("X-Key") != "dev":
            abort(401)
        return view(*args, **kwargs)

    return wrapper


@bp.get("/")
def index():
    return page("index.html")


@bp.post("/")
def sign():
    entry = current_app.store.add_sent()
    flash(f"Thank you, {entry['name']}")
    return redirect(url_for("guestbook.index"))


@bp.get("/entries/<int:number>")
def entry(number):
    for each in current_app.store.entries:
        if each["number"] == number:
            return jsonify(each)
    abort(404)


@bp.post("/entries")
def add():
    return jsonify(current_app.store.add_sent()), 201


@bp.delete("/entries")
@with_key
def clear():
    current_app.store.entries.clear()
    return "", 204


@bp.get("/export")
def export():
    def lines():
        yield "number,name\n"
        for each in current_app.store.entries:
            yield f"{each['number']},{each['name']}\n"

    return Response(stream_with_context(lines()), mimetype="text/csv")
