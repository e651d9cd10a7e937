"""The addresses of pages. An id may contain any text."""

from urllib.parse import quote


def case_address(case_id: str) -> str:
    """Return the address of a case's page.

    >>> case_address("custom"), case_address("a/../b")
    ('/cases/custom', '/cases?id=a%2F..%2Fb')
    """
    return _address("/cases", case_id)


def bundled_address(case_id: str) -> str:
    """Return the address of a bundled case, on a page of other apps."""
    return _address("/bundled", case_id)


def difference_address(entry_id: str) -> str:
    """Return the address of a known difference's page."""
    return _address("/differences", entry_id)


def topic_address(name: str) -> str:
    """Return the address of a topic's page."""
    return _address("/topics", name)


def _address(place: str, id_: str) -> str:
    # A browser resolves dot segments, even encoded ones (URL Standard, path state).
    if {".", ".."} & {*id_.lower().replace("%2e", ".").split("/")}:
        return f"{place}?id={quote(id_, safe='')}"
    return f"{place}/{quote(id_)}"
