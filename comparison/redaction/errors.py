"""Errors without secrets: what ends a command is shown too."""

import os
from collections.abc import Iterable

from .names import telling
from .replacing import Replacing, long_enough

FOLDERS = ("PWD", "OLDPWD", "SSH_AUTH_SOCK")
"""Variables whose names tell, and whose values are places in the file system."""

_SECRETS = "secrets_to_hide"


def hide_secrets(error: BaseException, secrets: Iterable[str]) -> None:
    """Note the secrets that an error may show in its message or traceback."""
    setattr(error, _SECRETS, tuple(secrets))


def without_secrets(error: BaseException, text: str) -> str:
    """A text about an error without the secrets noted with it.

    Values of the environment with telling names are secrets too: a factory that cannot
    connect may say with which password.
    """
    noted: tuple[str, ...] = getattr(error, _SECRETS, ())
    environment = (
        value
        for name, value in os.environ.items()
        if name not in FOLDERS and telling(name)
    )
    secrets = long_enough([*noted, *environment])
    return Replacing(secrets)(text) if secrets else text
