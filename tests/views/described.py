"""Descriptions in every form that there is."""

from comparison.views import (
    Abort,
    AddHeader,
    Body,
    Change,
    DeleteCookie,
    DeleteHeader,
    Headers,
    Raise,
    SetBody,
    SetCookie,
    SetHeader,
    SetStatus,
    Status,
    View,
)

HELLO = Body("text", "Hello")
ACCEPTED = Status("int", 202)
LESSON = Headers("dict", (("X-Lesson", "composed"),))

BODIES = [
    HELLO,
    Body("text", 'say "it\'s so"\n\\ ü € 😀 \x7f'),
    Body("bytes", "Hello\x00\xff"),
    Body("bytearray", "Hello"),
    Body("memoryview", "Hello"),
    Body("file", "one\ntwo\n"),
    Body("dict", {"message": 'it\'s "so"', "list": [1, 2.5, None, True, {}]}),
    Body("list", ["one", 2]),
    Body("generator", ["one", "two"]),
    Body("iterator", ["one", "two"]),
    Body("async-generator", ["one", "two"]),
    Body("function", "Hellö"),
    Body("error", 405),
    Body("set", "Hello"),
    Body("int", -1),
    Body("float", 1.0),
    Body("bool", True),
    Body("none"),
    Body("object"),
]
STATUSES = [
    ACCEPTED,
    Status("int", 99_999),
    Status("text", "404"),
    Status("text", "418 I'M A TEAPOT"),
    Status("float", 202.9),
    Status("bool", True),
    Status("bytes", "404 Gone\xff"),
    Status("enum", 418),
    Status("none"),
]
PAIRS = (("X-A", "1"), ("X-B", 2), ("X-C", ("3", "4")), ("X-D", "ü"), ("X-A", "5"))
HEADERS = [
    LESSON,
    Headers("dict", PAIRS[:4]),
    Headers("list", PAIRS),
    Headers("tuple", PAIRS),
    Headers("tuple", PAIRS[:1]),
    Headers("Headers", PAIRS),
    Headers("Headers"),
    Headers("list", (("X-A", "one\r\ntwo"),)),
    Headers("none"),
]
CHANGES: list[Change] = [
    SetStatus(ACCEPTED),
    SetStatus(Status("text", "404 Gone")),
    SetHeader("X-A", "1"),
    AddHeader("X-A", 2),
    AddHeader("X-A", ("3", "4")),
    DeleteHeader("X-A"),
    DeleteHeader("Content-Type"),
    SetCookie("one", "1"),
    SetCookie("two", "2", path="/a", secure=True, httponly=True, samesite="Lax"),
    DeleteCookie("three"),
    SetBody("Ünd"),
]
RAISES = [
    Abort(404),
    Abort(418, 'No "tea"'),
    Abort(299),
    *(Raise(name, "gone") for name in (
        "ValueError", "KeyError", "RuntimeError", "StopIteration", "TimeoutError"
    )),
]  # fmt: skip

VIEWS = [
    *(View(body=body) for body in BODIES),
    *(View(body=body, made="make_response") for body in BODIES),
    *(View(body=body, made="jsonify") for body in BODIES[:8]),
    *(View(body=body, made="Response") for body in BODIES),
    *(View(body=HELLO, shape="body-status", status=status) for status in STATUSES),
    *(View(body=HELLO, shape="body-headers", headers=headers) for headers in HEADERS),
    View(body=HELLO, shape="body-status-headers", status=ACCEPTED, headers=LESSON),
    View(body=HELLO, shape="body-headers-status", status=ACCEPTED, headers=LESSON),
    *(View(body=HELLO, shape=shape) for shape in ("empty", "one", "four")),
    *(
        View(body=HELLO, made="make_response", shape=shape)
        for shape in ("empty", "one", "four")
    ),
    View(
        body=HELLO,
        made="make_response",
        shape="body-status-headers",
        status=ACCEPTED,
        headers=LESSON,
        changes=(SetBody("Bye"), DeleteHeader("X-Lesson")),
    ),
    *(View(body=HELLO, made="Response", changes=(change,)) for change in CHANGES),
    View(body=HELLO, made="jsonify", changes=tuple(CHANGES[:8])),
    View(body=HELLO, made="Response", shape="body-status", status=ACCEPTED),
    *(View(raises=raises) for raises in RAISES),
    *(View(raises=raises, handled=True) for raises in RAISES),
    View(body=Body("none"), handled=True),
    View(body=HELLO, style="sync"),
    View(body=HELLO, made="Response", style="sync", changes=(SetHeader("X-A", "1"),)),
    View(body=HELLO, style="async"),
    View(body=HELLO, made="make_response", style="async", handled=True),
    View(raises=Raise("StopIteration"), style="async", handled=True),
    View(raises=Raise("StopIteration"), style="sync"),
]
