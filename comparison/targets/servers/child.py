"""The child process: it runs one app on one server, until a signal stops it."""

import logging
import os
import socket
import sys
import traceback
from contextlib import ExitStack
from typing import Any

import msgspec

from comparison.core.errors import ComparisonError, UsageError
from comparison.core.surrogates import printable
from comparison.targets.describe import MAX_MESSAGE, settings_of
from comparison.targets.spec import (
    check_threading,
    interface_of,
    load_factory,
    parse_spec,
)
from comparison.tracing import captured_logs, current, describe, framework_of

from .channel import Loaded, LoadFailed, Sender
from .recording_middleware import Instances, recording_middleware
from .stacks import SERVERS, THREADS, find_server

CONTROL = "control"
LOAD_FAILED = 3  # exit code


class Orders(msgspec.Struct):
    """The parent's orders: a SPEC, a listening socket, and the folder for frames.

    Unless `recorded`, we put no recording middleware between server and app.
    """

    spec: str
    listener: int
    folder: str
    recorded: bool = True
    threads: int = THREADS


def main(text: str) -> None:
    """Serve the app that the orders name."""
    orders = msgspec.json.decode(text, type=Orders)
    sender = Sender(orders.folder)
    try:
        loaded, app = _load(orders, sender)
    except BaseException as error:
        usage = isinstance(error, UsageError)
        message = (
            str(error)
            if isinstance(error, ComparisonError)
            else f"target {orders.spec!r}: {describe(error, MAX_MESSAGE)}"
        )
        sender.send(
            CONTROL,
            LoadFailed(printable(message), printable(traceback.format_exc()), usage),
        )
        sys.exit(LOAD_FAILED)
    listener = socket.socket(fileno=orders.listener)
    sender.send(CONTROL, loaded)
    with ExitStack() as stack:
        if orders.recorded:
            stack.enter_context(captured_logs())
            logging.getLogger().addHandler(_outside())
        SERVERS[loaded.server].launch(app, listener, loaded.interface, orders.threads)


def _load(orders: Orders, sender: Sender) -> tuple[Loaded, Any]:
    text = orders.spec
    spec = parse_spec(text)
    factory = load_factory(spec, text)
    app = factory({}, False)
    check_threading(text)
    interface = interface_of(app, text)
    server = find_server(spec.server or "", interface, text)
    settings = settings_of(app)
    loaded = Loaded(os.getpid(), framework_of(app), interface, server.name, settings)
    if not orders.recorded:
        return loaded, app
    return loaded, recording_middleware(interface, Instances(factory, app), sender)


def _outside() -> logging.Handler:
    """Make a handler for log records outside requests: it adds them to the output."""
    handler = logging.StreamHandler()
    handler.addFilter(lambda _: current.get() is None)
    return handler
