"""The status sweep: one code after another through every stack asked for.

Each stack has a server and a thread of its own. What is done is written to a journal
block by block, so that an interrupted sweep goes on where it was.
"""

import queue
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from comparison.core.errors import UsageError
from comparison.models import Case, Exchange, Request
from comparison.runner.environment import environment
from comparison.studies.models import StatusMap, StatusOutcome, StatusRange
from comparison.targets import build_request
from comparison.targets.http import allows_body
from comparison.targets.http1.reuse import CORRUPTED, STUCK
from comparison.targets.servers import ServerTarget

from .codes import Ranges, every_code
from .status_app import MESSAGE, PIECES

BLOCK = 100  # codes that are asked before they are written down
TIMEOUT = 5.0  # seconds
BODIES = {"json": MESSAGE, "empty": "", "stream": "".join(PIECES), "head": ""}
NO_CONTENT = 205  # a response that has no content although it could (RFC 9110 15.3.6)


class Plan(msgspec.Struct, frozen=True):
    """What a sweep asks: the first line of its journal."""

    codes: Ranges
    stacks: tuple[str, ...]
    variants: tuple[str, ...]


class Block(msgspec.Struct, frozen=True):
    """What became of some codes: a line of the journal."""

    ranges: tuple[StatusRange, ...]
    number: int

    @property
    def key(self) -> tuple[str, str, int]:
        """Which block it is."""
        return self.ranges[0].stack, self.ranges[0].variant, self.number


class Journal:
    """The blocks that are done, in a file of JSON Lines if a path is given."""

    def __init__(self, plan: Plan, path: Path | None, resume: bool) -> None:
        self.plan = plan
        self.path = path
        self.blocks: dict[tuple[str, str, int], Block] = {}
        if path is None:
            return
        if resume and path.exists() and path.stat().st_size:
            self._read(path)
            return
        try:
            path.write_bytes(msgspec.json.encode(plan) + b"\n")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None

    def add(self, block: Block) -> None:
        """A block is done."""
        self.blocks[block.key] = block
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(block) + b"\n")

    def finish(self) -> None:
        """The whole is kept elsewhere now."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _read(self, path: Path) -> None:
        first, *lines = path.read_bytes().splitlines() or [b""]
        try:
            plan = msgspec.json.decode(first, type=Plan)
        except msgspec.MsgspecError:
            raise UsageError(f"{path}: not the journal of a sweep") from None
        if plan != self.plan:
            raise UsageError(
                f"{path}: was begun with other codes, stacks or variants; ask for the"
                " same, or begin anew without --resume"
            )
        for line in lines:
            try:
                block = msgspec.json.decode(line, type=Block)
            except msgspec.MsgspecError:
                continue  # the line that was being written when it ended
            self.blocks[block.key] = block


class Sweep:
    """Iterate over it for the number of codes that are done, one step after another."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self.plan = plan
        self.journal = journal
        self.stopping = threading.Event()
        codes = every_code(plan.codes)
        self.cut = [codes[n : n + BLOCK] for n in range(0, len(codes), BLOCK)]
        self.total = len(codes) * len(plan.stacks) * len(plan.variants)

    def __iter__(self) -> Iterator[int]:
        """Ask what is still to be asked. Raises what a stack raised."""
        yield sum(last - first + 1 for first, last in map(_bounds, self._done_ranges()))
        results: queue.SimpleQueue[Block | BaseException | None] = queue.SimpleQueue()
        threads = [
            threading.Thread(target=self._stack, args=(stack, results), daemon=True)
            for stack in self.plan.stacks
        ]
        for thread in threads:
            thread.start()
        try:
            running = len(threads)
            while running:
                result = results.get()
                if result is None:
                    running -= 1
                elif isinstance(result, BaseException):
                    raise result
                else:
                    self.journal.add(result)
                    yield sum(
                        last - first + 1 for first, last in map(_bounds, result.ranges)
                    )
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    def result(self, command: str) -> StatusMap:
        """What is known by now, folded into ranges."""
        ranges = sorted(
            self._done_ranges(),
            key=lambda r: (
                self.plan.stacks.index(r.stack), self.plan.variants.index(r.variant), r.first
            ),
        )  # fmt: skip
        return StatusMap(
            command=command,
            environment=environment(),
            codes=self.plan.codes,
            stacks=self.plan.stacks,
            variants=self.plan.variants,
            ranges=tuple(folded(ranges)),
        )

    def _done_ranges(self) -> list[StatusRange]:
        return [r for block in self.journal.blocks.values() for r in block.ranges]

    def _stack(
        self, stack: str, results: "queue.SimpleQueue[Block | BaseException | None]"
    ) -> None:
        missing = [
            (variant, number)
            for variant in self.plan.variants
            for number in range(len(self.cut))
            if (stack, variant, number) not in self.journal.blocks
        ]
        try:
            if missing:
                asking = Stack(stack)
                try:
                    for variant, number in missing:
                        block = self._block(asking, variant, number)
                        if block is None:
                            break
                        results.put(block)
                finally:
                    asking.close()
        except BaseException as error:
            results.put(error)
        results.put(None)

    def _block(self, asking: "Stack", variant: str, number: int) -> Block | None:
        ranges = []
        for code in self.cut[number]:
            if self.stopping.is_set():
                return None
            ranges.append(asking.ask(variant, code))
        return Block(tuple(folded(ranges)), number)


