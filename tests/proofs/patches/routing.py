"""Patches of hosts, paths and URLs."""

from collections.abc import Callable
from functools import partialmethod
from typing import Any, NamedTuple

import pytest
import quart
import quart.asgi
import quart.routing
import werkzeug
import werkzeug.routing
from werkzeug.exceptions import (
    HTTPException,
)
from werkzeug.urls import iri_to_uri

from .registry import PATCHES, Patch, removes

# Hosts and URLs


def _adapter(make: Callable[[Any, Any, Any], Any]) -> Patch:
    """Return a patch of `Quart.create_url_adapter`, which gets the original first."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        create = quart.Quart.create_url_adapter
        monkeypatch.setattr(
            "quart.Quart.create_url_adapter", partialmethod(make, create)
        )

    return patch


class _Refused(NamedTuple):
    """An adapter that matches nothing, because the URL map rejected the request."""

    error: HTTPException

    def match(self, **_: Any) -> Any:
        raise self.error


def _bind_in_try(app: Any, create: Any, request: Any) -> Any:
    try:
        return create(app, request)
    except HTTPException as error:
        return _Refused(error)


def _use_preferred_scheme(app: Any, create: Any, request: Any) -> Any:
    secure = app.config["PREFERRED_URL_SCHEME"] == "https"
    app.config["PREFER_SECURE_URLS"] = secure
    return create(app, request)


def _bind_with_root(app: Any, create: Any, request: Any) -> Any:
    adapter = create(app, request)
    if request is None and adapter is not None:
        adapter.script_name = app.config["APPLICATION_ROOT"].rstrip("/") + "/"
    return adapter


def _trust(app: Any, create: Any, request: Any) -> Any:
    if request is not None:
        request.trusted_hosts = app.config["TRUSTED_HOSTS"]
        try:
            request.host  # noqa: B018
        except HTTPException as error:
            return _Refused(error)
    return create(app, request)


def _bind_without_subdomain(app: Any, create: Any, request: Any) -> Any:
    if request is None:
        return create(app, request)
    return app.url_map.bind_to_request(request, "", app.config["SERVER_NAME"])


def _bind_without_server_name(app: Any, create: Any, request: Any) -> Any:
    if request is None:
        return create(app, request)
    return app.url_map.bind_to_request(request, None, None)


PATCHES |= {
    "quart-binds-outside-of-error-handling": _adapter(_bind_in_try),
    "quart-has-its-own-scheme-setting": _adapter(_use_preferred_scheme),
    "quart-binds-without-application-root": _adapter(_bind_with_root),
    "quart-ignores-trusted-hosts": _adapter(_trust),
    "quart-matches-server-name-always": _adapter(_bind_without_subdomain),
    "quart-matches-server-name-as-host": _adapter(_bind_without_server_name),
}


@removes("werkzeug-routes-upgrades-to-websockets")
def route_upgrades_as_http(monkeypatch: pytest.MonkeyPatch) -> None:
    bind_to_environ = werkzeug.routing.Map.bind_to_environ

    def bind(url_map: Any, environ: Any, *args: Any, **kwargs: Any) -> Any:
        plain = {n: v for n, v in environ.items() if n != "HTTP_UPGRADE"}
        return bind_to_environ(url_map, plain, *args, **kwargs)

    monkeypatch.setattr("werkzeug.routing.Map.bind_to_environ", bind)


@removes("quart-makes-up-an-empty-host")
def make_up_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    create = quart.asgi.ASGIHTTPConnection._create_request_from_scope

    def create_request(connection: Any, send: Any) -> Any:
        request = create(connection, send)
        if not request.headers["Host"]:
            del request.headers["Host"]
        return request

    name = "quart.asgi.ASGIHTTPConnection._create_request_from_scope"
    monkeypatch.setattr(name, create_request)


@removes("quart-tells-build-error-handlers-less")
def call_every_build_error_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = quart.Quart.handle_url_build_error

    def handle_error(app: Any, error: Any, endpoint: str, values: Any) -> Any:
        more = dict.fromkeys(("_anchor", "_external", "_method", "_scheme"))
        return handle(app, error, endpoint, values | more)

    monkeypatch.setattr("quart.Quart.handle_url_build_error", handle_error)


@removes("quart-refuses-the-bare-mount")
def accept_the_bare_mount(monkeypatch: pytest.MonkeyPatch) -> None:
    bind_to_request = quart.routing.QuartMap.bind_to_request

    def bind(url_map: Any, request: Any, *args: Any) -> Any:
        adapter = bind_to_request(url_map, request, *args)
        # As on Flask, the router gets the path of the interface.
        adapter.path_info = request.scope["path"].removeprefix(request.root_path)
        return adapter

    monkeypatch.setattr("quart.asgi._normalise_path", str.removeprefix)
    monkeypatch.setattr("quart.routing.QuartMap.bind_to_request", bind)


@removes("quart-sends-locations-as-they-are")
def encode_locations(monkeypatch: pytest.MonkeyPatch) -> None:
    encode_headers = quart.asgi.encode_headers

    def encode(headers: Any) -> Any:
        for name in ("Location", "Content-Location"):
            if name in headers:
                headers[name] = iri_to_uri(headers.getlist(name)[-1])
        return encode_headers(headers)

    monkeypatch.setattr("quart.asgi.encode_headers", encode)


# Addresses


@removes("quart-names-url-for-arguments")
def name_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    build = quart.url_for

    def url_for(endpoint: str, /, **values: Any) -> Any:
        renamed = {f"{name}_": value for name, value in values.items()}
        return build(endpoint, **renamed).replace("_=", "=")

    monkeypatch.setattr("quart.url_for", url_for)
