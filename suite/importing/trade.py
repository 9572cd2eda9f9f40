"""Writers of what moves: opening stock at standard cost, and sales orders as drafts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from erp import services as erp
from erp.models import SalesOrder, SalesOrderLine, StockMove
from masterdata.models import Plant
from masterdata.numbers import money
from suite.importing.changes import BATCH, Report
from suite.importing.masters import Target
from suite.importing.staging import Row, Staged


def write_stock(staged: Staged, to: Target, report: Report, now: dt.datetime) -> None:
    """Opening entries at standard cost; what is opened already with the same quantity is left alone."""
    count = report.entity("stock", len(staged.rows["stock"]))
    opened = opened_stock(to.plant.pk)
    rows = []
    for row in staged.rows["stock"]:
        material, location = to.materials[row["material_code"]], to.locations[place(row)]
        if row["quantity"] == 0 or (material.code, location.code) in opened:
            count.unchanged += 1
            continue
        count.created += 1
        rows.append(
            erp.OpeningStock(
                material_id=material.pk,
                location_id=location.pk,
                quantity=row["quantity"],
                unit_cost=material.standard_cost,
            )
        )
    if rows:
        erp.receive_opening(rows=rows, now=now)


def place(row: Row) -> str:
    """The code of the location that a row of stock lies in: of the bin, if it names one."""
    return f"{row['location']}/{row['bin']}" if row["bin"] else str(row["location"])


def opened_stock(plant_id: int) -> dict[tuple[str, str], Decimal]:
    """Quantities that were opened in the plant, by material and place."""
    moves = StockMove.objects.filter(plant_id=plant_id, kind=StockMove.Kind.OPENING)
    rows = moves.order_by("material", "target").values_list("material__code", "target__code").annotate(Sum("quantity"))
    return {(material, place): quantity for material, place, quantity in rows}


Lines = dict[int, tuple[Any, ...]]


def write_orders(staged: Staged, to: Target, report: Report, shift: dt.timedelta, now: dt.datetime) -> None:
    """Drafts under their own numbers; a draft whose lines differ gets the new ones."""
    wanted: dict[str, list[Row]] = defaultdict(list)
    for row in staged.rows["sales_orders"]:
        wanted[row["order_number"]].append(row)
    count = report.entity("sales_orders", len(wanted))
    lines_count = report.entity("sales_order_lines", len(staged.rows["sales_orders"]))
    present = {order.number: order for order in SalesOrder.objects.filter(number__in=wanted)}
    new = [_order(number, rows[0], to, shift, now) for number, rows in wanted.items() if number not in present]
    for order in SalesOrder.objects.bulk_create(new, batch_size=BATCH):
        present[order.number] = order
    fresh = {order.number for order in new}
    current = _lines_now([order.pk for number, order in present.items() if number not in fresh])
    rows_to_write, stale = [], []
    for number, rows in wanted.items():
        order = present[number]
        lines = {row["line"]: _line(row, to, shift) for row in rows}
        if number in fresh:
            count.created += 1
            lines_count.created += len(lines)
        elif current[order.pk] == lines:
            count.unchanged += 1
            lines_count.unchanged += len(lines)
            continue
        else:
            count.changed += 1
            lines_count.changed += len(lines)
            stale.append(order.pk)
        rows_to_write += [_draft_line(order, no, to.plant, values) for no, values in lines.items()]
    SalesOrderLine.objects.filter(order_id__in=stale).delete()
    SalesOrderLine.objects.bulk_create(rows_to_write, batch_size=BATCH)


def _order(number: str, head: Row, to: Target, shift: dt.timedelta, now: dt.datetime) -> SalesOrder:
    return SalesOrder(
        number=number,
        company_id=to.plant.company_id,
        customer_id=to.partners[head["customer_code"]].pk,
        currency_id=to.plant.company.currency_id,
        ordered_on=head["ordered_on"] + shift,
        made_at=now,
    )


def _draft_line(order: SalesOrder, line_no: int, plant: Plant, values: tuple[Any, ...]) -> SalesOrderLine:
    material_id, quantity, unit_price, wanted_on = values
    return SalesOrderLine(
        order=order,
        line_no=line_no,
        plant=plant,
        material_id=material_id,
        quantity=quantity,
        unit_price=unit_price,
        net_amount=money(quantity * unit_price, plant.company.currency.decimals),
        wanted_on=wanted_on,
    )


def _line(row: Row, to: Target, shift: dt.timedelta) -> tuple[Any, ...]:
    return (to.materials[row["material_code"]].pk, row["quantity"], row["unit_price"], row["due_on"] + shift)


def _lines_now(order_ids: list[int]) -> dict[int, Lines]:
    current: dict[int, Lines] = defaultdict(dict)
    for order_id, line_no, *values in SalesOrderLine.objects.filter(order_id__in=order_ids).values_list(
        "order_id", "line_no", "material_id", "quantity", "unit_price", "wanted_on"
    ):
        current[order_id][line_no] = tuple(values)
    return current
