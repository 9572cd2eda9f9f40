"""Runs a flow for a fact exactly once: its effect and its "done" are one commit, a worker's death undoes both."""

from __future__ import annotations

import datetime as dt
import random
import traceback

import structlog
from django.db import transaction
from django.utils import timezone

from masterdata import facts, live
from masterdata.models import FlowRun
from suite.flows import table

MAX_ATTEMPTS = 12
log = structlog.get_logger(__name__)


def run(run_id: int) -> str:
    """Claim the run, call its flow, mark it done in the same transaction.

    Returns "done", "busy" (another worker holds its lock), "ended" (already done or given up), "failed" or "dead".
    """
    try:
        with transaction.atomic():
            claimed = (
                FlowRun.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("fact")
                .filter(pk=run_id)
                .order_by("pk")
                .first()
            )
            if claimed is None:
                return "busy"
            if claimed.state not in (FlowRun.State.WAITING, FlowRun.State.FAILED):
                return "ended"
            flow = table.flow_named(claimed.fact.kind, claimed.flow)
            with facts.because(claimed.fact), facts.acting(claimed.fact.by, claimed.fact.correlation_id):
                flow.run(facts.read(flow.fact, claimed.fact), claimed.fact)
            claimed.state = FlowRun.State.DONE
            claimed.attempts += 1
            claimed.done_at = timezone.now()
            claimed.error = ""
            claimed.save(update_fields=["state", "attempts", "done_at", "error"])
        return "done"
    except Exception:  # noqa: BLE001 - the runner is the edge: whatever a flow raises is kept with its run and shown on its page
        return _fail(run_id, traceback.format_exc(limit=-8))


@transaction.atomic
def _fail(run_id: int, error: str) -> str:
    failed = FlowRun.objects.select_for_update(of=("self",)).select_related("fact").order_by("pk").get(pk=run_id)
    if failed.state == FlowRun.State.DONE:
        return "ended"
    failed.attempts += 1
    dead = failed.attempts >= MAX_ATTEMPTS
    failed.state = FlowRun.State.DEAD if dead else FlowRun.State.FAILED
    failed.next_at = timezone.now() + backoff(failed.attempts)
    failed.error = error[-4000:]
    failed.save(update_fields=["state", "attempts", "next_at", "error"])
    log.error("flow_failed", flow=failed.flow, run=run_id, attempts=failed.attempts, error=error)
    live.publish("flows", run_id)
    return "dead" if dead else "failed"


def backoff(attempts: int) -> dt.timedelta:
    """Wait before the next try: 2^n tenths of a second up to five minutes, with jitter of a fifth."""
    seconds = min(300.0, 0.1 * 2**attempts)
    return dt.timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 (jitter, not a secret)


@transaction.atomic
def retry(run_id: int) -> bool:
    """Set a failed or dead run waiting again, at once. False when it is done meanwhile."""
    again = FlowRun.objects.select_for_update().order_by("pk").get(pk=run_id)
    if again.state == FlowRun.State.DONE:
        return False
    again.state, again.attempts = FlowRun.State.WAITING, 0
    again.next_at = again.woken_at = timezone.now()
    again.save(update_fields=["state", "next_at", "woken_at", "attempts"])
    transaction.on_commit(lambda: table.wake([(again.pk, again.queue)]))
    return True