class Stack:
    """The status app on one stack."""

    def __init__(self, name: str) -> None:
        framework, _, server = name.partition("+")
        spec = f"comparison.studies.sweep.status_app:make_{framework}()@{server}"
        self.name = name
        self.target = ServerTarget(name, spec)
        self.session = self.target.session(TIMEOUT)

    def ask(self, variant: str, code: int) -> StatusRange:
        """What a client receives of one code."""
        path = f"/{'json' if variant == 'head' else variant}/{code}"
        request = Request("HEAD" if variant == "head" else "GET", path)
        case = Case(f"{variant}-{code}", request)
        asked = self.session.ask(case, build_request(request))
        outcome, detail = classify(variant, code, asked.recording().exchange)
        return StatusRange(self.name, variant, code, code, outcome, detail)

    def close(self) -> None:
        """Stop the server."""
        self.session.close()
        self.target.close()


def classify(variant: str, code: int, exchange: Exchange) -> tuple[StatusOutcome, str]:
    """What became of a status code, and more of it where there is more to say."""
    failure, response = exchange.failure, exchange.response
    if failure is not None:
        if failure.kind == "died":
            return "server died", ""
        if failure.kind == "incomplete":
            return "body lost", failure.message
        if failure.kind == "protocol":
            return "no answer", "a status line that is not HTTP"
        return "no answer", failure.kind
    assert response is not None
    if response.status != code:
        return "other status", str(response.status)
    if response.connection in (CORRUPTED, STUCK):
        return "corrupted", "" if response.connection == CORRUPTED else STUCK
    sent = BODIES[variant]
    if response.body == sent:
        return "as sent", ""
    if not response.body:
        allowed = allows_body("GET", code) and code != NO_CONTENT
        return ("body lost" if allowed else "body dropped"), ""
    return "body lost", f"{len(response.body)} of {len(sent)} bytes"


def folded(ranges: Iterable[StatusRange]) -> Iterator[StatusRange]:
    """Neighbours of the same outcome as one range."""
    current: StatusRange | None = None
    for following in ranges:
        if current is not None and _same(current, following):
            current = msgspec.structs.replace(current, last=following.last)
            continue
        if current is not None:
            yield current
        current = following
    if current is not None:
        yield current


def _same(one: StatusRange, other: StatusRange) -> bool:
    mine = (one.stack, one.variant, one.outcome, one.detail, one.last + 1)
    return mine == (
        other.stack, other.variant, other.outcome, other.detail, other.first
    )  # fmt: skip


def _bounds(found: StatusRange) -> tuple[int, int]:
    return found.first, found.last


def sample(plan: Plan, every: int) -> list[int]:
    """Every so many-th code of a plan, for checking a recording without a sweep."""
    return list(islice(every_code(plan.codes), 0, None, every))
