"""The lesson's route: a body, and the status code that goes with it."""

from quart import Blueprint, jsonify

blueprint = Blueprint("custom", __name__)


# The lesson's own spelling, quotes included: the execution table quotes it.
# fmt: off
@blueprint.route('/custom')
async def custom_status():
    """The second item of the tuple becomes the status code."""
    return jsonify(message='Hello'), 202
# fmt: on
