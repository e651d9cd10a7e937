"""Mutants whose headers are wrong."""

from quart import Quart

from .mutant import at_the_boundary, mutant


def dropped(app: Quart, name: bytes) -> None:
    at_the_boundary(app, lambda answer: answer.drop(name))


def added(app: Quart, name: bytes, value: bytes) -> None:
    at_the_boundary(app, lambda answer: answer.add(name, value))


def put(app: Quart, name: bytes, *values: bytes) -> None:
    at_the_boundary(app, lambda answer: answer.put(name, *values))


@mutant("custom", "header:content-type")
def content_type_dropped(app: Quart) -> None:
    """The client is left to guess."""
    dropped(app, b"content-type")


@mutant("tuple-body-headers", "header:x-lesson")
def header_of_the_app_dropped(app: Quart) -> None:
    """A header that the view returned does not arrive."""
    dropped(app, b"x-lesson")


@mutant("custom", "header:x-powered-by")
def header_added(app: Quart) -> None:
    """The response has an additional header."""
    added(app, b"x-powered-by", b"Quart")


@mutant("tuple-body-headers", "header:x-lesson")
def header_value_in_another_case(app: Quart) -> None:
    """Names have no case, values do."""
    put(app, b"x-lesson", b"Tuples")


@mutant("tuple-body-headers", "header:x-lesson")
def header_value_empty(app: Quart) -> None:
    """An empty value is not an absent header."""
    put(app, b"x-lesson", b"")


@mutant("tuple-body-headers", "header:x-lesson")
def duplicated_header(app: Quart) -> None:
    """The same header with the same value, once more."""
    added(app, b"x-lesson", b"tuples")


@mutant("tuple-list-value", "header:link")
def one_of_two_values_lost(app: Quart) -> None:
    """A repeated header keeps only its last value."""
    put(app, b"link", b"</3>; rel=next")


@mutant("tuple-list-value", "header:link")
def two_values_in_another_order(app: Quart) -> None:
    """The order of the values under one name means something."""
    put(app, b"link", b"</3>; rel=next", b"</1>; rel=prev")


@mutant("tuple-list-value", "header:link")
def two_values_joined(app: Quart) -> None:
    """One field with a comma, where there were two fields."""
    put(app, b"link", b"</1>; rel=prev, </3>; rel=next")


@mutant("custom", "header:set-cookie")
def cookie_added(app: Quart) -> None:
    """A session starts although the view does not use it."""
    added(app, b"set-cookie", b"session=1; Path=/")


@mutant("body-text", "header:content-type")
def another_charset(app: Quart) -> None:
    """The bytes are UTF-8, but the header names Latin-1."""
    put(app, b"content-type", b"text/html; charset=iso-8859-1")


@mutant("body-text", "header:content-type")
def charset_left_out(app: Quart) -> None:
    """The client is left to guess the charset."""
    put(app, b"content-type", b"text/html")


@mutant("custom", "header:content-type")
def json_as_text(app: Quart) -> None:
    """JSON has another content type."""
    put(app, b"content-type", b"text/html; charset=utf-8")


@mutant("custom", "header:content-length", "framing")
def content_length_left_out(app: Quart) -> None:
    """A body of known length has no Content-Length."""
    dropped(app, b"content-length")


@mutant("custom", "header:content-length", "framing")
def content_length_too_large(app: Quart) -> None:
    """The client waits for a byte that never comes."""
    put(app, b"content-length", b"21")


@mutant("custom", "header:content-length", "framing")
def content_length_too_small(app: Quart) -> None:
    """The last byte is taken for the next response."""
    put(app, b"content-length", b"19")


@mutant("body-stream", "header:content-length", "framing")
def content_length_of_a_stream(app: Quart) -> None:
    """A stream is collected and counted before it is sent."""
    added(app, b"content-length", b"8")


@mutant("method-head", "header:content-length")
def content_length_of_head_is_zero(app: Quart) -> None:
    """HEAD says the length of what GET would send, not of nothing."""
    put(app, b"content-length", b"0")


@mutant("method-not-allowed", "header:allow")
def allow_left_out(app: Quart) -> None:
    """405 must say which methods are allowed."""
    dropped(app, b"allow")


@mutant("method-not-allowed", "header:allow")
def allow_without_options(app: Quart) -> None:
    """One of the methods is missing."""
    put(app, b"allow", b"POST")


@mutant("method-options", "header:allow")
def allow_with_a_method_too_many(app: Quart) -> None:
    """OPTIONS promises a method that the route does not have."""
    put(app, b"allow", b"GET, HEAD, OPTIONS, POST")


@mutant("job-accepted", "header:location")
def location_left_out(app: Quart) -> None:
    """Accepted lacks its Location."""
    dropped(app, b"location")


@mutant("method-folder-redirect-query", "header:location")
def location_without_its_query(app: Quart) -> None:
    """The redirect loses the query."""
    put(app, b"location", b"http://localhost/methods/folder/")


@mutant("method-folder-redirect", "header:location")
def location_relative(app: Quart) -> None:
    """The same place, written another way."""
    put(app, b"location", b"/methods/folder/")


@mutant("method-folder-redirect-host", "header:location")
def location_of_another_host(app: Quart) -> None:
    """The redirect leads to another host."""
    put(app, b"location", b"http://localhost/methods/folder/")


@mutant("job-result-created", "header:location")
def location_in_another_case(app: Quart) -> None:
    """Paths have a case."""
    put(app, b"location", b"/Jobs/created/result")


@mutant("job-result-created", "header:etag")
def entity_tag_weak(app: Quart) -> None:
    """A weak tag is another tag."""
    put(app, b"etag", b'W/"1"')


@mutant("job-beyond-quota", "header:retry-after")
def retry_after_left_out(app: Quart) -> None:
    """Too many requests, and no word of when to come back."""
    dropped(app, b"retry-after")


@mutant("custom", "header:date")
def date_added(app: Quart) -> None:
    """The value of Date is noise, its presence is not."""
    added(app, b"date", b"Sun, 22 Nov 2026 15:00:00 GMT")


@mutant("custom", "header:server")
def server_added(app: Quart) -> None:
    """The value of Server is noise, its presence is not."""
    added(app, b"server", b"quart")
