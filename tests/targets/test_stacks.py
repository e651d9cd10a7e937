"""The servers, and the stacks that somebody names."""

import pytest

from comparison.core.errors import TargetError, UsageError
from comparison.known.versions import COUNTED
from comparison.targets.servers import stacks
from comparison.targets.servers.stacks import (
    SERVERS,
    STACKS,
    choose_stacks,
    find_server,
)
from comparison.targets.url import UrlTarget


def test_each_stack_names_a_server_that_the_tests_have_installed() -> None:
    assert choose_stacks(()) == STACKS
    assert {stack.partition("+")[2] for stack in STACKS} == set(SERVERS)


def test_the_version_of_each_server_counts_for_known_differences() -> None:
    assert {server.package for server in SERVERS.values()} <= set(COUNTED)


def test_stacks_are_chosen_once_each_and_in_order() -> None:
    names = ["quart+daphne", "flask+waitress", "quart+daphne"]
    assert choose_stacks(names) == ("quart+daphne", "flask+waitress")


def test_an_unknown_stack_is_rejected_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match='did you mean "quart\\+daphne"'):
        choose_stacks(["quart+dafne"])


def test_a_stack_that_is_not_installed_is_rejected_or_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = stacks.find_spec
    monkeypatch.setattr(
        stacks, "find_spec", lambda name: None if name == "daphne" else found(name)
    )
    assert choose_stacks(()) == tuple(s for s in STACKS if s != "quart+daphne")
    with pytest.raises(TargetError, match=r"install it: pip install"):
        choose_stacks(["flask+waitress", "quart+daphne"])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_url_may_be_encrypted(scheme: str) -> None:
    place = UrlTarget("one", f"{scheme}://shop.example").place
    assert place.origin == f"{scheme}://shop.example"


@pytest.mark.parametrize("scheme", ["ftp", "ws", ""])
def test_another_scheme_is_rejected(scheme: str) -> None:
    with pytest.raises(UsageError):
        UrlTarget("one", f"{scheme}://shop.example")


@pytest.mark.parametrize(
    ("name", "interface", "message"),
    [
        ("gunicorn-sinc", "wsgi", "target 'a:b@x': unknown server 'gunicorn-sinc', did you mean \"gunicorn-sync\"?"),
        ("zzz", "wsgi", "target 'a:b@x': unknown server 'zzz'; there are daphne, granian, gunicorn-asgi, gunicorn-gthread, gunicorn-sync, hypercorn, uvicorn-h11, uvicorn-httptools, waitress, werkzeug"),
        ("waitress", "asgi", "target 'a:b@x': waitress does not serve ASGI apps; daphne, granian, gunicorn-asgi, hypercorn, uvicorn-h11, uvicorn-httptools do"),
        ("daphne", "wsgi", "target 'a:b@x': daphne does not serve WSGI apps; granian, gunicorn-gthread, gunicorn-sync, hypercorn, waitress, werkzeug do"),
    ],
)  # fmt: skip
def test_a_server_that_does_not_fit_is_rejected(
    name: str, interface: str, message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        find_server(name, interface, "a:b@x")
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("name", "interface", "server"),
    [
        ("", "wsgi", "werkzeug"), ("", "asgi", "hypercorn"), ("gunicorn", "wsgi", "gunicorn-sync"),
        ("gunicorn", "asgi", "gunicorn-asgi"), ("uvicorn", "asgi", "uvicorn-h11"), ("hypercorn", "wsgi", "hypercorn"),
    ],
)  # fmt: skip
def test_a_short_name_means_the_server_for_the_interface(
    name: str, interface: str, server: str
) -> None:
    assert find_server(name, interface, "a:b@x").name == server
