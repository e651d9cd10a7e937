"""Secrets kept out of reports: found where they are known to stand, replaced everywhere.

Credentials, cookies, and values with telling names are collected from what was sent and
received. Each is then replaced in every text of the comparison, in every form that apps
and reports write it in: apps echo secrets, log them and keep them in variables. Equal
secrets get equal placeholders, so that what differs can still be told.
"""

from .commands import redacted_command
from .comparisons import redacted, redacted_case, replacing, secrets_of_case
from .errors import hide_secrets, without_secrets
from .fields import fields_in, secrets_in
from .names import CREDENTIALS, about, authorizing, counting, masked_setting, telling
from .replacing import PLACEHOLDER, SHORTEST, Forms, Replacing

__all__ = [
    "CREDENTIALS",
    "PLACEHOLDER",
    "SHORTEST",
    "Forms",
    "Replacing",
    "about",
    "authorizing",
    "counting",
    "fields_in",
    "hide_secrets",
    "masked_setting",
    "redacted",
    "redacted_case",
    "redacted_command",
    "replacing",
    "secrets_in",
    "secrets_of_case",
    "telling",
    "without_secrets",
]
