"""Parse the options of a load run: works, stacks, concurrency, and limits."""

import re
from collections.abc import Collection, Iterable

import msgspec

from comparison.core.errors import NoCaseSelected, UsageError, nearest
from comparison.models import Case, Request
from comparison.targets.servers.stacks import STACKS, choose_stacks

from .client import CheckedRequest

POPULAR = (
    "flask+waitress", "flask[async]+waitress", "flask+gunicorn-gthread",
    "flask+werkzeug", "quart+hypercorn", "quart+uvicorn-httptools",
)  # fmt: skip
WAYS = {
    "flask": "sync",
    "flask[async]": "async",
    "quart": "async",
    "quart[sync]": "sync",
}
"""How the views for each framework are written; brackets mark the less usual way."""

KINDS = {"sleep": 1000, "cpu": 100, "json": None, "stream": None}
"""The kinds of work, and the most milliseconds that each may take."""

POOLED = ("waitress", "gunicorn-gthread")  # servers with a pool of threads
MOST_AT_ONCE = 1000
CASES = "cases"  # the name of the work that case files describe

_WORK = re.compile(r"([a-z]+)(?::([0-9]{1,9})ms)?\Z")


class Work(msgspec.Struct, frozen=True):
    """Work under its name on the command line; `requests` has both kinds of views.

    >>> parse_work("sleep:50ms").requests["async"][0].request.path
    '/work/async/sleep/50'
    """

    name: str
    requests: dict[str, tuple[CheckedRequest, ...]]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The works, targets and limits of a load run. Times are in seconds.

    `targets` has the specs of stacks or of `--target`, by name. `requests` limits one
    round at one concurrency. `time` limits the whole run.
    """

    works: tuple[Work, ...]
    targets: dict[str, str]
    concurrency: tuple[int, ...]
    threads: int = 8
    rounds: int = 3
    seconds: float = 1.0
    warm_up: float = 0.5
    timeout: float = 10.0
    requests: int = 20_000
    time: float = 900.0


def parse_work(text: str) -> Work:
    """Parse work from the command line. Raises UsageError."""
    found = _WORK.match(text)
    kind, given = (found.group(1), found.group(2)) if found else (text, None)
    if kind not in KINDS:
        name = kind.partition(":")[0]
        hint = "" if name in KINDS else nearest(name, KINDS)
        hint = hint or "; there are sleep:50ms, cpu:5ms, json and stream"
        raise UsageError(f"--work {text!r}: unknown work{hint}")
    most = KINDS[kind]
    milliseconds = int(given or 0)
    if (most is None) != (given is None):
        usage = kind if most is None else f"{kind}:{most // 20}ms"
        raise UsageError(f"--work {text!r}: write {usage}")
    if most is not None and not 1 <= milliseconds <= most:
        raise UsageError(f"--work {text!r}: write a time from 1 to {most} milliseconds")
    path = kind if most is None else f"{kind}/{milliseconds}"
    return Work(
        text,
        {
            way: (
                CheckedRequest(
                    Request(path=f"/work/{way}/{path}"), (200,), steady=True
                ),
            )
            for way in ("sync", "async")
        },
    )


def work_of(cases: Collection[Case]) -> Work:
    """Return work that sends the requests of the cases in turn.

    Raises UsageError for a case that needs more than one request, and NoCaseSelected if
    the list is empty.
    """
    requests = []
    for case in cases:
        needs = [name for name in ("setup", "settings", "fresh") if getattr(case, name)]
        if isinstance(case.request.chunks, tuple):
            needs.append("chunks")
        if case.request.mount:
            needs.append("mount")
        if case.request.http_version != "1.1":
            needs.append("http_version")
        if needs or not case.request.path.startswith("/"):
            what = needs[0] if needs else f"the path {case.request.path!r}"
            raise UsageError(
                f"case {case.id!r}: a load run sends single requests, but the case has"
                f" {what}. Exclude it with -k"
            )
        requests.append(
            CheckedRequest(case.request, case.expect.statuses if case.expect else ())
        )
    if not requests:
        raise NoCaseSelected("no case is selected, so there is nothing to send")
    return Work(CASES, dict.fromkeys(("sync", "async"), tuple(requests)))


def parse_concurrency(text: str) -> tuple[int, ...]:
    """Parse numbers of requests in flight. Raises UsageError.

    >>> parse_concurrency("10,1,2")
    (1, 2, 10)
    """
    found = set()
    for item in text.split(","):
        if not item.strip().isdecimal() or not 1 <= int(item) <= MOST_AT_ONCE:
            raise UsageError(
                f"--concurrency {item!r}: write numbers from 1 to {MOST_AT_ONCE},"
                " such as 1,10,100"
            )
        found.add(int(item))
    return tuple(sorted(found))


def stack_specs(names: Iterable[str], topics: bool) -> dict[str, str]:
    """Return the SPECs of the named stacks, or of the popular ones that are installed.

    With `topics`, the apps have all their topics, not only that of the work. Raises
    UsageError for an unknown stack, and TargetError for one that is not installed.
    """
    known = [f"{way}+{s}" for way in WAYS for s in _servers(way)]
    return {name: _spec(name, topics) for name in choose_stacks(names, known, POPULAR)}


def _servers(way: str) -> list[str]:
    framework = way.partition("[")[0]
    pairs = (stack.split("+") for stack in STACKS)
    return [server for name, server in pairs if name == framework]


def _spec(stack: str, topics: bool) -> str:
    way, _, server = stack.partition("+")
    made = "" if topics else ":create_app({'TOPICS': ['work']})"
    return f"{way.partition('[')[0]}_app{made}@{server}"


def way_of(target: str) -> str:
    """Return how the views of a target are written, judging by the name of a stack.

    >>> way_of("flask[async]+waitress"), way_of("quart+hypercorn"), way_of("shop")
    ('async', 'async', 'sync')
    """
    return WAYS.get(target.partition("+")[0], "sync")


def threads_of(spec: str, threads: int) -> int | None:
    """Return the threads of a server with a thread pool; None for other servers."""
    return threads if spec.partition("@")[2] in POOLED else None
