"""The parts of a body, as they arrive."""

from collections.abc import Iterator

import pytest

from comparison.models.client import Disconnect
from comparison.targets.arrivals import Arrivals, HungUp


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Moments, of which each look at the clock takes one."""
    moments: list[float] = []
    monkeypatch.setattr("time.monotonic", lambda: moments.pop(0))
    yield moments
    assert moments == []


def test_parts_that_arrive_together_are_one_piece(clock: list[float]) -> None:
    clock += [100.0, 100.001, 100.004, 100.1, 100.102, 100.104, 101.0]
    arrivals = Arrivals()
    arrivals.begin()
    for part in (b"a", b"bc", b"d", b"e", b"fgh", b"i"):
        arrivals.add(part)
    pieces = [(piece.size, piece.ms) for piece in arrivals.pieces(events=False)]
    # The time of a piece is that of its last part.
    assert pieces == [(3, 4.0), (5, 104.0), (1, 1000.0)]


def test_the_pieces_of_an_event_stream_are_its_events(clock: list[float]) -> None:
    clock += [100.0, 100.1, 100.2, 100.3]
    arrivals = Arrivals()
    arrivals.begin()
    for part in (b"data: 1\n", b"\ndata: 2\n\nda", b"ta: 3\n\n"):
        arrivals.add(part)
    pieces = [(piece.size, piece.ms) for piece in arrivals.pieces(events=True)]
    assert pieces == [(9, 200.0), (9, 200.0), (9, 300.0)]


@pytest.mark.parametrize(
    ("limit", "body", "framing"),
    [
        (Disconnect(bytes=0), b"", "unfinished after 0 bytes"),
        (Disconnect(bytes=1), b":", "unfinished after 1 byte"),
        (Disconnect(bytes=4), b": a\n", "unfinished after 4 bytes"),
        # A comment is not an event (https://html.spec.whatwg.org/multipage/#server-sent-events).
        (Disconnect(events=1), b": a\n\ndata: 1\n\n", "unfinished after 1 event"),
        (Disconnect(events=2), b": a\n\ndata: 1\n\ndata\n\n", "unfinished after 2 events"),
        (Disconnect(events=2, bytes=8), b": a\n\ndat", "unfinished after 8 bytes"),
    ],
)  # fmt: skip
def test_a_client_hangs_up_at_its_first_limit(
    limit: Disconnect, body: bytes, framing: str
) -> None:
    arrivals = Arrivals(limit)

    def receive() -> None:
        arrivals.begin()
        for part in (b": a\n", b"\ndata: 1\n\nda", b"ta\n\ndata: 3\n\n"):
            arrivals.add(part)

    with pytest.raises(HungUp):
        receive()
    assert (arrivals.body, arrivals.framing) == (body, framing)
