"""Low-level codes: how deep each material lies, what may stand in for each other on one level; circles are refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from django.db import connection, transaction

from masterdata.errors import Refusal
from masterdata.models import BomByproduct, BomLine, BomSubstitute, Material

_LEVELS = """
    UPDATE masterdata_material material SET low_level_code = new.level, substitute_group = new.family
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS new(id, level, family)
    WHERE material.id = new.id
        AND (material.low_level_code, material.substitute_group) IS DISTINCT FROM (new.level, new.family)
"""


class BomCircle(Refusal):
    """A material would be made of itself."""

    code = "bom_circle"


@transaction.atomic
def keep_low_level_codes() -> int:
    """Number every material one deeper than its deepest parent in frozen BOMs; how many parts were looked at.

    A by-product lies below what it comes out of. What may stand in for each other lies on one level, the deepest of
    them, and shares a `substitute_group`: planning settles it together. Raises BomCircle.
    """
    edges = list(BomLine.objects.filter(bom__state="frozen").order_by().values_list("bom__material_id", "component_id"))
    outs = BomByproduct.objects.filter(bom__state="frozen").order_by()
    edges += outs.values_list("bom__material_id", "material_id")
    instead = BomSubstitute.objects.filter(line__bom__state="frozen").order_by()
    rows = list(instead.values_list("line__bom__material_id", "line__component_id", "material_id"))
    edges += [(parent_id, material_id) for parent_id, _, material_id in rows]
    families = _families((component_id, material_id) for _, component_id, material_id in rows)
    levels = _levels(edges, families)
    ids = sorted(levels)
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, [ids, [levels[pk] for pk in ids], [families.get(pk) for pk in ids]])
    others = Material.objects.exclude(pk__in=ids)
    others.filter(low_level_code__gt=0).update(low_level_code=0)
    others.filter(substitute_group__isnull=False).update(substitute_group=None)
    return len(ids)


def _families(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The number of each material's family: the least id among those that are joined by pairs."""
    head: dict[int, int] = {}

    def top(pk: int) -> int:
        while head.setdefault(pk, pk) != pk:
            pk = head[pk]
        return pk

    for one, other in pairs:
        first, second = sorted((top(one), top(other)))
        head[second] = first
    return {pk: top(pk) for pk in list(head)}


def _levels(edges: Iterable[tuple[int, int]], families: dict[int, int]) -> dict[int, int]:
    """One deeper than the deepest parent; a family counts as one material."""
    parents: dict[int, set[int]] = {}
    members: dict[int, set[int]] = {}
    for edge in edges:
        parent_id, component_id = (families.get(pk, pk) for pk in edge)
        for pk, family in zip(edge, (parent_id, component_id), strict=True):
            members.setdefault(family, set()).add(pk)
        parents.setdefault(parent_id, set())
        parents.setdefault(component_id, set()).add(parent_id)
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError as error:
        raise _circle(error.args[1]) from None
    levels: dict[int, int] = {}
    for material_id in order:
        levels[material_id] = max((levels[parent_id] + 1 for parent_id in parents[material_id]), default=0)
    return {pk: levels[family] for family, found in members.items() for pk in found}


def _circle(ids: Sequence[int]) -> BomCircle:
    codes = Material.objects.in_bulk(ids)
    chain = " > ".join(codes[material_id].code for material_id in ids)
    return BomCircle(f"{codes[ids[0]].code} would be made of itself: {chain}", material_ids=list(ids))
