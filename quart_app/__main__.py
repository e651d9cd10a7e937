"""Serve this app: ``python -m quart_app [--host HOST] [--port PORT]``."""

import asyncio
import socket
import sys

import click
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

from . import create_app

PORT_TAKEN = 3


def listen(host: str, port: int) -> socket.socket:
    """Bind a listening socket; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def serve(listener: socket.socket) -> None:
    """Answer requests in an event loop until interrupted."""
    config = Config()
    config.loglevel = "WARNING"
    config.bind = [f"fd://{listener.detach()}"]
    app = create_app({"SECRET_KEY": "dev"})  # sessions need a key
    asyncio.run(hypercorn_serve(app, config))


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@click.option(
    "--port",
    default=5001,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 takes a free one.",
)
def main(host: str, port: int) -> None:
    """Serve the Quart app on Hypercorn until Ctrl-C."""
    try:
        listener = listen(host, port)
    except OSError as error:
        # The standard library repeats the address in brackets: remove it.
        reason = str(error.strerror).partition(" (")[0]
        click.echo(f"Can't listen on {host} port {port}: {reason}", err=True)
        sys.exit(PORT_TAKEN)
    try:
        authority = f"[{host}]" if ":" in host else host
        port = listener.getsockname()[1]
        url = f"http://{authority}:{port}"
        click.echo(
            f"Serving quart_app until Ctrl-C at {url}/custom\nAll topics are at {url}/"
        )
        serve(listener)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main(prog_name="python -m quart_app")
