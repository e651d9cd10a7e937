"""Calls of WSGI apps, checked against PEP 3333 by `wsgiref.validate`."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import flask
import pytest

from comparison.models import Failure, Request, Response
from comparison.targets import build_request
from comparison.targets.in_process.wsgi import call_app

Start = Callable[..., Callable[[bytes], None]]
PLAIN = [("Content-Type", "text/plain")]

REQUESTS = {
    "get": Request(),
    "query": Request(path="/a/b?x=1&y=%20&x=2"),
    "head": Request("HEAD"),
    "absolute target": Request(path="http://localhost/a?x=1"),
    "non-ASCII path": Request(path="/grüße/東京"),
    "percent-encoded path": Request(path="/%E6%9D%B1%2F%00"),
    "mounted": Request(path="/shop/a?x=1", mount="/shop"),
    "the mount itself": Request(path="/shop", mount="/shop"),
    "mounted outside ASCII": Request(path="/caf%C3%A9/a", mount="/café"),
    "HTTP/1.0": Request(http_version="1.0"),
    "repeated headers": Request(headers=(("X-A", "1"), ("X-A", "2"), ("x-a", "3"))),
    "non-ASCII header": Request(headers=(("X-A", "é"), ("X-B", "東京"))),
    "body with a length": Request("POST", text="Grüße"),
    "json": Request("POST", json={"a": [1, None]}),
    "form": Request("POST", form={"a": "1 & 2"}),
    "bytes": Request("POST", base64="AAEC/w=="),
    "empty body": Request("POST", text=""),
    "body without a length": Request("POST", chunks=("ab", "", "cd")),
    "length that is a lie": Request(
        "POST", text="abcdef", headers=(("Content-Length", "3"),)
    ),
}


def echo(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    length = environ.get("CONTENT_LENGTH", "")
    body = environ["wsgi.input"].read(int(length) if length else -1)
    start("200 OK", PLAIN)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def answer(
    app: Callable[..., Any], request: Request | None = None
) -> tuple[Response | None, Failure | None]:
    return call_app(app, build_request(request or Request()), lambda status: None)


def response_of(app: Callable[..., Any], request: Request | None = None) -> Response:
    response, failure = answer(app, request)
    assert failure is None
    assert response is not None
    return response


def failure_of(app: Callable[..., Any], request: Request | None = None) -> Failure:
    response, failure = answer(app, request)
    assert response is None
    assert failure is not None
    return failure


def environ_of(request: Request) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def look(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        seen.update(environ)
        start("200 OK", [])
        return []

    response_of(look, request)
    return seen


def yielding(*chunks: Any, status: str = "200 OK", headers: Any = PLAIN) -> Any:
    """An app that starts its response and yields; an exception among them is raised."""

    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start(status, headers)
        for chunk in chunks:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk

    return app


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
def test_every_kind_of_request_satisfies_the_validator(request_: Request) -> None:
    assert response_of(validator(echo), request_) == response_of(echo, request_)


def test_the_path_is_utf_8_decoded_as_latin_1() -> None:
    path = environ_of(Request(path="/grüße"))["PATH_INFO"]
    assert path.encode("latin-1").decode() == "/grüße"


def test_encoded_and_unencoded_paths_are_equal() -> None:
    written = environ_of(Request(path="/grüße"))
    encoded = environ_of(Request(path="/gr%C3%BC%C3%9Fe"))
    assert written["PATH_INFO"] == encoded["PATH_INFO"]


@pytest.mark.parametrize(
    ("path", "mount", "script_name", "path_info"),
    [
        ("/shop/a?x=/shop", "/shop", "/shop", "/a"),
        ("/shop/shop/a", "/shop", "/shop", "/shop/a"),
        ("/de/shop/", "/de/shop", "/de/shop", "/"),
        ("/shop", "/shop", "/shop", ""),
        ("/caf%C3%A9/%C3%9F", "/café", "/cafÃ©", "/Ã\x9f"),
        ("/two%20words/a", "/two%20words", "/two words", "/a"),
        ("/shop/a", "", "", "/shop/a"),
    ],
)
def test_the_mount_is_the_script_name_and_the_rest_the_path_info(
    path: str, mount: str, script_name: str, path_info: str
) -> None:
    environ = environ_of(Request(path=path, mount=mount))
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (script_name, path_info)


def test_the_request_uri_has_the_mount() -> None:
    environ = environ_of(Request(path="/shop/a?x=1", mount="/shop"))
    assert environ["REQUEST_URI"] == "/shop/a?x=1"


def test_an_http_1_0_request_has_no_host_header() -> None:
    environ = environ_of(Request(http_version="1.0"))
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.0"
    assert "HTTP_HOST" not in environ
    assert environ_of(Request())["SERVER_PROTOCOL"] == "HTTP/1.1"


def test_the_query_stays_as_it_was_written() -> None:
    assert environ_of(Request(path="/?q=%41+b"))["QUERY_STRING"] == "q=%41+b"


def test_a_flask_view_is_given_a_non_ascii_path() -> None:
    app = flask.Flask("small")
    app.add_url_rule("/<name>", view_func=lambda name: name, endpoint="view")
    assert response_of(app, Request(path="/東京")).body == "東京"


def test_a_repeated_header_is_joined_in_order() -> None:
    request = Request(headers=(("X-A", "1"), ("X-B", "0"), ("x-a", "2")))
    assert environ_of(request)["HTTP_X_A"] == "1, 2"


def test_repeated_cookies_are_joined_as_cookies_are() -> None:
    request = Request(headers=(("Cookie", "a=1"), ("Cookie", "b=2")))
    assert environ_of(request)["HTTP_COOKIE"] == "a=1; b=2"


def test_a_header_with_an_underscore_cannot_pose_as_another() -> None:
    request = Request(headers=(("X_Forwarded_For", "evil"), ("X-Forwarded-For", "me")))
    assert environ_of(request)["HTTP_X_FORWARDED_FOR"] == "me"


def test_a_body_with_a_length_is_read_to_its_end() -> None:
    assert response_of(echo, Request("POST", text="Grüße")).body == "Grüße"


def test_a_body_without_a_length_is_read_to_its_end() -> None:
    request = Request("POST", chunks=("ab", "", "cd"))
    assert "CONTENT_LENGTH" not in environ_of(request)
    assert response_of(echo, request).body == "abcd"


def test_the_app_cannot_read_beyond_the_content_length() -> None:
    lie = Request("POST", text="abcdef", headers=(("Content-Length", "3"),))

    def read_on(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", PLAIN)
        return [environ["wsgi.input"].read()]

    assert response_of(read_on, lie).body == "abc"


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "many", ""])
def test_an_impossible_length_is_passed_on_as_it_is(length: str) -> None:
    request = Request("POST", text="abc", headers=(("Content-Length", length),))
    assert environ_of(request)["CONTENT_LENGTH"] == length


def test_a_non_ascii_response_header_keeps_its_octets() -> None:
    response = response_of(yielding(b"", headers=[("X-A", "é")]))
    assert response.header("x-a") == ("é",)


def test_the_reason_phrase_is_recorded() -> None:
    response = response_of(yielding(b"", status="202 Gladly Taken"))
    assert (response.status, response.reason) == (202, "Gladly Taken")


def test_the_body_of_a_head_response_is_counted_but_not_delivered() -> None:
    response = response_of(yielding(b"abc"), Request("HEAD"))
    assert (response.body, response.framing) == (
        "", "3 bytes sent where none is allowed",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "chunks", "framing"),
    [
        ([("Content-Length", "3")], [b"abc"], "content-length"),
        ([("Content-Length", "3")], [b"a", b"bc"], "content-length"),
        ([], [b"abc"], "no length"),
        ([("Content-Length", "5")], [b"abc"], "content-length 5, 3 bytes sent"),
        (
            [("Content-Length", "3"), ("content-length", "3")],
            [b"abc"],
            "content-length 3, 3, 3 bytes sent",
        ),
    ],
)
def test_the_framing_records_how_the_body_was_delimited(
    headers: list[tuple[str, str]], chunks: list[bytes], framing: str
) -> None:
    assert response_of(yielding(*chunks, headers=headers)).framing == framing


def test_written_data_precedes_the_returned_iterable() -> None:
    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        write = start("200 OK", PLAIN)
        write(b"one ")
        write(b"two ")
        return [b"three"]

    assert response_of(app).body == "one two three"


def test_an_exception_before_the_first_chunk_gives_no_response() -> None:
    failure = failure_of(yielding(ValueError("early")))
    assert (failure.kind, failure.message) == ("raised", "ValueError: early")
    assert failure.partial is None


def test_an_exception_after_the_first_chunk_gives_a_partial_response() -> None:
    failure = failure_of(yielding(b"half", ValueError("late")))
    assert (failure.kind, failure.message) == ("aborted", "ValueError: late")
    assert failure.partial is not None
    assert failure.partial.body == "half"


def test_an_exception_after_a_write_gives_a_partial_response() -> None:
    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", PLAIN)(b"half")
        raise ValueError("late")

    failure = failure_of(app)
    assert failure.kind == "aborted"
    assert failure.partial is not None
    assert failure.partial.body == "half"


@pytest.mark.parametrize("leaving", [SystemExit(3), GeneratorExit(), BaseException()])
def test_an_exit_exception_counts_as_raised(leaving: BaseException) -> None:
    assert failure_of(yielding(leaving)).kind == "raised"


def test_an_exception_with_a_failing_str_is_recorded() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    assert "whose text" not in failure_of(yielding(Mute())).message
    assert failure_of(yielding(Mute())).message.startswith("Mute")


def changing_its_mind(*before: bytes) -> Any:
    """An app that starts an error with exc_info, after it has sent `before`."""

    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start("200 OK", PLAIN)
        yield from before
        try:
            raise ValueError("changed my mind")
        except ValueError as error:
            info = (type(error), error, error.__traceback__)
            start("500 Sorry", [("X-A", "1")], info)
        yield b"sorry"

    return app


def test_a_response_that_was_not_sent_yet_may_be_replaced() -> None:
    response = response_of(changing_its_mind())
    assert (response.status, response.headers) == (500, (("X-A", "1"),))


def test_a_response_that_was_sent_is_aborted_by_replacing_it() -> None:
    failure = failure_of(changing_its_mind(b"half"))
    assert (failure.kind, failure.message) == ("aborted", "ValueError: changed my mind")


def test_a_response_that_was_written_is_aborted_by_replacing_it() -> None:
    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", PLAIN)(b"half")
        try:
            raise ValueError("changed my mind")
        except ValueError as error:
            start("500 Sorry", [], (type(error), error, error.__traceback__))
        return []

    assert failure_of(app).kind == "aborted"


def second_start(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", PLAIN)
    start("200 OK", PLAIN)
    return []


VIOLATIONS = {
    "never started": lambda environ, start: [b"abc"],
    "started twice": second_start,
    "text for bytes": yielding("abc"),
    "nothing for bytes": yielding(None),
    "later text for bytes": yielding(b"abc", "def"),
    "status without a number": yielding(b"", status="OK"),
    "line break in a header": yielding(b"", headers=[("X-A", "1\r\nX-B: 2")]),
    "header beyond Latin-1": yielding(b"", headers=[("X-A", "東京")]),
    "number for a header": yielding(b"", headers=[("X-A", 1)]),
    "bytes for a header": yielding(b"", headers=[(b"X-A", b"1")]),
}


@pytest.mark.parametrize("app", VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_violation_of_the_specification_is_a_failure(app: Any) -> None:
    assert failure_of(app).kind == "protocol"


class Closing:
    """An iterable that counts how often it was closed."""

    def __init__(self, *chunks: Any) -> None:
        self.chunks = chunks
        self.closed = 0

    def __call__(self, environ: dict[str, Any], start: Start) -> "Closing":
        start("200 OK", PLAIN)
        return self

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    "chunks",
    [(), (b"a", b"b"), (ValueError(),), (b"a", ValueError()), (b"a", "text")],
    ids=repr,
)
def test_the_iterable_is_closed_exactly_once(chunks: tuple[Any, ...]) -> None:
    app = Closing(*chunks)
    answer(app)
    assert app.closed == 1


def test_a_redirect_is_returned_and_not_followed() -> None:
    paths = []

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        paths.append(environ["PATH_INFO"])
        start("302 Found", [("Location", "/elsewhere")])
        return []

    assert response_of(app).header("location") == ("/elsewhere",)
    assert paths == ["/"]


def test_the_app_runs_on_the_calling_thread() -> None:
    threads = []

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        threads.append(threading.current_thread())
        start("200 OK", [])
        return []

    response_of(app)
    assert threads == [threading.current_thread()]
