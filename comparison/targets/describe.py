"""Describe an app for reports: why it failed, and its settings without secrets."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from comparison.core.errors import TargetError
from comparison.core.surrogates import printable
from comparison.models import Case, Failure, Response
from comparison.redaction import masked_setting, redacted_command
from comparison.tracing import current, describe, framework_of, raised_events

MAX_MESSAGE = 1000  # characters
MASK = "•••"


def describe_failure(
    error: BaseException, partial: Response | None, protocol: bool
) -> Failure:
    """Make the failure that we record for an exception of an app."""
    if protocol:
        return Failure("protocol", printable(str(error)), partial)
    kind = "raised" if partial is None else "aborted"
    return Failure(kind, describe(error, MAX_MESSAGE), partial)


def note_raised(error: BaseException) -> None:
    """Add an exception that left the app to the trace of the current request."""
    if (trace := current.get()) is not None:
        trace.extend(raised_events("app_raised", error))


def settings_of(app: Any) -> dict[str, Any]:
    """Return the masked settings of an app, if we know its framework."""
    known = framework_of(app) is not None
    return masked_settings(getattr(app, "config", {}) if known else {})


def masked_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Mask an app's settings: a secret shows only as set or not set.

    >>> masked_settings({"TESTING": True, "SECRET_KEY": "s", "MAIL_PASSWORD": None})
    {'MAIL_PASSWORD': None, 'SECRET_KEY': '•••', 'TESTING': True}
    >>> masked_settings({"SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=12)})
    {'SEND_FILE_MAX_AGE_DEFAULT': '12:00:00'}
    >>> masked_settings({"PASSWORD": 987654321, "SHOP": "http://me:hidden@shop.example"})
    {'PASSWORD': '•••', 'SHOP': 'http://•••@shop.example'}
    """
    return {name: _masked(name, config[name]) for name in sorted(config)}


def _masked(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if masked_setting(name):
        return MASK
    if isinstance(value, int | float):
        return value
    if isinstance(value, str | timedelta):
        return redacted_command(str(value))
    return type(value).__name__


def with_case(error: TargetError, case: Case) -> TargetError:
    """Add the case to an error, if the case has settings or a fresh app."""
    if not (case.settings or case.fresh):
        return error
    where = f"{case.origin}: " if case.origin else ""
    return TargetError(f"{where}case {case.id!r}: {error}")
