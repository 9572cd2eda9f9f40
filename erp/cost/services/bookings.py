"""What an order costs beside production: freight, installation, a penalty, outside work, booked and undone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db import connection, transaction

from erp.cost.models import CostBooking, CostEntry, Element
from erp.cost.models.bookings import BOOKABLE
from erp.cost.services.entries import CostTag, book_costs
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine, write_entries
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Partner, Plant, User
from masterdata.numbers import money

Role = Account.Role

# The account that an element is spent on, with the order on its line.
EXPENSE: dict[str, str] = {
    Element.FREIGHT: Role.FREIGHT,
    Element.INSTALLATION: Role.INSTALLATION,
    Element.PENALTY: Role.PENALTY,
    Element.SUBCONTRACT: Role.COGS,
    Element.OTHER: Role.COGS,
}
AGAINST = (Role.ACCRUED_COST, Role.PAYABLE)
# The order's table stands above cost; its row is read by name.
_ORDER = "SELECT company_id, cancelled_at FROM erp_salesorder WHERE id = %s"


class AlreadyUndone(Refusal):
    """The booking was undone before, or undoes another."""

    code: ClassVar[str] = "already_undone"


@transaction.atomic
def book_order_cost(
    *,
    order_id: int,
    element: str,
    amount: Decimal,
    plant_id: int,
    text: str,
    now: dt.datetime,
    against: str = Role.ACCRUED_COST,
    partner: Partner | None = None,
    posted_on: dt.date | None = None,
    by: User | None = None,
) -> CostBooking:
    """Put a cost on a sales order: its expense against the accrual (the `partner` will send an invoice).

    Against what is owed to the partner only for payables, which keeps the invoice that it is open on.

    `amount` is in the company's currency; a negative one gives back. Whoever posts an entry of his own with such a
    line (a supplier's invoice for freight) books its cost with `book_costs` and a tag of the element instead: one
    line, one cost entry. Raises InvalidInput, PeriodClosed, NoBooks.
    """
    plant = Plant.objects.select_related("company__currency").get(pk=plant_id)
    _check(order_id, element, amount, plant, text)
    if against not in AGAINST or (against == Role.PAYABLE and partner is None):
        raise InvalidInput("Book it against the accrual, or against what is owed to a partner.", field="against")
    booking = CostBooking(
        sales_order_id=order_id,
        plant=plant,
        element=element,
        amount=amount,
        text=text.strip()[:200],
        against=against,
        partner=partner,
        booked_at=now,
        by=by,
    )
    return _post(booking, now, posted_on)


@transaction.atomic
def reverse_order_cost(*, booking_id: int, text: str, now: dt.datetime, by: User | None = None) -> CostBooking:
    """Undo a booking with one the other way, linked to it, in the open period.

    Locks the booking. Raises AlreadyUndone, InvalidInput, PeriodClosed.
    """
    rows = CostBooking.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    booking = rows.select_related("plant__company__currency", "partner").get(pk=booking_id)
    if not text.strip():
        raise InvalidInput("Say why it is undone.", field="text")
    if booking.reverses_id or CostBooking.objects.filter(reverses=booking).exists():
        raise AlreadyUndone(
            "This cost was undone already: book it again if it is owed after all.", booking_id=booking_id
        )
    undone = CostBooking(
        sales_order_id=booking.sales_order_id,
        plant=booking.plant,
        element=booking.element,
        amount=-booking.amount,
        text=text.strip()[:200],
        against=booking.against,
        partner=booking.partner,
        reverses=booking,
        booked_at=now,
        by=by,
    )
    return _post(undone, now, None)


def _check(order_id: int, element: str, amount: Decimal, plant: Plant, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ORDER, [order_id])
        company_id, cancelled_at = cursor.fetchone()
    if company_id != plant.company_id:
        raise InvalidInput(f"{plant.name} belongs to another company than the order.", field="plant")
    if cancelled_at is not None:
        raise InvalidInput("The order is cancelled: nothing more is booked on it.", field="order")
    if element not in BOOKABLE:
        raise InvalidInput("Choose freight, installation, penalty, subcontracting or other.", field="element")
    if not text.strip():
        raise InvalidInput("Say what it is for.", field="text")
    decimals = plant.company.currency.decimals
    if not amount or amount != money(amount, decimals):
        raise InvalidInput(f"Enter an amount with at most {decimals} decimals, other than zero.", field="amount")


def _post(booking: CostBooking, now: dt.datetime, posted_on: dt.date | None) -> CostBooking:
    plant = booking.plant
    lines = [
        LedgerLine(
            role=EXPENSE[booking.element],
            amount=booking.amount,
            plant=plant,
            partner=booking.partner,
            sales_order_id=booking.sales_order_id,
        ),
        LedgerLine(
            role=booking.against,
            amount=-booking.amount,
            plant=plant,
            partner=booking.partner,
            sales_order_id=booking.sales_order_id,
        ),
    ]
    draft = EntryDraft(
        company_id=plant.company_id,
        kind=JournalEntry.Kind.ORDER_COST,
        source=f"order_cost:{booking.sales_order_id}",
        memo=booking.text,
        lines=lines,
        posted_on=posted_on,
    )
    posted = write_entries(drafts=[draft], now=now)[0]
    tag = CostTag(kind=CostEntry.Kind.INCURRED, element=booking.element)
    book_costs(postings=[(posted.lines[0], tag)], now=now)
    booking.entry = posted.entry  # type: ignore[assignment]  # there is an amount, so there is an entry
    booking.save(force_insert=True)
    live.publish("order", booking.sales_order_id)
    return booking
