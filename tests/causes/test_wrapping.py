"""Middleware around one of two apps."""

from pathlib import Path
from typing import Any

import pytest

from comparison.causes.making import Made
from comparison.causes.wrapping import middleware_missing
from comparison.models import Difference, Event
from tests.causes.structured import MATCHED, app, missed, request

__all__ = ["app"]


WRAPPED = """\
from structured_near import Wrapped

class Plain:
    def __call__(self, environ, start_response):
        headers.append(("X-Served-By", "shop"))

app = Flask(__name__)
{wrap}
"""


NEAR = """\
from structured_far import Wrapped
"""


FAR = """\
def Wrapped(app):
    environ["PATH_INFO"] = "x-far"
"""


def made(wrap: str, name: str, *trace: Event) -> Made:
    Path(f"structured_{name}_app.py").write_text(WRAPPED.format(wrap=wrap))
    Path("structured_near.py").write_text(NEAR)
    Path("structured_far.py").write_text(FAR)
    return Made(name, "", f"structured_{name}_app:app", request(*trace))


def differing(field: str, one: Any = None, other: Any = None) -> Difference:
    return Difference(target="quart", field=field, reference=one, candidate=other)


PLAIN = "app.wsgi_app = Plain(app.wsgi_app)"


@pytest.mark.parametrize(
    ("ours", "theirs", "difference", "found"),
    [
        (PLAIN, "", differing("header:x-served-by", "shop"), "Plain"),
        (PLAIN, "", differing("body", "the shop", "the bank"), "Plain"),
        (PLAIN, "", differing("header:x-other", "shop"), None),
        (PLAIN, "", differing("body", "the bank", "the river"), None),
        (PLAIN, "", differing("body", "shop one", "shop two"), None),
        (PLAIN, "", differing("header:content-length", "1", "2"), None),
        (PLAIN, "app.asgi_app = Plain(app.asgi_app)", differing("header:x-served-by"), None),
        ("app.wsgi_app = middleware.Wrapped(app)", "", differing("body", "x-far", ""), "Wrapped"),
        ("app = deep.PlainMiddleware(app)", "", differing("body", "x-far", ""), None),
        ("app.other = Plain(app)", "", differing("header:x-served-by"), None),
    ],
)  # fmt: skip
def test_middleware_that_mentions_a_difference_is_missing(
    ours: str, theirs: str, difference: Difference, found: str | None
) -> None:
    pair = made(ours, "flask"), made(theirs, "quart")
    got = list(middleware_missing(*pair, [difference], route=False))
    assert len(got) == (found is not None)
    if found is not None:
        assert got[0].cause == "middleware-missing" and got[0].target == "quart"
        assert got[0].summary == f"The middleware {found} is around flask only."
        assert got[0].remedy == (
            f"Write it as ASGI middleware and set `app.asgi_app = {found}(app.asgi_app)`"
            " in quart, or do its work in functions with `@app.before_request` and"
            " `@app.after_request`."
        )
        assert got[0].place == "structured_flask_app.py:8"
        assert got[0].source == ours


@pytest.mark.parametrize(
    ("ours", "trace", "shown"),
    [
        ("app.wsgi_app = Wrapped(app)", [missed()], True),
        ("app.wsgi_app = Wrapped(app)", [MATCHED], False),
        (PLAIN, [missed()], False),
    ],
)
def test_middleware_that_decides_the_route_is_missing(
    ours: str, trace: list[Event], shown: bool
) -> None:
    pair = made(ours, "flask"), made("", "quart", *trace)
    assert bool(list(middleware_missing(*pair, [], route=True))) is shown
