"""URL-encoded forms: how pairs become request.form."""

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("forms", __name__)


@blueprint.route("/forms/echo", methods=["GET", "POST"])
async def echo() -> ResponseReturnValue:
    """items(multi=True) gives every pair, repeated names too."""
    form = await request.form
    return jsonify(list(form.items(multi=True)))


@blueprint.post("/forms/first")
async def first() -> ResponseReturnValue:
    """Indexing gives the first value of a name; a missing name is a bad request."""
    form = await request.form
    return jsonify(name=form["name"])


@blueprint.post("/forms/count")
async def count() -> ResponseReturnValue:
    """A value that can't be converted counts as missing."""
    form = await request.form
    return jsonify(count=form.get("count", default=0, type=int))


@blueprint.route("/forms/values", methods=["GET", "POST"])
async def values() -> ResponseReturnValue:
    """request.values looks into the query first and then into the form."""
    both = await request.values
    return jsonify(both.to_dict(flat=False))


@blueprint.post("/forms/data")
async def data() -> ResponseReturnValue:
    """request.data is empty after the form has been parsed."""
    left = await request.data
    return jsonify(length=len(left))


@blueprint.post("/forms/form-then-data")
async def form_then_data() -> ResponseReturnValue:
    """Parsing a form consumes the body."""
    form = await request.form
    left = await request.get_data(as_text=True)
    return jsonify(form=form, left=left)


@blueprint.post("/forms/data-then-form")
async def data_then_form() -> ResponseReturnValue:
    """get_data stores the body, so the form can still be parsed from it."""
    text = await request.get_data(as_text=True)
    form = await request.form
    return jsonify(text=text, form=form)


@blueprint.post("/forms/form-then-json")
async def form_then_json() -> ResponseReturnValue:
    """After the form has been parsed, no JSON is left to parse."""
    form = await request.form
    value = await request.get_json(force=True, silent=True)
    return jsonify(form=form, value=value)


@blueprint.post("/forms/file")
async def file() -> ResponseReturnValue:
    """A form that isn't multipart has no files, however they are named."""
    files = await request.files
    return jsonify(filename=files["report"].filename)
