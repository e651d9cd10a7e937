"""Statements of an app as remedies write them, and as we compare two apps."""

import ast

import pytest

from comparison.causes.awaiting import call_awaited, coroutine_in, with_await
from comparison.causes.statements import (
    compared_line,
    compared_text,
    first_line,
    is_docstring,
    request_aliases,
    without_body,
)


@pytest.mark.parametrize(
    ("source", "awaited"),
    [
        ("return get()", "return await get()"),
        ("self.get(1)", "await self.get(1)"),
        ("x = ä(get())", "x = ä(await get())"),
        ("get().a", "(await get()).a"),
        ("get()[0]", "(await get())[0]"),
        ("get()()", "(await get())()"),
        ("get(get())", "await get(await get())"),
        ("get().get()", "await (await get()).get()"),
        ("await get(get())", "await get(await get())"),
        ("with get() as x:", "with await get() as x:"),
        ("if get(): return 1", "if await get(): return 1"),
        ("return a if get() else b", "return a if await get() else b"),
        ("(\n get())", "(\n await get())"),
        # Comprehensions.
        ("x = [get() for a in b]", "x = [await get() for a in b]"),
        ("x = sum(a for a in get())", "x = sum(a for a in await get())"),
        ("x = sum(a for a in b if get(a))", "x = sum([a for a in b if await get(a)])"),
        ("x = sum(a for b in c for a in get(b))", "x = sum([a for b in c for a in await get(b)])"),
        ("x = any(get(a) and get(b) for a in c)", "x = any([await get(a) and await get(b) for a in c])"),
        ("x = sorted(get(a) for a in b)[0]", "x = sorted([await get(a) for a in b])[0]"),
        # `map` and `filter`.
        ("x = list(map(get, values))", "x = list([await get(each) for each in values])"),
        ("x = list(map(self.get, ä))", "x = list([await self.get(each) for each in ä])"),
        ("x = map(lambda v: get(v, 1), values)", "x = [await get(v, 1) for v in values]"),
        ("x = filter(get, f(1))", "x = [each for each in f(1) if await get(each)]"),
        ("x = filter(lambda v: get(v), values)", "x = [v for v in values if await get(v)]"),
        ("x = map(other, get())", "x = map(other, await get())"),
        # Unknown calls, and calls that are right already.
        ("x = map(lambda v: 1, values)", ""),
        ("x = map(lambda v: other(get), values)", ""),
        ("x = map(get)", ""),
        ("x = map(get, a, b)", ""),
        ("x = a.map(get, b)", ""),
        ("x = zip(get, b)", ""),
        ("x = await get()", ""),
        ("f(lambda: get())", ""),
        ("get(\n1)", ""),
        ("x = other()", ""),
        ("x =", ""),
        ("else:", ""),
    ],
)  # fmt: skip
def test_each_use_of_a_coroutine_gets_an_await(source: str, awaited: str) -> None:
    assert with_await(source, "get") == awaited


@pytest.mark.parametrize(
    ("source", "coroutine", "awaited"),
    [
        ("x = request.form", "Request.form", "x = await request.form"),
        ("d = await request.get_json().items()", "Request.get_json", "d = (await request.get_json()).items()"),
        ("n = await request.form['a']", "Request.form", "n = (await request.form)['a']"),
        # Saving is asynchronous too.
        ("await request.files['a'].save('b')", "Request.files", "await (await request.files)['a'].save('b')"),
        # Reading a response of the test client is, and its status is not.
        ("t = client.get('/').status", "QuartClient.get", "t = (await client.get('/')).status"),
        ("t = client.get('/').data", "QuartClient.get", "t = await (await client.get('/')).data"),
        ("t = client.get('/').get_data()", "QuartClient.get", "t = await (await client.get('/')).get_data()"),
        ("t = client.get('/').get_data()[0]", "QuartClient.get", "t = (await (await client.get('/')).get_data())[0]"),
        ("t = client.get('/').json.a", "QuartClient.get", "t = (await (await client.get('/')).json).a"),
        ("t = client.get('/').data", "Client.get", "t = (await client.get('/')).data"),
    ],
)  # fmt: skip
def test_what_a_coroutine_leads_to_is_awaited_too(
    source: str, coroutine: str, awaited: str
) -> None:
    assert with_await(source, coroutine) == awaited


@pytest.mark.parametrize(
    ("source", "awaited"),
    [
        ("return func(*args)", "return await func(*args)"),
        ("func()", "await func()"),
        ("x = func(a)(b)", "x = await func(a)(b)"),
        ("x = ä.b(ö)  # c", "x = await ä.b(ö)  # c"),
        ("return (func)(a)", ""),
        ("x = 1", ""),
        ("return func(\n)", ""),
        ("if func():", ""),
        ("return x =", ""),
    ],
)
def test_a_call_gets_an_await(source: str, awaited: str) -> None:
    assert call_awaited(source) == awaited


def test_a_called_function_can_be_wrapped() -> None:
    form = "await app.ensure_async({})"
    assert call_awaited("return func(*args)", form) == (
        "return await app.ensure_async(func)(*args)"
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = request.form", ("request.form", False)),
        ("x = request.form['a']", ("request.form", False)),
        ("x = await request.form['a']", ("request.form", True)),
        ("x = await request.form.get('a')", ("request.form", True)),
        ("x = await request.files['a'].save('b')", ("request.files", False)),
        ("x = request.get_json()", ("request.get_json", False)),
        ("x = websocket.form", ("websocket.form", False)),
        ("x = resp.get_data()", ("resp.get_data", False)),
        ("x = response.get_data()", ("response.get_data", False)),
        ("x = make_response('a')", ("make_response", False)),
        ("x = load()", ("load", False)),
        ("x = self.load()", ("self.load", False)),
        ("x = await load().a", ("load", True)),
        ("x = await f(load())", ("load", False)),
        ("for a in load():", ("load", False)),
        ("x = await request.form", None),
        ("x = await load()", None),
        ("x = load", None),
        ("x = request.get_json", None),
        ("x = request.form()", None),
        ("x = other.form", None),
        ("x = request.args", None),
        ("x = a.make_response('a')", None),
        ("x = others()", None),
        ("x =", None),
    ],
)
def test_a_coroutine_that_is_used_as_a_value_is_found(
    source: str, found: tuple[str, bool] | None
) -> None:
    assert coroutine_in(source, ("load",)) == found


