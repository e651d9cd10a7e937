"""JSON responses: how each kind of value is written."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, NamedTuple
from uuid import UUID

from quart import Blueprint, Quart, Response, json, jsonify, request
from quart.json.provider import DefaultJSONProvider
from quart.typing import ResponseReturnValue

blueprint = Blueprint("json_output", __name__)
read = Blueprint("json_read", __name__)


@dataclass
class Point:
    """A class that the JSON provider supports."""

    x: int
    y: Decimal


class Money:
    """A class that the JSON provider does not support."""

    def __repr__(self) -> str:
        """Return the same text every time."""
        return "Money"


class Bold:
    """A class with an HTML form."""

    def __html__(self) -> str:
        """Return markup."""
        return "<b>&lt;i&gt;</b>"


class Size(IntEnum):
    """An enumeration of numbers."""

    LARGE = 3


class Color(Enum):
    """An enumeration of anything."""

    RED = "red"


class Pair(NamedTuple):
    """A tuple whose places have names."""

    left: int
    right: int


VALUES: dict[str, Any] = {
    "date": date(2024, 2, 29),
    "datetime": datetime(2024, 2, 29, 12, 30, 15, 999),  # noqa: DTZ001
    "datetime-zone": datetime(2024, 2, 29, 12, tzinfo=timezone(timedelta(hours=2))),
    "datetime-utc": datetime(2024, 2, 29, 12, tzinfo=UTC),
    "decimal": [Decimal("1.10"), Decimal("1E+2")],
    "uuid": UUID(int=1),
    "dataclass": Point(1, Decimal("2.50")),
    "markup": Bold(),
    "int-enum": Size.LARGE,
    "named-tuple": Pair(1, 2),
    "nested": {"list": [1, [2, {"three": None}]], "true": True, "empty": {}},
    "numbers": [1, 1.5, 1e100, -0.0, 12345678901234567890],
    "not-finite": [float("nan"), float("inf"), float("-inf")],
    "non-ascii": "Zoë ☃ 𝄞 \u2028 </script>",
    "surrogate": "\ud83d",
    "sorted": OrderedDict([("b", 1), ("a", 2), ("C", 3)]),
    "number-keys": {2: "two", 1: "one", 10: "ten"},
    "null": None,
    "mixed-keys": {1: "one", "a": "letter"},
    "tuple-keys": {(1, 2): "pair"},
    "set": {1},
    "bytes": b"bytes",
    "enum": Color.RED,
    "object": Money(),
}


@blueprint.get("/json-output/value/<name>")
async def value(name: str) -> ResponseReturnValue:
    """Answer with one of the values above as JSON."""
    return jsonify(VALUES[name])


@blueprint.get("/json-output/circle")
async def circle() -> ResponseReturnValue:
    """Try a list that contains itself."""
    items: list[Any] = []
    items.append(items)
    return jsonify(items)


@blueprint.get("/json-output/both")
async def both() -> ResponseReturnValue:
    """Pass a positional and a keyword argument to jsonify."""
    return jsonify(1, a=2)


@blueprint.get("/json-output/dictionary")
async def dictionary() -> ResponseReturnValue:
    """Return a dictionary: it is made JSON."""
    return {"when": VALUES["date"], "point": VALUES["dataclass"]}


@blueprint.get("/json-output/dictionary-unknown")
async def dictionary_unknown() -> ResponseReturnValue:
    """Return a dictionary with a value that JSON does not support."""
    return {"money": VALUES["object"]}


@blueprint.get("/json-output/list")
async def as_list() -> ResponseReturnValue:
    """Return a list, a status and headers."""
    return [1, {"b": 2, "a": 1}], 203, {"Content-Type": "application/problem+json"}


@blueprint.get("/json-output/dumps")
async def dumps() -> ResponseReturnValue:
    """Write JSON as text by hand."""
    text = json.dumps({"b": 1, "a": VALUES["date"]}, indent=1, sort_keys=False)
    return Response(text, mimetype="application/json")


@read.after_request
async def read_json(response: Response) -> Response:
    """Read the JSON of the response before it goes out."""
    silent = request.args.get("silent") == "yes"
    found = await response.get_json(silent=silent)
    response.headers["X-Found"] = repr(found)
    return response


@read.get("/json-output/read/good")
async def read_good() -> ResponseReturnValue:
    """Answer with JSON that a hook reads."""
    return {"name": "Ada"}


@read.get("/json-output/read/other")
async def read_other() -> ResponseReturnValue:
    """Answer with JSON that has another content type."""
    return "{}"


class Provider(DefaultJSONProvider):
    """Write JSON in another way."""

    ensure_ascii = False
    sort_keys = False
    compact = False
    mimetype = "application/vnd.example+json"

    @staticmethod
    def default(value: Any) -> Any:
        """Support one more class."""
        if isinstance(value, Money):
            return {"amount": 3}
        return DefaultJSONProvider.default(value)


blueprint.register_blueprint(read)


def init_app(app: Quart) -> None:
    """Change how JSON is written if the setting JSON_OUTPUT says so."""
    if app.config.get("JSON_OUTPUT") == "provider":
        app.json = Provider(app)
    if app.config.get("JSON_OUTPUT") == "attributes":
        provider: Any = app.json
        provider.sort_keys = False
        provider.ensure_ascii = False
