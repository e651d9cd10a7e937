"""The apps that cases have for themselves on a server."""

from typing import Any

import pytest

from comparison.core.errors import FactoryNeeded, TargetError
from comparison.targets.servers.channel import (
    AppFailed,
    Ended,
    Sender,
    Started,
)
from comparison.targets.servers.recording_header import (
    header_value,
    parse,
)
from comparison.targets.servers.recording_middleware import (
    MAX_FRESH,
    Instances,
)
from tests.targets.recorded_calls import (
    OK,
    Frames,
    Wsgi,
    frames,
    plain,
    receiver,
    sender,
)

__all__ = ["frames", "receiver", "sender"]


class Factory:
    """Makes apps that name their number and their settings."""

    def __init__(self) -> None:
        self.made: list[tuple[dict[str, Any], bool]] = []

    def __call__(self, settings: dict[str, Any], fresh: bool) -> Any:
        self.made.append((settings, fresh))
        number = len(self.made)

        def app(environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", OK)
            return [str(number).encode()]

        return app


def test_settings_and_fresh_cases_have_apps_of_their_own(
    sender: Sender, frames: Frames
) -> None:
    factory = Factory()
    server = Wsgi(sender, plain, factory)
    debug: dict[str, Any] = {"DEBUG": True, "A": 1}
    other = {"DEBUG": False}
    bodies = [
        server.call(header_value("s1", number, settings, fresh))[0]
        for number, (settings, fresh) in enumerate(
            [(debug, ""), ({"A": 1, "DEBUG": True}, ""), (other, ""), (debug, "f1"),
             (debug, "f1"), ({}, "f1"), (debug, "")]
        )
    ]  # fmt: skip
    assert bodies == [b"1", b"1", b"2", b"3", b"3", b"4", b"1"]
    assert factory.made == [(debug, False), (other, False), (debug, True), ({}, True)]
    marks = [(f.id, f.making) for f in frames() if isinstance(f, Started)]
    # A request that has to wait for its app says so, and once more when it is made.
    assert marks == [
        (0, True), (0, False), (1, False), (2, True), (2, False), (3, True), (3, False),
        (4, False), (5, True), (5, False), (6, False),
    ]  # fmt: skip


def test_the_oldest_fresh_app_is_discarded() -> None:
    instances = Instances(Factory(), None)
    headers = [
        parse(header_value("s1", n, None, f"f{n}")) for n in range(MAX_FRESH + 1)
    ]
    found = [instances.find(header) for header in headers]
    assert [old for _, old in found[:-1]] == [None] * MAX_FRESH
    assert found[-1][1] is found[0][0]
    assert [instances.lacks(h) for h in headers] == [True] + [False] * MAX_FRESH
    plain_header = parse(header_value("s1", 9))
    assert not instances.lacks(plain_header)
    assert instances.find(plain_header) == (instances.default, None)


@pytest.mark.parametrize(
    ("error", "unsupported"),
    [(FactoryNeeded("no factory \udce9"), True), (TargetError("no factory \udce9"), False)],
)  # fmt: skip
def test_an_app_that_cannot_be_made_is_reported(
    error: Exception, unsupported: bool, sender: Sender, frames: Frames
) -> None:
    def factory(settings: Any, fresh: bool) -> Any:
        raise error

    server = Wsgi(sender, plain, factory)
    with pytest.raises(type(error)):
        server.call(header_value("s1", 7, {"A": 1}))
    started, failed, ended = frames()
    assert started == Started(7, True)
    assert failed == AppFailed(7, "no factory \\udce9", unsupported)
    assert ended == Ended(7, ())
