"""Rush: the order that a taken option makes, by itself or out of a quotation, confirmed as the option says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from crm import services as crm
from erp import services as erp
from masterdata.models import User

Part = tuple[int, erp.OrderLineInput]
"""An order line, and the place of the line that it is of."""


def made(option: crm.RushOption, request: crm.RushRequest, now: dt.datetime, by: User | None) -> erp.SalesOrder:
    """Confirmed, with its material as the option has it. Out of a quotation: that is accepted with its prices, if it
    says what was asked about (StaleVersion)."""
    confirm = partial(_confirmed, option, now)
    if request.quotation_id is not None:
        rush = crm.RushTerms(lines=partial(_of_quotation, option, request), confirm=confirm)
        return crm.accept_quotation(
            quotation_id=request.quotation_id,
            now=now,
            expected_version=request.source_version,
            by=by,
            rush=rush,
        )
    order = erp.create_order(
        company=request.plant.company,
        customer=request.customer,
        currency=request.plant.company.currency,
        lines=[line for _, line in _parts(option, [_asked(option, request)])],
        now=now,
        is_rush=True,
    )
    return confirm(order, None)


def hurried(request: crm.RushRequest) -> erp.SalesOrder:
    """The order that is to come earlier, locked; StaleVersion when it is no longer what was asked about."""
    return erp.hold_sales_order(order_id=request.for_order_id or 0, expected_version=request.source_version)


def _confirmed(
    option: crm.RushOption, now: dt.datetime, order: erp.SalesOrder, quoted: erp.Quoted | None
) -> erp.SalesOrder:
    materials = list(option.materials.all())
    takes = [erp.Take(one.need_id, one.quantity) for one in materials if one.need_id is not None]
    if takes:
        return erp.confirm_with_material(order_id=order.pk, takes=takes, now=now, quoted=quoted)
    used = [(one.instead_of_id, one.material_id) for one in materials if one.instead_of_id is not None]
    fast = [one.material_id for one in materials if one.instead_of_id is None]
    return erp.confirm_order(order_id=order.pk, now=now, hurried=fast, instead=used, quoted=quoted)


def _asked(option: crm.RushOption, request: crm.RushRequest) -> erp.OrderLineInput:
    return erp.OrderLineInput(
        plant_id=option.plant_id or request.plant_id,
        material_id=request.material_id,
        quantity=request.quantity,
        unit_price=request.unit_price,
        wanted_on=request.wanted_on,
    )


def _of_quotation(option: crm.RushOption, request: crm.RushRequest, lines: Sequence[erp.OrderLineInput]) -> list[Part]:
    """The quotation's lines, wanted on the day and from the plant that was asked."""
    plant_id = option.plant_id or request.plant_id
    return _parts(option, [replace(line, plant_id=plant_id, wanted_on=request.wanted_on) for line in lines])


def _parts(option: crm.RushOption, lines: Sequence[erp.OrderLineInput]) -> list[Part]:
    """As they are, or what comes first of each and behind it the rest of each, as planning was asked."""
    firsts = {one.line_no - 1: one.first_qty for one in option.parts.all()}
    first = [(at, replace(line, quantity=firsts.get(at, line.quantity))) for at, line in enumerate(lines)]
    rest = [(at, replace(line, quantity=line.quantity - first[at][1].quantity)) for at, line in enumerate(lines)]
    return [(at, line) for at, line in (*first, *rest) if line.quantity]
