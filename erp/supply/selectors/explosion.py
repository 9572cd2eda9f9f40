"""What confirming a line would write, unwritten: for offers and price questions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from erp.supply.needs import Demand, Explosion
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
