"""What a load run is asked for: works, stacks, concurrency; within what bounds."""

import re
from collections.abc import Collection, Iterable

import msgspec

from comparison.core.errors import NoCaseSelected, TargetError, UsageError, nearest
from comparison.models import Case, Request
from comparison.targets.servers.stacks import EXTRA, SERVERS, STACKS

from .client import Wanted

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
"""How each framework's views are written; in brackets, the other way."""

KINDS = {"sleep": 1000, "cpu": 100, "json": None, "stream": None}
"""The kinds of work, and the most milliseconds that may be asked for."""

POOLED = ("waitress", "gunicorn-gthread")  # servers with a pool of threads
MOST_AT_ONCE = 1000
CASES = "cases"  # the name of the work that case files describe

_WORK = re.compile(r"([a-z]+)(?::([0-9]{1,9})ms)?\Z")


class Work(msgspec.Struct, frozen=True):
    """Work under the name that it is asked for by: its requests, by how views are written.

    >>> parse_work("sleep:50ms").wanted["async"][0].request.path
    '/work/async/sleep/50'
    """

    name: str
    wanted: dict[str, tuple[Wanted, ...]]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured, and the bounds. Times are seconds.

    `targets` are stacks or what somebody named, by name. `requests` is how many a round
    may send at one concurrency, `time` how long everything may take.
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
    """Work as written on the command line. Raises UsageError."""
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
        wanted = kind if most is None else f"{kind}:{most // 20}ms"
        raise UsageError(f"--work {text!r}: write {wanted}")
    if most is not None and not 1 <= milliseconds <= most:
        raise UsageError(f"--work {text!r}: from 1 to {most} milliseconds")
    path = kind if most is None else f"{kind}/{milliseconds}"
    return Work(
        text,
        {
            way: (Wanted(Request(path=f"/work/{way}/{path}"), 200, steady=True),)
            for way in ("sync", "async")
        },
    )


def work_of(cases: Collection[Case]) -> Work:
    """The requests of cases as work, in turns.

    Raises UsageError for a case that needs more than its request, NoCaseSelected for
    none.
    """
    wanted = []
    for case in cases:
        needs = [
            name for name in ("before", "settings", "fresh") if getattr(case, name)
        ]
        if isinstance(case.request.chunks, tuple):
            needs.append("chunks")
        if case.request.mount:
            needs.append("mount")
        if case.request.http_version != "1.1":
            needs.append("http_version")
        if needs or not case.request.path.startswith("/"):
            what = needs[0] if needs else f"the path {case.request.path!r}"
            raise UsageError(
                f"case {case.id!r}: a load is single requests, and it has {what};"
                " leave it out with -k"
            )
        wanted.append(Wanted(case.request, case.expect.status if case.expect else None))
    if not wanted:
        raise NoCaseSelected("there is no case to ask")
    return Work(CASES, dict.fromkeys(("sync", "async"), tuple(wanted)))


def parse_concurrency(text: str) -> tuple[int, ...]:
    """Numbers of requests in flight. Raises UsageError.

    >>> parse_concurrency("10,1,2")
    (1, 2, 10)
    """
    found = set()
    for item in text.split(","):
        if not item.strip().isdecimal() or not 1 <= int(item) <= MOST_AT_ONCE:
            raise UsageError(
                f"--concurrency {item!r}: write numbers from 1 to {MOST_AT_ONCE},"
                " as 1,10,100"
            )
        found.add(int(item))
    return tuple(sorted(found))


def choose_stacks(names: Iterable[str], topics: bool) -> dict[str, str]:
    """The SPECs of the stacks asked for, or of the popular ones that are installed.

    With `topics` the apps are made with all of their topics, not with that of the work
    alone. Raises UsageError for a stack that there is not, TargetError for one not
    installed.
    """
    known = [f"{way}+{s}" for way in WAYS for s in _servers(way)]
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            hint = nearest(name, known) or f"; there are {', '.join(known)}"
            raise UsageError(f"--stack {name!r}: unknown stack{hint}")
        if not _installed(name):
            raise TargetError(f"--stack {name!r}: install it: pip install '{EXTRA}'")
    chosen = chosen or tuple(name for name in POPULAR if _installed(name))
    return {name: _spec(name, topics) for name in chosen}


def _servers(way: str) -> list[str]:
    framework = way.partition("[")[0]
    pairs = (stack.split("+") for stack in STACKS)
    return [server for name, server in pairs if name == framework]


def _installed(stack: str) -> bool:
    return SERVERS[stack.partition("+")[2]].installed


def _spec(stack: str, topics: bool) -> str:
    way, _, server = stack.partition("+")
    made = "" if topics else ":create_app({'TOPICS': ['work']})"
    return f"{way.partition('[')[0]}_app{made}@{server}"


def way_of(target: str) -> str:
    """How the views of a target are written, as far as its name is that of a stack.

    >>> way_of("flask[async]+waitress"), way_of("quart+hypercorn"), way_of("shop")
    ('async', 'async', 'sync')
    """
    return WAYS.get(target.partition("+")[0], "sync")


def threads_of(spec: str, threads: int) -> int | None:
    """The threads of a server that has a pool of them, None of another."""
    return threads if spec.partition("@")[2] in POOLED else None
