"""An app's settings as reports show them: plain values, with secrets masked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from comparison.redaction import masked_setting, redacted_command

MASK = "•••"


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
