"""Shops in which somebody is in a rush, and what is asked there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from crm import services as crm
from crm.models import Promise, Quotation, RushOption, RushRequest
from erp.models import SalesOrder
from masterdata.models import User
from suite.deeds import accept_rush, ask_levers, ask_rush
from tests.flows.workshop import Workshop

D = Decimal


def today() -> dt.date:
    return timezone.now().date()


def quoted(shop: Workshop) -> Quotation:
    """A table for 290.00 and two stools for 110.00 each, wanted in 30 days."""
    wanted = today() + dt.timedelta(days=30)
    lines = [
        crm.QuotationLineInput(
            plant_id=shop.plant.pk,
            material_id=shop.materials[code].pk,
            quantity=D(quantity),
            unit_price=D(price),
            wanted_on=wanted,
        )
        for code, quantity, price in (("TABLE", 1, 290), ("STOOL", 2, 110))
    ]
    return crm.write_quotation(
        customer_id=shop.other_customer.pk, lines=lines, valid_until=today() + dt.timedelta(days=20), now=timezone.now()
    )


def asked(shop: Workshop, quantity: int = 2, *, code: str = "STOOL", wanted: dt.date | None = None) -> RushRequest:
    return ask_rush.ask_rush(
        customer_id=shop.other_customer.pk,
        material_id=shop.materials[code].pk,
        quantity=D(quantity),
        plant_id=shop.plant.pk,
        wanted_on=wanted or today(),
        unit_price=D(120),
        now=timezone.now(),
    )


def with_levers(request: RushRequest) -> RushRequest:
    """All its further options, worked out here."""
    ask_levers.ask_levers(request_id=request.pk, answer_no=request.answer_no)
    request.refresh_from_db()
    return request


def card(request: RushRequest, key: str) -> RushOption:
    request.refresh_from_db()
    return RushOption.objects.get(request=request, answer_no=request.answer_no, key=key)


def take(option: RushOption, by: User | None = None, after: dt.timedelta = dt.timedelta(0)) -> SalesOrder:
    return accept_rush.accept_rush(option_id=option.pk, now=timezone.now() + after, by=by)


def versions(order: SalesOrder) -> list[tuple[int, str]]:
    """Number and reason of each promise of the order."""
    rows = Promise.objects.filter(order_line__order=order).order_by("order_line__line_no", "version_no")
    return list(rows.values_list("version_no", "reason"))
