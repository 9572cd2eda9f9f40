"""How materials are planned in the plant: checks and writer of their parameters."""

from __future__ import annotations

from collections.abc import Iterator

from masterdata.models import MaterialPlant, Plant
from suite.importing.changes import Report, write
from suite.importing.masters import Target
from suite.importing.outlook import Outlook
from suite.importing.staging import Fault, Row

FILE = "planning_parameters"
SHARED = ("safety_stock", "reorder_point", "make_lead_time_days")
"""Columns that materials.csv has too."""


def check(house: Outlook, plant_code: str) -> list[Fault]:
    """Every fault of parameters that one value alone does not show."""
    return [*_lots(house), *_twice_told(house), *_sources(house, plant_code)]


def _lots(house: Outlook) -> Iterator[Fault]:
    """A lot rule has its figure, and a lot fits into the largest."""
    for row in house.staged.reading(FILE, "lot_rule", "lot_quantity"):
        if row["lot_rule"] in ("multiple", "minimum") and not row["lot_quantity"]:
            yield row.fault("lot_quantity", f"a number above 0, because lot_rule is {row['lot_rule']}")
    for row in house.staged.reading(FILE, "lot_rule", "period_days"):
        if row["lot_rule"] == "period" and not row["period_days"]:
            yield row.fault("period_days", "a whole number above 0, because lot_rule is period")
    for row in house.staged.reading(FILE, "lot_quantity", "max_lot"):
        if row["max_lot"] is not None and row["max_lot"] < row["lot_quantity"]:
            yield row.fault("max_lot", f"a number of at least lot_quantity, {row['lot_quantity']:f}, or nothing")


def _twice_told(house: Outlook) -> Iterator[Fault]:
    """What both files say of a material they say alike: else each import would change it twice."""
    said: dict[tuple[str, str], Row] = {}
    for column in SHARED:
        for row in house.staged.reading("materials", "code", column):
            said.setdefault((row["code"], column), row)
    for column in SHARED:
        for row in house.staged.reading(FILE, "material_code", column):
            other = said.get((row["material_code"], column))
            if other is not None and other[column] != row[column]:
                yield row.fault(column, f"{other[column]:f}, as in row {other.no} of materials.csv")


def _sources(house: Outlook, plant_code: str) -> Iterator[Fault]:
    """Goods come from another plant of the same company."""
    plants = dict(Plant.objects.values_list("code", "company_id"))
    for row in house.staged.reading(FILE, "source_plant"):
        source = row["source_plant"]
        if not source:
            continue
        if source == plant_code:
            yield row.fault("source_plant", f"another plant than {plant_code} itself, or nothing")
        elif source not in plants:
            yield row.fault("source_plant", "a plant that exists, or nothing")
        elif plants[source] != plants.get(plant_code):
            yield row.fault("source_plant", f"a plant of the company of {plant_code}, or nothing")
        elif plant_code in _suppliers(row["material_code"], source):
            yield row.fault("source_plant", f"a plant that does not get it from {plant_code}, or nothing")


def _suppliers(material_code: str, plant_code: str) -> set[str]:
    """The plants from which the plant gets the material, directly or through others."""
    rows = MaterialPlant.objects.filter(material__code=material_code).exclude(source_plant=None)
    source = dict(rows.values_list("plant__code", "source_plant__code"))
    found: set[str] = set()
    while plant_code in source and source[plant_code] not in found:
        plant_code = source[plant_code]
        found.add(plant_code)
    return found


def write_parameters(to: Target, rows: list[Row], report: Report) -> None:
    """One row per material in the plant; what was there is changed."""
    plants = dict(Plant.objects.values_list("code", "pk"))
    wanted = {
        to.materials[row["material_code"]].pk: {
            "material_id": to.materials[row["material_code"]].pk,
            "plant_id": to.plant.pk,
            "policy": row["policy"],
            "lot_rule": row["lot_rule"],
            "lot_qty": row["lot_quantity"],
            "period_days": row["period_days"],
            "max_lot": row["max_lot"],
            "safety_stock": row["safety_stock"],
            "reorder_point": row["reorder_point"],
            "lead_time_days": row["make_lead_time_days"],
            "safety_time_days": row["safety_time_days"],
            "scrap_percent": row["scrap_percent"],
            "planning_fence_days": row["planning_fence_days"],
            "source_plant_id": plants.get(row["source_plant"]),
        }
        for row in rows
    }
    existing = MaterialPlant.objects.filter(plant=to.plant)
    write(MaterialPlant, wanted, existing, lambda one: one.material_id, report.entity(FILE, len(rows)))
