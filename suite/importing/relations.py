"""Checks of masters and documents across files and against the database: references, units, orders, prices."""

from __future__ import annotations

from collections.abc import Iterator

from masterdata import services as masterdata
from masterdata.models import Machine
from suite.importing.contract import FILES
from suite.importing.outlook import Outlook
from suite.importing.staging import Fault, Row, Staged

WHAT = {
    "accounts": "an account",
    "units": "a unit",
    "materials": "a material",
    "work_centres": "a work centre",
    "locations": "a location",
    "suppliers": "a supplier",
    "customers": "a customer",
}


def check(house: Outlook, plant_code: str) -> list[Fault]:
    """Every fault of masters and documents that one value alone does not show."""
    staged = house.staged
    return [
        *_references(house),
        *_units(house),
        *_conversions(house),
        *_base_units(house),
        *_orders(staged),
        *_prices(staged),
        *_machines(staged, plant_code),
        *_steps(house),
    ]


def _references(house: Outlook) -> Iterator[Fault]:
    for file in FILES:
        for column in file.columns:
            if not column.refers:
                continue
            expected = f"{WHAT[column.refers]} that stands in {column.refers}.csv or exists already"
            for row in house.staged.reading(file.name, column.name):
                if house.misses(column.refers, row[column.name]):
                    yield row.fault(column.name, expected)


def _units(house: Outlook) -> Iterator[Fault]:
    """A quantity in another unit than the material's own needs a conversion."""
    for file, column in (
        ("boms", "component_code"),
        ("bom_byproducts", "byproduct_code"),
        ("supplier_prices", "material_code"),
        ("supplier_price_tiers", "material_code"),
    ):
        for row in house.staged.reading(file, column, "unit"):
            if not house.converts(row[column], row["unit"]):
                own = house.unit_of(row[column])
                yield row.fault(
                    "unit", f"{own}, the unit of {row[column]}, or a unit that unit_conversions.csv converts to it"
                )


def _conversions(house: Outlook) -> Iterator[Fault]:
    """One base unit is one base unit."""
    for row in house.staged.reading("unit_conversions", "material_code", "unit"):
        if house.unit_of(row["material_code"]) == row["unit"]:
            yield row.fault(
                "unit", f"another unit than the base unit of {row['material_code']}; it needs no conversion"
            )


def _base_units(house: Outlook) -> Iterator[Fault]:
    """What is counted in a base unit keeps it."""
    changed: dict[int, tuple[Row, str | None]] = {}
    for row in house.staged.reading("materials", "code", "unit"):
        before = house.before.get(row["code"])
        if before is None or before.pk is None or house.misses("units", row["unit"]):
            continue
        if before.unit != row["unit"]:
            changed[before.pk] = row, before.unit
    uses = masterdata.base_unit_uses(material_ids=changed) if changed else {}
    for pk, kind in uses.items():
        row, unit = changed[pk]
        yield row.fault(
            "unit", f"{unit}, in which this material is counted already ({kind}); import it under a new code"
        )


def _orders(staged: Staged) -> Iterator[Fault]:
    """The lines of one order agree on its customer and dates."""
    heads: dict[tuple[str, str], Row] = {}
    for row in staged.reading("sales_orders", "ordered_on", "due_on"):
        if row["due_on"] < row["ordered_on"]:
            yield row.fault("due_on", f"a date not before ordered_on, {row['ordered_on']}")
    for column in ("customer_code", "ordered_on", "due_on"):
        for row in staged.reading("sales_orders", "order_number", column):
            head = heads.setdefault((row["order_number"], column), row)
            if row[column] != head[column]:
                yield row.fault(column, f"{head[column]}, as in row {head.no} of the same order")


def _prices(staged: Staged) -> Iterator[Fault]:
    for row in staged.reading("supplier_prices", "min_quantity", "max_quantity"):
        if row["max_quantity"] and row["max_quantity"] < row["min_quantity"]:
            yield row.fault("max_quantity", f"a number of at least min_quantity, {row['min_quantity']:f}")


def _machines(staged: Staged, plant_code: str) -> Iterator[Fault]:
    """Machines are numbered within their work centre (WC10-01); a number that another plant uses is taken."""
    elsewhere = set(Machine.objects.exclude(work_centre__plant__code=plant_code).values_list("code", flat=True))
    for row in staged.reading("work_centres", "code", "machines"):
        taken = [code for no in range(1, row["machines"] + 1) if (code := f"{row['code']}-{no:02d}") in elsewhere]
        if taken:
            yield row.fault("code", f"a code whose machines are free; {taken[0]} belongs to another plant")


def _steps(house: Outlook) -> Iterator[Fault]:
    """Whole units are sold and stored whole."""
    names = ("sales_orders", "stock")
    for row in [row for name in names for row in house.staged.reading(name, "material_code", "quantity")]:
        step = house.steps.get(house.unit_of(row["material_code"]) or "")
        if step is not None and row["quantity"] % step:
            yield row.fault("quantity", f"a multiple of {step.normalize():f}, the step of its unit")
