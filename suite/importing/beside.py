"""Checks of substitutes and by-products of BOMs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from masterdata.models import BomLine, Material, Plant
from masterdata.numbers import QUANTITY_STEP, ZERO
from suite.importing.contract import MOST
from suite.importing.making import SMALLEST
from suite.importing.outlook import Outlook
from suite.importing.staging import Fault, Staged

INSTEAD, OUT = "bom_substitutes", "bom_byproducts"


def check(house: Outlook, plant_code: str) -> list[Fault]:
    """Every fault of substitutes and by-products that one value alone does not show."""
    return [*_lines(house), *_substitutes(house, plant_code), *_byproducts(house), *_shares(house)]


def _lines(house: Outlook) -> Iterator[Fault]:
    """They belong to a BOM: in boms.csv, whose lines are all of it, or in force."""
    if "boms" in house.staged.lost:
        return
    parts = _parts(house.staged)
    torn = house.staged.torn["boms"]
    for file in (INSTEAD, OUT):
        for row in house.staged.reading(file, "parent_code"):
            if row["parent_code"] not in parts and row["parent_code"] not in torn:
                yield row.fault("parent_code", "a material with lines in boms.csv or with a BOM in force")
    for row in house.staged.reading(INSTEAD, "parent_code", "component_code"):
        parent, part = row["parent_code"], row["component_code"]
        if parent in parts and part not in parts[parent] and part not in torn:
            yield row.fault("component_code", f"a component of {parent}: in boms.csv, or in the BOM in force")


def _parts(staged: Staged) -> dict[str, set[str]]:
    """The components of each parent as they would be."""
    parts: dict[str, set[str]] = defaultdict(set)
    for row in staged.reading("boms", "parent_code", "component_code"):
        parts[row["parent_code"]].add(row["component_code"])
    written = set(parts)
    frozen = BomLine.objects.filter(bom__state="frozen").values_list("bom__material__code", "component__code")
    for parent, part in frozen:
        if parent not in written:
            parts[parent].add(part)
    return parts


def _substitutes(house: Outlook, plant_code: str) -> Iterator[Fault]:
    plants = {plant_code, *Plant.objects.values_list("code", flat=True)}
    for row in house.staged.reading(INSTEAD, "substitute_code"):
        if row["substitute_code"] in (row.get("parent_code"), row.get("component_code")):
            yield row.fault("substitute_code", "another material than the parent and the component")
    for row in house.staged.reading(INSTEAD, "plant"):
        if row["plant"] and row["plant"] not in plants:
            yield row.fault("plant", "a plant that exists, or nothing for every plant")
    for row in house.staged.reading(INSTEAD, "valid_from", "valid_until"):
        if row["valid_from"] and row["valid_until"] and row["valid_until"] < row["valid_from"]:
            yield row.fault("valid_until", f"a date not before valid_from, {row['valid_from']}, or nothing")


def _byproducts(house: Outlook) -> Iterator[Fault]:
    serial = set(Material.objects.filter(tracking="serial").values_list("code", flat=True))
    for row in house.staged.reading(OUT, "byproduct_code"):
        if row["byproduct_code"] == row.get("parent_code"):
            yield row.fault("byproduct_code", "another material than the parent")
        elif row["byproduct_code"] in serial:
            yield row.fault("byproduct_code", "a material without serial numbers: it is kept by quantity or by lot")
    for row in house.staged.reading(OUT, "byproduct_code", "quantity", "unit"):
        factor = house.factor(row["byproduct_code"], row["unit"])
        if factor is not None and not SMALLEST <= row["quantity"] * factor <= MOST:
            own = house.unit_of(row["byproduct_code"])
            yield row.fault("quantity", f"a quantity of at least {QUANTITY_STEP:f} and at most {MOST} in {own}")


def _shares(house: Outlook) -> Iterator[Fault]:
    """A share of the cost is left to the product."""
    shares: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in house.staged.reading(OUT, "parent_code", "cost_share_percent"):
        shares[row["parent_code"]] += row["cost_share_percent"] or ZERO
        if row["cost_share_percent"] and shares[row["parent_code"]] >= 100:
            yield row.fault(
                "cost_share_percent", f"shares of the by-products of {row['parent_code']} below 100 together"
            )
