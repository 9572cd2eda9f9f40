"""Questions about products: what a BOM is made of at every level, and where a material is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from django.db.models import QuerySet

from masterdata.models import Bom, BomLine, BomSubstitute, Material
from masterdata.models.engineering import VersionState
from masterdata.numbers import gross_for_scrap
from masterdata.worktime import end_of_day as end_of_day
from masterdata.worktime import shop_time as shop_time

DEEPEST = 20
MOST_USES = 500


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A line of a product's tree: `place` as "1.2.1", `quantity` for `base_qty` of the product, scrap included."""

    place: str
    depth: int
    line: BomLine
    quantity: Decimal
    opens: bool

    @property
    def component(self) -> Material:
        return self.line.component


def bom_tree(bom: Bom) -> list[TreeLine]:
    """Every level under a BOM, depth first; deeper levels are the versions in force. One query a level."""
    under = {bom.pk: _lines([bom.pk])}
    in_force: dict[int, Bom] = {}
    level = {line.component_id for line in under[bom.pk]}
    for _depth in range(DEEPEST):
        found = {
            one.material_id: one for one in Bom.objects.filter(material__in=level - in_force.keys(), state="frozen")
        }
        if not found:
            break
        in_force |= found
        grouped: dict[int, list[BomLine]] = defaultdict(list)
        for line in _lines(one.pk for one in found.values()):
            grouped[line.bom_id].append(line)
        under |= grouped
        level = {line.component_id for lines in grouped.values() for line in lines}
    return list(_walk(bom, bom.base_qty, "", 0, under, in_force))


def _walk(
    bom: Bom, quantity: Decimal, place: str, depth: int, under: dict[int, list[BomLine]], in_force: dict[int, Bom]
) -> Iterator[TreeLine]:
    for number, line in enumerate(under.get(bom.pk, []), start=1):
        here = f"{place}.{number}" if place else str(number)
        needed = gross_for_scrap(quantity * line.quantity / bom.base_qty, line.scrap_percent)
        below = in_force.get(line.component_id)
        yield TreeLine(here, depth, line, needed, below is not None)
        if below is not None and depth < DEEPEST:
            yield from _walk(below, needed, here, depth + 1, under, in_force)


def _lines(bom_ids: Iterable[int]) -> list[BomLine]:
    rows = BomLine.objects.filter(bom__in=list(bom_ids)).select_related("component__unit", "unit")
    return list(rows.order_by("bom", "line_no"))


def substitutes_in(bom: Bom) -> QuerySet[BomSubstitute]:
    """What may be used instead of which component, line by line, the first choice first."""
    rows = BomSubstitute.objects.filter(line__bom=bom).select_related(
        "line__component__unit", "material__unit", "plant"
    )
    return rows.order_by("line__line_no", "priority", "pk")


def where_used(material: Material) -> QuerySet[BomLine]:
    """Lines of BOMs in force or in draft that name the material, by the parent's code."""
    rows = BomLine.objects.filter(component=material).exclude(bom__state=VersionState.RETIRED)
    return rows.select_related("bom__material", "unit").order_by("bom__material__code", "bom__version_no", "line_no")


@dataclass(frozen=True, slots=True)
class UseLine:
    """A line of a BOM that uses the material, directly or in a part: `quantity` of it goes into one of the parent."""

    depth: int
    line: BomLine
    quantity: Decimal

    @property
    def parent(self) -> Material:
        return self.line.bom.material


def where_used_tree(material: Material) -> list[UseLine]:
    """Where the material goes, level by level up to what is sold, depth first, at most MOST_USES. One query a level.

    The first level has BOMs in draft too, higher ones are those in force. What several parts use comes under each.
    """
    above = {material.pk: list(where_used(material))}
    level = _frozen_parents(above[material.pk])
    for _depth in range(DEEPEST):
        wanted = level - above.keys()
        if not wanted:
            break
        rows = BomLine.objects.filter(component__in=wanted, bom__state=VersionState.FROZEN)
        rows = rows.select_related("bom__material__unit", "unit", "component__unit")
        grouped: dict[int, list[BomLine]] = {pk: [] for pk in wanted}
        for line in rows.order_by("bom__material__code", "line_no"):
            grouped[line.component_id].append(line)
        above |= grouped
        level = {pk for lines in grouped.values() for pk in _frozen_parents(lines)}
    return list(islice(_climb(material.pk, Decimal(1), 0, above), MOST_USES))


def _frozen_parents(lines: Iterable[BomLine]) -> set[int]:
    return {line.bom.material_id for line in lines if line.bom.state == VersionState.FROZEN}


def _climb(material_id: int, share: Decimal, depth: int, above: dict[int, list[BomLine]]) -> Iterator[UseLine]:
    for line in above.get(material_id, []):
        needed = share * gross_for_scrap(line.quantity / line.bom.base_qty, line.scrap_percent)
        yield UseLine(depth, line, needed)
        if line.bom.state == VersionState.FROZEN and depth < DEEPEST:
            yield from _climb(line.bom.material_id, needed, depth + 1, above)


def material_named(text: str) -> Material | None:
    """The material whose code is the first word of what was typed or picked ("TBL-OAK Table, oak")."""
    code = text.strip().split(" ")[0] if text.strip() else ""
    return Material.objects.filter(code__iexact=code).first() if code else None
