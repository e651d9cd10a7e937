"""Hosts: the Host header, SERVER_NAME and TRUSTED_HOSTS."""

from flask import Blueprint, Flask, current_app, jsonify, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

blueprint = Blueprint("hosts", __name__)


@blueprint.record
def match_hosts(state: BlueprintSetupState) -> None:
    """Enable host matching before the first rule, if a setting says so."""
    if state.app.config.get("HOSTS_MATCHING"):
        state.app.url_map.host_matching = True


@blueprint.get("/hosts/report")
def report() -> ResponseReturnValue:
    """The host and the addresses made from it."""
    return jsonify(host=request.host, root_url=request.root_url)


@blueprint.get("/hosts/addresses")
def addresses() -> ResponseReturnValue:
    """Four URLs of the request, each a part of the next."""
    return jsonify(
        host_url=request.host_url,
        root_url=request.root_url,
        base_url=request.base_url,
        url=request.url,
    )


@blueprint.get("/hosts/link")
def link() -> ResponseReturnValue:
    """_external=True gives an address with scheme and host."""
    return jsonify(link=url_for(".report", _external=True))


@blueprint.get("/hosts/secure-link")
def secure_link() -> ResponseReturnValue:
    """_scheme chooses the scheme of an external address."""
    return jsonify(link=url_for(".report", _scheme="https"))


@blueprint.get("/hosts/branch/")
def branch() -> ResponseReturnValue:
    """The router's own redirects name the host too."""
    return jsonify(host=request.host)


@blueprint.get("/hosts/tenant", subdomain="<tenant>")
@blueprint.get("/hosts/tenant/<tenant>")
def tenant(tenant: str) -> ResponseReturnValue:
    """A tenant by path, or by subdomain while subdomain matching is on."""
    return jsonify(tenant=tenant)


@blueprint.get("/hosts/api", host="api.example")
def api() -> ResponseReturnValue:
    """A rule with a host matches only that host while host matching is on."""
    return jsonify(host=request.host)


@blueprint.get("/hosts/scheme")
def scheme() -> ResponseReturnValue:
    """By default the app ignores the scheme that a proxy reports."""
    return jsonify(scheme=request.scheme, is_secure=request.is_secure)


@blueprint.get("/hosts/outside")
def outside() -> ResponseReturnValue:
    """A URL that was built outside of any request."""
    return jsonify(link=current_app.config["HOSTS_OUTSIDE"])


@blueprint.get("/hosts/upgrade")
def upgrade() -> ResponseReturnValue:
    """A server may ignore the wish to upgrade a connection."""
    return jsonify(upgraded=False)


def init_app(app: Flask) -> None:
    """Match subdomains, or build a URL outside of requests, if settings say so."""
    app.subdomain_matching = app.config.get("HOSTS_SUBDOMAINS", False)
    if app.config.get("HOSTS_OUTSIDE"):
        app.config["HOSTS_OUTSIDE"] = app.url_for("hosts.report")
