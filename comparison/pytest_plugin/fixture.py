"""The function that the fixture `compare_apps` provides."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from comparison.core.errors import UsageError
from comparison.core.validation import validation_errors
from comparison.models import Case, Comparison, Expect, Request
from comparison.runner.engine import CaseRunner
from comparison.targets import Target, resolve_target

from .project import FAILING, fail_with_tables, normalised, project_of


@contextmanager
def comparing(
    request: pytest.FixtureRequest, targets: Mapping[str, Any] | None
) -> Iterator[Callable[..., Comparison]]:
    """Provide the function of `compare_apps`, and shut down its own apps afterwards."""
    project = project_of(request.config)
    own: CaseRunner | None = None
    if targets is not None:
        resolved = {name: resolve_target(what, name) for name, what in targets.items()}
        own = project.runner_for(resolved)

    def compare_apps(
        what: str | Request | Case, *, expect: Any = None, **fields: Any
    ) -> Comparison:
        __tracebackhide__ = True
        case = _case(what, expect, fields, request.node.name)
        (case,) = project.settings.with_project_rules([case])
        with project.settings.hiding([case]):
            comparison = (own or project.runner).run(case)
        request.node.user_properties += normalised(comparison)
        if comparison.verdict in FAILING:
            fail_with_tables(project.redact(comparison, request.node), request.node)
        return comparison

    def reference() -> Target:
        return next(iter((own or project.runner).targets.values()))

    compare_apps.reference = reference  # type: ignore[attr-defined]
    try:
        yield compare_apps
    finally:
        if own is not None:
            own.close()


def _case(
    what: str | Request | Case, expect: Any, fields: dict[str, Any], name: str
) -> Case:
    __tracebackhide__ = True
    if isinstance(what, str):
        converted: Request | Case = _converted({"path": what, **fields}, Request)
    elif fields:
        raise TypeError(f"a {type(what).__name__} already says {', '.join(fields)}")
    else:
        converted = what
    case = (
        converted if isinstance(converted, Case) else Case(name, converted, title=name)
    )
    if isinstance(expect, dict):
        expect = _converted(expect, Expect)
    return case if expect is None else msgspec.structs.replace(case, expect=expect)


def _converted(fields: dict[str, Any], type_: Any) -> Any:
    """Convert the fields of a case file. Raises UsageError that says what is wrong."""
    __tracebackhide__ = True
    try:
        return msgspec.convert(fields, type_)
    except (msgspec.ValidationError, RecursionError):
        messages = [
            ": ".join(filter(None, [".".join(map(str, at)), message]))
            for at, message in validation_errors(fields, type_)
        ]
        raise UsageError("\n".join(messages)) from None
