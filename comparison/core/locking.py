"""Check that output files can be written, and lock them for one writer at a time.

A command writes `NAME.partial` beside a file and renames it at the end. Meanwhile it
holds a lock on that file. The system releases the lock when the process ends, so a killed
run does not block others.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

from .errors import UsageError

try:
    import fcntl
except ImportError:  # Windows has no such locks: two runs may write the same file.
    fcntl = None  # type: ignore[assignment]


def partial_of(place: Path) -> Path:
    """Return the path of the file that a run writes until it ends."""
    return place.with_name(f"{place.name}.partial")


class FileLock:
    """The lock of an output file, from now until `release`.

    It creates `NAME.partial`, or preserves the content of an existing one. A device or a
    pipe has no lock. Raises UsageError if the file cannot be written, or if another run
    writes to it.
    """

    def __init__(self, path: Path) -> None:
        self._fd: int | None = None
        try:
            if path.is_dir():
                raise UsageError(f"{path}: is a folder")
            if path.exists() and not path.is_file():
                if not os.access(path, os.W_OK):
                    raise UsageError(
                        f"{path}: cannot be written to; check its permissions"
                    )
                return
            place = path.resolve() if path.is_symlink() else path.absolute()
            if not place.parent.is_dir():
                raise UsageError(f"{path}: the folder {path.parent} does not exist")
            self.partial = partial_of(place)
            self._fd = _locked(self.partial)
        except BlockingIOError:
            raise UsageError(
                f"{path}: another run is writing to it; wait until it has ended, or"
                " choose another file"
            ) from None
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        _locks.add(self)

    def discard(self) -> None:
        """Remove `NAME.partial` if it is empty, and release the lock."""
        with suppress(OSError):
            fd = self._fd
            if fd is not None and not os.fstat(fd).st_size and _is_at(self.partial, fd):
                self.partial.unlink()
        self.release()

    def release(self) -> None:
        """Let others write to the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __del__(self) -> None:
        self.release()


_locks: WeakSet[FileLock] = WeakSet()


@contextmanager
def locked(paths: Iterable[Path]) -> Iterator[None]:
    """Hold the locks of these files. Raises UsageError as `FileLock` does."""
    with ExitStack() as stack:
        for path in paths:
            stack.callback(FileLock(path).discard)
        yield


def _locked(partial: Path) -> int:
    """Open and lock the file. Raises OSError, or BlockingIOError if it is busy."""
    while True:
        fd = os.open(partial, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(fd)
            if _is_at(partial, fd):
                return fd
        except BaseException:
            os.close(fd)
            raise
        # The run that had locked the file has just ended and renamed it.
        os.close(fd)


def _lock(fd: int) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Some file systems have no locks.
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS):
            raise


def _is_at(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except FileNotFoundError:
        return False


def _forget_all() -> None:
    # A forked process would hold the lock too, and may outlive this one.
    for lock in tuple(_locks):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