@pytest.mark.parametrize(
    ("flask", "quart"),
    [
        ("x = request.form", "x = await request.form"),
        ("for a in b:\n    c", "async def f():\n    async for a in b:\n        c"),
        ("with a as b:\n    c", "async def f():\n    async with a as b:\n        c"),
        (
            "for a in b:\n    x = c(a)",
            "async def f():\n    async for a in b:\n        x = await c(a)",
        ),
        (
            "with a as b:\n    c(b)",
            "async def f():\n    async with a as b:\n        await c(b)",
        ),
        ("from flask import Flask", "from quart import Quart"),
        ("import flask", "import quart"),
        ("x = flask_app", "x = quart_app"),
        ("time.sleep(1)", "await asyncio.sleep(1)"),
        ("requests.get(a)", "await httpx.get(a)"),
        ("x = request.environ", "x = request.scope"),
        (
            "send_file(a, download_name=b, max_age=1, etag=c)",
            "await send_file(a, attachment_filename=b, cache_timeout=1, add_etags=c)",
        ),
    ],
)
def test_a_port_changes_no_compared_text(flask: str, quart: str) -> None:
    one, other = (ast.parse(text).body[0] for text in (flask, quart))
    if isinstance(other, ast.AsyncFunctionDef):
        other = other.body[0]
    assert compared_text(one, {}) == compared_text(other, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = request.form", "x = request.args"),
        ("x = flasks", "x = quarts"),
        ("return a", "return b"),
    ],
)
def test_another_change_is_in_the_compared_text(one: str, other: str) -> None:
    first, second = (ast.parse(text).body[0] for text in (one, other))
    assert compared_text(first, {}) != compared_text(second, {})


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("async with a as b:", "withaasb:"),
        ("x = (await request.form)['a']", "x=request.form['a']"),
        ("from quart import Quart", "fromframeworkimportframework"),
        ("await asyncio.sleep(1)", "library.sleep1"),
        ("x = request.scope", "x=request.environ"),
    ],
)
def test_a_line_is_compared_without_what_a_port_changes(source: str, line: str) -> None:
    assert compared_line(source) == line


def test_variables_with_a_value_of_the_request_are_aliases() -> None:
    body = (
        "form = load(1)\ndata = await request.get_json()\nargs = request.args\n"
        "form = request.form\na = b = request.form\nfiles = request.files\n"
        "x.y = request.form"
    )
    lines = "\n".join(f" {line}" for line in body.splitlines())
    (function,) = ast.parse(f"async def view():\n{lines}").body
    assert isinstance(function, ast.AsyncFunctionDef)
    aliases = request_aliases(function)
    assert {k: ast.unparse(v) for k, v in aliases.items()} == {
        "data": "request.get_json()",
        "files": "request.files",
    }
    texts = [compared_text(each, aliases) for each in function.body]
    assert [each for each in texts if not each] == ["", ""]
    used = ast.parse("return data['a'], args").body[0]
    assert compared_text(used, aliases) == "return (request.get_json()['a'], args)"


@pytest.mark.parametrize(
    ("source", "header"),
    [
        ("def f(a, b=1):\n 'x'\n return 1", "def f(a, b=1):\n    pass"),
        ("async def f(): return 1", "def f():\n    pass"),
        ("if a:\n b\nelse:\n c", "if a:\n    pass"),
        ("while a:\n b\nelse:\n c", "while a:\n    pass"),
        ("for a in b:\n c\nelse:\n d", "for a in b:\n    pass"),
        ("with a as b:\n c", "with a as b:\n    pass"),
        ("try:\n a\nexcept ValueError as e:\n b\nfinally:\n c", "'try'"),
        ("match a:\n case {'b': 1}:\n  c", "a"),
        ("class A(B):\n c = 1", "class A(B):\n    pass"),
    ],
)
def test_a_header_has_no_body(source: str, header: str) -> None:
    assert ast.unparse(without_body(ast.parse(source).body[0])) == header


def test_parts_of_a_statement_have_headers_and_lines() -> None:
    source = "try:\n a\nexcept ValueError as e:\n b\nexcept:\n c"
    (tried,) = ast.parse(source).body
    assert isinstance(tried, ast.Try)
    headers = [ast.unparse(without_body(each)) for each in tried.handlers]
    assert headers == ["'except ValueError'", "'except BaseException'"]
    (matched,) = ast.parse("match a:\n\n case {'b': 1}:\n  c").body
    assert isinstance(matched, ast.Match)
    header = ast.literal_eval(ast.unparse(without_body(matched.cases[0])))
    assert header == "case {'b': 1}"
    assert first_line(matched.cases[0]) == 3
    assert first_line(ast.Load()) == 1


@pytest.mark.parametrize(
    ("source", "found"), [("'text'", True), ("1", False), ("x = 'text'", False)]
)
def test_only_a_text_is_a_docstring(source: str, found: bool) -> None:
    assert is_docstring(ast.parse(source).body[0]) is found
