"""How httpbin describes a request."""

import base64
import json

from flask import request

BODY = ("args", "data", "files", "form", "headers", "json", "origin", "url")


def description(*names):
    """Return these parts of the request."""
    return {name: PARTS[name]() for name in names}


def origin():
    return request.headers.get("X-Forwarded-For", request.remote_addr)


def flat(values):
    """Return a dict; a name that occurs more than once has a list."""
    lists = {name: values.getlist(name) for name in values}
    return {name: each if len(each) > 1 else each[0] for name, each in lists.items()}


def text_of(data):
    """Return data as text, or as a data URL if it is none."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}"


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


PARTS = {
    "args": lambda: flat(request.args),
    "data": lambda: text_of(request.data),
    "files": lambda: {
        name: text_of(file.read()) for name, file in request.files.items()
    },
    "form": lambda: flat(request.form),
    "headers": lambda: dict(request.headers),
    "json": lambda: as_json(request.data),
    "method": lambda: request.method,
    "origin": origin,
    "url": lambda: request.url,
}
