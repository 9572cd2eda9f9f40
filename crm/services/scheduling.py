"""Accepted and scheduled in one click: what is remembered for taking it back, and the quotation as it was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Quotation, QuotationScheduling
from crm.services.acceptance import take_back_yes
from erp.models import SalesOrder, SalesOrderLine
from masterdata import facts
from masterdata.errors import Refusal
from masterdata.lateness import late_when
from masterdata.models import User


class NothingToUndo(Refusal):
    """The order was not scheduled from a quotation, or that was taken back already."""

    code = "nothing_to_undo"


def lock_quotation(*, quotation_id: int) -> Quotation:
    """The quotation with its order, locked."""
    rows = Quotation.objects.select_for_update(of=("self",)).select_related("order").order_by("pk")
    return rows.get(pk=quotation_id)


def lock_quotation_of(*, order_id: int) -> Quotation | None:
    """The quotation whose yes made the order, locked; nothing when there is none."""
    rows = Quotation.objects.select_for_update(of=("self",)).order_by("pk")
    return rows.filter(order=order_id, state=Quotation.State.ACCEPTED).first()


def scheduled_already(*, quotation_id: int) -> QuotationScheduling | None:
    """What one click made of it, when it is in force."""
    rows = QuotationScheduling.objects.select_related("order", "quotation")
    return rows.filter(quotation=quotation_id, undone_at__isnull=True).first()


@transaction.atomic(savepoint=False)
def note_scheduling(
    *,
    quotation_id: int,
    order: SalesOrder,
    state_before: str,
    plan_numbers: Sequence[int],
    is_placed: bool,
    now: dt.datetime,
    by: User | None = None,
) -> QuotationScheduling:
    """Remember it with the state before. States OrderScheduled when it stands in a plan."""
    made = QuotationScheduling.objects.create(
        quotation_id=quotation_id,
        order=order,
        state_before=state_before,
        is_placed=is_placed,
        late_lines=late_lines(order.pk),
        scheduled_at=now,
        scheduled_by=by,
    )
    state_scheduled(order_id=order.pk, plan_numbers=plan_numbers)
    return made


def state_scheduled(*, order_id: int, plan_numbers: Sequence[int]) -> None:
    """States OrderScheduled, unless nothing had to be planned."""
    if plan_numbers:
        facts.state(crm_facts.OrderScheduled(order_id=order_id, plan_numbers=tuple(sorted(plan_numbers))))


def late_lines(order_id: int) -> int:
    """How many lines are expected after their promise."""
    return SalesOrderLine.objects.filter(late_when(), order=order_id, promised_at__isnull=False).count()


def scheduling_of(*, order_id: int) -> QuotationScheduling:
    """What may be undone of the order, unlocked. Raises NothingToUndo."""
    found = QuotationScheduling.objects.select_related("order", "quotation").filter(order=order_id).first()
    if found is None:
        raise NothingToUndo(
            "This order was not scheduled from a quotation by one click: cancel it instead.", order_id=order_id
        )
    return found


@transaction.atomic
def reopen_scheduled(*, scheduling_id: int, now: dt.datetime, by: User | None = None) -> QuotationScheduling:
    """The quotation as it was before one click, when its order is cancelled. Locks the quotation, then its scheduling.

    States QuotationReopened. A second call changes nothing.
    """
    first = QuotationScheduling.objects.get(pk=scheduling_id)
    quotation = lock_quotation(quotation_id=first.quotation_id)
    rows = QuotationScheduling.objects.select_for_update(of=("self",)).order_by("pk")
    scheduling = rows.select_related("quotation", "order").get(pk=scheduling_id)
    if scheduling.undone_at is not None:
        return scheduling
    scheduling.undone_at, scheduling.undone_by = now, by
    scheduling.save(update_fields=["undone_at", "undone_by"])
    take_back_yes(quotation, order_id=scheduling.order_id, state=scheduling.state_before, now=now, by=by)
    return scheduling
