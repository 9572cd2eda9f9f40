"""Many at once: each deed on a thread and a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from django.db import connection, transaction

Deed = Callable[[], object]
_WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted"


def at_once(deeds: Sequence[Deed]) -> list[BaseException]:
    """Do all of them at the same moment, each on a connection of its own; what they raised."""
    start = threading.Barrier(len(deeds))
    failed: list[BaseException] = []

    def run(deed: Deed) -> None:
        try:
            start.wait()
            deed()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def meanwhile(deed: Deed, other: Deed) -> list[BaseException]:
    """Do `deed`, and commit it only when `other`, begun after it, waits for it or has ended; what they raised."""
    begun, ended = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                deed()
                begun.set()
                while not ended.wait(0.005) and not _somebody_waits():
                    pass
        finally:
            begun.set()

    def follow() -> None:
        begun.wait()
        try:
            other()
        finally:
            ended.set()

    return at_once([hold, follow])


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITS)
        return cursor.fetchone() is not None


def beside(deed: Deed, other: Deed, turn: int) -> list[BaseException]:
    """The two at the same moment, or the one while the other has not committed, by turns."""
    if turn % 3 == 0:
        return at_once([deed, other])
    return meanwhile(deed, other) if turn % 3 == 1 else meanwhile(other, deed)
