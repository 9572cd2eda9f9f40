"""What confirming a line would write, unwritten: for offers and price questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from erp.supply.needs import Demand, Explosion, Make
from erp.supply.netting import net
from erp.supply.sources import read_sources
from erp.supply.structure import read_structure
from masterdata.numbers import ZERO


def explode(
    *, plant_id: int, material_id: int, quantity: Decimal, now: dt.datetime | None = None, line_no: int = 1
) -> Explosion:
    """Net one line as `confirm_order` would, by the very same code, without locks or writes.

    The paths are those that the order's work orders get when nobody takes the stock meanwhile. Raises NoRouting.
    """
    structure = read_structure(plant_ids=[plant_id], material_ids=[material_id])
    sources = read_sources(
        plant_ids=[plant_id], material_ids=list(structure.items), bought_ids=structure.bought_ids, lock=False
    )
    now = now or timezone.now()
    demand = Demand(0, line_no, plant_id, material_id, quantity)
    netting = net(demands=[demand], structure=structure, sources=sources, now=now)
    top = netting.needs[0]
    return Explosion(
        plant_id=plant_id,
        material_id=material_id,
        quantity=quantity,
        work_orders=tuple(netting.makes),
        purchases=tuple(netting.purchases),
        from_stock=sum((part.quantity for part in top.stock), ZERO),
        ready_at=None if top.make else (top.ready_at or now),
    )


def explode_together(
    *, plant_id: int, wanted: Sequence[tuple[int, Decimal]], now: dt.datetime
) -> list[tuple[tuple[Make, ...], dt.datetime | None]]:
    """Net several lines (material, quantity) one after the other: what the first takes of the stock the next lacks.

    For each line its work orders, and when it is ready if nothing has to be made. Raises NoRouting.
    """
    if not wanted:
        return []
    structure = read_structure(plant_ids=[plant_id], material_ids=[material_id for material_id, _ in wanted])
    sources = read_sources(
        plant_ids=[plant_id], material_ids=list(structure.items), bought_ids=structure.bought_ids, lock=False
    )
    demands = [Demand(0, no, plant_id, *line) for no, line in enumerate(wanted, start=1)]
    netting = net(demands=demands, structure=structure, sources=sources, now=now)
    return [
        (
            tuple(make for make in netting.makes if make.path.partition(".")[0] == str(demand.line_no)),
            None if top.make else (top.ready_at or now),
        )
        for demand, top in zip(demands, netting.needs, strict=False)
    ]
