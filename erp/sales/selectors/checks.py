"""Is the material there for what would be made? What is short, how much of it, and who brings it when."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import IntegerField, Value

from erp.production.models import WorkOrder
from erp.supply.models import PlannedOrder, PurchaseOrderLine
from erp.supply.needs import Explosion, Need
from masterdata.models import Material, Partner
from masterdata.numbers import ZERO

Source = tuple[str, int]
"""What brings it: "purchase" (line), "transfer" (planned order), "beside" (work order), "supplier" (partner, when it is
ordered now), "planning" (left to material planning) or "nobody" (no supplier has a price)."""


@dataclass(frozen=True, slots=True)
class Brings:
    """So much comes then: by the document `number`, from `name` (a supplier, whose id it carries, or a plant)."""

    kind: str
    quantity: Decimal
    ready_at: dt.datetime
    number: str
    name: str
    supplier_id: int | None = None


@dataclass(frozen=True, slots=True)
class ShortMaterial:
    """A bought material of which `quantity` base units are not there yet; all of it is at `ready_at`."""

    material_id: int
    code: str
    name: str
    unit: str
    quantity: Decimal
    ready_at: dt.datetime
    comes: tuple[Brings, ...]


@dataclass(frozen=True, slots=True)
class MaterialCheck:
    """What is short, what comes last first; nothing: all of it is there."""

    short: tuple[ShortMaterial, ...]


def material_checks(explosions: Sequence[Explosion]) -> list[MaterialCheck]:
    """The check of each; of lines exploded together the second has what the first left. Five queries at the most."""
    found = [_coming(one) for one in explosions]
    names = _Names(found)
    return [MaterialCheck(names.told(one)) for one in found]


Coming = dict[int, dict[tuple[Source, dt.datetime], Decimal]]


def _coming(explosion: Explosion) -> Coming:
    """By material: how much comes from where, when."""
    coming: Coming = defaultdict(lambda: defaultdict(lambda: ZERO))
    needs = [*explosion.tops, *(need for make in explosion.work_orders for need in make.components)]
    short = {id(need): need for need in needs if need.ready_at is not None}
    for need in short.values():
        for source, ready_at, quantity in _of_need(need):
            coming[need.material_id][source, ready_at] += quantity
    for purchase in explosion.purchases:
        source = ("supplier", purchase.offer.supplier_id) if purchase.offer else ("nobody", 0)
        for need, quantity in purchase.pegs:
            if id(need) in short:
                coming[need.material_id][source, purchase.due_at] += quantity
    return coming


def _of_need(need: Need) -> Iterable[tuple[Source, dt.datetime, Decimal]]:
    for line in need.ordered:
        yield ("purchase", line.line_id), line.ready_at, line.quantity
    for sent in need.transit:
        yield ("transfer", sent.planned_order_id), sent.ready_at, sent.quantity
    for beside in need.beside:
        yield ("beside", beside.work_order_id), beside.ready_at, beside.quantity
    if need.planned and need.ready_at is not None:
        yield ("planning", 0), need.ready_at, need.planned


class _Names:
    """The words for everything in these answers, read once for all."""

    def __init__(self, found: Sequence[Coming]) -> None:
        ids: dict[str, set[int]] = defaultdict(set)
        for coming in found:
            for material_id, parts in coming.items():
                ids["material"].add(material_id)
                for (kind, pk), _ in parts:
                    ids[kind].add(pk)
        materials = Material.objects.filter(pk__in=ids["material"]).values_list("pk", "code", "name", "unit__code")
        self._materials = {pk: tuple(rest) for pk, *rest in materials} if ids["material"] else {}
        self._words: dict[Source, tuple[str, str, int | None]] = {}
        for kind, rows in (
            ("purchase", PurchaseOrderLine.objects.values_list(
                "pk", "order__number", "order__supplier__name", "order__supplier_id")),
            ("supplier", Partner.objects.values_list("pk", "code", "name", "pk")),
            ("transfer", PlannedOrder.objects.values_list(
                "pk", "transfer_line__transfer__number", "source_plant__name", Value(None, IntegerField()))),
            ("beside", WorkOrder.objects.values_list("pk", "number", "plant__name", Value(None, IntegerField()))),
        ):  # fmt: skip
            if ids[kind]:
                self._words |= {(kind, pk): tuple(words) for pk, *words in rows.filter(pk__in=ids[kind])}

    def told(self, coming: Coming) -> tuple[ShortMaterial, ...]:
        rows = [self._short(material_id, parts) for material_id, parts in coming.items()]
        return tuple(sorted(rows, key=lambda one: (one.ready_at, one.code), reverse=True))

    def _short(self, material_id: int, parts: dict[tuple[Source, dt.datetime], Decimal]) -> ShortMaterial:
        comes = [
            Brings(source[0], quantity, ready_at, *self._word(source)) for (source, ready_at), quantity in parts.items()
        ]
        comes.sort(key=lambda one: (one.ready_at, one.number))
        code, name, unit = self._materials[material_id]
        quantity = sum((one.quantity for one in comes), ZERO)
        return ShortMaterial(material_id, code, name, unit, quantity, comes[-1].ready_at, tuple(comes))

    def _word(self, source: Source) -> tuple[str, str, int | None]:
        number, name, supplier_id = self._words.get(source, ("", "", None))
        return "" if source[0] == "supplier" else number, name, supplier_id
