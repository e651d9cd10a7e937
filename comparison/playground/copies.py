"""Write a case as texts to copy: curl, TOML, a known difference, a pytest test."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pprint import pformat
from typing import Any, NamedTuple

from msgspec import to_builtins

from comparison.core import toml_writer as toml
from comparison.known.suggest import Alike
from comparison.models import Case, Comparison, SentRequest, TargetInfo
from comparison.reports.wording import entries
from comparison.runner.settings import DEFAULT_TARGETS
from comparison.targets.spec import parse_spec

MAX_TEXT = 20_000
"""Characters of a text to copy. The page stays small."""

OF_LOADER = ("topic", "origin", "secrets", "unique")
"""The fields of a case that the loader fills in."""

OF_CLIENT = ("host", "content-length", "connection", "accept-encoding", "user-agent")
PORT = 5000
ADDRESS = f"http://127.0.0.1:{PORT}"
TWINS = [target.partition("=")[2] for target in DEFAULT_TARGETS]


class Copy(NamedTuple):
    """A text to copy: what it is, and how to use it."""

    name: str
    use: str
    text: str


def copies(comparison: Comparison, targets: tuple[TargetInfo, ...]) -> list[Copy]:
    """Return the texts to copy from the page of a case."""
    return [copy for copy in _copies(comparison, targets) if copy.text]


def _copies(comparison: Comparison, targets: tuple[TargetInfo, ...]) -> Iterator[Copy]:
    case = comparison.case
    sent = next(iter(comparison.recordings.values())).exchange.request
    yield Copy("curl", _use_of_curl(targets), curl_of(sent))
    yield Copy("Case as TOML", "Append it to a case file.", toml_of(case))
    if comparison.unexpected:
        requests = {difference.request or 0 for difference in comparison.unexpected}
        alike = {request: Alike([case.id]) for request in requests}
        text = entries(comparison, targets, alike, set())
        use = "Append it to a file for --known, and complete the cause."
        yield Copy("Known difference as TOML", use, _limited(text))
    use = (
        "Save it as test_comparison.py, beside a pyproject.toml that names the targets."
    )
    yield Copy("pytest test", use, pytest_of(case))


def _use_of_curl(targets: tuple[TargetInfo, ...]) -> str:
    """Say where the command sends the request, and how to serve the apps there."""
    ways = [
        f"{target.name} with `{command}`"
        for target in targets
        if (command := serving_command(target))
    ]
    how = f"Serve {' or '.join(ways)}" if ways else "Replace it with your app's address"
    return f"Sends the request to {ADDRESS}. {how}."


def serving_command(target: TargetInfo) -> str:
    """Return the command that serves an app at the address; "" if we know none."""
    framework = (target.framework or "").lower()
    if "://" in target.spec or framework not in ("flask", "quart"):
        return ""
    app = target.spec.partition("@")[0]
    if app in TWINS:
        return f"python -m {app} --port {PORT}"
    if "." in (parse_spec(app).attribute or ""):
        return ""  # the command lines of the frameworks take names only
    return shlex.join([framework, "--app", app, "run", "--port", str(PORT)])


def curl_of(request: SentRequest) -> str:
    """Return a curl command that sends a request again; "" if it cannot."""
    if request.body_base64 is not None:
        return ""
    command = ["curl", "--include", "--globoff"]
    if request.method == "HEAD":
        command.append("--head")
    elif request.method != "GET" or request.body:
        command += ["--request", request.method]
    for name, value in request.headers:
        if name.lower() not in OF_CLIENT:
            command += ["--header", f"{name}: {value}"]
    if request.body:
        command += ["--data-raw", request.body]
    return _limited(shlex.join([*command, f"{ADDRESS}{request.mount}{request.path}"]))


def toml_of(case: Case) -> str:
    """Return a case as TOML; "" if TOML cannot hold it, as a JSON null."""
    plain = plain_case(case)
    if not toml.writable(plain):
        return ""
    lines = ["[[case]]"]
    tables = {}
    for name, value in plain.items():
        if isinstance(value, Mapping) or name == "setup":
            tables[name] = value
        else:
            lines.append(f"{toml.key(name)} = {toml.value(value)}")
    for name, value in tables.items():
        if name == "setup":
            for request in value:
                lines += ["[[case.setup]]", *_fields(request)]
        else:
            lines += [f"[case.{toml.key(name)}]", *_fields(value)]
    return _limited("\n".join(lines))


def _fields(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{toml.key(name)} = {toml.value(value)}" for name, value in table.items())


def plain_case(case: Case) -> dict[str, Any]:
    """Return the fields of a case that a case file has, without the defaults."""
    plain = to_builtins(case)
    return {name: value for name, value in plain.items() if name not in OF_LOADER}


def pytest_of(case: Case) -> str:
    """Return a test that compares the apps with the fixture `compare_apps`."""
    name = re.sub(r"\W+", "_", case.id.lower()).strip("_") or "case"
    plain = plain_case(case)
    request = dict(plain["request"])
    if plain.keys() <= {"id", "title", "description", "docs", "request", "expect"}:
        path = request.pop("path", "/")
        given = request | ({"expect": plain["expect"]} if "expect" in plain else {})
        arguments = "".join(
            f",\n        {key}={_python(value)}" for key, value in given.items()
        )
        end = ",\n    " if arguments else ""
        call = f"    compare_apps({path!r}{arguments}{end})"
        return _limited(f"def test_{name}(compare_apps):\n{call}\n")
    head = "import msgspec\nfrom comparison import Case\n\n"
    made = f"CASE = msgspec.convert(\n    {_python(plain)},\n    Case,\n)\n\n\n"
    test = f"def test_{name}(compare_apps):\n    compare_apps(CASE)\n"
    return _limited(head + made + test)


def _python(value: Any) -> str:
    return pformat(value, width=80, sort_dicts=False).replace("\n", "\n        ")


def _limited(text: str) -> str:
    return text if len(text) <= MAX_TEXT else ""
