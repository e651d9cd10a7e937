"""Remove secrets from command lines, addresses and errors."""

import os
import re
from collections.abc import Iterable

import msgspec

from comparison.models import TargetInfo

from .fields import fields_in
from .names import is_secret_name
from .replacing import Replacing, long_enough

_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_PARAMETER = re.compile(r"([?&;])([\w.-]+)=([^&;\s'\"]+)")
MASK = "•••"

FOLDERS = ("PWD", "OLDPWD", "SSH_AUTH_SOCK")
"""Variables with secret names whose values are only paths."""

_SECRETS = "secrets_to_hide"


def redacted_command(command: str) -> str:
    r"""Remove credentials in URLs and values with secret names from a command line.

    >>> redacted_command("comparison run --target a=https://me:pw@host/?token=12345")
    'comparison run --target a=https://•••@host/?token=•••'
    >>> redacted_command("run --target \"a=shop:app({'API_TOKEN': 'abc-12'})\"")
    'run --target "a=shop:app({\'API_TOKEN\': \'•••\'})"'
    """
    command = _USER.sub(MASK, command)
    command = _PARAMETER.sub(
        lambda m: f"{m[1]}{m[2]}={MASK}" if is_secret_name(m[2]) else m[0], command
    )
    for value in _values(command):
        command = command.replace(value, MASK)
    return command


def _values(text: str) -> set[str]:
    """Return the values with secret names."""
    # A shell writes a quote within quotes as '"'"'.
    plain = text.replace("'\"'\"'", "'")
    return {value for _, value in fields_in(plain)} - {MASK}


def redacted_targets(targets: Iterable[TargetInfo]) -> tuple[TargetInfo, ...]:
    """Remove the secrets in the SPECs of targets; their settings have none."""
    return tuple(
        msgspec.structs.replace(info, spec=redacted_command(info.spec))
        for info in targets
    )


def hide_secrets(error: BaseException, secrets: Iterable[str]) -> None:
    """Attach to an error the secrets that its message or traceback may show."""
    setattr(error, _SECRETS, tuple(secrets))


def without_secrets(error: BaseException, text: str) -> str:
    """Remove the attached secrets from a text about an error.

    Environment variables with secret names are secrets too: an app factory that cannot
    connect may put the password into its message. So are values with secret names in the
    text, and credentials in URLs: it may name the SPEC of a target.
    """
    noted: tuple[str, ...] = getattr(error, _SECRETS, ())
    environment = (
        value
        for name, value in os.environ.items()
        if name not in FOLDERS and is_secret_name(name)
    )
    users = _USER.findall(text)
    secrets = long_enough([*noted, *environment, *users, *_values(text)])
    return Replacing(secrets)(text) if secrets else text
