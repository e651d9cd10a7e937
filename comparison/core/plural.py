"""Numbers with a noun, for messages."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number and its noun, in the plural unless the number is 1.

    >>> counted(1, "case"), counted(0, "case"), counted(2, "mismatch", "mismatches")
    ('1 case', '0 cases', '2 mismatches')
    """
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
