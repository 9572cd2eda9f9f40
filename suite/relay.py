"""The relay: every second it wakes what still waits; it needs PostgreSQL only, and works itself without a broker."""

from __future__ import annotations

import datetime as dt
import threading

import structlog
from django.db import close_old_connections, transaction
from django.db.models import Q
from django.utils import timezone

from aps import services as aps
from crm import services as crm
from masterdata import services as masterdata
from masterdata.models import FlowRun
from suite import tasks
from suite.flows import runner, supply
from suite.importing import uploads

BATCH = 500
WAKE_AGAIN_AFTER = dt.timedelta(seconds=3)
log = structlog.get_logger(__name__)


def pass_once(now: dt.datetime) -> int:
    """Wake what is due and was not woken lately; returns how many runs, plants, imports, mails and scenarios waited.

    With the broker gone, flows run here one after the other and plants are planned here: right, only slower. Scenarios,
    imports and mail wait for the broker.
    """
    due = _claim(now)
    if due and not tasks.wake_runs(due):
        for run_id, _ in due:
            runner.run(run_id)
    if (changed := supply.plants_to_plan(now)) and not tasks.wake_plants(changed):
        for plant_id in changed:
            supply.plan(plant_id, now)
    plants = aps.wake_waiting_plants(now=now)
    imports = uploads.wake_waiting_imports(now=now)
    endpoints = masterdata.waiting_endpoints(now=now, again_after=WAKE_AGAIN_AFTER)
    tasks.wake_webhooks(endpoints)
    mails = crm.wake_waiting_mail(now=now)
    others = plants + imports + mails + aps.wake_waiting_scenarios(now=now)
    return len(due) + len(changed) + len(endpoints) + others


@transaction.atomic
def _claim(now: dt.datetime) -> list[tuple[int, str]]:
    """Runs that are due and were not woken lately, marked as woken now; those that a worker holds are left alone."""
    waiting = FlowRun.objects.filter(
        Q(woken_at__isnull=True) | Q(woken_at__lt=now - WAKE_AGAIN_AFTER),
        state__in=[FlowRun.State.WAITING, FlowRun.State.FAILED],
        next_at__lte=now,
    )
    due = list(waiting.select_for_update(skip_locked=True).order_by("pk").values_list("pk", "queue")[:BATCH])
    FlowRun.objects.filter(pk__in=[run_id for run_id, _ in due]).update(woken_at=now)
    return due


def run_for_ever(stop: threading.Event, every_seconds: float = 1.0) -> None:
    """Pass each second until `stop` is set; an unreachable database is waited for."""
    while not stop.is_set():
        try:
            close_old_connections()
            pass_once(timezone.now())
        except Exception:  # the relay is a process edge: it must outlive a database restart
            log.exception("relay_pass_failed")
        stop.wait(every_seconds)
