"""Compare the values of a known difference with those that the targets have."""

from collections.abc import Mapping, Sequence

from comparison.models import Exchange, FieldValue

from .models import OTHER, KnownValue, Pattern, Side


def agrees(
    known_value: KnownValue, exchange: Exchange, field: str, actual: FieldValue
) -> bool:
    """Return whether a field of an exchange has the value that an entry has for it.

    Raises SearchTooSlow.
    """
    if field == "framing" and isinstance(actual, str):
        actual = _in_process_framing(known_value, actual)
    if isinstance(known_value, Pattern):
        response = exchange.response
        return known_value.fits(actual, 0 if response is None else response.status)
    if known_value is False:
        return actual is None
    if known_value is True:
        return actual is not None
    return _plain(known_value) == _plain(actual)


def _in_process_framing(known_value: KnownValue, framing: str) -> str:
    """Return the framing on a socket as an entry writes the one in process."""
    if known_value == "no length" and framing in ("chunked", "close"):
        return "no length"
    text = known_value.matches if isinstance(known_value, Pattern) else str(known_value)
    if "where none is allowed" in text and framing == "no body":
        # The server did not send what the app returned.
        return "1 bytes sent where none is allowed"
    return framing


def _plain(value: FieldValue) -> object:
    return list(value) if isinstance(value, tuple) else value


def keys_of(
    values: Mapping[str, KnownValue], sides: Sequence[Side]
) -> list[str | None]:
    """Return the key of `values` that matches each side; None if none does."""
    keys = [side.key(values) for side in sides]
    if OTHER in values and keys.count(None) == 1:
        return [OTHER if key is None else key for key in keys]
    return keys


def answered_for(
    values: Mapping[str, KnownValue],
    sides: Sequence[Side],
    exchanges: Sequence[Exchange],
) -> bool:
    """Return whether servers responded for apps that fail in process as an entry says.

    Each server has its own response: an error page, a part of one, or none.
    """
    keys = keys_of(values, sides)
    return None not in keys and all(
        exchange.failure is None
        if values[key] is False
        else exchange.failure is not None or _is_error(exchange)
        for key, exchange in zip(keys, exchanges, strict=True)
        if key is not None
    )


def _is_error(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status >= 500
