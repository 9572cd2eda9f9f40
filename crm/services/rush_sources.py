"""What a rush request asks for when it comes from a quotation or from an order: all their lines, together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.models import Quotation
from crm.services.opened import QuotationNotOpen
from crm.services.quotations import QuotationEmpty
from crm.services.rush import RushLineInput
from erp import selectors as erp_now
from erp.models import SalesOrder
from masterdata import numbers
from masterdata.errors import Refusal
from masterdata.models import Currency


class SeveralPlants(Refusal):
    """Each plant has a plan of its own, and one answer rests on one plan."""

    code = "several_plants"


class NotToBeHurried(Refusal):
    """The order is no more, or not yet, on its way."""

    code = "not_to_be_hurried"


@dataclass(frozen=True)
class RushSource:
    """A quotation or an order as it stands: what is asked, from which plant, and its version."""

    plant_id: int
    lines: Sequence[RushLineInput]
    version: int


def source_of_quotation(*, quotation_id: int, now: dt.datetime) -> RushSource:
    """All lines of an open quotation; amounts at the day's rate.

    Raises QuotationNotOpen, QuotationEmpty, SeveralPlants, NoRate.
    """
    quotation = Quotation.objects.select_related("company__currency", "currency").get(pk=quotation_id)
    if quotation.state not in (Quotation.State.DRAFT, Quotation.State.SENT):
        raise QuotationNotOpen(f"{quotation.number} is not open any more: ask for its order to come earlier.")
    lines = [line for line in quotation.lines.order_by("line_no") if line.is_taken]
    if not lines:
        raise QuotationEmpty(f"{quotation.number} has no line yet: add one first.")
    plant_id = _one_plant(quotation.number, {line.plant_id for line in lines})
    rate = erp_now.conversion(company=quotation.company, currency=quotation.currency, day=now.date())
    asked = [RushLineInput(line.material_id, line.quantity, rate.of(line.net_amount)) for line in lines]
    return RushSource(plant_id, asked, quotation.version)


def source_of_order(*, order_id: int) -> RushSource:
    """What of a confirmed order has not left. Raises NotToBeHurried, SeveralPlants."""
    order = SalesOrder.objects.select_related("company__currency").get(pk=order_id)
    lines = [line for line in order.lines.order_by("line_no") if line.quantity > line.shipped_qty]
    if order.confirmed_at is None or order.cancelled_at is not None or not lines:
        raise NotToBeHurried(f"{order.number} is not on its way: confirm it first, or ask for a new order.")
    plant_id = _one_plant(order.number, {line.plant_id for line in lines})
    own = order.company.currency
    asked = [
        RushLineInput(
            line.material_id,
            line.quantity - line.shipped_qty,
            _worth(line.unit_price * (line.quantity - line.shipped_qty), order.rate, own),
            line.pk,
        )
        for line in lines
    ]
    return RushSource(plant_id, asked, order.version)


def _worth(amount: Decimal, rate: Decimal, own: Currency) -> Decimal:
    return numbers.money(amount * rate, own.decimals)


def _one_plant(number: str, plants: set[int]) -> int:
    if len(plants) > 1:
        raise SeveralPlants(f"{number} comes from several plants: ask for each plant's products by themselves.")
    return next(iter(plants))
