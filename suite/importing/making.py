"""Checks of what is made: BOMs and routings only for it, a BOM for each, no circles, quantities that can be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from masterdata.models import Bom, BomLine, Routing
from masterdata.numbers import QUANTITY_STEP
from suite.importing.contract import MOST
from suite.importing.outlook import Outlook
from suite.importing.staging import Fault, Row

SMALLEST = QUANTITY_STEP / 2
"""What is less is rounded to nothing."""


def check(house: Outlook) -> list[Fault]:
    """Every fault of BOMs and routings that one value alone does not show."""
    return [*_bought(house), *_no_longer_made(house), *_made_of_nothing(house), *_quantities(house), *_circles(house)]


def _bought(house: Outlook) -> Iterator[Fault]:
    """Only what is made has a BOM and a routing."""
    for file, column in (
        ("boms", "parent_code"),
        ("bom_substitutes", "parent_code"),
        ("bom_byproducts", "parent_code"),
        ("routings", "material_code"),
    ):
        for row in house.staged.reading(file, column):
            item = house.items.get(row[column])
            if item is not None and item.supply == "buy":
                yield row.fault(column, "a material that is made; this one is bought (supply in materials.csv)")


def _no_longer_made(house: Outlook) -> Iterator[Fault]:
    """What has a BOM or a routing in force is not turned into something bought."""
    turned = {
        row["code"]: row
        for row in house.staged.reading("materials", "code", "supply")
        if row["supply"] == "buy" and row["code"] in house.before and house.before[row["code"]].supply == "make"
    }
    if not turned:
        return
    in_force = {"state": "frozen", "material__code__in": turned}
    boms = Bom.objects.filter(**in_force).order_by().values_list("material__code", flat=True)
    routings = Routing.objects.filter(**in_force).order_by().values_list("material__code", flat=True)
    for code in {*boms, *routings}:
        what = "BOM" if code in boms else "routing"
        yield turned[code].fault("supply", f"make, because a {what} of this material is in force")


def _made_of_nothing(house: Outlook) -> Iterator[Fault]:
    """`make` = has a BOM, in the file or in force; a folder without boms.csv is not asked."""
    if "boms" not in house.staged.present or "boms" in house.staged.lost:
        return
    parents = {row["parent_code"] for row in house.staged.reading("boms", "parent_code")} | house.staged.torn["boms"]
    parents |= set(Bom.objects.filter(state="frozen").order_by().values_list("material__code", flat=True))
    for row in house.staged.reading("materials", "code", "supply"):
        if row["supply"] == "make" and row["code"] not in parents:
            yield row.fault("supply", "buy, or lines in boms.csv that say what it is made of")


def _quantities(house: Outlook) -> Iterator[Fault]:
    """A BOM keeps its quantities in the components' base units, to six decimals."""
    for row in house.staged.reading("boms", "component_code", "quantity", "unit"):
        factor = house.factor(row["component_code"], row["unit"])
        if factor is not None and not SMALLEST <= row["quantity"] * factor <= MOST:
            own = house.unit_of(row["component_code"])
            yield row.fault(
                "quantity",
                f"a quantity of at least {QUANTITY_STEP:f} and at most {MOST} in {own}, the unit of "
                f"{row['component_code']}; 1 {row['unit']} holds {factor.normalize():f}",
            )


def _circles(house: Outlook) -> Iterator[Fault]:
    """A material must not, at any depth, be made of itself. Depth-first, each line looked at once."""
    parts: dict[str, list[tuple[str, Row | None]]] = defaultdict(list)
    rows = list(house.staged.reading("boms", "parent_code", "component_code"))
    written = dict.fromkeys(row["parent_code"] for row in rows)
    for row in rows:
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
