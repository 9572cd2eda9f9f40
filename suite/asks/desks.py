"""The desks of the warm worker: a thread per plant works off what is asked of it, and no plant waits for another.

The worker's process takes messages and hands them over at once. Compiled code and the database let the other threads
run, so several plants are answered side by side from one memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from queue import SimpleQueue

import structlog
from django.db import close_old_connections, connection

Work = Callable[[], object]
log = structlog.get_logger(__name__)


class Desks:
    """Threads by key, each made when its first work comes."""

    def __init__(self) -> None:
        """Closed: work is done by whoever hands it over."""
        self.are_open = False
        self._lock = threading.Lock()
        self._desks: dict[Hashable, tuple[threading.Thread, SimpleQueue[Work | None]]] = {}

    def open(self) -> None:
        """From now on work is handed over."""
        self.are_open = True

    def hand(self, key: Hashable, work: Work) -> None:
        """Let the desk of `key` do it, behind what it has; here and now when the desks are closed."""
        if not self.are_open:
            work()
            return
        with self._lock:
            desk = self._desks.get(key)
            if desk is None:
                waiting: SimpleQueue[Work | None] = SimpleQueue()
                thread = threading.Thread(target=_sit, args=(waiting,), name=f"desk-{key}", daemon=True)
                desk = self._desks[key] = thread, waiting
                thread.start()
            desk[1].put(work)

    def close(self, seconds: float) -> None:
        """Take no more, and let each desk finish what it has, for so many seconds at most."""
        self.are_open = False
        with self._lock:
            desks, self._desks = self._desks, {}
        for _, waiting in desks.values():
            waiting.put(None)
        for thread, _ in desks.values():
            thread.join(timeout=seconds)


def _sit(waiting: SimpleQueue[Work | None]) -> None:
    try:
        while (work := waiting.get()) is not None:
            close_old_connections()
            try:
                work()
            except Exception:  # the desk is a process edge: the next question must find it there
                log.exception("ask_failed")
                connection.close()
    finally:
        connection.close()


desks = Desks()
