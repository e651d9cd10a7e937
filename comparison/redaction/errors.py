"""Remove secrets from errors: the command prints the error that ends it."""

import os
from collections.abc import Iterable

from .names import is_secret_name
from .replacing import Replacing, long_enough

FOLDERS = ("PWD", "OLDPWD", "SSH_AUTH_SOCK")
"""Variables with secret names whose values are only paths."""

_SECRETS = "secrets_to_hide"


def hide_secrets(error: BaseException, secrets: Iterable[str]) -> None:
    """Attach to an error the secrets that its message or traceback may show."""
    setattr(error, _SECRETS, tuple(secrets))


def without_secrets(error: BaseException, text: str) -> str:
    """Remove the attached secrets from a text about an error.

    Environment variables with secret names are secrets too: an app factory that cannot
    connect may put the password into its message.
    """
    noted: tuple[str, ...] = getattr(error, _SECRETS, ())
    environment = (
        value
        for name, value in os.environ.items()
        if name not in FOLDERS and is_secret_name(name)
    )
    secrets = long_enough([*noted, *environment])
    return Replacing(secrets)(text) if secrets else text
