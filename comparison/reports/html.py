"""Write the HTML report: one self-contained file, for a CI artifact or an attachment.

The page works without JavaScript; with JavaScript, it can filter and search cases. It
escapes all content of responses, and its policy allows no other script.
"""

import base64
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from operator import itemgetter
from typing import IO, Any

from comparison.core.escaping import visible
from comparison.models import Agreement, Comparison, Exchange, Recording, RunHeader

from .failure import failure_text
from .groups import DifferenceGroups
from .layers import (
    AGREEMENT,
    LAYERS,
    Layers,
    Place,
    agreement_rows,
    heading_of,
    layer_line,
    note_line,
    place_of,
    sentence,
)
from .todo import Task, TodoList, shows_more
from .wording import (
    MARKS,
    STALE_NOTICES,
    applied_line,
    environment_line,
    known_ids,
    notice_line,
    rule_line,
    rules_line,
    status_of,
    target_line,
)

IN_MEMORY = 8_000_000  # bytes of cases to hold in memory; more go to a file
MAX_BODY = 20_000  # characters of a body to show
EXPECTED: Place = (len(LAYERS) + 1, "")
COLUMNS = ("Step", "Action", "Status Code Set", "Response Content", "Client Receives")


class HtmlReport:
    """A report with the verdict, the difference groups, and every case to open.

    The cases that failed the run come first, by layer.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.groups = DifferenceGroups()
        self.layers = Layers()
        self.todo = TodoList()
        self.cases: dict[Place, Any] = {}

    def begin(self, header: RunHeader) -> None:
        """Write nothing yet, because the verdict comes first."""

    def add(self, comparison: Comparison) -> None:
        """Render one case as markup."""
        self.layers.add(comparison)
        unexpected = comparison.verdict in ("different", "failed")
        # Only the first case of a cause or of a group starts open.
        opened = False
        if unexpected:
            new = bool(self.todo.add(comparison))
            unlike = self.groups.add(comparison)
            opened = new if comparison.findings else unlike
            opened = opened or shows_more(comparison)
        text = "".join(_case(comparison, opened))
        place = place_of(comparison) if unexpected else EXPECTED
        if place not in self.cases:
            self.cases[place] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self.cases[place].write(visible(text).encode())

    def end(self, header: RunHeader) -> None:
        """Write the page."""
        self._write(_head(header, self.todo, self.layers))
        for place, cases in sorted(self.cases.items(), key=itemgetter(0)):
            heading = "As expected" if place == EXPECTED else heading_of(place)
            self._write(["<section>", f"<h3>{escape(heading)}</h3>\n"])
            cases.seek(0)
            shutil.copyfileobj(cases, self.stream)
            cases.close()
            self._write(["</section>\n"])
        self._write(_foot(header))

    def _write(self, parts: Iterable[str]) -> None:
        self.stream.write(visible("".join(parts)).encode())


def _head(header: RunHeader, todo: TodoList, layers: Layers) -> Iterator[str]:
    style, script = _static("report.css"), _static("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )
    mismatches = header.route_mismatches
    verdict = layers.verdict(header)
    reference, *others = (target_line(t, header) for t in header.targets)
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(verdict)}</title><style>{style}</style></head><body><main>\n"
    bad = ' class="bad"' if header.exit_code else ""
    yield f"<h1{bad}>{escape(verdict)}</h1>"
    yield f"<p>{escape(reference)} against {escape(' and '.join(others))}.<br>"
    yield f"{escape(environment_line(header))}</p>"
    if header.command:
        yield f"<p>Reproduce: <code>{escape(header.command)}</code></p>"
    if todo:
        yield '<h2>To do</h2><ol class="todo">'
        yield from (_task(task) for task in todo)
        yield "</ol>"
    yield from (f"<p>{escape(sentence(line))}</p>" for line in layers.lines())
    if header.agreement:
        yield f"<h2>{escape(sentence(AGREEMENT))}</h2>"
        yield from _grid(header.agreement)
    if mismatches:
        yield f"<h2>{escape(rules_line(len(mismatches)))}</h2><ul>"
        yield from (
            f"<li><code>{escape(rule_line(rule))}</code>" for rule in mismatches
        )
        yield "</ul>"
    if header.stale_notices:
        yield f"<h2>{escape(sentence(STALE_NOTICES))}</h2><ul>"
        yield from (f"<li>{escape(notice_line(n))}" for n in header.stale_notices)
        yield "</ul>"
    yield "<h2>Cases</h2><form hidden><label>Search "
    yield '<input type="search" name="search"></label>'
    for name, mark in MARKS.items():
        box = f'<input type="checkbox" name="verdict" value="{name}" checked>'
        yield f"<label>{box} {mark} {name} ({getattr(header.summary, name)})</label>"
    yield "<output></output></form>\n"


def _task(task: Task) -> str:
    finding = task.finding
    where = finding.place if finding.layer == "app" else finding.layer
    place = f"<code>{escape(where)}</code> " if where else ""
    remedy = f"<br><b>{escape(finding.remedy)}</b>" if finding.remedy else ""
    cases = f"<br><small>{escape(task.numbers)}: {escape(task.named)}</small>"
    return f"<li>{place}{escape(finding.summary)}{remedy}{cases}"


def _grid(agreement: Iterable[Agreement]) -> Iterator[str]:
    names, *rows = agreement_rows(agreement)
    yield '<table class="grid"><thead><tr>'
    yield from (f'<th scope="col">{escape(name)}' for name in names)
    yield "<tbody>"
    for name, *cells in rows:
        yield f'<tr><th scope="row">{escape(name)}'
        yield from (f"<td>{escape(cell)}" for cell in cells)
    yield "</table>"


def _foot(header: RunHeader) -> Iterator[str]:
    if header.normalisations:
        yield "<h2>Normalisations</h2><ul>"
        for rule in header.normalisations:
            text = f"{rule.name}, {applied_line(rule)}: "
            yield f"<li>{escape(text + rule.description)}"
        yield "</ul>"
    yield f"</main><script>{_static('report.js')}</script></body></html>\n"


def _case(comparison: Comparison, opened: bool) -> Iterator[str]:
    case, verdict = comparison.case, comparison.verdict
    unexpected = verdict in ("different", "failed")
    known = ", ".join(known_ids(comparison))
    words = [case.id, case.topic, case.title, case.request.request_line, known]
    words += [f"{d.field} {layer_line(d)}" for d in comparison.differences]
    search = escape(" ".join(words).lower())
    yield f'<details class="{verdict}" data-verdict="{verdict}"'
    yield f' data-search="{search}"{" open" if opened else ""}><summary><b>{MARKS[verdict]} {verdict}</b> '
    yield f"<code>{escape(case.id)}</code> {escape(status_of(comparison))} "
    yield f"{escape(note_line(comparison))}</summary>"
    if comparison.differences or unexpected:
        lines = "\n".join(map(_marked, failure_text(comparison).splitlines()))
        yield f"<pre>{lines}</pre>"
    else:
        yield f"<p><code>{escape(case.request.request_line)}</code></p>"
    yield '<div class="sides">'
    for name, recording in comparison.recordings.items():
        yield f"<section><h3>{escape(name)}</h3>"
        yield from _exchange(recording.exchange)
        yield from _table(recording)
        yield "</section>"
    yield "</div></details>\n"


def _marked(line: str) -> str:
    text = escape(line)
    match line.lstrip()[:2]:
        case "- ":
            return f"<del>{text}</del>"
        case "+ ":
            return f"<ins>{text}</ins>"
    return text


def _exchange(exchange: Exchange) -> Iterator[str]:
    if exchange.failure is not None:
        yield f"<pre>{escape(str(exchange.failure))}</pre>"
    if (response := exchange.response) is None:
        return
    lines = [f"{response.status} {response.reason or ''}".rstrip()]
    lines += [f"{name}: {value}" for name, value in response.headers]
    body = response.body or (str(response.body_base64) if response.body_base64 else "")
    more = f"… ({len(body)} characters)" if len(body) > MAX_BODY else ""
    text = "\n".join([*lines, "", body[:MAX_BODY] + more]).rstrip()
    yield f"<pre>{escape(text)}</pre>"


def _table(recording: Recording) -> Iterator[str]:
    yield "<table><thead><tr>"
    yield from (f'<th scope="col">{column}' for column in COLUMNS)
    yield "<tbody>"
    for row in recording.table:
        cells = (
            row.step, row.action, row.status_code_set, row.response_content,
            row.client_receives,
        )  # fmt: skip
        yield "<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in cells)
    yield "</table>"


def _static(name: str) -> str:
    return (files(__package__) / "static" / name).read_text("utf-8")
