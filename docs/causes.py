"""Write the pages of the causes, from the explanations that the package ships."""

import importlib
import linecache
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from comparison.causes import Explanation, load_explanations
from comparison.causes.load import DATA
from comparison.causes.models import FACTS
from comparison.causes.structure import STRUCTURAL
from comparison.core.documents import Converter
from comparison.core.errors import TargetError
from comparison.reports.explanation import plain
from comparison.targets.spec import load_factory, parse_spec

STARTUP = "startup"
MODULE = "shop_port"
HEADINGS = {
    "coroutines": "Coroutines that are not awaited",
    "exceptions": "Exceptions",
    "values": "Values, settings and what a view returns",
}
"""The headings of the files of explanations; another file has its name for a heading."""

MEANINGS = {
    "id": "unique name, for reports and `comparison explain`",
    "summary": "the cause, in one or two sentences",
    "remedy": "what to do, as an instruction",
    "when": "by fact: a regular expression that must match; the first is the evidence",
    "unless": "by fact: a regular expression that must not match",
    "fields": "a regular expression for the fields that the cause accounts for",
    "framework": "the framework of the app at fault: `quart`, `flask`, or `*`",
    "layer": "[layer](../background/layers.md): `app` or `framework`, for instance",
    "place": "`evidence`, `view`, or `none`: where the finding is",
    "fallback": "true: the cause counts only if no other matches",
    "versions": "by package: a range (PEP 440) of versions that have the cause",
    "docs": "links to documentation",
}
"""The fields of an explanation, for somebody who writes one."""

EXAMPLE = """
    [[explanation]]
    id = "host-not-trusted"
    summary = "The Host of the request is not in `TRUSTED_HOSTS`."
    remedy = "Add the Host to `TRUSTED_HOSTS`."
    [explanation.when]
    setting = '^TRUSTED_HOSTS='
    status = "^400$"
    "other.status" = "^2"
    """

SAMPLES = {
    "rule-redirect-to": """
        from quart import Quart

        app = Quart(__name__)


        @app.get("/old", redirect_to="/new")
        async def old():
            return ""
        """,
    "rule-alias": """
        from quart import Quart

        app = Quart(__name__)


        @app.get("/index", alias=True)
        async def index():
            return ""
        """,
    "rule-build-only": """
        from quart import Quart

        app = Quart(__name__)
        app.add_url_rule("/static/<name>", "asset", build_only=True)
        """,
    "no-event-loop-at-import": """
        import asyncio

        from quart import Quart

        app = Quart(__name__)
        lock = asyncio.get_running_loop().create_future()
        """,
    "flask-context-at-import": """
        from flask import current_app
        from quart import Quart

        app = Quart(__name__)
        current_app.config["NAME"] = "shop"
        """,
    "app-context-entered-by-hand": """
        from quart import Quart

        app = Quart(__name__)
        with app.app_context():
            app.config["NAME"] = "shop"
        """,
    "flask-imported-from-quart": """
        from quart import Flask

        app = Flask(__name__)
        """,
    "first-request-hook-removed": """
        from quart import Quart

        app = Quart(__name__)

        @app.before_first_request
        async def open_shop():
            app.config["OPEN"] = True
        """,
    "context-stack-removed": """
        from quart import Quart, _app_ctx_stack

        app = Quart(__name__)
        """,
    "json-encoder-removed": """
        from quart import Quart
        from quart.json import JSONEncoder

        app = Quart(__name__)
        """,
    "coroutine-function-test-removed": """
        from quart import Quart
        from quart.utils import is_coroutine_function

        app = Quart(__name__)
        """,
    "werkzeug-urls-removed": """
        from quart import Quart
        from werkzeug.urls import url_quote

        app = Quart(__name__)
        """,
    "flask-patch-moved": """
        import quart.flask_patch
        from quart import Quart

        app = Quart(__name__)
        """,
    "name-of-another-version": """
        from quart import Quart
        from werkzeug.wrappers import BaseResponse

        app = Quart(__name__)
        """,
    "quart-exceptions-removed": """
        from quart import Quart
        from quart.exceptions import NotFound

        app = Quart(__name__)
        """,
    "module-of-another-version": """
        from quart import Quart
        from werkzeug.contrib.cache import SimpleCache

        app = Quart(__name__)
        """,
    "attribute-of-another-version": """
        import werkzeug
        from quart import Quart

        app = Quart(__name__)
        app.config["SERVER"] = werkzeug.__version__
        """,
}
"""An app for each explanation of the startup page, which does not start because of it."""


def causes_page() -> str:
    """Return the page with every cause, and how to add one."""
    return "\n".join(_causes())


def startup_page() -> str:
    """Return the page about apps that do not start, with the errors they raise now."""
    return "\n".join(_startup())


def shipped() -> Iterator[tuple[str, list[Explanation]]]:
    """Yield each file of explanations by its name, with its explanations."""
    every = load_explanations()
    by_file: dict[str, list[Explanation]] = {}
    files = _files()
    for id_, file in files.items():
        by_file.setdefault(file, []).append(every[id_])
    # The order of loading is that in which we try them.
    order = dict.fromkeys(files[id_] for id_ in every)
    for name in order:
        yield name, by_file[name]


def _files() -> dict[str, str]:
    """Return the name of the file that has each explanation."""
    return {
        table["id"]: path.stem
        for path in sorted(DATA.glob("*.toml"))
        for table in Converter(path).array("explanation")
    }


