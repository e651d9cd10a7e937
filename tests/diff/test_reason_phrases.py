"""The phrases that belong to a status: registered ones of any year, and Werkzeug's."""

from http import HTTPStatus

import pytest
from werkzeug.http import HTTP_STATUS_CODES

from comparison.diff.reason_phrases import is_registered

OF_OTHER_YEARS = [
    (302, "Moved Temporarily"),  # RFC 1945 section 9.3
    (408, "Request Time-out"),  # RFC 2068 section 6.1.1, as are the next two
    (413, "Request Entity Too Large"),
    (504, "Gateway Time-out"),
    (414, "Request-URI Too Long"),  # RFC 2616 section 10.4.15
    (416, "Requested Range Not Satisfiable"),  # RFC 2616 section 10.4.17
    (422, "Unprocessable Entity"),  # RFC 4918 section 11.2
    (413, "Payload Too Large"),  # RFC 7231 section 6.5.11
    (416, "Range Not Satisfiable"),  # RFC 7233 section 4.4
    (413, "Content Too Large"),  # RFC 9110 section 15.5.14
    (414, "URI Too Long"),  # RFC 9110 section 15.5.15
    (422, "Unprocessable Content"),  # RFC 9110 section 15.5.21
    (511, "Network Authentication Required"),  # RFC 6585 section 6
]


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        *HTTP_STATUS_CODES.items(),
        *((status.value, status.phrase) for status in HTTPStatus),
        *OF_OTHER_YEARS,
        (299, ""),
    ],
)
def test_a_phrase_belongs_to_its_status_in_any_letter_case(
    status: int, phrase: str
) -> None:
    assert is_registered(phrase, status)
    assert is_registered(phrase.upper(), status)
    assert not is_registered(f"{phrase} Enough", status)
