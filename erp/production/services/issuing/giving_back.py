"""Giving back to stock what was issued and not used."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection, transaction

from erp.production.models import WorkOrder
from erp.production.selectors.scanned import Usable
from erp.production.services.backflush import Backflush
from erp.production.services.issuing.held import (
    Issue,
    WrongMaterial,
    changed,
    chosen_need,
    cost_tag,
    hold_work,
    material_of,
    overhead_on,
    places_and_rates,
    tell,
)
from erp.stock.book import Book
from erp.stock.intents import Kind, MoveIntent
from erp.stock.owed import owed_by
from masterdata import facts
from masterdata.errors import InvalidInput
from masterdata.models import Location, User
from masterdata.numbers import ZERO, money
from masterdata.units import check_quantity

_FEES = """
    SELECT coalesce(sum(CASE kind WHEN 'issue' THEN fee ELSE -fee END), 0) FROM erp_stockmove
    WHERE work_order_id = %s AND material_id = %s AND kind IN ('issue', 'reversal', 'put_back')
"""


@transaction.atomic
def return_material(
    *,
    work_order_id: int,
    material_id: int,
    quantity: Decimal,
    reason: str,
    now: dt.datetime,
    lot_id: int | None = None,
    by: User | None = None,
    expected_version: int | None = None,
) -> Issue:
    """Give material that was issued and not used back into the plant's default stock, at what it was issued at.

    The last of it takes all the value; its share of overhead on material goes back too. Only while the last operation
    runs. Locks as `issue_material`. Raises WrongMaterial, NotOpenForIssue, InvalidInput, StaleVersion, PeriodClosed.
    """
    order = hold_work(work_order_id, expected_version)
    if not reason.strip():
        raise InvalidInput("Say why it goes back.", field="reason")
    check_quantity(material=material_of(material_id), quantity=quantity, field="quantity")
    usable = chosen_need(order, material_id, now)
    need = usable.need
    if usable.ratio != 1 or need.material_id != material_id:
        raise WrongMaterial("What stood in for another is given back by undoing its move.", field="material_id")
    owed = owed_by(plant_id=order.plant_id, work_order_id=order.pk, material_id=material_id)
    there = need.issued_qty - sum((row.open_qty for row in owed), ZERO)
    if quantity > there:
        raise InvalidInput(
            f"Only {there.normalize():f} {usable.unit} of {usable.code} are there to give back.",
            field="quantity",
            available=str(there),
        )
    value = need.issued_value
    if quantity < need.issued_qty:
        value = money(need.issued_value * quantity / need.issued_qty, order.plant.company.currency.decimals)
    _put_back(order, usable, quantity, value, lot_id, reason.strip(), now)
    text = f"{quantity.normalize():f} {usable.unit} of {usable.code}: {reason.strip()}"
    facts.state(changed(order, "returned", text))
    tell(order)
    return Issue(work_order_id=order.pk, need_id=need.pk, material_id=material_id, quantity=quantity, value=value)


def _put_back(
    order: WorkOrder,
    usable: Usable,
    quantity: Decimal,
    value: Decimal,
    lot_id: int | None,
    reason: str,
    now: dt.datetime,
) -> None:
    need, plant = usable.need, order.plant
    places, rates = places_and_rates(order, need, now)
    owner = usable.order_id if usable.is_own else None
    stock_id = places[Location.Kind.STOCK]
    with connection.cursor() as cursor:
        cursor.execute(_FEES, [order.pk, need.material_id])
        fees = cursor.fetchone()[0]
    decimals = plant.company.currency.decimals
    fee = min(value, fees if quantity == need.issued_qty else money(fees * quantity / need.issued_qty, decimals))
    book = Book(
        plant_ids=[plant.pk],
        material_ids=[need.material_id],
        order_ids=[owner] if owner else [],
        places={(plant.pk, need.material_id, stock_id, owner, lot_id)},
        decimals=decimals,
    )
    book.put(
        MoveIntent(
            kind=Kind.PUT_BACK,
            plant=plant,
            material_id=need.material_id,
            source_id=places[Location.Kind.PRODUCTION],
            target_id=stock_id,
            target_order_id=owner,
            lot_id=lot_id,
            quantity=quantity,
            value=value,
            fee=fee,
            document=f"work_order:{order.pk}",
            sales_order_id=usable.order_id,
            work_order_id=order.pk,
            note=reason[:200],
            cost=cost_tag(usable, quantity, is_own=owner is not None),
        )
    )
    material = ZERO if owner else fee - value
    book.write(now=now, entries=overhead_on(order, usable, rates, material))
    Backflush(issued={need.pk: (-quantity, -value)}).write()
