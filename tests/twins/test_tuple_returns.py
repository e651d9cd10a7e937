"""The tuple that a view returns becomes body, status and headers."""

from enum import IntEnum
from http import HTTPStatus
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from .client import Client, ClientOfView


class Teapot(IntEnum):
    SHORT_AND_STOUT = 418


STATUSES = [
    ("Hello", 200),
    (("Hello", 202), 202),
    (("Hello", 404), 404),
    (("Hello", 299), 299),
    (("Hello", HTTPStatus.ACCEPTED), 202),
    (("Hello", Teapot.SHORT_AND_STOUT), 418),
    (("Hello", "404"), 404),
    (("Hello", None), 200),
    (("Hello", {"X-Step": "3"}), 200),
    (("Hello", [("X-Step", "3")]), 200),
    (("Hello", 201, {"X-Step": "3"}), 201),
    (("Hello", 201, [("X-Step", "3")]), 201),
    (("Hello", 201, {}), 201),
    (("Hello", None, {"X-Step": "3"}), 200),
]


@pytest.mark.parametrize(("returned", "status"), STATUSES, ids=repr)
async def test_the_status_is_the_one_in_the_tuple_or_200(
    client_of_view: ClientOfView, returned: Any, status: int
) -> None:
    answer = await client_of_view(lambda: returned).send("/")
    assert answer.status == status
    assert answer.text == "Hello"


HEADERS = [
    (("Hello", {"X-Step": "3"}), ["3"]),
    (("Hello", [("X-Step", "3")]), ["3"]),
    (("Hello", Headers({"X-Step": "3"})), ["3"]),
    (("Hello", 202, {"X-Step": "3"}), ["3"]),
    (("Hello", 202, [("X-Step", "3")]), ["3"]),
    (("Hello", 202, {"x-step": "3"}), ["3"]),
    (("Hello", 202, {"X-Step": ["2", "3"]}), ["2", "3"]),
    (("Hello", 202, Headers([("X-Step", "2"), ("X-Step", "3")])), ["2", "3"]),
    (("Hello", 202), []),
    ("Hello", []),
]


@pytest.mark.parametrize(("returned", "values"), HEADERS, ids=repr)
async def test_the_headers_are_those_in_the_tuple(
    client_of_view: ClientOfView, returned: Any, values: list[str]
) -> None:
    answer = await client_of_view(lambda: returned).send("/")
    assert answer.header("X-Step") == values


BODIES = [
    (("Hello", 202), "text/html; charset=utf-8", b"Hello"),
    ((b"\xff\x00", 202), "text/html; charset=utf-8", b"\xff\x00"),
    (("", 202), "text/html; charset=utf-8", b""),
    (("Grüße", 202), "text/html; charset=utf-8", "Grüße".encode()),
    (({"message": "Hello"}, 202), "application/json", b'{"message":"Hello"}\n'),
    ((["Hello", 1], 202), "application/json", b'["Hello",1]\n'),
    (({}, 202), "application/json", b"{}\n"),
    (([], 202), "application/json", b"[]\n"),
    (({"a": "b"}, {"X-Step": "3"}), "application/json", b'{"a":"b"}\n'),
    (("a,b", {"Content-Type": "text/csv"}), "text/csv", b"a,b"),
]


@pytest.mark.parametrize(("returned", "content_type", "body"), BODIES, ids=repr)
async def test_a_body_in_a_tuple_is_converted_like_a_body_alone(
    client_of_view: ClientOfView, returned: Any, content_type: str, body: bytes
) -> None:
    answer = await client_of_view(lambda: returned).send("/")
    assert answer.header("Content-Type") == [content_type]
    assert answer.header("Content-Length") == [str(len(body))]
    assert answer.body == body


NO_RESPONSES: list[Any] = [
    None,
    (),
    ("Hello",),
    ("Hello", 200, {}, 1),
    404,
    1.5,
    {1, 2},
]
NO_BODIES: list[Any] = [(None, 204), (None, {}), (404, 404)]


@pytest.mark.parametrize("returned", NO_RESPONSES + NO_BODIES, ids=repr)
@pytest.mark.usefixtures("quiet")
async def test_an_invalid_return_value_gives_500(
    client_of_view: ClientOfView, returned: Any
) -> None:
    answer = await client_of_view(lambda: returned).send("/")
    assert answer.status == 500
    assert "<h1>Internal Server Error</h1>" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "step", "lesson"),
    [
        ("/tuples/response-status", 202, [], []),
        ("/tuples/response-headers", 200, ["3"], ["tuples"]),
        ("/tuples/response-header-replaced", 200, ["3"], []),
        ("/tuples/made", 202, [], ["tuples"]),
        ("/tuples/made-overridden", 202, [], ["tuples"]),
    ],
)
async def test_a_tuple_overrides_the_response_inside_it(
    client: Client, path: str, status: int, step: list[str], lesson: list[str]
) -> None:
    answer = await client.send(path)
    assert answer.status == status
    assert answer.header("X-Step") == step
    assert answer.header("X-Lesson") == lesson
    assert answer.text == "Hello"


async def test_the_lesson_returns_a_body_and_202(client: Client) -> None:
    answer = await client.send("/custom")
    assert answer.status == 202
    assert answer.header("Content-Type") == ["application/json"]
    assert answer.body == b'{"message":"Hello"}\n'


@pytest.mark.parametrize(
    ("framework", "values"),
    [("flask", ["2", "3"]), ("quart", ["3"])],
    indirect=["framework"],
)
async def test_only_flask_sends_both_headers_of_one_name(
    client_of_view: ClientOfView, values: list[str]
) -> None:
    view = client_of_view(lambda: ("Hello", [("X-Step", "2"), ("X-Step", "3")]))
    assert (await view.send("/")).header("X-Step") == values


@pytest.mark.parametrize(
    ("framework", "status"), [("flask", 418), ("quart", 500)], indirect=["framework"]
)
@pytest.mark.usefixtures("quiet")
async def test_only_flask_accepts_a_status_with_a_reason_phrase(
    client_of_view: ClientOfView, status: int
) -> None:
    answer = await client_of_view(lambda: ("Tea", "418 I'M A TEAPOT")).send("/")
    assert answer.status == status
