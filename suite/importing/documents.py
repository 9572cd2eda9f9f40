"""Checks of opening stock and sales orders: what was posted stays, amounts and dates can be kept."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from erp.models import MaterialValue, SalesOrder, SalesOrderLine
from masterdata.models import Plant
from masterdata.numbers import ZERO
from suite.importing.contract import MOST
from suite.importing.outlook import Outlook
from suite.importing.staging import Fault, Row, Staged
from suite.importing.trade import opened_stock, place

MOST_MONEY = 999_999_999_999_999
"""Amounts have sixteen digits before the point: one is left for what is added to it later."""


def check(house: Outlook, plant_code: str, shift: dt.timedelta) -> list[Fault]:
    """Every fault of stock and orders that their references do not show."""
    return [
        *_stock(house, plant_code),
        *_places(house.staged),
        *_dates(house.staged, shift),
        *_amounts(house.staged),
        *_unsold(house),
        *_confirmed(house.staged, shift),
    ]


def _stock(house: Outlook, plant_code: str) -> Iterator[Fault]:
    """Stock is opened once; what is opened now can be kept and valued together with what is there."""
    plant = Plant.objects.filter(code=plant_code).first()
    opened = opened_stock(plant.pk) if plant else {}
    held: dict[str, tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    present = MaterialValue.objects.filter(plant=plant, sales_order=None) if plant else MaterialValue.objects.none()
    for code, quantity, value in present.values_list("material__code", "quantity", "value"):
        held[code] = quantity, value
    for row in house.staged.reading("stock", "material_code", "location", "bin", "quantity"):
        code, quantity = row["material_code"], row["quantity"]
        before = opened.get((code, place(row)))
        if before is not None:
            if before != quantity:
                yield row.fault(
                    "quantity", f"{before.normalize():f}, as opened before; correct stock by a count instead"
                )
            continue
        item = house.items.get(code)
        cost = (item.cost if item else None) or ZERO
        total, worth = held[code][0] + quantity, held[code][1] + quantity * cost
        if total > MOST:
            yield row.fault("quantity", f"a quantity with which all {code} in stock is at most {MOST}")
        elif worth > MOST_MONEY:
            yield row.fault(
                "quantity",
                f"a quantity with which all {code} in stock is worth at most {MOST_MONEY}, at {cost:f} each",
            )
        else:
            held[code] = total, worth


def _places(staged: Staged) -> Iterator[Fault]:
    """Location L1/A with bin B and location L1 with bin A/B are one place."""
    seen: dict[tuple[str, str], Row] = {}
    for row in staged.reading("stock", "material_code", "location", "bin"):
        first = seen.setdefault((row["material_code"], place(row)), row)
        if first["location"] != row["location"]:
            yield row.fault("location", f"each place of a material once; {place(row)} stands in row {first.no} already")


def _dates(staged: Staged, shift: dt.timedelta) -> Iterator[Fault]:
    for column in ("ordered_on", "due_on"):
        for row in staged.reading("sales_orders", column):
            if _shifted(row[column], shift) is None:
                yield row.fault(column, f"a date that {shift.days} days (--shift-days) leave in the years 1 to 9999")


def _shifted(date: dt.date, shift: dt.timedelta) -> dt.date | None:
    try:
        return date + shift
    except OverflowError:
        return None


def _amounts(staged: Staged) -> Iterator[Fault]:
    for row in staged.reading("sales_orders", "quantity", "unit_price"):
        if row["quantity"] * row["unit_price"] > MOST_MONEY:
            yield row.fault("quantity", f"a quantity that costs at most {MOST_MONEY} at {row['unit_price']:f} each")


def _unsold(house: Outlook) -> Iterator[Fault]:
    """Only what is sold is ordered; an order that was taken before stays."""
    numbers = {row["order_number"] for row in house.staged.reading("sales_orders", "order_number")}
    taken = set(SalesOrder.objects.filter(number__in=numbers).values_list("number", flat=True))
    for row in house.staged.reading("sales_orders", "material_code"):
        item = house.items.get(row["material_code"])
        if item is not None and item.sellable is False and row.get("order_number") not in taken:
            yield row.fault("material_code", "a material that is sold; this one is not (sellable in materials.csv)")


def _confirmed(staged: Staged, shift: dt.timedelta) -> Iterator[Fault]:
    """A confirmed order is not changed by an import."""
    columns = ("order_number", "line", "material_code", "quantity", "unit_price", "due_on")
    rows = list(staged.reading("sales_orders", *columns))
    orders = SalesOrder.objects.filter(number__in={row["order_number"] for row in rows}, confirmed_at__isnull=False)
    kept: dict[str, dict[int, tuple[Any, ...]]] = defaultdict(dict)
    for order, line_no, *values in SalesOrderLine.objects.filter(order__in=orders).values_list(
        "order__number", "line_no", "material__code", "quantity", "unit_price", "wanted_on"
    ):
        kept[order][line_no] = tuple(values)
    named = {(row["order_number"], row["line"]) for row in staged.reading("sales_orders", "order_number", "line")}
    partly = {order for order, lines in kept.items() if any((order, line_no) not in named for line_no in lines)}
    for row in rows:
        order = row["order_number"]
        if order not in kept:
            continue
        wanted = (row["material_code"], row["quantity"], row["unit_price"], _shifted(row["due_on"], shift))
        if order in partly or kept[order].get(row["line"]) != wanted:
            yield row.fault("order_number", "an order that is still a draft; this one is confirmed and differs")
