"""Remove secrets from reports: find them in known places, replace them everywhere.

We collect credentials, cookies, and values with secret names from the requests and
responses. We then replace each secret in every text of the comparison, in every
encoding that apps and reports use. Apps echo secrets, log them and have them in
variables. Equal secrets get equal placeholders, so that differences remain visible.
"""

from .comparisons import redacted, redacted_case, replacing, secrets_of_case
from .fields import fields_in, secrets_in
from .messages import hide_secrets, redacted_command, redacted_targets, without_secrets
from .names import (
    CREDENTIALS,
    about,
    authorizing,
    counting,
    is_secret_name,
    masked_setting,
)
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
    "is_secret_name",
    "masked_setting",
    "redacted",
    "redacted_case",
    "redacted_command",
    "redacted_targets",
    "replacing",
    "secrets_in",
    "secrets_of_case",
    "without_secrets",
]
