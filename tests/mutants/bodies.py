"""Mutants whose body is wrong."""

from collections.abc import Callable
from typing import Any

from quart import Quart

from .mutant import Answer, at_the_boundary, in_view, mutant

LENGTH = "header:content-length"


def rewritten(app: Quart, rewrite: Callable[[bytes], bytes]) -> None:
    def change(answer: Answer) -> None:
        body = rewrite(answer.body)
        assert body != answer.body
        answer.replace_body(body)

    at_the_boundary(app, change)


@mutant("body-mapping", "body")
def json_keys_in_another_order(app: Quart) -> None:
    """The same object to a parser, other bytes to a client that compares them."""
    app.json.sort_keys = False  # type: ignore[attr-defined]


@mutant("body-mapping", "body", LENGTH)
def json_with_spaces(app: Quart) -> None:
    """The same object, written for people."""
    app.json.compact = False  # type: ignore[attr-defined]


@mutant("custom", "body", LENGTH)
def newline_at_the_end_left_out(app: Quart) -> None:
    """jsonify ends its text with a newline."""
    rewritten(app, bytes.rstrip)


@mutant("body-text", "body", LENGTH)
def newline_at_the_end_added(app: Quart) -> None:
    """A text that did not end with a newline."""
    rewritten(app, lambda body: body + b"\n")


@mutant("custom", "body", LENGTH)
def line_ends_of_another_system(app: Quart) -> None:
    """A carriage return before the newline."""
    rewritten(app, lambda body: body.replace(b"\n", b"\r\n"))


@mutant("body-text", "body", LENGTH)
def space_before_the_body(app: Quart) -> None:
    """White space that a browser would not show."""
    rewritten(app, lambda body: b" " + body)


@mutant("body-text", "body")
def body_in_another_case(app: Quart) -> None:
    """The same number of bytes."""
    rewritten(app, bytes.upper)


@mutant("body-text", "body", "framing")
def body_truncated(app: Quart) -> None:
    """The end is missing, the length is not corrected."""

    def change(answer: Answer) -> None:
        answer.chunks = [answer.body[:-1]]

    at_the_boundary(app, change)


@mutant("body-text", "body", LENGTH)
def body_empty(app: Quart) -> None:
    """Nothing at all, correctly framed."""
    rewritten(app, lambda body: b"")


@mutant("body-text", "body", "framing")
def duplicated_body(app: Quart) -> None:
    """The same chunk is sent again."""

    def change(answer: Answer) -> None:
        answer.chunks *= 2

    at_the_boundary(app, change)


@mutant("body-raw", "body")
def one_bit_flipped(app: Quart) -> None:
    """A body that is not text, with one bit wrong."""
    rewritten(app, lambda body: bytes([body[0] ^ 1]) + body[1:])


@mutant("body-non-ascii", "body", LENGTH)
def text_in_another_encoding(app: Quart) -> None:
    """The text is right, the bytes are UTF-16."""
    rewritten(app, lambda body: body.decode().encode("utf-16"))


@mutant("body-non-ascii", "body", LENGTH)
def text_decomposed(app: Quart) -> None:
    """Looks the same: an umlaut as a letter and a combining mark."""
    rewritten(app, lambda body: body.decode().replace("ü", "u\u0308").encode())


@mutant("body-non-ascii-json", "body", LENGTH)
def json_not_escaped(app: Quart) -> None:
    """The same string to a parser, in UTF-8 instead of ASCII."""
    app.json.ensure_ascii = False  # type: ignore[attr-defined]


@mutant("body-stream", "body")
def chunk_of_a_stream_lost(app: Quart) -> None:
    """A stream ends before its last chunk."""

    async def view() -> Any:
        async def lines() -> Any:
            yield "one\n"

        return lines()

    in_view(app, "bodies.stream", view)


@mutant("body-stream", "body")
def chunks_of_a_stream_in_another_order(app: Quart) -> None:
    """A stream whose second chunk overtakes the first."""
    at_the_boundary(app, lambda answer: answer.chunks.reverse())


@mutant("body-echo-bytes", "body", LENGTH)
def echo_decoded(app: Quart) -> None:
    """A view that takes every body for text."""
    rewritten(app, lambda body: body.decode("latin-1").encode())


@mutant("custom-head", "framing")
def body_of_head_one_byte_longer(app: Quart) -> None:
    """HEAD has no body, neither this one nor the one it is known to hand over."""
    at_the_boundary(app, lambda answer: answer.chunks.append(b"\n"))


@mutant("method-options", "body", LENGTH)
def body_where_there_was_none(app: Quart) -> None:
    """The automatic answer to OPTIONS explains itself."""
    rewritten(app, lambda body: b"GET, HEAD, OPTIONS")


@mutant("job-deleted", "framing")
def body_where_none_is_allowed(app: Quart) -> None:
    """204, and something to say about it."""

    def change(answer: Answer) -> None:
        if answer.status == 204:
            answer.chunks = [b"deleted"]

    at_the_boundary(app, change)


@mutant("method-not-found", "body", LENGTH)
def another_error_page(app: Quart) -> None:
    """The status is right, the page is another one."""

    async def page(error: Exception) -> Any:
        return "<h1>Not Found</h1>", 404

    app.register_error_handler(404, page)


@mutant("prefixes-mounted-links", "body", LENGTH)
def mount_forgotten(app: Quart) -> None:
    """The app knows which path is its own, but not where it is mounted."""
    inner: Any = app.asgi_app

    async def unmounted(scope: Any, receive: Any, send: Any) -> None:
        root = scope.get("root_path", "")
        path = scope["path"].removeprefix(root)
        await inner({**scope, "path": path, "root_path": ""}, receive, send)

    app.asgi_app = unmounted  # type: ignore[method-assign]
