"""The child process: one app on one server, until it is told to stop by a signal."""

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
from comparison.targets.failure import MAX_MESSAGE
from comparison.targets.settings import shown_settings
from comparison.targets.spec import (
    check_threading,
    interface_of,
    load_factory,
    parse_spec,
)
from comparison.tracing import captured_logs, current, describe, framework_of

from .channel import Hello, Refused, Sender
from .gate import Instances, gate
from .launch import LAUNCH, THREADS
from .stacks import find_server

CONTROL = "control"
REFUSED = 3  # exit code


class Orders(msgspec.Struct):
    """What the parent wants: a SPEC on a listening socket, and how to talk to it.

    Unless it is `recorded`, nothing of ours stands between server and app.
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
        hello, app = _load(orders, sender)
    except BaseException as error:
        usage = isinstance(error, UsageError)
        message = (
            str(error)
            if isinstance(error, ComparisonError)
            else f"target {orders.spec!r}: {describe(error, MAX_MESSAGE)}"
        )
        sender.send(
            CONTROL,
            Refused(printable(message), printable(traceback.format_exc()), usage),
        )
        sys.exit(REFUSED)
    listener = socket.socket(fileno=orders.listener)
    sender.send(CONTROL, hello)
    with ExitStack() as stack:
        if orders.recorded:
            stack.enter_context(captured_logs())
            logging.getLogger().addHandler(_outside())
        LAUNCH[hello.server](app, listener, hello.interface, orders.threads)


def _load(orders: Orders, sender: Sender) -> tuple[Hello, Any]:
    text = orders.spec
    spec = parse_spec(text)
    factory = load_factory(spec, text)
    app = factory({}, False)
    check_threading(text)
    interface = interface_of(app, text)
    framework = framework_of(app)
    server = find_server(spec.server or "", interface, text)
    config = getattr(app, "config", {}) if framework else {}
    settings = shown_settings(config)
    hello = Hello(os.getpid(), framework, interface, server.name, settings)
    if not orders.recorded:
        return hello, app
    return hello, gate(interface, Instances(factory, app), sender)


def _outside() -> logging.Handler:
    """What is logged by nobody's request goes where a server's output goes."""
    handler = logging.StreamHandler()
    handler.addFilter(lambda _: current.get() is None)
    return handler
