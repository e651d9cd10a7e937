"""Remove secrets from command lines and addresses."""

import re

from .fields import fields_in
from .names import is_secret_name

_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_PARAMETER = re.compile(r"([?&;])([\w.-]+)=([^&;\s'\"]+)")
MASK = "•••"


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
    # A shell writes a quote within quotes as '"'"'.
    plain = command.replace("'\"'\"'", "'")
    for value in {value for _, value in fields_in(plain) if value != MASK}:
        command = command.replace(value, MASK)
    return command
