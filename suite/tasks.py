"""Celery tasks of the house: wake-ups that carry ids only. The truth is in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.utils import timezone
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
LONGEST_IMPORT_SECONDS = 2 * 60 * 60


@shared_task(name="suite.run_flow")
def run_flow(run_id: int) -> str:
    """Run one flow run; whatever happens is written at the run. The warm worker gives it to a desk of its own."""
    from suite.asks import alarms
    from suite.asks.desks import desks
    from suite.flows import runner

    if desks.are_open:
        desks.hand("flows", partial(alarms.run, run_id))
        return "handed over"
    return runner.run(run_id)


@shared_task(name="suite.tasks.ask_offer")
def ask_offer(token: str, question: dict[str, Any]) -> None:
    """Answer in the warm worker, which holds the plans' arrays; the answer lies under the token for a minute."""
    from suite.asks import serving
    from suite.asks.desks import desks

    desks.hand(("question", question["plant_id"]), partial(serving.serve, token, question))


@shared_task(name="suite.tasks.ask_alarm")
def ask_alarm(plant_id: int) -> None:
    """Shift the plan of a plant with a machine that went down; questions about it are answered meanwhile."""
    from suite.asks import alarms
    from suite.asks.desks import desks

    desks.hand(("alarm", plant_id), partial(alarms.answer, plant_id))


@shared_task(name="suite.tasks.ask_lever")
def ask_lever(request_id: int, answer_no: int, at: int) -> None:
    """Add one further option to a rush request's answer and send for the next, so that questions get in between."""
    from suite.deeds import ask_levers

    ask_levers.answer_lever(request_id=request_id, answer_no=answer_no, at=at)


@shared_task(name="suite.tasks.webhook_send")
def webhook_send(endpoint_id: int) -> int:
    """Send an endpoint what it is to be told; how many were sent."""
    from masterdata import sending

    return sending.send_due(endpoint_id, timezone.now)


@shared_task(name="suite.call_planned")
def call_planned() -> int:
    """Clockwork: planned call-offs of contracts become orders in time."""
    from crm import services as crm

    return len(crm.call_planned(now=timezone.now()))


@shared_task(name="suite.ring_reminders")
def ring_reminders() -> int:
    """Clockwork: reminders whose time has come ring at their owners' bells, each once."""
    from crm import services as crm

    return len(crm.ring_reminders(now=timezone.now()))


@shared_task(name="suite.watch_contracts")
def watch_contracts() -> int:
    """Clockwork: contracts that end soon are said, renewed by themselves, or ended."""
    from crm import services as crm

    return crm.watch_contracts(now=timezone.now())


@shared_task(name="suite.plan_materials")
def plan_materials(plant_id: int) -> int:
    """Plan what changed in a plant since the last run; how many rows that changed."""
    from suite.flows import supply

    return supply.plan(plant_id, timezone.now())


@shared_task(name="suite.forget_answers")
def forget_answers() -> int:
    """Clockwork: answers kept for requests that are sent twice go after a day."""
    from masterdata import services as masterdata

    return masterdata.forget_answers(now=timezone.now())


@shared_task(name="suite.expire_reservations")
def expire_reservations() -> int:
    """Clockwork: soft reservations whose time is over are let go."""
    from erp import services as erp

    return erp.expire_reservations(now=timezone.now())


@shared_task(name="suite.expire_rush")
def expire_rush() -> int:
    """Clockwork: rush requests that nobody took in the days of their company wait no longer."""
    from crm import services as crm

    return crm.expire_rush(now=timezone.now())


@shared_task(name="suite.block_expired_lots")
def block_expired_lots() -> int:
    """Clockwork: nothing of a lot past its last day is offered or taken."""
    from erp import services as erp

    return erp.block_expired_lots(now=timezone.now())


@shared_task(name="suite.seal_journal")
def seal_journal() -> int:
    """Clockwork: committed journal entries get their number and their place in the chain."""
    from erp import services as erp

    now = timezone.now()
    return sum(erp.seal_entries(company_id=company_id, now=now) for company_id in erp.companies_to_seal())


@shared_task(name="suite.repeat_entries")
def repeat_entries() -> int:
    """Clockwork: manual entries that repeat are submitted for the next month."""
    from erp import services as erp

    return erp.repeat_entries(now=timezone.now())