def _causes() -> Iterator[str]:
    yield from [
        "# Causes",
        "",
        "A report names a cause if the recordings have its evidence. `comparison explain ID`",
        "prints one, `comparison explain WORD` lists those that have the word, and without an",
        "argument it lists all. Words in angle brackets depend on the case.",
        "",
        "Errors that keep an app from starting have [their own page](startup.md). Differences of",
        "the frameworks are [known differences](differences.md); a report names them too.",
        "",
    ]
    for name, explanations in shipped():
        if name == STARTUP:
            continue
        yield f"## {HEADINGS.get(name, name.replace('_', ' ').capitalize())}"
        yield ""
        for each in explanations:
            yield from _cause(each)
    yield from [
        "## The structure of the apps",
        "",
        "These causes need no rule. The tool compares the routes, hooks, error handlers and",
        "functions that ran in both apps.",
        "",
        "| id | cause |",
        "| --- | --- |",
        *(f"| `{id_}` | {text} |" for id_, text in STRUCTURAL.items()),
        "",
    ]
    yield from _how_to_add()


def _cause(each: Explanation) -> Iterator[str]:
    yield f"### {each.id}"
    yield ""
    yield in_markdown(each.summary)
    yield ""
    yield f"**Remedy:** {in_markdown(each.remedy)}"
    yield ""
    yield f"*{_about(each)}*"
    yield ""
    for link in each.docs:
        yield f"- <{link}>"
    if each.docs:
        yield ""


def _about(each: Explanation) -> str:
    evidence = ", ".join(f"`{name}`" for name in each.when)
    parts = [f"Evidence: {evidence}"]
    if each.unless:
        parts.append("not with " + ", ".join(f"`{name}`" for name in each.unless))
    parts.append(f"layer: {each.layer}")
    parts += [f"{name} {wanted}" for name, wanted in each.versions.items()]
    return " · ".join(parts)


def _how_to_add() -> Iterator[str]:
    yield from [
        "## Add a cause",
        "",
        "An explanation is a table in a file of `comparison/causes/data`. This one needs a",
        "setting and a status on each side:",
        "",
        "```toml",
        *dedent(EXAMPLE).strip().split("\n"),
        "```",
        "",
        "Write a test with a pair of small apps that has the cause, and one with a similar pair",
        "that has another cause. Then run `python docs/generate.py reference/causes.md`.",
        "",
        "| field | meaning | default |",
        "| --- | --- | --- |",
    ]
    required = len(MEANINGS) - len(Explanation.__struct_defaults__)
    for number, (name, meaning) in enumerate(MEANINGS.items()):
        default = "required"
        if number >= required:
            value = Explanation.__struct_defaults__[number - required]
            default = f"`{value}`" if isinstance(value, str) else ""
        yield f"| `{name}` | {meaning} | {default} |"
    yield from [
        "",
        "`when` and `unless` name these facts about the app at fault. `other.` before a name means",
        "the other app, and `earlier.` an earlier request of the case.",
        "",
        "| fact | meaning |",
        "| --- | --- |",
        *(f"| `{name}` | {meaning} |" for name, meaning in FACTS.items()),
        "",
        "A named group of a regular expression, such as `(?P<method>\\w+)`, fills `{method}` in",
        "`summary` and `remedy`. `{source}` is the code at the place, and `{awaited}` is that code",
        "with the missing `await`.",
        "",
    ]


def _startup() -> Iterator[str]:
    yield from [
        "# What stops a Quart app from starting",
        "",
        "A Flask app that was changed into a Quart app may raise an error while it is imported. The",
        "command then ends with [exit code](exit-codes.md) 3. It prints the error with its place,",
        "the cause, and the remedy.",
        "",
        "Each app below was loaded, and its heading is the error that it raised. Other",
        "[exceptions](causes.md#exceptions) stop an app too, if its code raises them on import.",
        "",
    ]
    for explanation in dict(shipped()).get(STARTUP, []):
        sample = dedent(SAMPLES.get(explanation.id, "")).strip()
        error = error_of(sample) if sample else ""
        if error:
            line = re.search(rf"\({MODULE}\.py:(\d+)\)", error)
            # A path in parentheses depends on the machine.
            message = re.sub(r" \([^()]*\.py(:\d+)?\)", "", error.partition("\n")[0])
            yield f"## `{message.partition(': ')[2]}`"
            yield from ["", "```python", *sample.split("\n"), "```", ""]
            yield f"`{explanation.id}`" + (f", at line {line[1]}." if line else "")
        else:
            yield f"## {explanation.id}"
        yield ""
        yield in_markdown(explanation.summary)
        yield ""
        yield f"**Remedy:** {in_markdown(explanation.remedy)}"
        yield ""
        yield from (f"- <{link}>" for link in explanation.docs)
        yield ""


def error_of(source: str) -> str:
    """Return the message about an app that cannot be loaded, or "" if it can."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{MODULE}.py").write_text(source, encoding="utf-8")
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            load_factory(parse_spec(f"{MODULE}:app"), MODULE)
        except TargetError as error:
            return str(error)
        finally:
            sys.path.remove(folder)
            sys.modules.pop(MODULE, None)
            linecache.clearcache()
    return ""


def in_markdown(text: str) -> str:
    """Return a summary or remedy, which has code between backticks, as Markdown."""
    parts = plain(text).split("`")
    parts[::2] = [re.sub("[<|_*]", r"\\\g<0>", part) for part in parts[::2]]
    return "`".join(parts).replace("\n", " ")
