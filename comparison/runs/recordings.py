"""Read recordings to compare without sending anything: HAR files and saved runs."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Struct

from comparison.cases.sources.draft import identifier
from comparison.cases.sources.har import Entry, EntryResponse, read_entries
from comparison.cases.sources.recorded_bodies import sent_content
from comparison.cases.sources.static_files import is_static
from comparison.core.errors import UsageError, nearest
from comparison.models import (
    Case,
    Environment,
    Exchange,
    Failure,
    Recording,
    Request,
    Response,
    SentRequest,
    TargetInfo,
)
from comparison.models.request import decoded as decoded_base64
from comparison.targets.http import decode_body

from .storage import read_header, read_lines

RECORD_AGAIN = "record it again"
SNIFFED = 2000  # bytes in which a HAR file names its log


class Recorded(Struct, frozen=True):
    """One recording of a file, and the case that it is of."""

    case: Case
    recording: Recording

    @property
    def request(self) -> tuple[str, str]:
        """The request that pairs this with a recording of another kind of file."""
        sent = self.recording.exchange.request
        return sent.method, sent.path


class Source(Struct, frozen=True):
    """The recordings of one target in a file; a HAR file has no `environment`.

    `left_out` counts the entries that are not compared, by reason.
    """

    path: Path
    info: TargetInfo
    recorded: list[Recorded]
    environment: Environment | None = None
    left_out: Mapping[str, int] = {}

    @property
    def by_id(self) -> bool:
        """Return whether ids identify the recordings."""
        return self.environment is not None


def read_source(
    path: Path, target: str | None, hosts: Collection[str], option: str
) -> Source:
    """Read the recordings of one target. `option` is the option that names it.

    Raises UsageError if the file does not exist, or if it has several targets and none is
    named. Raises DocumentError for a file that is wrong.
    """
    return _of_har(path, hosts) if _is_har(path) else _of_run(path, target, option)


def _is_har(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            start = stream.read(SNIFFED)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    return path.suffix == ".har" or (
        path.suffix != ".jsonl" and b'"log"' in start and b"schema_version" not in start
    )


def _of_run(path: Path, target: str | None, option: str) -> Source:
    header = read_header(path, RECORD_AGAIN)
    infos = {info.name: info for info in header.targets}
    if target is None and len(infos) > 1:
        names = " and ".join(infos)
        raise UsageError(f"{path}: has the targets {names}; choose one with {option}")
    name = next(iter(infos)) if target is None else target
    if name not in infos:
        raise UsageError(
            f"{option} {name}: {path} has no such target{nearest(name, infos)}"
        )
    recorded = [
        Recorded(_case_of(line.case, line.recordings[name]), line.recordings[name])
        for line in read_lines(path)
        if name in line.recordings
    ]
    return Source(path, infos[name], recorded, header.environment)


def _case_of(case_id: str, recording: Recording) -> Case:
    *setup, own = map(_request_of, (*recording.setup, recording.exchange))
    return Case(case_id, own, title=case_id, setup=tuple(setup))


def _request_of(exchange: Exchange) -> Request:
    sent = exchange.request
    body = UNSET if sent.body is None else sent.body
    try:
        return Request(
            sent.method, sent.path, sent.headers, text=body, mount=sent.mount
        )
    except ValueError:  # A capture may have made it.
        return Request()


def _of_har(path: Path, hosts: Collection[str]) -> Source:
    wanted = {host.lower() for host in hosts}
    left_out: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    recorded: list[Recorded] = []
    for entry in read_entries(path):
        try:
            url = urlsplit(entry.request.url)
        except ValueError:
            left_out["with an address that is none"] += 1
            continue
        host = url.netloc.rpartition("@")[2].lower()
        if not hosts:
            wanted = wanted or {host}
        if host not in wanted:
            left_out[f"to {host}"] += 1
        elif is_static(entry, url.path):
            left_out["for static files"] += 1
        else:
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            recorded.append(_of_entry(entry, target, ids))
    name = path.stem
    return Source(
        path, TargetInfo(name, str(path), None, "recorded"), recorded, left_out=left_out
    )


def _of_entry(entry: Entry, target: str, ids: Counter[str]) -> Recorded:
    method = entry.request.method
    plain = identifier(method, target.partition("?")[0])
    ids[plain] += 1
    case_id = plain if ids[plain] == 1 else f"{plain}-{ids[plain]}"
    headers = tuple((each.name, each.text) for each in entry.request.headers)
    body, encoded = decode_body(sent_content(entry.request))
    sent = SentRequest(method, target, headers, body or None, encoded or None)
    response, failure = _response_of(entry.response or EntryResponse())
    recording = Recording(Exchange(sent, response, failure), (), (), ())
    try:
        request = Request(method, target, headers)
    except ValueError:
        request = Request(path=target if target.startswith("/") else "/")
    return Recorded(Case(case_id, request, title=f"{method} {target}"), recording)


def _response_of(entry: EntryResponse) -> tuple[Response | None, Failure | None]:
    if entry.status < 100:
        return None, Failure("closed", "the recording has no response")
    content = (entry.content.text or "").encode()
    if entry.content.encoding == "base64":
        try:
            content = decoded_base64(entry.content.text or "")
        except ValueError:
            return None, Failure("incomplete", "the recorded body is not base64")
    body, encoded = decode_body(content)
    headers = tuple((each.name, each.text) for each in entry.headers)
    names = {name.lower() for name, _ in headers}
    framing = "content-length" if "content-length" in names else "close"
    version = (entry.http_version or "").upper().removeprefix("HTTP/") or "1.1"
    reason = entry.status_text or ""
    return Response(
        entry.status, reason or None, headers, body,
        "chunked" if "transfer-encoding" in names else framing, version, encoded,
        status_line=f"HTTP/{version} {entry.status} {reason}".rstrip(),
    ), None  # fmt: skip


def paired(
    reference: Source, candidate: Source
) -> Iterator[tuple[Case, Recording | None, Recording | None]]:
    """Yield the recordings that belong together, and those of one side alone.

    Saved runs have ids. Other recordings belong together if their requests have the same
    method and target; equal requests do in their order.
    """
    by_id = reference.by_id and candidate.by_id
    waiting: dict[object, list[Recorded]] = {}
    for each in candidate.recorded:
        waiting.setdefault(each.case.id if by_id else each.request, []).append(each)
    for each in reference.recorded:
        found = waiting.get(each.case.id if by_id else each.request)
        yield each.case, each.recording, found.pop(0).recording if found else None
    for left in waiting.values():
        for each in left:
            yield each.case, None, each.recording


def renamed(reference: Source, candidate: Source) -> tuple[TargetInfo, TargetInfo]:
    """Return both targets with names that differ: their own, or those of the files."""
    one, other = reference.info, candidate.info
    if one.name == other.name:
        stems = reference.path.stem, candidate.path.stem
        names = stems if stems[0] != stems[1] else ("reference", "candidate")
        one = msgspec.structs.replace(one, name=names[0])
        other = msgspec.structs.replace(other, name=names[1])
    return one, other
