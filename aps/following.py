"""Live plans that follow: a thread keeps those of all plants ready, so that a question finds its plan built."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from aps import grounds, warm
from aps.engine.problem import ProblemError
from aps.problem import CannotPlan
from aps.warm import Stamp
from masterdata.models import Plant

LOOKS_EVERY_SECONDS = 0.25
READ_AGAIN_AFTER = dt.timedelta(minutes=1)
LONGEST_PAUSE_SECONDS = 60.0
log = structlog.get_logger(__name__)
_alarms: list[int] = []


@contextmanager
def paused() -> Iterator[None]:
    """Nothing is read for questions meanwhile: an alarm needs the processor."""
    _alarms.append(1)
    try:
        yield
    finally:
        _alarms.pop()


class Follower:
    """Renews the live plans of this process: a plan or wish at once, the clock each minute, progress within a minute.

    It looks by one query for all plants. After each reading it rests as long as that took: questions come first.
    """

    def __init__(self) -> None:
        """Nothing runs before `start`."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live-plans", daemon=True)
        self._hopeless: dict[int, tuple[Stamp, float]] = {}

    def start(self) -> None:
        """Follow until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no more; a reading that goes on is waited for."""
        self._stop.set()
        self._thread.join(timeout=5)

    def look(self, now: dt.datetime) -> int:
        """Renew what is not as it should be; how many plants were read."""
        found = warm.stamps()
        return sum(self._renew(plant_id, stamp, now) for plant_id, stamp in found.items())

    def _renew(self, plant_id: int, stamp: Stamp, now: dt.datetime) -> bool:
        known = warm.kept(plant_id)
        failed, until = self._hopeless.get(plant_id, (None, 0.0))
        if failed == stamp and time.monotonic() < until:
            return False
        old = known is not None and now - known.read_at >= READ_AGAIN_AFTER
        try:
            return warm.renewed(plant_id, stamp, now, at_least=old, prepare=grounds.make_ready)
        except (CannotPlan, ProblemError, Plant.DoesNotExist) as error:
            log.info("live_plan_missing", plant=plant_id, error=str(error))
            warm.forget(plant_id)
            self._hopeless[plant_id] = stamp, time.monotonic() + LONGEST_PAUSE_SECONDS
            return False

    def _run(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            began = time.monotonic()
            try:
                has_read = not _alarms and self.look(timezone.now()) > 0
            except DatabaseError as error:  # whoever asks meanwhile reads for himself
                log.warning("live_plans_not_followed", error=str(error))
                connection.close()
                has_read = False
            took = time.monotonic() - began
            pause = max(LOOKS_EVERY_SECONDS, took if has_read else 0.0)
        connection.close()
