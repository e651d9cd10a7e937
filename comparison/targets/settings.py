"""An app's settings as reports show them: what is plain, with secrets masked."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

_SECRET = re.compile(
    r"SECRET|PASSWORD|TOKEN|KEY|CREDENTIAL|DSN|DATABASE|_URI$", re.IGNORECASE
)
MASK = "•••"


def shown_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that can change an answer; secrets only as set or not set.

    >>> shown_settings({"TESTING": True, "SECRET_KEY": "s", "MAIL_PASSWORD": None})
    {'MAIL_PASSWORD': None, 'SECRET_KEY': '•••', 'TESTING': True}
    >>> shown_settings({"SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=12)})
    {'SEND_FILE_MAX_AGE_DEFAULT': '12:00:00'}
    """
    return {name: _shown(name, config[name]) for name in sorted(config)}


def _shown(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET.search(name):
        return MASK
    if isinstance(value, str | timedelta):
        return str(value)
    return type(value).__name__
