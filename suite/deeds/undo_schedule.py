"""One click takes back what one click scheduled: off the plan, cancelled, and the quotation is open as it was."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from aps import services as aps
from crm import services as crm
from erp import services as erp
from masterdata import facts
from masterdata.causes import Cause
from masterdata.models import User

REASON = "Taken back before anything began"


@transaction.atomic
def undo_schedule(*, order_id: int, now: dt.datetime, by: User | None = None) -> crm.QuotationScheduling:
    """Take the order off the published plans, cancel it with what was ordered for it alone, reopen its quotation.

    All in one transaction; a second call changes nothing. Locks the plants' planning and dates, the quotation, then
    what `erp.undo_order` locks. Raises NothingToUndo, and when something has begun, come or been charged
    WorkIsUnderWay, BoughtForIt, ChargedAlready or what cancelling refuses: then nothing is changed.
    """
    found = crm.scheduling_of(order_id=order_id)
    plant_ids = sorted(set(found.order.lines.values_list("plant_id", flat=True)))
    for plant_id in plant_ids:
        aps.locked_planning(plant_id)
        erp.hold_plan_dates(plant_id=plant_id)
    crm.lock_quotation(quotation_id=found.quotation_id)
    scheduling = crm.scheduling_of(order_id=order_id)
    if scheduling.undone_at is not None:
        return scheduling
    with facts.acting(by):
        order = erp.undo_order(order_id=order_id, reason=REASON, now=now, by=by)
        for plant_id in plant_ids:
            aps.take_off_plan(plant_id=plant_id, cause=Cause("order", f"Order {order.number} taken back"), now=now)
        return crm.reopen_scheduled(scheduling_id=scheduling.pk, now=now, by=by)
