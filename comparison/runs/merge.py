"""`merge`: join the shards of one run, saved as JSON Lines."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from comparison.cases import digest_of, parse_shard, shard_of
from comparison.core.errors import DocumentError, UsageError
from comparison.known.notices import Notices
from comparison.models import Case, Comparison, Normalisation, RunHeader, Summary
from comparison.reports import make_report
from comparison.reports.output import SUFFIXES, replacing
from comparison.reports.wording import verdict_line

from .storage import check_lines, read_comparisons, read_header

SAME = ("environment", "targets", "route_mismatches", "cases_digest", "known_digest")
_SHARD = re.compile(r" --shard[= ]\S+")
AGAIN = "copy it again, or run the shard again"
GIVE = "give --cases and -k as they were given to run"


def merge(
    files: Sequence[Path],
    output: Path,
    cases: Collection[Case] = (),
    redact: Callable[[Comparison], Comparison] = lambda comparison: comparison,
) -> RunHeader:
    """Write one run from the shards in these files.

    The order of the files does not matter. JSON Lines are copied unchanged, in the
    order of the shards. The suffix of `output` may select another format, which has
    more about a case than its line. It then needs `cases`, the cases that the shards
    ran: it follows their order. It writes each comparison as `redact` returns it.

    Raises DocumentError if a file is not a whole shard, belongs to another run, or if a
    shard is missing or given twice. Raises UsageError for other cases. Nothing is
    written then.
    """
    headers = {path: _shard(path) for path in files}
    _agree(headers)
    ordered = sorted(headers, key=lambda path: _number(headers[path]))
    for path in ordered:
        check_lines(path, headers[path], AGAIN)
    joined = _joined([headers[path] for path in ordered])
    format_ = format_merged(output)
    if format_ != "jsonl" and joined.cases_digest != digest_of(cases):
        raise UsageError(f"the cases are not those of the shards: {GIVE}")
    with replacing(output) as stream:
        if format_ == "jsonl":
            stream.write(msgspec.json.encode(joined) + b"\n")
            for path in ordered:
                for line in _lines(path):
                    stream.write(line)
            return joined
        report = make_report(format_, stream)
        report.begin(joined)
        shards = {path: headers[path].shard for path in ordered}
        for comparison in _in_order(shards, list(cases)):
            report.add(redact(comparison))
        report.end(joined)
    return joined


def _in_order(shards: dict[Path, str], cases: list[Case]) -> Iterator[Comparison]:
    """Yield the comparisons of all shards, in the order of the cases."""
    readers, paths = {}, {}
    for path, shard in shards.items():
        share = shard_of(cases, *parse_shard(shard))
        readers[path] = read_comparisons(path, share, GIVE)
        paths.update(dict.fromkeys((case.id for case in share), path))
    for case in cases:
        path = paths[case.id]
        comparison = next(readers[path], None)
        if comparison is None:
            raise DocumentError([f"{path}: case {case.id!r} is missing"])
        yield comparison
    for reader in readers.values():
        # An extra line is an error.
        next(reader, None)


def format_merged(output: Path) -> str:
    """Return the format of the merged run: the suffix decides, else JSON Lines."""
    return SUFFIXES.get(output.suffix, "jsonl")


def verdict(header: RunHeader) -> str:
    """Return the verdict of the merged run in one line."""
    assert header.summary is not None
    lone = len(header.route_mismatches)
    return verdict_line(header.summary, header.interrupted, lone)


def _shard(path: Path) -> RunHeader:
    header = read_header(path, AGAIN)
    if not header.shard:
        raise DocumentError([f"{path}:1: shard: is not a shard: run with --shard i/n"])
    try:
        parse_shard(header.shard)
    except UsageError:
        message = f"{path}:1: shard: is {header.shard!r}, not a shard such as 1/4"
        raise DocumentError([message]) from None
    if header.summary is None:
        raise DocumentError([f"{path}:1: summary: the run did not end"])
    return header


def _agree(headers: dict[Path, RunHeader]) -> None:
    (first, reference), *others = headers.items()
    problems = [
        f"{path}:1: {field}: is not the same as in {first}"
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
    notices = Notices()
    for header in headers:
        assert header.summary is not None  # the run has ended
        totals.update(msgspec.structs.asdict(header.summary))
        notices.join(header.stale_notices)
        for rule in header.normalisations:
            before = rules[rule.name].applied if rule.name in rules else 0
            rules[rule.name] = Normalisation(
                rule.name, before + rule.applied, rule.description
            )
    return msgspec.structs.replace(
        headers[0],
        command=_SHARD.sub("", headers[0].command),
        normalisations=tuple(rules.values()),
        summary=Summary(**totals),
        exit_code=max(header.exit_code or 0 for header in headers),
        interrupted=any(header.interrupted for header in headers),
        agreement=msgspec.UNSET,
        stale_notices=tuple(notices),
        self_check=msgspec.UNSET,
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
                    yield line
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
