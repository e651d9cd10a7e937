"""Values of a response that a later request sends are captured from their place."""

import re
from typing import Any

import pytest

from comparison.cases.sources.captures import Captures, is_id, is_random
from comparison.cases.sources.har import Content, EntryResponse, Named

TOKEN = "a1b2c3d4e5"
JSON = "application/json"
HTML = "text/html; charset=utf-8"


def learned(
    text: str | None, mime: str | None, *headers: tuple[str, str], captures: Captures
) -> Captures:
    named = tuple(Named(name, value) for name, value in headers)
    response = EntryResponse(200, headers=named, content=Content(mime, text))
    captures.learn(1, response, text)
    return captures


def in_body(text: str, mime: str | None, name: str, value: str) -> Any:
    """The place that a value is captured from, and the placeholder; None if it is not."""
    captures = learned(text, mime, captures=Captures())
    placeholder = captures.find(name, value)
    return placeholder and (placeholder[10:-1], captures.used[1][placeholder[10:-1]])


@pytest.mark.parametrize(
    ("text", "name", "value", "captured", "path"),
    [
        # Identifiers, in a path or under a name for one.
        ('{"order_id": 7}', "", "7", "order_id", "$.order_id"),
        ('{"order_id": 7}', "order_id", "7", "order_id", "$.order_id"),
        ('{"order_id": 7}', "item_id", "7", "order_id", "$.order_id"),
        ('{"slug": "tea"}', "slug", "tea", "slug", "$.slug"),
        ('{"a": [{"id": 1}, {"id": 2}]}', "", "2", "id", "$.a[1].id"),
        ('{"id": [3, 4]}', "", "4", "id", "$.id[1]"),
        # Values that look random, and secrets, under any name.
        (f'{{"note": "{TOKEN}"}}', "page", TOKEN, "note", "$.note"),
        (f'"{TOKEN}"', "", TOKEN, "value", "$"),
        ('{"password": "strawberry"}', "x", "strawberry", "password", "$.password"),
        ('{"password": "12345678"}', "x", "12345678", "password", "$.password"),
        # Names that a path has to quote (RFC 9535).
        ('{"a b": {"id": 9}}', "", "9", "id", "$['a b'].id"),
        ('{"it\'s": {"id": 9}}', "", "9", "id", r"$['it\'s'].id"),
        ('{"a\\"b": {"id": 9}}', "", "9", "id", "$['a\"b'].id"),
        ('{"ä": {"id": 9}}', "", "9", "id", r"$['\u00e4'].id"),
        ('{"9-x_id": 9}', "", "9", "value_9_x_id", "$['9-x_id']"),
    ],
)
def test_a_value_of_json_is_captured_by_its_path(
    text: str, name: str, value: str, captured: str, path: str
) -> None:
    assert in_body(text, JSON, name, value) == (captured, {"json": path})


@pytest.mark.parametrize(
    ("text", "mime", "name", "value"),
    [
        ('{"order_id": 7}', JSON, "page", "7"),  # a name that is not for identifiers
        ('{"order_id": 7}', JSON, "", "8"),
        ('{"count": 7}', JSON, "", "7"),
        ('{"id": true}', JSON, "", "True"),
        ('{"id": ""}', JSON, "", ""),
        ('{"password": "straw berry"}', JSON, "x", "straw berry"),
        ('{"password": "straw;berry"}', JSON, "x", "straw;berry"),
        ('{"password": "short12"}', JSON, "x", "short12"),
        ('{"id": 7', JSON, "", "7"),
        ("7", JSON, "", "7"),
        ('{"id": 7}', "text/plain", "", "7"),
        ('{"id": 7}', None, "", "7"),
        ('<input type=hidden name=csrf value="x y">', HTML, "other", "x y"),
        ("<p>strawberries</p>", HTML, "", "strawberries"),
        (f"{TOKEN} {TOKEN}", "text/plain", "", TOKEN),
    ],
)
def test_another_value_is_not_captured(
    text: str, mime: str | None, name: str, value: str
) -> None:
    assert in_body(text, mime, name, value) is None


@pytest.mark.parametrize(
    ("text", "mime", "name", "value", "place"),
    [
        ('{"id": 7}', "application/problem+json", "", "7", {"json": "$.id"}),
        ('<input type=hidden name=csrf value="x y">', HTML, "csrf", "x y",
         {"css": "input[name=csrf]", "attribute": "value"}),
        (f'<a data-token="{TOKEN}">', "application/xhtml+xml", "", TOKEN,
         {"regex": r'data\-token="([\w.~+=-]+)'}),
    ],
)  # fmt: skip
def test_a_value_has_the_place_of_its_media_type(
    text: str, mime: str, name: str, value: str, place: dict[str, str]
) -> None:
    found = in_body(text, mime, name, value)
    assert found is not None and found[1] == place


