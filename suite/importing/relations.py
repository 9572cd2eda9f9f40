"""Checks across files and against what the database holds: references, units, circles, orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from masterdata.models import BomLine, Location, Machine, Material, Partner, Unit, UnitConversion, WorkCentre
from suite.importing.contract import FILES, rounding_of
from suite.importing.reading import Fault, Row, Staged

WHAT = {
    "units": "a unit",
    "materials": "a material",
    "work_centres": "a work centre",
    "locations": "a location",
    "suppliers": "a supplier",
    "customers": "a customer",
}


def check(staged: Staged, plant_code: str) -> list[Fault]:
    """Every fault that one row alone does not show."""
    return [
        *_references(staged, plant_code),
        *_units(staged),
        *_supply(staged),
        *_circles(staged),
        *_orders(staged),
        *_prices(staged),
        *_machines(staged, plant_code),
        *_steps(staged),
    ]


def _references(staged: Staged, plant_code: str) -> Iterator[Fault]:
    known = {
        "units": set(Unit.objects.values_list("code", flat=True)),
        "materials": set(Material.objects.values_list("code", flat=True)),
        "work_centres": set(WorkCentre.objects.filter(plant__code=plant_code).values_list("code", flat=True)),
        "locations": set(Location.objects.filter(plant__code=plant_code).values_list("code", flat=True)),
        "suppliers": set(Partner.objects.filter(is_supplier=True).values_list("code", flat=True)),
        "customers": set(Partner.objects.filter(is_customer=True).values_list("code", flat=True)),
    }
    for name, codes in known.items():
        codes |= {row["code"] for row in staged.rows[name]}
    for file in FILES:
        for column in file.columns:
            if not column.refers:
                continue
            for row in staged.rows[file.name]:
                if row[column.name] not in known[column.refers]:
                    what = WHAT[column.refers]
                    yield row.fault(column.name, f"{what} that stands in {column.refers}.csv or exists already")


def _units(staged: Staged) -> Iterator[Fault]:
    """A quantity in another unit than the material's own needs a conversion."""
    base = dict(Material.objects.values_list("code", "unit__code"))
    base |= {row["code"]: row["unit"] for row in staged.rows["materials"]}
    converted = set(
        UnitConversion.objects.filter(material__isnull=False).values_list("material__code", "unit__code")
    ) | {(row["material_code"], row["unit"]) for row in staged.rows["unit_conversions"]}
    for file, column in (("boms", "component_code"), ("supplier_prices", "material_code")):
        for row in staged.rows[file]:
            own = base.get(row[column])
            if own is not None and row["unit"] != own and (row[column], row["unit"]) not in converted:
                yield row.fault(
                    "unit", f"{own}, the unit of {row[column]}, or a unit that unit_conversions.csv converts to it"
                )


def _supply(staged: Staged) -> Iterator[Fault]:
    """Only what is made has a BOM and a routing."""
    supply = dict(Material.objects.values_list("code", "supply"))
    supply |= {row["code"]: row["supply"] for row in staged.rows["materials"]}
    for file, column in (("boms", "parent_code"), ("routings", "material_code")):
        for row in staged.rows[file]:
            if supply.get(row[column]) == "buy":
                yield row.fault(column, "a material that is made; this one is bought (supply in materials.csv)")


def _circles(staged: Staged) -> Iterator[Fault]:
    """A material must not, at any depth, be made of itself. Depth-first, each line looked at once."""
    parts: dict[str, list[tuple[str, Row | None]]] = defaultdict(list)
    written = dict.fromkeys(row["parent_code"] for row in staged.rows["boms"])
    for row in staged.rows["boms"]:
        parts[row["parent_code"]].append((row["component_code"], row))
    lines = BomLine.objects.filter(bom__state="frozen").values_list("bom__material__code", "component__code")
    for parent, part in lines:
        if parent not in written:
            parts[parent].append((part, None))
    ended: set[str] = set()
    for top in written:
        yield from _walk(top, parts, ended)


def _walk(top: str, parts: dict[str, list[tuple[str, Row | None]]], ended: set[str]) -> Iterator[Fault]:
    path: dict[str, None] = {top: None}
    stack = [iter(parts.get(top, ()))] if top not in ended else []
    while stack:
        part, row = next(stack[-1], (None, None))
        if part is None:
            stack.pop()
            ended.add(path.popitem()[0])
        elif part in path:
            codes = [*list(path)[list(path).index(part) :], part]
            if row is not None:
                yield row.fault("component_code", f"no circle; this line closes {' > '.join(codes)}")
        elif part not in ended:
            path[part] = None
            stack.append(iter(parts.get(part, ())))


def _orders(staged: Staged) -> Iterator[Fault]:
    """The lines of one order agree on its customer and dates."""
    heads: dict[str, Row] = {}
    for row in staged.rows["sales_orders"]:
        if row["due_on"] < row["ordered_on"]:
            yield row.fault("due_on", f"a date not before ordered_on, {row['ordered_on']}")
        head = heads.setdefault(row["order_number"], row)
        for column in ("customer_code", "ordered_on", "due_on"):
            if row[column] != head[column]:
                yield row.fault(column, f"{head[column]}, as in row {head.no} of the same order")


def _prices(staged: Staged) -> Iterator[Fault]:
    for row in staged.rows["supplier_prices"]:
        if row["max_quantity"] and row["max_quantity"] < row["min_quantity"]:
            yield row.fault("max_quantity", f"a number of at least min_quantity, {Decimal(row['min_quantity']):f}")


def _machines(staged: Staged, plant_code: str) -> Iterator[Fault]:
    """Machines are numbered within their work centre (WC10-01); a number that another plant uses is taken."""
    elsewhere = set(Machine.objects.exclude(work_centre__plant__code=plant_code).values_list("code", flat=True))
    for row in staged.rows["work_centres"]:
        taken = [code for no in range(1, row["machines"] + 1) if (code := f"{row['code']}-{no:02d}") in elsewhere]
        if taken:
            yield row.fault("code", f"a code whose machines are free; {taken[0]} belongs to another plant")


def _steps(staged: Staged) -> Iterator[Fault]:
    """Whole units are sold whole."""
    units = dict(Unit.objects.values_list("code", "rounding"))
    units |= {row["code"]: rounding_of(row["code"]) for row in staged.rows["units"]}
    own = dict(Material.objects.values_list("code", "unit__code"))
    own |= {row["code"]: row["unit"] for row in staged.rows["materials"]}
    for row in staged.rows["sales_orders"]:
        step = units.get(own.get(row["material_code"], ""), Decimal(1))
        if row["quantity"] % step:
            yield row.fault("quantity", f"a multiple of {step.normalize():f}, the step of its unit")
