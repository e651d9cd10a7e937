"""How httpbin describes a request."""

import base64
import json

from quart import request

BODY = ("args", "data", "files", "form", "headers", "json", "origin", "url")


async def description(*names):
    """Return these parts of the request."""
    return {name: await part(name) for name in names}


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


async def part(name):
    match name:
        case "args":
            return flat(request.args)
        case "data":
            sent_as_form = await request.form or await request.files
            return "" if sent_as_form else text_of(await request.data)
        case "files":
            return {name: text_of(file.read()) for name, file in (await request.files).items()}
        case "form":
            return flat(await request.form)
        case "headers":
            return {k: v for k, v in request.headers.items() if k != "Remote-Addr"}
        case "json":
            return as_json(await request.data)
        case "method":
            return request.method
        case "origin":
            return origin()
        case "url":
            return request.url
