"""Write JUnit XML for GitLab, Jenkins and other readers.

The report has only elements and attributes that both published schemas allow: that of
Jenkins' xUnit plugin and that of Windy Road.
"""

import re
import time
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from comparison.core.escaping import visible
from comparison.models import Comparison, RouteMismatch, RunHeader

from .failure import failure_text
from .groups import summary
from .layers import Layers
from .skipped import skipped_reason
from .wording import (
    applied_line,
    environment_line,
    failure_lines,
    notice_line,
    rule_line,
    rules_line,
    target_line,
)

# XML 1.0 section 2.2: the characters that a document may contain.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitReport:
    """A report with one test suite and a test case for each case."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.parts: list[str] = []
        self.layers = Layers()
        self.seconds = 0.0
        self.failures = 0
        self.started = time.gmtime()

    def begin(self, header: RunHeader) -> None:
        """Add a test case for the route mismatches."""
        if header.route_mismatches:
            self._test("url-rules", "url rules", 0.0, _rules(header.route_mismatches))

    def add(self, comparison: Comparison) -> None:
        """Add one test case."""
        self.layers.add(comparison)
        case = comparison.case
        elapsed = [r.exchange.elapsed_ms for r in comparison.recordings.values()]
        seconds = sum(ms for ms in elapsed if isinstance(ms, float)) / 1000
        failure = None
        if comparison.verdict in ("different", "failed"):
            kind, text = comparison.verdict, failure_text(comparison)
            failure = (kind, _message(comparison), text)
        if comparison.verdict == "skipped":
            self._skipped(case.id, case.topic or "cases", skipped_reason(comparison))
            return
        self._test(case.id, case.topic or "cases", seconds, failure)

    def end(self, header: RunHeader) -> None:
        """Write the document."""
        properties = {
            "verdict": self.layers.verdict(header),
            "command": header.command,
            "environment": environment_line(header),
            **{
                f"target.{target.name}": target_line(target, header)
                for target in header.targets
            },
            **{
                f"normalisation.{rule.name}": applied_line(rule)
                for rule in header.normalisations
            },
            **{
                f"stale.{notice.known}": notice_line(notice)
                for notice in header.stale_notices
            },
            **{
                f"differences.{layer}": str(count)
                for layer, count in self.layers.layers.most_common()
            },
            **{
                f"agreement.{pair.one}.{pair.other}": f"{pair.agreed}/{pair.total}"
                for pair in header.agreement or ()
            },
        }
        started = time.strftime("%Y-%m-%dT%H:%M:%S", self.started)
        counted = _attributes(
            name="comparison", tests=str(len(self.parts)), failures=str(self.failures),
            errors="0", time=f"{self.seconds:.3f}",
        )  # fmt: skip
        more = _attributes(
            id="0",
            package="comparison",
            timestamp=started,
            hostname="localhost",
        )
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<testsuites{counted}>",
            f"<testsuite{counted}{more}>",
            "<properties>",
            *(
                f"<property{_attributes(name=name, value=value)}/>"
                for name, value in properties.items()
            ),
            "</properties>",
            *self.parts,
            "<system-out/>",
            "<system-err/>",
            "</testsuite>",
            "</testsuites>",
        ]
        self.stream.write("\n".join(lines).encode() + b"\n")

    def _skipped(self, name: str, group: str, reason: str) -> None:
        opening = _attributes(name=name, classname=group, time="0.000000")
        inner = f"<skipped{_attributes(message=reason)}/>"
        self.parts.append(f"<testcase{opening}>{inner}</testcase>")

    def _test(
        self,
        name: str,
        group: str,
        seconds: float,
        failure: tuple[str, str, str] | None,
    ) -> None:
        self.seconds += seconds
        time_ = f"{seconds:.6f}"
        opening = _attributes(name=name, classname=group, time=time_)
        if failure is None:
            self.parts.append(f"<testcase{opening}/>")
            return
        self.failures += 1
        kind, message, text = failure
        inner = f"<failure{_attributes(type=kind, message=message)}>{_text(text)}"
        self.parts.append(f"<testcase{opening}>{inner}</failure></testcase>")


def _rules(mismatches: tuple[RouteMismatch, ...]) -> tuple[str, str, str]:
    return "rules", rules_line(len(mismatches)), "\n".join(map(rule_line, mismatches))


def _message(comparison: Comparison) -> str:
    messages = [f"{f.place} {f.summary}".strip() for f in comparison.findings]
    messages += [summary(difference) for difference in comparison.unexpected]
    messages += [
        f"{f.field}: {f.expected} expected of {f.target}"
        + (f" in request {f.request}" if f.request else "")
        for f in comparison.expectation.failures
        if f.known is None
    ]
    messages += [
        f"known difference {stale.known} no longer occurs"
        for stale in comparison.failing_stale
    ]
    messages += failure_lines(comparison)
    return "; ".join(dict.fromkeys(messages)) or comparison.verdict


def _attributes(**attributes: str) -> str:
    return "".join(
        f" {name}={quoteattr(_characters(value), {chr(10): '&#10;'})}"
        for name, value in attributes.items()
    )


def _text(text: str) -> str:
    return escape(_characters(text))


def _characters(text: str) -> str:
    return _NO_CHARACTER.sub("�", visible(text))
