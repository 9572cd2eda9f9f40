"""What making so many of a material takes, level by level: what is free, what lacks, and when it is there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Min

from erp.material.selectors.outlook import Outlook, outlooks
from erp.supply.models import SupplierPrice
from masterdata import selectors as masterdata_now
from masterdata.models import Bom, Material, Plant
from masterdata.numbers import ZERO
from masterdata.selectors import TreeLine


@dataclass(frozen=True, slots=True)
class Availability:
    """A line of the tree. `needed` as if nothing of the levels above were there; `missing` against what is free now."""

    line: TreeLine
    needed: Decimal
    outlook: Outlook
    available_on: dt.date | None
    lead_days: int

    @property
    def missing(self) -> Decimal:
        """What is not free today."""
        return max(ZERO, self.needed - max(ZERO, self.outlook.free))

    @property
    def ordered_on(self) -> dt.date:
        """When it would be there, ordered today: by the fastest supplier, or by its lead time to make in the plant."""
        return self.outlook.today + dt.timedelta(days=self.lead_days)


def availability(
    *, material_id: int, plant: Plant, quantity: Decimal, levels: int, now: dt.datetime
) -> list[Availability] | None:
    """The tree of the BOM in force for `quantity`, `levels` deep, each component with its stock and dates in the plant.

    None when no BOM is in force. One query a level and five for all stock and dates.
    """
    bom = Bom.objects.filter(material=material_id, state="frozen").first()
    if bom is None:
        return None
    tree = [line for line in masterdata_now.bom_tree(bom) if line.depth < levels]
    found = outlooks(material_ids={line.component.pk for line in tree}, plant_ids=[plant.pk], now=now)
    fastest = _fastest([line.component.pk for line in tree if line.component.supply == Material.Supply.BUY])
    rows = []
    for line in tree:
        outlook = found[line.component.pk, plant.pk]
        needed = line.quantity * quantity / bom.base_qty
        days = fastest.get(line.component.pk, outlook.lead_time_days)
        rows.append(Availability(line, needed, outlook, outlook.available_on(needed), days))
    return rows


def _fastest(material_ids: list[int]) -> dict[int, int]:
    """Days of the fastest supplier, by material."""
    rows = SupplierPrice.objects.filter(material__in=material_ids).order_by().values("material")
    return {row["material"]: row["days"] for row in rows.annotate(days=Min("lead_time_days"))}
