"""A machine is down: the warm worker shifts the plan that it holds and tells the lines, whatever is being searched.

Whatever goes wrong on this way costs time only: the planning worker, which the same alarm wakes, does it as well.
"""

from __future__ import annotations

import time
from functools import partial

import structlog
from django.utils import timezone
from kombu.exceptions import OperationalError

from aps import services as aps
from masterdata.models import FlowRun

SPREAD = "planning.spread_plan"
GOOD_FOR_S = 30
LOOKS_EVERY_S, LONGEST_S = 0.02, 1.0
log = structlog.get_logger(__name__)


def tell(plant_id: int) -> None:
    """Send the plant's id to the warm worker, if there is a way to it."""
    from suite import tasks

    try:
        tasks.ask_alarm.apply_async((plant_id,), expires=GOOD_FOR_S)
    except OperationalError as error:
        log.warning("alarm_not_sent", plant=plant_id, error=str(error))
        aps.end_alarm(plant_id=plant_id)


def run(run_id: int) -> None:
    """The worker's side: a flow that lines wait for."""
    from suite.flows import runner

    with aps.paused():
        runner.run(run_id)


def answer(plant_id: int) -> None:
    """The worker's side: publish what must move, tell the lines, then let something better be searched for."""
    with aps.paused():
        try:
            aps.answer_alarm(plant_id=plant_id, now=timezone.now(), spread=partial(_spread, plant_id))
        finally:
            aps.end_alarm(plant_id=plant_id)


def _spread(plant_id: int) -> None:
    from suite.flows import runner

    waiting = FlowRun.objects.filter(state=FlowRun.State.WAITING, flow=SPREAD, fact__subject=f"plant:{plant_id}")
    patience = time.monotonic() + LONGEST_S
    for run_id in list(waiting.order_by("-pk").values_list("pk", flat=True)):
        while runner.run(run_id) == "busy" and time.monotonic() < patience:  # another worker tells the lines
            time.sleep(LOOKS_EVERY_S)
