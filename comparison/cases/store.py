"""Store cases: in memory while they are few, in a temporary file beyond that."""

import pickle
import weakref
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from tempfile import SpooledTemporaryFile

import msgspec

from comparison.models import Case

IN_MEMORY = 1_000_000  # bytes, some thousand cases

_OF_TOML = (date, datetime, time)


class CaseStore(Collection[Case]):
    """Cases in the order they were added, for more cases than fit into memory.

    >>> from comparison.models import Request
    >>> store = CaseStore()
    >>> store.add(Case("hello", Request()))
    >>> [case.id for case in store], len(store)
    (['hello'], 1)
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the store
        self._end = 0
        self._length = 0
        weakref.finalize(self, self._file.close)

    def add(self, case: Case) -> None:
        """Append a case."""
        self._file.seek(self._end)
        # As TOML gives them: pickling a struct takes twenty times as long.
        plain = msgspec.to_builtins(case, builtin_types=_OF_TOML)
        pickle.dump(plain, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
        self._length += 1

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Case]:
        position = 0
        while position < self._end:
            self._file.seek(position)
            plain = pickle.load(self._file)  # noqa: S301, our own, a moment ago
            position = self._file.tell()
            yield msgspec.convert(plain, Case)

    def __contains__(self, case: object) -> bool:
        return any(case == each for each in self)
