"""Drafts of sales orders and the dates that customers are promised."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.services.wishes import check_price, check_wish
from erp.treasury.conversion import conversion
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Currency, Material, Partner, Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import money

_PROMISE = """
    UPDATE erp_salesorderline line SET promised_at = new.promised_at,
        first_promised_at = coalesce(line.first_promised_at, new.promised_at)
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS new(id, promised_at)
    WHERE line.id = new.id AND line.promised_at IS DISTINCT FROM new.promised_at
"""


class DraftNeeded(Refusal):
    """The order is confirmed or cancelled."""

    code = "draft_needed"


@dataclass(frozen=True, slots=True)
class OrderLineInput:
    """A line as the customer orders it. Without a tax code: the customer's, else the material's."""

    plant_id: int
    material_id: int
    quantity: Decimal
    unit_price: Decimal
    wanted_on: dt.date
    tax_code_id: int | None = None
    weight: int = 1


@transaction.atomic
def create_order(
    *,
    company: Company,
    customer: Partner,
    currency: Currency,
    lines: Sequence[OrderLineInput],
    now: dt.datetime,
    reference: str = "",
    is_rush: bool = False,
    rate: Decimal | None = None,
    payment_term_id: int | None = None,
    number: str | None = None,
    ordered_on: dt.date | None = None,
    quoted_at: dt.datetime | None = None,
) -> SalesOrder:
    """Write a draft. It reserves and promises nothing until `confirm_order`.

    In another currency than the company's its worth is counted at `rate`, else at the rate of the day. Without a
    payment term the customer's holds. Raises NoRate, InvalidInput naming
    the field (`lines.0.quantity`), for instance when a plant is another company's, and what `check_wish` refuses.
    """
    if not lines:
        raise InvalidInput("An order needs at least one line.", field="lines")
    materials = Material.objects.select_related("unit").in_bulk({line.material_id for line in lines})
    plants = Plant.objects.in_bulk({line.plant_id for line in lines})
    for index, line in enumerate(lines):
        _check_line(f"lines.{index}.", line, company, materials.get(line.material_id), plants.get(line.plant_id), now)
    today = now.astimezone(zoneinfo.ZoneInfo(plants[lines[0].plant_id].time_zone)).date()
    order = SalesOrder.objects.create(
        number=number or next_numbers(company=company, kind="SO", year=today.year)[0],
        company=company,
        customer=customer,
        currency=currency,
        rate=conversion(company=company, currency=currency, day=ordered_on or today, rate=rate).value,
        payment_term_id=payment_term_id,
        customer_reference=reference,
        ordered_on=ordered_on or today,
        quoted_at=quoted_at,
        is_rush=is_rush,
        made_at=now,
    )
    SalesOrderLine.objects.bulk_create(
        SalesOrderLine(
            order=order,
            line_no=number_of_line,
            plant_id=line.plant_id,
            material_id=line.material_id,
            quantity=line.quantity,
            unit_price=line.unit_price,
            net_amount=money(line.quantity * line.unit_price, currency.decimals),
            tax_code_id=line.tax_code_id or customer.tax_code_id or materials[line.material_id].tax_code_id,
            wanted_on=line.wanted_on,
            weight=line.weight,
        )
        for number_of_line, line in enumerate(lines, start=1)
    )
    return order


def _check_line(
    where: str,
    line: OrderLineInput,
    company: Company,
    material: Material | None,
    plant: Plant | None,
    now: dt.datetime,
) -> None:
    if plant is None or plant.company_id != company.pk:
        raise InvalidInput(f"Choose a plant of {company.name}", field=f"{where}plant")
    check_wish(
        material=material,
        quantity=line.quantity,
        unit_price=line.unit_price,
        wanted_on=line.wanted_on,
        time_zone=plant.time_zone,
        now=now,
        where=where,
    )


@transaction.atomic
def set_draft_prices(*, order_id: int, prices: Mapping[int, Decimal]) -> SalesOrder:
    """Give lines of a draft (line id -> price) the price that was agreed for them. Locks the order.

    Raises DraftNeeded when it is confirmed or cancelled, InvalidInput and TooLarge for a price.
    """
    rows = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).select_related("currency")
    order = rows.order_by("pk").get(pk=order_id)
    if order.confirmed_at is not None or order.cancelled_at is not None:
        raise DraftNeeded(f"{order.number} is no draft any more: its prices stand.", order_id=order.pk)
    lines = list(order.lines.filter(pk__in=prices).order_by("pk"))
    for line in lines:
        check_price(prices[line.pk], quantity=line.quantity, field="unit_price")
        line.unit_price = prices[line.pk]
        line.net_amount = money(line.quantity * line.unit_price, order.currency.decimals)
    SalesOrderLine.objects.bulk_update(lines, ["unit_price", "net_amount"])
    order.version += 1
    order.save(update_fields=["version"])
    live.publish("order", order.pk, order.version)
    return order


def hold_sales_order(*, order_id: int, expected_version: int | None = None) -> SalesOrder:
    """The order, locked until the caller's transaction ends. Raises StaleVersion."""
    order = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=order_id)
    if expected_version not in (None, order.version):
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.", version=order.version)
    return order


def set_promise(*, line_id: int, promised_at: dt.datetime) -> None:
    """Write the commitment in force to an order line, in the transaction that appends the promise."""
    set_promises(promises={line_id: promised_at})


@transaction.atomic(savepoint=False)
def set_promises(*, promises: Mapping[int, dt.datetime]) -> None:
    """Write the commitments of many lines (line id -> time) in one statement; touches only what differs."""
    if not promises:
        return
    ids = sorted(promises)
    locked = SalesOrderLine.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    order_ids = sorted(set(locked.values_list("order_id", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute(_PROMISE, [ids, [promises[line_id] for line_id in ids]])
    for order_id in order_ids:
        live.publish("order", order_id)
