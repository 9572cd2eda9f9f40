"""One click schedules a confirmed order that no plan has yet: its work goes into the gaps, and nobody moves."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from aps import selectors as aps_now
from aps import services as aps
from crm import services as crm
from erp import services as erp
from masterdata import facts
from masterdata.errors import Refusal
from masterdata.models import User
from suite.asks import offer
from suite.asks.place_answers import PlaceQuestion, PlaceReply
from suite.deeds.schedule_quotation import Scheduled, hold_plans, take_places, tried


class NothingToSchedule(Refusal):
    """The order is not confirmed, or there is nothing to be made for it."""

    code = "nothing_to_schedule"


def schedule_order(*, order_id: int, now: dt.datetime, by: User | None = None) -> Scheduled:
    """Give the order's work places in the published plan at once. An order that stands in it already stays there.

    Call it outside any transaction. When the plan moves on in between, it is answered anew; after that, or when
    planning has no place, the planner is asked for one. Locks the plants' planning and dates, then the order.
    Raises NothingToSchedule.
    """

    def attempt(anew: bool) -> Scheduled | None:
        plant_ids = aps_now.unplanned_plants(order_id)
        if not plant_ids:
            return _standing(order_id)
        question = PlaceQuestion(order_id=order_id, plant_ids=plant_ids, now=now, anew=anew)
        try:
            reply = offer.place_and_wait(question)
        except Refusal:
            return None
        return _commit(order_id, reply, now, by)

    return tried(attempt) or _left_to_planner(order_id, by)


def _standing(order_id: int) -> Scheduled:
    order = erp.SalesOrder.objects.get(pk=order_id)
    if order.confirmed_at is None or order.cancelled_at is not None:
        raise NothingToSchedule(f"{order.number} is not confirmed: confirm it, and it is planned.", order_id=order_id)
    return Scheduled(order, True, crm.late_lines(order_id))


@transaction.atomic
def _commit(order_id: int, reply: PlaceReply, now: dt.datetime, by: User | None) -> Scheduled:
    hold_plans(reply.kept)
    quotation = crm.lock_quotation_of(order_id=order_id)
    order = erp.SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=order_id)
    if order.cancelled_at is not None:
        raise NothingToSchedule(f"{order.number} was cancelled meanwhile.", order_id=order_id)
    with facts.acting(by):
        numbers = take_places(order, reply.kept, now)
        if quotation is None or order.is_rush or crm.scheduled_already(quotation_id=quotation.pk) is not None:
            crm.state_scheduled(order_id=order_id, plan_numbers=numbers)
        else:
            crm.note_scheduling(
                quotation_id=quotation.pk,
                order=order,
                state_before="sent" if quotation.sent_at else "draft",
                plan_numbers=numbers,
                is_placed=True,
                now=now,
                by=by,
            )
    return Scheduled(order, True, crm.late_lines(order_id))


@transaction.atomic
def _left_to_planner(order_id: int, by: User | None) -> Scheduled:
    order = erp.SalesOrder.objects.get(pk=order_id)
    with facts.acting(by):
        for plant_id in aps_now.unplanned_plants(order_id):
            aps.want_plan(plant_id=plant_id, reason="order", text=f"Order {order.number}")
    return Scheduled(order, False, 0)
