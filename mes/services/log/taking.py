"""One event of any kind: done once, refused with a sentence, or kept back for the shift lead."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db import IntegrityError, transaction

from masterdata import statements
from masterdata.errors import Refusal
from mes.services.events import FloorEvent, ReusedEventId
from mes.services.log import deciding, doing
from mes.services.log.doing import APPLIED, REPLAY, Answer

_PLANT = """
    SELECT coalesce((SELECT c.plant_id FROM masterdata_machine m JOIN masterdata_workcentre c ON c.id = m.work_centre_id
                     WHERE m.id = %s), (SELECT w.plant_id FROM erp_workorderoperation o
                     JOIN erp_workorder w ON w.id = o.work_order_id WHERE o.id = %s),
                    (SELECT e.plant_id FROM masterdata_employee e WHERE e.id = %s))
"""


def take(*, event: FloorEvent, now: dt.datetime, is_late: bool = False) -> Answer:
    """Do what the event says, once.

    Said now, what can't be is refused: raises the Refusal, and nothing is kept. `is_late`: it was said offline, so what
    can't be is kept in quarantine for the shift lead. The same id again is answered as the first time; with other
    content it raises ReusedEventId, and the first stands.
    """
    if event.plant_id is None:
        found = statements.run(_PLANT, [event.machine_id or None, event.operation_id or None, event.operator_id])
        event = replace(event, plant_id=found[0][0])
    if (first := doing.first_answer(event)) is not None:
        return first
    try:
        return _done(event, now, is_late=is_late)
    except ReusedEventId:
        raise
    except Refusal as refusal:
        if not is_late:
            raise
        return doing.keep_back(event, refusal, now)


def _done(event: FloorEvent, now: dt.datetime, *, is_late: bool) -> Answer:
    try:
        with transaction.atomic():
            run, was_done = doing.do(event, now, is_late=is_late)
    except IntegrityError:
        if (first := doing.first_answer(event)) is None:
            raise
        return first  # the same event from another connection was first
    if was_done:
        return Answer(REPLAY, run=run)
    deciding.try_again(event, now)
    return Answer(APPLIED, run=run)
