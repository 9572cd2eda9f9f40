"""The lease: one worker plans a plant at a time. Short and renewed, so that a killed worker is replaced quickly."""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

from aps.models import PlanRun, PlantPlanning
from aps.services.wishes import locked_planning
from masterdata import live

LASTS = dt.timedelta(seconds=10)
RENEWED_EVERY_SECONDS = 3.0


@dataclass(frozen=True)
class Clock:
    """The time since a worker's turn began: `now` as it was given, going on by the seconds that have passed."""

    began_at: dt.datetime
    tick: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the turn began."""
        return time.monotonic() - self.tick

    @property
    def now(self) -> dt.datetime:
        """The time."""
        return self.began_at + dt.timedelta(seconds=self.seconds)


@dataclass
class Lease:
    """The right to plan a plant: publications carry `token`; a newer one makes them void."""

    plant_id: int
    token: int
    clock: Clock
    is_lost: bool = False

    def renew(self) -> bool:
        """Hold it for some more seconds; False when another worker took it over."""
        kept = PlantPlanning.objects.filter(plant_id=self.plant_id, lease_token=self.token).update(
            lease_until=self.clock.now + LASTS
        )
        self.is_lost = self.is_lost or not kept
        return bool(kept)


@transaction.atomic
def take_lease(plant_id: int, clock: Clock, holder: str = "") -> Lease | None:
    """Take the plant's lease when something is wanted, nobody holds it and no failed turn is being waited for.

    Runs of workers that vanished are marked lost.
    """
    planning = locked_planning(plant_id)
    held = planning.lease_until is not None and planning.lease_until > clock.now
    waits = planning.retry_at is not None and planning.retry_at > clock.now
    if held or waits or planning.wanted_version <= planning.answered_version:
        return None
    planning.lease_token += 1
    planning.lease_holder = (holder or f"{socket.gethostname()}:{os.getpid()}")[:80]
    planning.lease_until = clock.now + LASTS
    planning.save(update_fields=["lease_token", "lease_holder", "lease_until"])
    give_up_runs(plant_id, clock.now, "The worker vanished; another one took over")
    return Lease(plant_id, planning.lease_token, clock)


def give_up_runs(plant_id: int, now: dt.datetime, note: str) -> None:
    """Mark what still counts as running in the plant as lost. Call under the lock of its planning row."""
    lost = PlanRun.objects.filter(plant_id=plant_id, state=PlanRun.State.RUNNING).update(
        state=PlanRun.State.LOST, ended_at=now, note=note
    )
    if lost:
        live.publish("runs", plant_id, plant_id=plant_id)


@transaction.atomic
def give_back(lease: Lease, *, anyway: bool = False) -> bool:
    """Give the lease back when nothing more is wanted (or `anyway`); False: more is wanted and it is still held."""
    planning = locked_planning(lease.plant_id)
    if planning.lease_token != lease.token:
        return True
    if planning.wanted_version > planning.answered_version and not anyway:
        planning.lease_until = lease.clock.now + LASTS
        planning.save(update_fields=["lease_until"])
        return False
    planning.lease_until, planning.lease_holder = None, ""
    planning.save(update_fields=["lease_until", "lease_holder"])
    return True


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread with its own connection while the body computes."""
    done = threading.Event()

    def beat() -> None:
        try:
            while not done.wait(RENEWED_EVERY_SECONDS) and lease.renew():
                pass
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"lease-{lease.plant_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
