"""Parts that were scanned with a report: they are taken from just these lots, before the rest is taken as always."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from erp.production.models import WorkOrderMaterial
from erp.production.services.floor import Floor
from erp.stock.book import Book
from erp.stock.models import Lot
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material


class WrongMaterial(Refusal):
    """The work order uses neither this material nor lets it stand in for another; `uses` says what it uses."""

    code: ClassVar[str] = "wrong_material"


class LotUnusable(Refusal):
    """The lot that was scanned is blocked, has expired, is not on hand or is kept for others."""

    code: ClassVar[str] = "lot_unusable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumed:
    """So much (base units) of a material was used out of this lot; without a lot when it is kept by quantity."""

    material_id: int
    lot_id: int | None
    quantity: Decimal


Scanned = Mapping[int, Sequence[Consumed]]
"""By the id of the need that the parts count for."""


def sort_scanned(
    *, consumed: Sequence[Consumed], needs: Sequence[WorkOrderMaterial], floor: Floor, book: Book, now: dt.datetime
) -> Scanned:
    """The scanned parts by need, each out of a lot that may be used. The needs' balances are locked in `book`.

    Raises WrongMaterial for what the operation does not use, LotUnusable, InvalidInput.
    """
    if not consumed:
        return {}
    found: dict[int, list[Consumed]] = defaultdict(list)
    lots = Lot.objects.select_related("material").in_bulk([one.lot_id for one in consumed if one.lot_id])
    by_material: dict[int, WorkOrderMaterial] = {}
    for need in needs:
        by_material.setdefault(need.material_id, need)
    for one in consumed:
        if one.quantity <= 0:
            raise InvalidInput("Say how much was used of each lot: more than nothing.", field="consumed")
        if one.material_id not in by_material:
            raise _wrong(one.material_id, floor, by_material)
        if one.lot_id is not None:
            _check(lots[one.lot_id], one.material_id, book, floor, now)
        elif by_material[one.material_id].material.tracking != Material.Tracking.NONE:
            raise InvalidInput(f"{_code(one.material_id)} is kept by lot: scan the lot too.", field="consumed")
        found[by_material[one.material_id].pk].append(one)
    return found


def _check(lot: Lot, material_id: int, book: Book, floor: Floor, now: dt.datetime) -> None:
    number, values = lot.number, {"lot": lot.number, "lot_id": lot.pk, "field": "consumed"}
    if lot.material_id != material_id:
        raise LotUnusable(f"{number} is a lot of {lot.material.code}. Scan one of {_code(material_id)}.", **values)  # type: ignore[arg-type]
    if lot.is_blocked:
        why = f" ({lot.blocked_because})" if lot.blocked_because else ""
        raise LotUnusable(f"Lot {number} is blocked{why}. Put it aside and scan another one.", **values)  # type: ignore[arg-type]
    if lot.expires_on is not None and lot.expires_on < now.date():
        raise LotUnusable(f"Lot {number} expired on {lot.expires_on}. Put it aside and scan another one.", **values)  # type: ignore[arg-type]
    owners = {None, floor.sales_order_id}
    there = [row for row in book.balances.values() if row.lot_id == lot.pk and row.on_hand > 0]
    usable = [row for row in there if row.location_kind == "stock" and row.order_id in owners]
    if not usable:
        where = "lies where nothing may be taken" if there else "is not on hand here by the books"
        raise LotUnusable(f"Lot {number} {where}. Scan another one, or have it counted.", **values)  # type: ignore[arg-type]


def _wrong(material_id: int, floor: Floor, known: Mapping[int, WorkOrderMaterial]) -> WrongMaterial:
    uses = sorted(need.material.code for need in known.values())
    listed = ", ".join(uses) or "no material"
    return WrongMaterial(
        f"Operation {floor.operation.sequence} of {floor.work_order.number} does not use {_code(material_id)}. "
        f"It uses {listed}.",
        field="consumed",
        uses=uses,
    )


def _code(material_id: int) -> str:
    return Material.objects.values_list("code", flat=True).get(pk=material_id)
