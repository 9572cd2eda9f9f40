"""By-products that open work will bring and that are for nobody yet, as an order's netting may count on them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from erp.production.selectors.yields import COMING_BESIDE
from erp.supply.sources import BesideWork, Key
from masterdata import statements

# Held before it is read, so that two orders never count on the same piece.
_HOLD = """
    SELECT w.id FROM erp_workorder w
    WHERE w.plant_id = ANY(%s) AND w.state IN ('firm', 'released')
        AND w.bom_id IN (SELECT bom_id FROM masterdata_bombyproduct WHERE material_id = ANY(%s))
    ORDER BY w.id FOR NO KEY UPDATE OF w
"""
_COMING = COMING_BESIDE.format(only="w.plant_id = ANY(%s) AND y.material_id = ANY(%s)") + " ORDER BY b.at, b.id"


def coming_beside(
    *, plant_ids: Collection[int], material_ids: Collection[int], now: dt.datetime
) -> dict[Key, list[BesideWork]]:
    """What comes of these materials beside the products of firm and released work, the first first.

    Locks that work by id until the transaction ends. One round trip; none when no material is a by-product.
    """
    if not material_ids:
        return {}
    values = [statements.array(sorted(plant_ids)), statements.array(sorted(material_ids))]
    found: dict[Key, list[BesideWork]] = defaultdict(list)
    for plant_id, material_id, work_order_id, _, quantity, at in statements.together(
        (_HOLD, values), (_COMING, values)
    )[1]:
        found[plant_id, material_id].append(BesideWork(work_order_id, quantity, max(at or now, now)))
    return found
