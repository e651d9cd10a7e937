"""Output files: whether they can be written, and one writer at a time.

A command writes `NAME.partial` beside a file and renames it at the end. While it does,
it holds a lock on that file. The system ends the lock with the process, so that a run
that was killed blocks nothing.
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
except ImportError:  # Windows has no such locks: there, two runs are not told apart.
    fcntl = None  # type: ignore[assignment]


def partial_of(place: Path) -> Path:
    """The file that is written until the run has ended."""
    return place.with_name(f"{place.name}.partial")


class FileLock:
    """The lock of an output file, from now until `release`.

    It makes `NAME.partial` and leaves what is in one that exists. A device or a pipe has
    no lock. Raises UsageError naming the file where it cannot be written, or where
    another run writes to it.
    """

    def __init__(self, path: Path) -> None:
        self._fd: int | None = None
        try:
            if path.is_dir():
                raise UsageError(f"{path}: is a folder")
            if path.exists() and not path.is_file():
                if not os.access(path, os.W_OK):
                    raise UsageError(f"{path}: may not be written to")
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
        _held.add(self)

    def discard(self) -> None:
        """Remove `NAME.partial` if nothing is in it, and release the lock."""
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


_held: WeakSet[FileLock] = WeakSet()


@contextmanager
def locked(paths: Iterable[Path]) -> Iterator[None]:
    """Hold the locks of these files. Raises UsageError as `FileLock` does."""
    with ExitStack() as stack:
        for path in paths:
            stack.callback(FileLock(path).discard)
        yield


def _locked(partial: Path) -> int:
    """A descriptor of the file, with the lock. Raises OSError, BlockingIOError if busy."""
    while True:
        fd = os.open(partial, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(fd)
            if _is_at(partial, fd):
                return fd
        except BaseException:
            os.close(fd)
            raise
        # Another run has just ended and renamed the file that it held.
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
    # A forked process would hold the lock too, and may live longer.
    for lock in tuple(_held):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
