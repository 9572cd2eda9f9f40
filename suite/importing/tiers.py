"""Supplier prices from a quantity on and for a time: checks and writer. What ends makes room for what follows it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from erp.models import SupplierPrice
from suite.importing.changes import BATCH, Report
from suite.importing.masters import Target
from suite.importing.outlook import Outlook
from suite.importing.staging import Fault, Row, Staged

FILE = "supplier_price_tiers"
THERE = "a price that is there already"
Key = tuple[Any, ...]


def check(house: Outlook) -> list[Fault]:
    """Every fault of these prices that one value alone does not show."""
    return [*_figures(house.staged), *_overlaps(house.staged)]


def _figures(staged: Staged) -> Iterator[Fault]:
    for row in staged.reading(FILE, "min_quantity", "max_quantity"):
        if row["max_quantity"] and row["max_quantity"] < row["min_quantity"]:
            yield row.fault("max_quantity", f"0, or a number of at least min_quantity, {row['min_quantity']:f}")
    for row in staged.reading(FILE, "valid_from", "valid_until"):
        if _ends_before(row):
            yield row.fault("valid_until", f"a date not before valid_from, {row['valid_from']}, or nothing")


def _ends_before(row: Row) -> bool:
    return bool(row["valid_from"] and row["valid_until"] and row["valid_until"] < row["valid_from"])


def _overlaps(staged: Staged) -> Iterator[Fault]:
    """Of one supplier, material and quantity one price holds on a day: in the files and beside what stays."""
    key = "supplier_code", "material_code", "from_quantity"
    spans: dict[Key, list[tuple[dt.date, dt.date, Row | None, str]]] = defaultdict(list)
    written = set()
    for row in staged.reading(FILE, *key, "valid_from", "valid_until"):
        written.add((*(row[name] for name in key), row["valid_from"]))
        if not _ends_before(row):
            spans[tuple(row[name] for name in key)].append(
                (*_span(row["valid_from"], row["valid_until"]), row, f"row {row.no}")
            )
    for one in _beside(staged, {(supplier, material) for supplier, material, _ in spans}):
        supplier, material, quantity, begins, ends, where = one
        if where != THERE or (supplier, material, quantity, begins) not in written:
            spans[supplier, material, quantity].append((*_span(begins, ends), None, where))
    for found in spans.values():
        found.sort(key=lambda one: (one[0], one[1], one[2].no if one[2] else 0))
        for before, after in pairwise(found):
            mine = after[2] or before[2]
            if after[0] <= before[1] and mine is not None:
                where = before[3] if after[2] else after[3]
                yield mine.fault("valid_from", f"days on which no other price holds; {where} has some of them")


def _beside(staged: Staged, named: set[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    """Prices of these suppliers and materials in supplier_prices.csv and in the database."""
    plain = set()
    for row in staged.reading("supplier_prices", "supplier_code", "material_code"):
        pair = row["supplier_code"], row["material_code"]
        if pair in named:
            plain.add(pair)
            yield (*pair, 0, None, None, f"row {row.no} of supplier_prices.csv")
    there = SupplierPrice.objects.filter(supplier__code__in={one for one, _ in named}).order_by("pk")
    columns = "supplier__code", "material__code", "from_quantity", "valid_from", "valid_until"
    for supplier, material, quantity, begins, ends in there.values_list(*columns):
        is_plain = not quantity and begins is None and ends is None
        if (supplier, material) in named and not (is_plain and (supplier, material) in plain):
            yield supplier, material, quantity, begins, ends, THERE


def _span(begins: dt.date | None, ends: dt.date | None) -> tuple[dt.date, dt.date]:
    return begins or dt.date.min, ends or dt.date.max


def write_tiers(to: Target, rows: list[Row], report: Report) -> None:
    """Prices by supplier, material, quantity and first day. Changed ones give way before any is written again."""
    count = report.entity(FILE, len(rows))
    wanted = {_key(values): values for values in (_values(to, row) for row in rows)}
    suppliers = {values["supplier_id"] for values in wanted.values()}
    there = SupplierPrice.objects.filter(supplier__in=suppliers).order_by("pk")
    present = {_key(vars(one)): one for one in there if _key(vars(one)) in wanted}
    new = [SupplierPrice(**values) for key, values in wanted.items() if key not in present]
    changed = [
        SupplierPrice(pk=one.pk, **wanted[key])
        for key, one in present.items()
        if any(getattr(one, name) != value for name, value in wanted[key].items())
    ]
    SupplierPrice.objects.filter(pk__in=[one.pk for one in changed]).delete()
    SupplierPrice.objects.bulk_create([*changed, *new], batch_size=BATCH)
    count.created += len(new)
    count.changed += len(changed)
    count.unchanged += len(wanted) - len(new) - len(changed)


def _key(values: dict[str, Any]) -> Key:
    return tuple(values[name] for name in ("supplier_id", "material_id", "from_quantity", "valid_from"))


def _values(to: Target, row: Row) -> dict[str, Any]:
    return {
        "supplier_id": to.partners[row["supplier_code"]].pk,
        "material_id": to.materials[row["material_code"]].pk,
        "from_quantity": row["from_quantity"],
        "valid_from": row["valid_from"],
        "valid_until": row["valid_until"],
        "unit_id": to.units[row["unit"]].pk,
        "price": row["price"],
        "lead_time_days": row["lead_time_days"],
        "min_quantity": row["min_quantity"],
        "max_quantity": row["max_quantity"] or None,
        "pack_quantity": row["pack_quantity"],
        "supplier_article": row["supplier_article"],
        "is_subcontract": row["subcontract"],
    }
