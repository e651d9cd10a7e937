"""Run the status sweep: request one code after another from every stack.

Each stack has its own server and thread. The sweep writes finished blocks to a journal,
so that an interrupted sweep can resume.
"""

import queue
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from comparison.core.errors import UsageError
from comparison.models import Case, Exchange, Request, Response
from comparison.models.connection import CORRUPTED, STUCK
from comparison.runner.environment import environment
from comparison.studies.models import StatusMap, StatusOutcome, StatusRange
from comparison.targets import build_request
from comparison.targets.http import allows_body
from comparison.targets.servers.target import ServerTarget

from .codes import Ranges, every_code, runs
from .status_app import MESSAGE, PIECES

BLOCK = 100  # codes of one entry in the journal
TIMEOUT = 5.0  # seconds
BODIES = {"json": MESSAGE, "empty": "", "stream": "".join(PIECES), "head": ""}
NO_CONTENT = 205  # a response without content by definition (RFC 9110 15.3.6)


class Plan(msgspec.Struct, frozen=True):
    """The codes, stacks and variants of a sweep: the first line of its journal."""

    codes: Ranges
    stacks: tuple[str, ...]
    variants: tuple[str, ...]


class Block(msgspec.Struct, frozen=True):
    """The outcomes of some codes: a line of the journal."""

    ranges: tuple[StatusRange, ...]
    number: int

    @property
    def key(self) -> tuple[str, str, int]:
        """Return the stack, the variant and the number of the block."""
        return self.ranges[0].stack, self.ranges[0].variant, self.number


class Journal:
    """The finished blocks, in a file of JSON Lines if it has a path."""

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
        """Add a finished block."""
        self.blocks[block.key] = block
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(block) + b"\n")

    def finish(self) -> None:
        """Delete the file, after the whole result is written elsewhere."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _read(self, path: Path) -> None:
        first, *lines = path.read_bytes().splitlines() or [b""]
        try:
            plan = msgspec.json.decode(first, type=Plan)
        except msgspec.MsgspecError:
            raise UsageError(f"{path}: is not the journal of a sweep") from None
        if plan != self.plan:
            raise UsageError(
                f"{path}: belongs to a sweep with other codes, stacks or variants. Use"
                " the same ones, or start again without --resume"
            )
        for line in lines:
            try:
                block = msgspec.json.decode(line, type=Block)
            except msgspec.MsgspecError:
                continue  # the last line is incomplete if the sweep was interrupted
            self.blocks[block.key] = block


class Sweep:
    """A sweep to iterate over; each step yields the number of codes it has finished."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self.plan = plan
        self.journal = journal
        self.stopping = threading.Event()
        codes = every_code(plan.codes)
        self.cut = [codes[n : n + BLOCK] for n in range(0, len(codes), BLOCK)]
        self.total = len(codes) * len(plan.stacks) * len(plan.variants)

    def __iter__(self) -> Iterator[int]:
        """Run the missing blocks. Raises the error of a stack."""
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
        """Return the outcomes so far, joined into ranges."""
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
            ranges=tuple(joined(ranges)),
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
                target = Stack(stack)
                try:
                    for variant, number in missing:
                        block = self._block(target, variant, number)
                        if block is None:
                            break
                        results.put(block)
                finally:
                    target.close()
        except BaseException as error:
            results.put(error)
        results.put(None)

    def _block(self, stack: "Stack", variant: str, number: int) -> Block | None:
        ranges = []
        for code in self.cut[number]:
            if self.stopping.is_set():
                return None
            ranges.append(stack.send(variant, code))
        return Block(tuple(joined(ranges)), number)


class Stack:
    """The status app on one stack."""

    def __init__(self, name: str) -> None:
        framework, _, server = name.partition("+")
        spec = f"comparison.studies.sweep.status_app:make_{framework}()@{server}"
        self.name = name
        self.target = ServerTarget(name, spec)
        self.session = self.target.session(TIMEOUT)

    def send(self, variant: str, code: int) -> StatusRange:
        """Request one code and return its outcome."""
        outcome, detail = classify(variant, code, self.exchange(variant, code))
        return StatusRange(self.name, variant, code, code, outcome, detail)

    def exchange(self, variant: str, code: int) -> Exchange:
        """Request one code and return the exchange."""
        path = f"/{'json' if variant == 'head' else variant}/{code}"
        request = Request("HEAD" if variant == "head" else "GET", path)
        case = Case(f"{variant}-{code}", request)
        return self.session.run(case, build_request(request)).exchange

    def close(self) -> None:
        """Stop the server."""
        self.session.close()
        self.target.close()


def classify(variant: str, code: int, exchange: Exchange) -> tuple[StatusOutcome, str]:
    """Return the outcome of a status code, and details if there are any."""
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
    if response.status != code or _is_error_page(variant, response):
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


def _is_error_page(variant: str, response: Response) -> bool:
    """Return True if the response to HEAD has the length of another body than GET gets.

    The server may have made it, and its status may be the requested one by coincidence.
    """
    lengths = set(response.header("content-length"))
    return variant == "head" and bool(lengths - {str(len(MESSAGE))})


def joined(ranges: Iterable[StatusRange]) -> Iterator[StatusRange]:
    """Join neighbouring ranges with the same outcome."""
    pieces = (
        (r.first, r.last, (r.stack, r.variant, r.outcome, r.detail)) for r in ranges
    )
    for first, last, (stack, variant, outcome, detail) in runs(pieces):
        yield StatusRange(stack, variant, first, last, outcome, detail)


def _bounds(found: StatusRange) -> tuple[int, int]:
    return found.first, found.last
