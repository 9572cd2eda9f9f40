"""One reading of a plant for all boards that ask at once: whoever comes while one is made waits for the next one.

A reading that began before somebody asked may lack what he has just done. One that began after it is his too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from threading import Lock, get_ident
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Shared(Generic[Found]):
    """The last reading of each key in this process."""

    def __init__(self) -> None:
        self._turns: dict[Hashable, _Turn[Found]] = defaultdict(_Turn)

    def read(self, key: Hashable, read: Callable[[Found | None], Found]) -> Found:
        """A reading that began after this call; `read` gets the last one."""
        return self._turns[key].read(read)

    def waiting(self, key: Hashable) -> int:
        """How many wait for a reading that is not begun yet."""
        return len(self._turns[key].waiting)


class _Turn(Generic[Found]):
    def __init__(self) -> None:
        self._lock = Lock()
        self._begun = 0
        self._found: Found | None = None
        self._number = 0
        self.waiting: set[int] = set()

    def read(self, read: Callable[[Found | None], Found]) -> Found:
        asked_at = self._begun
        self.waiting.add(get_ident())
        with self._lock:
            self.waiting.discard(get_ident())
            if self._found is None or self._number <= asked_at:
                self._begun = number = self._begun + 1
                self._found = read(self._found)
                self._number = number
            return self._found
