"""What the files say beside BOMs, and the next version of a BOM that it makes: substitutes and by-products."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from masterdata import services as masterdata
from masterdata.models import Bom, BomLine, Plant
from masterdata.numbers import QUANTITY_STEP
from suite.importing.beside import INSTEAD, OUT
from suite.importing.changes import Count, Report
from suite.importing.masters import Target
from suite.importing.staging import Staged


@dataclass
class Beside:
    """By parent: the by-products, and by component its substitutes, that the files name."""

    outs: dict[int, list[masterdata.ByproductInput]] = field(default_factory=lambda: defaultdict(list))
    instead: dict[int, dict[int, list[masterdata.SubstituteInput]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    @property
    def parents(self) -> set[int]:
        """Whose BOMs they belong to."""
        return {*self.outs, *self.instead}

    def outs_per(self, parent: int, base_qty: Decimal) -> list[masterdata.ByproductInput]:
        """The parent's by-products beside so many of it; the file says them beside one."""
        return [replace(one, quantity=one.quantity * base_qty) for one in self.outs[parent]]


def wanted(staged: Staged, to: Target) -> Beside:
    """What the files name; by-products per base quantity of the BOM that they will stand in."""
    found = Beside()
    plants = dict(Plant.objects.values_list("code", "pk"))
    for row in sorted(staged.rows[INSTEAD], key=lambda one: (one["priority"], one.no)):
        found.instead[to.materials[row["parent_code"]].pk][to.materials[row["component_code"]].pk].append(
            masterdata.SubstituteInput(
                to.materials[row["substitute_code"]].pk,
                row["ratio"],
                row["priority"],
                plants.get(row["plant"]),
                row["valid_from"],
                row["valid_until"],
                row["by_itself"],
            )
        )
    asked = [
        (to.materials[row["parent_code"]].pk, to.materials[row["byproduct_code"]].pk, to.units[row["unit"]].pk, row)
        for row in staged.rows[OUT]
    ]
    factors = masterdata.unit_factors((material, unit) for _, material, unit, _ in asked)
    for parent, material, unit, row in asked:
        quantity = (row["quantity"] * factors[material, unit]).quantize(QUANTITY_STEP, rounding=ROUND_HALF_UP)
        found.outs[parent].append(masterdata.ByproductInput(material, quantity, row["cost_share_percent"]))
    return found


def in_force(material_ids: set[int]) -> dict[int, Bom]:
    """The frozen BOMs of these materials with their lines, substitutes and by-products."""
    boms = Bom.objects.filter(state="frozen", material__in=material_ids)
    return {bom.material_id: bom for bom in boms.prefetch_related("lines__substitutes", "byproducts").order_by("pk")}


def lines_of(bom: Bom) -> list[BomLine]:
    """Its lines in their order."""
    return sorted(bom.lines.all(), key=lambda line: line.line_no)


def version(
    parent: int, lines: list[tuple[int, Decimal]] | None, bom: Bom | None, also: Beside
) -> masterdata.BomInput | None:
    """The parent's next version: `lines` are other ones than in force; None when nothing of it is new.

    Substitutes of a component, and by-products of a parent, that the files do not name stay what they are.
    """
    instead = _substitutes_of(bom)
    named = also.instead.get(parent, {})
    outs = _byproducts_of(bom)
    base = bom.base_qty if bom is not None and lines is None else Decimal(1)
    new_outs = also.outs_per(parent, base) if parent in also.outs else outs
    is_new = any(set(instead.get(part, [])) != set(rows) for part, rows in named.items())
    if lines is None and not is_new and set(new_outs) == set(outs):
        return None
    instead = {**instead, **named}
    if lines is not None:
        rows = [masterdata.BomLineInput(part, quantity, substitutes=instead.get(part, ())) for part, quantity in lines]
    else:
        assert bom is not None
        rows = [
            masterdata.BomLineInput(
                line.component_id,
                line.quantity,
                scrap_percent=line.scrap_percent,
                operation_sequence=line.operation_sequence,
                substitutes=instead.get(line.component_id, ()),
            )
            for line in lines_of(bom)
        ]
    return masterdata.BomInput(parent, rows, base, new_outs)


def count(also: Beside, there: dict[int, Bom], report: Report) -> None:
    """Rows that are new, other or the same."""
    told = report.entity(INSTEAD, sum(len(rows) for named in also.instead.values() for rows in named.values()))
    for parent, named in also.instead.items():
        instead = _substitutes_of(there.get(parent))
        for part, rows in named.items():
            before = {(one.material_id, one.plant_id): one for one in instead.get(part, [])}
            for row in rows:
                _count(told, before.get((row.material_id, row.plant_id)), row)
    told = report.entity(OUT, sum(map(len, also.outs.values())))
    for parent in also.outs:
        bom = there.get(parent)
        known = {one.material_id: one for one in _byproducts_of(bom)}
        for out in also.outs_per(parent, bom.base_qty if bom else Decimal(1)):
            _count(told, known.get(out.material_id), out)


def _count(told: Count, before: object, now: object) -> None:
    told.created += before is None
    told.unchanged += before == now
    told.changed += before is not None and before != now


def _substitutes_of(bom: Bom | None) -> dict[int, list[masterdata.SubstituteInput]]:
    found: dict[int, list[masterdata.SubstituteInput]] = {}
    for line in lines_of(bom) if bom is not None else ():
        if rows := sorted(line.substitutes.all(), key=lambda one: (one.priority, one.pk)):
            found[line.component_id] = [
                masterdata.SubstituteInput(
                    one.material_id,
                    one.ratio,
                    one.priority,
                    one.plant_id,
                    one.valid_from,
                    one.valid_until,
                    one.by_itself,
                )
                for one in rows
            ]
    return found


def _byproducts_of(bom: Bom | None) -> list[masterdata.ByproductInput]:
    rows = sorted(bom.byproducts.all(), key=lambda one: one.line_no) if bom is not None else []
    return [masterdata.ByproductInput(one.material_id, one.quantity, one.cost_share_percent) for one in rows]
