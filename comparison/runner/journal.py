"""The progress of a worker, readable after the worker has died.

There are two files in the worker's folder, and both sides hold them open. The mark says
which case the worker runs on which target, and since when. The journal has the recordings
of the current batch, so that a replacement need not send these requests again.
"""

import mmap
import os
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from comparison.targets import RawRecording

IDLE = -1
LOADING = -2
RUNNING, PREPARING, RESETTING = range(3)
"""What a worker does for a case: it runs, its app starts, or the state is reset."""

_MARK = struct.Struct("qqddB")
_TRIES = 1000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, str, RawRecording]).decode


class Mark(NamedTuple):
    """The running case, by its index, or IDLE or LOADING; the target, by its index.

    `since` is a time of the monotonic clock, `limit` the seconds it may take. `phase` is
    RUNNING, or PREPARING or RESETTING before the case runs.
    """

    case: int
    target: int
    since: float
    limit: float
    phase: int = RUNNING

    @property
    def preparing(self) -> bool:
        """Whether an app is loaded or started."""
        return self.case == LOADING or self.phase == PREPARING

    @property
    def late(self) -> float:
        """Seconds since the limit passed; negative before that."""
        return time.monotonic() - self.since - self.limit


class Journal:
    """The mark and the records of one worker, opened by either side.

    The worker writes. Its writes persist in every kind of process end.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        mode = "w+b" if create else "r+b"
        self._records: IO[bytes] = (folder / "records").open(mode, buffering=0)
        with (folder / "mark").open(mode) as file:
            if create:
                file.write(_MARK.pack(IDLE, 0, 0.0, 0.0, RUNNING))
                file.flush()
            self._mark = mmap.mmap(file.fileno(), _MARK.size)

    @property
    def mark(self) -> Mark:
        """The case and the target that the worker runs now."""
        data = self._mark[:]
        for _ in range(_TRIES):
            # The worker may write while we read: two equal reads are of one write.
            before, data = data, self._mark[:]
            if data == before:
                break
        return Mark(*_MARK.unpack(data))

    def begin(self, case: int, target: int, limit: float, phase: int = RUNNING) -> None:
        """Record the start of a case on a target, or of a phase before it."""
        # One copy of a few bytes: `pack_into` would write field by field.
        self._mark[:] = _MARK.pack(case, target, time.monotonic(), limit, phase)

    def add(self, case: int, target: str, recording: RawRecording) -> None:
        """Record a case on one target.

        If the disk is full, a replacement would send this request again.
        """
        data = _encode((case, target, recording))
        with suppress(OSError):
            os.write(self._records.fileno(), len(data).to_bytes(8, "big") + data)

    def forget(self) -> None:
        """Start again: the pool has the records."""
        self._records.seek(0)
        self._records.truncate()

    def read(self) -> dict[int, dict[str, RawRecording]]:
        """Return the complete records, by case and target."""
        self._records.seek(0)
        content = self._records.read()
        found: dict[int, dict[str, RawRecording]] = {}
        while len(content) >= 8:
            size = int.from_bytes(content[:8], "big")
            if len(content) < 8 + size:
                break
            try:
                case, target, recording = _decode(content[8 : 8 + size])
            except msgspec.MsgspecError:
                break  # an app has changed what its process writes
            found.setdefault(case, {})[target] = recording
            content = content[8 + size :]
        return found

    def close(self) -> None:
        """Close the files."""
        self._records.close()
        self._mark.close()
