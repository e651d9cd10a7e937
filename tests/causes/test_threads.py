"""Find work that an app moves to threads, and values that it expects of a server."""

from pathlib import Path

import pytest

from comparison.causes import threads
from comparison.causes.environs import lacking_class, object_of_server, optional_keys
from comparison.causes.fact import Fact
from comparison.causes.startup import why_ended
from tests.causes.stated import FILE, app, line_of

__all__ = ["app"]


def test_a_function_that_a_thread_gets_is_found() -> None:
    found = threads.started_with(FILE, "Shop.work")
    assert found is not None
    assert found.line in (line_of("threading.Thread"), line_of("executor.submit"))
    found = threads.started_with(FILE, "copying")
    assert found is not None and found.line == line_of("asyncio.to_thread")
    assert threads.started_with(FILE, "helper") is None
    assert threads.started_with("none.py", "work") is None


def test_variables_that_another_thread_reads_are_found() -> None:
    found = [
        (names, kind, place.line)
        for names, kind, place in threads.variables_of_executor(
            FILE, line_of("async def view")
        )
    ]
    first, second = line_of("threading.Thread"), line_of("executor.submit")
    assert ("work local", "thread-local value", second) in found
    assert ("work current", "context variable", second) in found
    assert {line for *_, line in found} <= {first, second}
    assert not any(names.startswith("copying") for names, *_ in found)
    assert not list(threads.variables_of_executor("none.py", 1))


def test_variables_that_a_hook_sets_for_a_view_are_lost() -> None:
    found = threads.lost_variables(FILE, line_of("def hook"), line_of("def work"))
    assert list(found) == [
        ("current", "context variable"),
        ("local", "thread-local value"),
    ]
    kept = threads.lost_variables(FILE, line_of("def hook"), line_of("def helper"))
    assert list(kept) == [("current", "context variable")]
    assert not list(threads.lost_variables(FILE, line_of("def work"), line_of("def helper")))  # fmt: skip
    assert not list(threads.lost_variables(FILE, 1, line_of("def helper")))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("rates", "@functools.lru_cache(maxsize=3)"), ("more", "@app.memoize"),
        ("never", None), ("sync", None), ("none", None),
    ],
)  # fmt: skip
def test_a_cached_coroutine_function_is_found(name: str, source: str | None) -> None:
    found = threads.cache_of(FILE, name)
    assert found == (source and (FILE, line_of(source[1:]), source))
    assert threads.cache_of("none.py", name) is None


def test_optional_keys_of_a_request_are_found() -> None:
    found = {key: place.line for key, place in optional_keys(FILE, ["view"])}
    assert found == {"REMOTE_USER": line_of("name = "), "HTTP_X": line_of('if "HTTP_X')}
    assert dict(optional_keys(FILE, ["work"])) == {}
    assert len(dict(optional_keys(FILE, []))) == 2
    assert not list(optional_keys("", ["view"]))


def test_the_class_or_object_that_lacks_an_attribute_is_found() -> None:
    text = "AttributeError: 'Shelf' object has no attribute '{}'"
    line = line_of("return save")
    found = lacking_class(Fact(text.format("close"), FILE, line))
    assert found == Fact(
        "Shelf close `open`", FILE, line_of("class Shelf"), "class Shelf:"
    )
    for name in ("size", "books", "open", "_close"):
        assert lacking_class(Fact(text.format(name), FILE, line)) is None
    assert lacking_class(Fact("KeyError: 'close'", FILE, line)) is None
    assert lacking_class(Fact(text.format("close"))) is None

    missing = "AttributeError: 'BodyReader' object has no attribute 'peek'"
    at = line_of("stream.peek")
    found = object_of_server(Fact(missing, FILE, at))
    assert found is not None and found.text == "wsgi.input peek BodyReader"
    assert found.line == at
    assert object_of_server(Fact(missing, FILE, line)) is None
    assert object_of_server(Fact("KeyError: 'a'", FILE, at)) is None


def test_the_last_line_of_the_app_in_an_output_names_what_ended_it() -> None:
    output = (
        'Traceback (most recent call last):\n  File "/lib/x.py", line 1, in run\n    go()\n'
        f'  File "{Path(FILE).absolute()}", line 23, in view\n    shelf = Shelf()\n'
        "KeyError: 'SHELF'\n"
    )
    assert why_ended(output) == f"`view` raised KeyError: 'SHELF' ({FILE}:23)."
    assert why_ended("KeyError: 'SHELF'\n") == why_ended("") == ""
