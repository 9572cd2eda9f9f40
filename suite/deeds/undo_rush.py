"""Rush: for some seconds a taken option is given back: order, plan and displaced promises as they were, in one deed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from aps import selectors as aps_now
from aps import services as aps
from crm import selectors as crm_now
from crm import services as crm
from erp import services as erp
from masterdata import facts
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.models import User

UNDO_FOR = dt.timedelta(seconds=10)
ON_THE_WAY = dt.timedelta(seconds=5)
"""A click in the tenth second may take as long to arrive."""


class TooLateToUndo(Refusal):
    """The seconds are over, or something that it would take back has happened."""

    code = "too_late_to_undo"


def undo_rush(*, request_id: int, now: dt.datetime, by: User | None = None) -> crm.RushRequest:
    """Give it back; the request is open again without options: ask again. Its promises and those that it displaced get
    a new version with what was promised before.

    Raises RushNotOpen, TooLateToUndo (the time is over, work has begun, the plan went on, material was taken of another
    order), and then nothing is changed.
    """
    try:
        return _undo(request_id, now, by)
    except (erp.WorkHasBegun, erp.NothingToCancel, erp.BeingPicked, aps.TooLateToGiveBack) as refusal:
        raise TooLateToUndo(refusal.sentence, request_id=request_id) from refusal


@transaction.atomic
def _undo(request_id: int, now: dt.datetime, by: User | None) -> crm.RushRequest:
    option = crm_now.taken_option(request_id=request_id)
    before = crm_now.rush_request(request_id=request_id)
    plant_id = option.plant_id or before.plant_id if option is not None else before.plant_id
    aps.locked_planning(plant_id)
    erp.hold_plan_dates(plant_id=plant_id)
    request = crm.lock_rush(request_id=request_id)
    order = request.taken_order
    _check(request, option, now)
    if option is None or option.offer_key is None or order is None:
        raise crm.RushNotOpen(f"{request.number} is not taken: there is nothing to take back.")
    taken = crm_now.rush_taken_fact(request_id=request_id)
    with facts.acting(by):
        crm.lock_displaced(operation_ids=aps_now.moved_operations(option.offer_key))
        if request.for_order_id is None:
            if request.quotation_id is not None:
                crm.reopen_quotation(quotation_id=request.quotation_id, now=now, by=by)
            erp.cancel_order(order_id=order.pk, reason=f"{request.number} given back", now=now, by=by)
        plan = aps.give_back_offer(key=option.offer_key, order_no=order.number, now=now)
        _apply(plant_id, plan.number)
        request, undone = crm.reopen_rush(request_id=request_id, now=now)
        cause = Cause("rush", f"Rush order {order.number} was given back: the date before holds again", undone.pk)
        with facts.because(undone):
            crm.give_back_promises(fact_id=taken.pk, plan_no=plan.number, cause=cause, now=now)
    return request


def _check(request: crm.RushRequest, option: crm.RushOption | None, now: dt.datetime) -> None:
    if request.taken_at is None:
        raise crm.RushNotOpen(f"{request.number} is not taken: there is nothing to take back.")
    if now > request.taken_at + UNDO_FOR + ON_THE_WAY:
        raise TooLateToUndo(
            f"{request.number} was taken more than ten seconds ago: cancel the order if it is not wanted any more.",
            request_id=request.pk,
        )
    if option is not None and option.materials.filter(need__isnull=False).exists():
        raise TooLateToUndo(
            "Material of another order was taken for it: cancel this order, then planning gives it back.",
            request_id=request.pk,
        )


def _apply(plant_id: int, plan_no: int) -> None:
    spread = aps_now.plan_to_spread(plant_id=plant_id, plan_no=plan_no)
    if spread is not None:
        erp.apply_plan(plant_id=plant_id, plan_no=plan_no, placements=spread.placements)