@pytest.mark.parametrize(
    ("filler", "length"), [("", 12), ("x" * 12, 24), ("x" * 30, 48)]
)
def test_as_much_text_before_a_value_as_identifies_it_is_its_place(
    filler: str, length: int
) -> None:
    before = f"{'-' * 50} one: {filler} "
    text = f"{before}, {'+' * 50} two: {filler} {TOKEN}"
    regex = re.escape(text.removesuffix(TOKEN)[-length:]) + r"([\w.~+=-]+)"
    assert in_body(text, HTML, "", TOKEN) == ("token", {"regex": regex})


def test_a_value_without_a_place_of_its_own_is_not_captured() -> None:
    same = "x" * 50
    assert in_body(f"{same} and {same}{TOKEN}", HTML, "", TOKEN) is None
    assert in_body(f"{same} {same} {same} {TOKEN}", HTML, "", TOKEN) is None


@pytest.mark.parametrize(
    ("location", "name", "value", "captured", "regex"),
    [
        ("/orders/7", "", "7", "orders_id", "/orders/([^/?#]+)"),
        ("/7", "", "7", "location_id", "/([^/?#]+)"),
        ("https://shop.example/orders/7/items/42?x=1", "", "42", "items_id", "/orders/7/items/([^/?#]+)"),
        ("https://shop.example/orders/7/items/42", "", "7", "orders_id", "/orders/([^/?#]+)"),
        ("/my%20orders/7", "", "7", "my_orders_id", "/my%20orders/([^/?#]+)"),
        ("/a?page=3&order_id=12", "order_id", "12", "order_id", "[?&]order_id=([^&#]*)"),
        (f"/a?next={TOKEN}", "x", TOKEN, "next", "[?&]next=([^&#]*)"),
    ],
)  # fmt: skip
def test_a_part_of_an_address_is_captured(
    location: str, name: str, value: str, captured: str, regex: str
) -> None:
    captures = learned(None, None, ("Location", location), captures=Captures())
    assert captures.find(name, value) == f"${{capture:{captured}}}"
    assert captures.used == {1: {captured: {"header": "Location", "regex": regex}}}


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (("Location", "/orders"), "orders"),
        (("Location", "/a?page=3&q=12"), "12"),
        (("Location", "http://[::1/7"), "7"),
        (("Set-Cookie", "sid=abc; Path=/"), "abc"),
        (("Date", TOKEN), TOKEN),
        (("Server", TOKEN), TOKEN),
        (("Content-X", TOKEN), TOKEN),
        (("Access-X", TOKEN), TOKEN),
        (("X-Note", "strawberries"), "strawberries"),
    ],
)
def test_a_header_that_no_client_sends_back_is_not_captured(
    header: tuple[str, str], value: str
) -> None:
    assert learned(None, None, header, captures=Captures()).find("", value) is None


@pytest.mark.parametrize(
    ("header", "value", "captured", "place"),
    [
        (("Set-Cookie", f"sid={TOKEN}; Path=/"), TOKEN, "sid", {"cookie": "sid"}),
        (("X-Token", TOKEN), TOKEN, "x_token", {"header": "X-Token"}),
        (("ETag", f'"{TOKEN}"'), f'"{TOKEN}"', "etag", {"header": "ETag"}),
    ],
)
def test_a_header_and_a_cookie_are_captured(
    header: tuple[str, str], value: str, captured: str, place: dict[str, str]
) -> None:
    captures = learned(None, None, header, captures=Captures())
    assert captures.find("x", value) == f"${{capture:{captured}}}"
    assert captures.used == {1: {captured: place}}
    assert captures.values == {captured: (1, value)}


def test_a_value_that_a_request_sent_before_is_not_captured() -> None:
    captures = Captures()
    assert captures.find("", "7") is None
    learned('{"order_id": 7}', JSON, captures=captures)
    assert captures.find("", "7") is None
    # A hidden field is the server's, with any value.
    assert captures.find("csrf", "x") is None
    learned("<input type=hidden name=csrf value=x>", HTML, captures=captures)
    assert captures.find("csrf", "x") == "${capture:csrf}"


def test_captures_of_one_name_are_numbered_and_used_again() -> None:
    text = '{"a": {"id": 1}, "b": {"id": 2}, "c": {"id": 3}}'
    captures = learned(text, JSON, captures=Captures())
    found = [captures.find("", value) for value in "1231"]
    assert found == [
        "${capture:id}", "${capture:id_2}", "${capture:id_3}", "${capture:id}",
    ]  # fmt: skip
    assert captures.used[1]["id_3"] == {"json": "$.c.id"}


@pytest.mark.parametrize(
    ("value", "random"),
    [
        ("2f6c9a41", True), ("a1b2c3d", False), ("a1b2 c3d4", False),
        ("strawberry", False), ("12345678", False), ("green-tea-2026", False),
        ("green-t3a-2026", True), ("1-2-3-4-5-6", False), ("----1a--", True),
    ],
)  # fmt: skip
def test_a_random_value_mixes_letters_and_digits(value: str, random: bool) -> None:
    assert is_random(value) is random


def test_names_of_identifiers_are_recognised() -> None:
    names = ["id", "order_id", "user-uuid", "orderId", "orderID", "pk", "authToken"]
    assert all(map(is_id, names))
    assert not any(map(is_id, ["paid", "idea", "page", "ID_of", "valid", "order_ids"]))
