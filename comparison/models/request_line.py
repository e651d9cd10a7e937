"""A request in one line, for reports."""

from .client import Client


def request_line(
    method: str,
    target: str,
    mount: str = "",
    version: str = "1.1",
    client: Client | None = None,
) -> str:
    """Write a request in one line: also the version of HTTP if it is not 1.1.

    >>> request_line("GET", "/shop/orders", "/shop")
    'GET /shop/orders (mounted at /shop)'
    >>> request_line("GET", "/orders", version="1.0")
    'GET /orders HTTP/1.0'
    >>> request_line("GET", "/orders", client=Client(delay=0.5))
    'GET /orders (after 0.5 s)'
    """
    line = f"{method} {target}"
    if version != "1.1":
        line += f" HTTP/{version}"
    if mount:
        line += f" (mounted at {mount})"
    if client is not None and (what := str(client)):
        line += f" ({what})"
    return line
