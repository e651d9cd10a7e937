"""Redirects that a case follows, and those that lead elsewhere."""

from typing import Any

import pytest
from msgspec.structs import replace

from comparison import Request
from comparison.models import Exchange, Failure
from comparison.targets.redirects import NoRedirect, redirected
from tests.diff.making import SENT, response


def followed(
    status: int, location: str | None, before: Request | None = None,
    request: Request | None = None, prefix: str = "", **sent: Any,
) -> Request:  # fmt: skip
    fields = () if location is None else (("Location", location),)
    given = {"path": "/a/b?x=1", "headers": (("Host", "shop.example"),), **sent}
    exchange = Exchange(replace(SENT, **given), response(status, fields))
    return redirected(
        request or Request(follow=True), before or Request(), [exchange], prefix
    )


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/c?y=2", "/c?y=2"), ("c", "/a/c"), ("?z=3", "/a/b?z=3"), ("..", "/"),
        ("http://shop.example/c", "/c"), ("http://shop.example:80/c", "/c"),
        ("https://SHOP.example:443/c", "/c"), ("http://ann@shop.example/c", "/c"),
        ("http://shop.example", "/"), ("//shop.example/c#d", "/c"),
    ],
)  # fmt: skip
def test_a_redirect_leads_to_a_path_of_the_same_host(location: str, path: str) -> None:
    found = followed(302, location)
    assert (found.path, found.follow) == (path, False)


@pytest.mark.parametrize(
    ("status", "before", "after"),
    [
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"), (301, "PUT", "PUT"), (302, "HEAD", "HEAD"), (307, "POST", "POST"),
        (308, "POST", "POST"), (303, "GET", "GET"),
    ],
)  # fmt: skip
def test_a_redirect_has_the_method_that_browsers_send(
    status: int, before: str, after: str
) -> None:
    found = followed(status, "/c", Request(before, text="hello"))
    assert found.method == after
    assert (found.text == "hello") is (before == after)


@pytest.mark.parametrize(
    ("status", "location", "prefix", "message"),
    [
        (200, "/c", "", "no redirect to follow: status 200"),
        (304, "/c", "", "no redirect to follow: status 304"),
        (302, None, "", "no redirect to follow: status 302 without a Location"),
        (302, "http://other.example/c", "", "the redirect is to http://other.example/c, another host: write that request with its Host header instead of follow"),
        (302, "http://shop.example:81/c", "", "the redirect is to http://shop.example:81/c, another host"),
        (302, "/c", "/v2", "the redirect is to /c, outside of /v2"),
        (302, "/v22", "/v2", "the redirect is to /v22, outside of /v2"),
    ],
)  # fmt: skip
def test_what_does_not_redirect_to_the_app_is_reported(
    status: int, location: str | None, prefix: str, message: str
) -> None:
    with pytest.raises(NoRedirect) as raised:
        followed(status, location, prefix=prefix)
    assert str(raised.value).startswith(f"request 1 (GET /a/b?x=1): {message}")


def test_a_failure_is_no_redirect() -> None:
    failure = Failure("closed", "no")
    with pytest.raises(NoRedirect, match="no redirect to follow: ") as raised:
        redirected(
            Request(), Request(), [Exchange(SENT), Exchange(SENT, failure=failure)]
        )
    assert str(raised.value) == f"request 2 (GET /): no redirect to follow: {failure}"


def test_a_redirect_keeps_prefix_mount_and_host() -> None:
    assert followed(302, "/v2/c", prefix="/v2").path == "/c"
    assert followed(302, "/v2", prefix="/v2").path == "/"
    mounted = Request(path="/shop/a", mount="/shop", http_version="1.0")
    found = followed(302, "/shop/c", mounted)
    assert (found.mount, found.http_version) == ("/shop", "1.0")
    assert followed(302, "/shop", mounted).mount == "/shop"
    assert followed(302, "/shopping", mounted).mount == ""
    before = Request(headers={"Host": "a.example", "X-A": "1"})
    assert followed(302, "/c", before).headers == (("Host", "a.example"),)
    own = Request(headers={"host": "b.example", "X-B": "2"}, follow=True)
    assert followed(302, "/c", before, own).headers == (
        ("host", "b.example"),
        ("X-B", "2"),
    )
    assert followed(302, "http://localhost/c", headers=()).path == "/c"
