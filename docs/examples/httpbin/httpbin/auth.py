"""Logins: basic, bearer and digest."""

import hashlib
import secrets

from flask import Blueprint, Response, jsonify, request

bp = Blueprint("auth", __name__)
REALM = "httpbin"
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256, "SHA-512": hashlib.sha512}


def logged_in(user, password):
    login = request.authorization
    return login is not None and (login.username, login.password) == (user, password)


@bp.get("/basic-auth/<user>/<password>")
def basic(user, password):
    if logged_in(user, password):
        return jsonify(authenticated=True, user=user)
    return "", 401, {"WWW-Authenticate": f'Basic realm="{REALM}"'}


@bp.get("/hidden-basic-auth/<user>/<password>")
def hidden_basic(user, password):
    if logged_in(user, password):
        return jsonify(authenticated=True, user=user)
    return "", 404


@bp.get("/bearer")
def bearer():
    login = request.authorization
    if login is None or login.type != "bearer":
        return "", 401, {"WWW-Authenticate": "Bearer"}
    return jsonify(authenticated=True, token=login.token)


@bp.get("/digest-auth/<qop>/<user>/<password>")
@bp.get("/digest-auth/<qop>/<user>/<password>/<algorithm>")
@bp.get("/digest-auth/<qop>/<user>/<password>/<algorithm>/<stale_after>")
def digest(qop, user, password, algorithm="MD5", stale_after="never"):
    """A nonce is stale after so many requests: a cookie counts them."""
    algorithm = algorithm if algorithm in HASHES else "MD5"
    login = request.authorization
    if login is None or login.type != "digest":
        return challenge(qop, algorithm, stale_after)
    if login.response != expected(login, user, password, algorithm):
        return challenge(qop, algorithm, stale_after)
    response = jsonify(authenticated=True, user=user)
    left = request.cookies.get("stale_after", stale_after)
    if left.isdigit():
        if left == "0":
            return challenge(qop, algorithm, stale_after, stale=True)
        response.set_cookie("stale_after", str(int(left) - 1))
    return response


def challenge(qop, algorithm, stale_after, stale=False):
    response = Response(status=401)
    offered = qop if qop in ("auth", "auth-int") else "auth,auth-int"
    response.headers["WWW-Authenticate"] = (
        f'Digest realm="{REALM}", nonce="{secrets.token_hex()}", qop="{offered}",'
        f' opaque="{secrets.token_hex()}", algorithm={algorithm}, stale={str(stale).lower()}'
    )
    response.set_cookie("stale_after", stale_after)
    return response


def expected(login, user, password, algorithm):
    """Return the response that RFC 7616 computes from the password."""

    def hashed(*parts):
        return HASHES[algorithm](":".join(parts).encode()).hexdigest()

    action = [request.method, login.uri]
    if login.qop == "auth-int":
        action.append(HASHES[algorithm](request.get_data()).hexdigest())
    numbers = (
        [login.nonce, login.nc, login.cnonce, login.qop] if login.qop else [login.nonce]
    )
    return hashed(hashed(user, REALM, password), *numbers, hashed(*action))
