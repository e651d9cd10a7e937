"""Multipart forms: fields, files, and malformed bodies."""

from io import BytesIO
from typing import Any

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("multipart", __name__)


@blueprint.route("/multipart/fields", methods=["GET", "POST"])
async def fields() -> ResponseReturnValue:
    """Parts without a filename are fields."""
    form = await request.form
    return jsonify(list(form.items(multi=True)))


@blueprint.post("/multipart/files")
async def files() -> ResponseReturnValue:
    """Parts with a filename are files, each with its own headers."""
    uploads = await request.files
    return jsonify(
        [
            [name, upload.filename, upload.content_type, upload.read().decode()]
            for name, upload in uploads.items(multi=True)
        ]
    )


@blueprint.post("/multipart/counts")
async def counts() -> ResponseReturnValue:
    """The app parses the body once for fields and files."""
    form = await request.form
    uploads = await request.files
    return jsonify(fields=len(form), files=len(uploads))


@blueprint.post("/multipart/size")
async def size() -> ResponseReturnValue:
    """A file knows its name and content type; its size must be read."""
    uploads = await request.files
    return jsonify(size=len(uploads["report"].read()))


@blueprint.post("/multipart/saved")
async def saved() -> ResponseReturnValue:
    """save writes the file to a path or to an open file."""
    uploads = await request.files
    upload = uploads["report"]
    destination: Any = BytesIO()
    await upload.save(destination)
    return jsonify(saved=destination.getvalue().decode())


@blueprint.post("/multipart/logged")
async def logged() -> ResponseReturnValue:
    """A body that was read for the log can still be parsed as a form."""
    length = len(await request.get_data())
    form = await request.form
    return jsonify(logged=length > 0, form=form)


@blueprint.post("/multipart/form-then-data")
async def form_then_data() -> ResponseReturnValue:
    """Parsing a multipart form consumes the body."""
    form = await request.form
    left = await request.get_data(as_text=True)
    return jsonify(form=form, left=left)


@blueprint.post("/multipart/one-part")
async def one_part() -> ResponseReturnValue:
    """A view may set its own limit before the form is parsed."""
    request.max_form_parts = 1
    form = await request.form
    return jsonify(form)


@blueprint.post("/multipart/short-field")
async def short_field() -> ResponseReturnValue:
    """A view may set a limit for the size of a field."""
    request.max_form_memory_size = 8
    form = await request.form
    return jsonify(form)