@shared_task(name="suite.open_coming_years")
def open_coming_years() -> int:
    """Clockwork: the next year has its periods before it begins."""
    from erp import services as erp

    return erp.open_coming_years(now=timezone.now())


@shared_task(name="suite.release_stale_events")
def release_stale_events() -> int:
    """Clockwork: events that wait for one which a tablet never sent go on after a quarter of an hour."""
    from mes import services as mes

    return mes.release_stale(now=timezone.now())


@shared_task(name="suite.review_proposals")
def review_proposals() -> int:
    """Clockwork: proposals that have waited long enough are taken, overtaken ones are computed again."""
    from aps import services as aps

    return aps.review_proposals(now=timezone.now())


@shared_task(name="suite.escalate_alarms")
def escalate_alarms() -> int:
    """Clockwork: alarms that nobody took are told one level higher."""
    from mes import services as mes

    return mes.escalate_alarms(now=timezone.now())


@shared_task(name="suite.look_at_times")
def look_at_times() -> int:
    """Clockwork: what runs took is compared with what their routings plan."""
    from masterdata.models import Plant
    from mes import services as mes

    plants = list(Plant.objects.order_by("pk").values_list("pk", flat=True))
    return mes.look_at_times(plant_ids=plants, now=timezone.now())


@shared_task(name="suite.gather_spreads")
def gather_spreads() -> int:
    """Clockwork: how long work took and how late suppliers were, so that a date can say how sure it is."""
    from crm import services as crm

    return crm.gather_spreads(now=timezone.now())


@shared_task(name="suite.send_notices")
def send_notices() -> int:
    """Clockwork: what customers are to be told goes out once it has settled and no plan is being made for it."""
    from suite.flows import noticing

    return noticing.send(timezone.now())


@shared_task(name="suite.tasks.import_files", time_limit=LONGEST_IMPORT_SECONDS)
def import_files(import_id: int) -> str:
    """Check uploaded files, or import them; says how it ended."""
    from suite.importing import worker

    return worker.work(import_id=import_id, now=timezone.now())


@shared_task(name="suite.forget_uploads")
def forget_uploads() -> int:
    """Clockwork: uploaded files that nobody imported go after a week."""
    from suite.importing import uploads

    return uploads.forget_uploads(now=timezone.now())


@worker_ready.connect
def show_heartbeat(sender: Any, **_: Any) -> None:
    """A worker that takes the queue `ask` says so, as long as it lives; in one process it keeps live plans ready."""
    from suite.asks import serving

    if "ask" in sender.app.amqp.queues.consume_from:
        serving.start(in_one_process="solo" in type(sender.pool).__module__)


@worker_shutting_down.connect
def stop_heartbeat(**_: Any) -> None:
    """Nobody is to wait for a worker that is going."""
    from suite.asks import serving

    serving.stop()


def wake_runs(runs: Sequence[tuple[int, str]]) -> bool:
    """Send the runs' ids to their queues. False when the broker does not answer (the relay will find them).

    Touches no row: a worker may hold them already, and who sends a wake-up never waits for one. What is for the warm
    worker goes to `default` while there is none.
    """
    from suite.asks import warm

    try:
        ask = "ask" if any(queue == "ask" for _, queue in runs) and warm.is_there() else "default"
        for run_id, queue in runs:
            run_flow.apply_async((run_id,), queue=ask if queue == "ask" else queue)
    except OperationalError as error:
        log.warning("broker_unreachable", waiting=len(runs), error=str(error))
        return False
    return True


def wake_plants(plant_ids: Sequence[int]) -> bool:
    """Have these plants' materials planned. False when the broker does not answer."""
    try:
        for plant_id in plant_ids:
            plan_materials.apply_async((plant_id,), queue="default", expires=60)
    except OperationalError as error:
        log.warning("broker_unreachable", waiting=len(plant_ids), error=str(error))
        return False
    return True


def wake_webhooks(endpoint_ids: Sequence[int]) -> bool:
    """Have somebody send to these endpoints. False when the broker does not answer (the relay will find them)."""
    try:
        for endpoint_id in endpoint_ids:
            webhook_send.apply_async((endpoint_id,), expires=60)
    except OperationalError as error:
        log.warning("broker_unreachable", waiting=len(endpoint_ids), error=str(error))
        return False
    return True
