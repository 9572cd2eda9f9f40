"""What would be ordered for planned orders today: from whom, how much, at what price, and when it comes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from erp.supply.models import PlannedOrder
from erp.supply.netting import lots
from erp.supply.sources import best_offer, prices_in_force
from masterdata.models import Partner
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Proposal:
    """A planned order with its best offer of today, bought by itself; no supplier: nobody sells it."""

    row: PlannedOrder
    is_chosen: bool
    supplier: str = ""
    quantity: Decimal = ZERO
    unit_price: Decimal = ZERO
    comes_at: dt.datetime | None = None


def proposals(rows: Collection[PlannedOrder], *, chosen: Collection[str], now: dt.datetime) -> list[Proposal]:
    """One query per plant for prices, one for names. `chosen`: ids that are ticked; none: all that can be ordered."""
    materials: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        materials[row.plant_id].add(row.material_id)
    prices = {pk: prices_in_force(plant_id=pk, material_ids=ids, now=now) for pk, ids in materials.items()}
    names = dict(Partner.objects.filter(is_supplier=True).values_list("pk", "name"))
    found = []
    for row in rows:
        offer = best_offer(prices[row.plant_id].get(row.material_id, ()), row.quantity)
        if offer is None:
            found.append(Proposal(row, str(row.pk) in chosen))
            continue
        found.append(
            Proposal(
                row,
                str(row.pk) in chosen or not chosen,
                names[offer.supplier_id],
                sum(lots(row.quantity, offer), ZERO),
                offer.unit_price,
                max(row.due_at, now + dt.timedelta(days=offer.lead_time_days)),
            )
        )
    return found
