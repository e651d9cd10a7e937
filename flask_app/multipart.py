"""Multipart forms: fields, files, and malformed bodies."""

from io import BytesIO
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("multipart", __name__)


@blueprint.route("/multipart/fields", methods=["GET", "POST"])
def fields() -> ResponseReturnValue:
    """Parts without a filename are fields."""
    form = request.form
    return jsonify(list(form.items(multi=True)))


@blueprint.post("/multipart/files")
def files() -> ResponseReturnValue:
    """Parts with a filename are files, each with its own headers."""
    uploads = request.files
    return jsonify(
        [
            [name, upload.filename, upload.content_type, upload.read().decode()]
            for name, upload in uploads.items(multi=True)
        ]
    )


@blueprint.post("/multipart/counts")
def counts() -> ResponseReturnValue:
    """The app parses the body once for fields and files."""
    form = request.form
    uploads = request.files
    return jsonify(fields=len(form), files=len(uploads))


@blueprint.post("/multipart/size")
def size() -> ResponseReturnValue:
    """A file knows its name and content type; its size must be read."""
    uploads = request.files
    return jsonify(size=len(uploads["report"].read()))


@blueprint.post("/multipart/saved")
def saved() -> ResponseReturnValue:
    """save writes the file to a path or to an open file."""
    uploads = request.files
    upload = uploads["report"]
    destination: Any = BytesIO()
    upload.save(destination)
    return jsonify(saved=destination.getvalue().decode())


@blueprint.post("/multipart/logged")
def logged() -> ResponseReturnValue:
    """A body that was read for the log can still be parsed as a form."""
    length = len(request.get_data())
    form = request.form
    return jsonify(logged=length > 0, form=form)


@blueprint.post("/multipart/form-then-data")
def form_then_data() -> ResponseReturnValue:
    """Parsing a multipart form consumes the body."""
    form = request.form
    left = request.get_data(as_text=True)
    return jsonify(form=form, left=left)


@blueprint.post("/multipart/one-part")
def one_part() -> ResponseReturnValue:
    """A view may set its own limit before the form is parsed."""
    request.max_form_parts = 1
    form = request.form
    return jsonify(form)


@blueprint.post("/multipart/short-field")
def short_field() -> ResponseReturnValue:
    """A view may set a limit for the size of a field."""
    request.max_form_memory_size = 8
    form = request.form
    return jsonify(form)
