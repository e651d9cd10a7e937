"""`merge`: the shards of one run, kept as JSON Lines, joined into one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from .baseline import read_header
from .errors import DocumentError, UsageError
from .model import Normalisation, RunHeader, Summary
from .reports.output import replacing
from .reports.wording import verdict_line

SAME = ("environment", "targets", "lone_rules", "cases_digest", "known_digest")


def merge(files: Sequence[Path], output: Path) -> RunHeader:
    """Write the run that the shards in these files are parts of.

    The order is that of the shards, however the files are given. Raises DocumentError
    where a file is no shard, is of another run, or where one is missing or twice;
    nothing is written then.
    """
    headers = {path: _shard(path) for path in files}
    _agree(headers)
    ordered = sorted(headers, key=lambda path: _number(headers[path]))
    joined = _joined([headers[path] for path in ordered])
    with replacing(output) as stream:
        stream.write(msgspec.json.encode(joined) + b"\n")
        for path in ordered:
            for line in _lines(path):
                stream.write(line)
    return joined


def verdict(header: RunHeader) -> str:
    """The joined run in one line."""
    assert header.summary is not None
    lone = len(header.lone_rules)
    return verdict_line(header.summary, header.interrupted, lone)


def _shard(path: Path) -> RunHeader:
    header = read_header(path, "run the shard again")
    if not header.shard:
        raise DocumentError([f"{path}:1: shard: is not a shard: run with --shard i/n"])
    if header.summary is None:
        raise DocumentError([f"{path}:1: summary: the run did not end"])
    return header


def _agree(headers: dict[Path, RunHeader]) -> None:
    (first, reference), *others = headers.items()
    problems = [
        f"{path}:1: {field}: is another than in {first}"
        for path, header in others
        for field in SAME
        if getattr(header, field) != getattr(reference, field)
    ]
    count = reference.shard.partition("/")[2]
    found = Counter(header.shard for header in headers.values())
    wanted = [f"{number}/{count}" for number in range(1, int(count) + 1)]
    problems += [f"shard {shard} is missing" for shard in wanted if shard not in found]
    problems += [f"shard {shard} is given twice" for shard in found if found[shard] > 1]
    problems += [
        f"shard {shard} is not one of {count}" for shard in found if shard not in wanted
    ]
    if problems:
        raise DocumentError(problems)


def _joined(headers: Sequence[RunHeader]) -> RunHeader:
    totals: Counter[str] = Counter()
    rules: dict[str, Normalisation] = {}
    for header in headers:
        assert header.summary is not None  # of a run that ended
        totals.update(msgspec.structs.asdict(header.summary))
        for rule in header.normalisations:
            before = rules[rule.name].applied if rule.name in rules else 0
            rules[rule.name] = Normalisation(
                rule.name, before + rule.applied, rule.description
            )
    return msgspec.structs.replace(
        headers[0],
        normalisations=tuple(rules.values()),
        summary=Summary(**totals),
        exit_code=max(header.exit_code or 0 for header in headers),
        interrupted=any(header.interrupted for header in headers),
        agreement=msgspec.UNSET,
        control=msgspec.UNSET,
        shard="",
    )


def _number(header: RunHeader) -> int:
    return int(header.shard.partition("/")[0])


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            stream.readline()
            for line in stream:
                if line.strip():
                    yield line if line.endswith(b"\n") else line + b"\n"
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
