"""URL-encoded forms: how pairs become request.form."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("forms", __name__)


@blueprint.route("/forms/echo", methods=["GET", "POST"])
def echo() -> ResponseReturnValue:
    """items(multi=True) gives every pair, repeated names too."""
    form = request.form
    return jsonify(list(form.items(multi=True)))


@blueprint.post("/forms/first")
def first() -> ResponseReturnValue:
    """Indexing gives the first value of a name; a missing name is a bad request."""
    form = request.form
    return jsonify(name=form["name"])


@blueprint.post("/forms/count")
def count() -> ResponseReturnValue:
    """A value that can't be converted counts as missing."""
    form = request.form
    return jsonify(count=form.get("count", default=0, type=int))


@blueprint.route("/forms/values", methods=["GET", "POST"])
def values() -> ResponseReturnValue:
    """request.values looks into the query first and then into the form."""
    both = request.values
    return jsonify(both.to_dict(flat=False))


@blueprint.post("/forms/data")
def data() -> ResponseReturnValue:
    """request.data is empty after the form has been parsed."""
    left = request.data
    return jsonify(length=len(left))


@blueprint.post("/forms/form-then-data")
def form_then_data() -> ResponseReturnValue:
    """Parsing a form consumes the body."""
    form = request.form
    left = request.get_data(as_text=True)
    return jsonify(form=form, left=left)


@blueprint.post("/forms/data-then-form")
def data_then_form() -> ResponseReturnValue:
    """get_data stores the body, so the form can still be parsed from it."""
    text = request.get_data(as_text=True)
    form = request.form
    return jsonify(text=text, form=form)


@blueprint.post("/forms/form-then-json")
def form_then_json() -> ResponseReturnValue:
    """After the form has been parsed, no JSON is left to parse."""
    form = request.form
    value = request.get_json(force=True, silent=True)
    return jsonify(form=form, value=value)


@blueprint.post("/forms/file")
def file() -> ResponseReturnValue:
    """A form that isn't multipart has no files, however they are named."""
    files = request.files
    return jsonify(filename=files["report"].filename)
