"""Fetch a document from a URL, within limits of size and time."""

import time

import httpx

from comparison.core.errors import UsageError
from comparison.redaction import redacted_command

LONGEST = 20_000_000  # bytes
WITHIN = 20.0  # seconds
MOST_REDIRECTS = 5


def fetch(url: str, longest: int = LONGEST, within: float = WITHIN) -> bytes:
    """Fetch the content of an http or https URL, if it answers with status 200.

    Raises UsageError for anything else: no answer in time, another status, more than
    `longest` bytes, another scheme.
    """
    shown = redacted_command(url)
    until = time.monotonic() + within
    content = bytearray()
    try:
        with (
            httpx.Client(
                timeout=within, follow_redirects=True, max_redirects=MOST_REDIRECTS
            ) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != 200:
                raise UsageError(f"{shown}: answers with {response.status_code}")
            for part in response.iter_bytes(65_536):
                content += part
                if len(content) > longest:
                    raise UsageError(f"{shown}: has more than {longest:,} bytes")
                if time.monotonic() > until:
                    raise UsageError(f"{shown}: takes more than {within:g} seconds")
    except httpx.TimeoutException:
        raise UsageError(f"{shown}: takes more than {within:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        message = str(error) or type(error).__name__
        raise UsageError(f"{shown}: {redacted_command(message)}") from None
    return bytes(content)
