"""Row locks of stock: balances in id order, then material values in id order; missing rows are made on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from erp.stock.intents import HeldBalance, HeldValue
from masterdata import statements

Place = tuple[int, int, int, int | None, int | None]  # plant, material, location, order, lot
Area = tuple[int, int, int | None]  # plant, material, order

_BALANCES = """
    SELECT b.id, b.material_id, b.plant_id, b.location_id,
        CASE WHEN l.is_blocked OR t.is_blocked THEN 'blocked' ELSE l.kind END,
        b.sales_order_id, b.on_hand, b.reserved, b.lot_id, t.expires_on, b.is_serial,
        b.lot_id IS NULL AND m.tracking <> 'none'
    FROM erp_stockbalance b JOIN masterdata_location l ON l.id = b.location_id
    JOIN masterdata_material m ON m.id = b.material_id LEFT JOIN erp_lot t ON t.id = b.lot_id
    WHERE b.plant_id = ANY(%s) AND b.material_id = ANY(%s)
        AND (b.sales_order_id IS NULL OR b.sales_order_id = ANY(%s))
    ORDER BY b.id FOR NO KEY UPDATE OF b
"""
_NEW_BALANCES = """
    INSERT INTO erp_stockbalance AS b
        (plant_id, material_id, location_id, sales_order_id, lot_id, is_serial, on_hand, reserved)
    SELECT n.plant, n.material, n.location, n.owner, n.lot, coalesce(t.kind = 'serial', false), 0, 0
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
        WITH ORDINALITY AS n(plant, material, location, owner, lot, place)
    LEFT JOIN erp_lot t ON t.id = n.lot ORDER BY n.place
    ON CONFLICT (material_id, location_id, sales_order_id, lot_id) DO UPDATE SET on_hand = b.on_hand
    RETURNING b.id, b.material_id, b.plant_id, b.location_id,
        (SELECT CASE WHEN l.is_blocked OR EXISTS (SELECT 1 FROM erp_lot t WHERE t.id = b.lot_id AND t.is_blocked)
            THEN 'blocked' ELSE l.kind END FROM masterdata_location l WHERE l.id = b.location_id),
        b.sales_order_id, b.on_hand, b.reserved, b.lot_id, (SELECT expires_on FROM erp_lot WHERE id = b.lot_id),
        b.is_serial, b.lot_id IS NULL AND (SELECT tracking <> 'none' FROM masterdata_material WHERE id = b.material_id)
"""
_VALUES = """
    SELECT v.plant_id, v.material_id, v.sales_order_id, v.id, v.quantity, v.value, v.method, v.standard_price,
        CASE WHEN v.sales_order_id IS NULL THEN c.valuation ELSE 'moving_average' END, m.standard_cost, v.fee
    FROM erp_materialvalue v JOIN masterdata_material m ON m.id = v.material_id
    JOIN masterdata_materialcategory c ON c.id = m.category_id
    WHERE v.plant_id = ANY(%s) AND v.material_id = ANY(%s)
        AND (v.sales_order_id IS NULL OR v.sales_order_id = ANY(%s))
    ORDER BY v.id FOR NO KEY UPDATE OF v
"""
_NEW_VALUES = """
    WITH new AS (
        INSERT INTO erp_materialvalue AS v
            (plant_id, material_id, sales_order_id, quantity, value, method, standard_price, fee)
        SELECT n.plant, n.material, n.owner, 0, 0, 'moving_average', 0, 0
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(plant, material, owner)
        ON CONFLICT (material_id, plant_id, sales_order_id) DO UPDATE SET value = v.value
        RETURNING v.*
    )
    SELECT v.plant_id, v.material_id, v.sales_order_id, v.id, v.quantity, v.value, v.method, v.standard_price,
        CASE WHEN v.sales_order_id IS NULL THEN c.valuation ELSE 'moving_average' END, m.standard_cost, v.fee
    FROM new v JOIN masterdata_material m ON m.id = v.material_id
    JOIN masterdata_materialcategory c ON c.id = m.category_id
"""


def hold_balances(
    *,
    plant_ids: Collection[int],
    material_ids: Collection[int],
    order_ids: Collection[int] = (),
    places: Iterable[Place] = (),
) -> dict[int, HeldBalance]:
    """Lock the materials' free balances and those of the orders, by id; make the `places` that do not exist yet.

    The kind of a place reads `blocked` when the location or the lot is: nothing there is offered, netted or reserved.
    """
    lock = holding(plant_ids=plant_ids, material_ids=material_ids, order_ids=order_ids)
    held = [HeldBalance(*row) for row in statements.run(*lock)]
    known = {(row.plant_id, row.material_id, row.location_id, row.order_id, row.lot_id) for row in held}
    missing = sorted(set(places) - known, key=_nulls_first)
    if missing:
        held += [HeldBalance(*row) for row in statements.run(_NEW_BALANCES, statements.columns(missing, 5))]
    return {row.id: row for row in held}


def holding(
    *, plant_ids: Collection[int], material_ids: Collection[int], order_ids: Collection[int] = ()
) -> statements.Statement:
    """The lock of `hold_balances`, for whoever sends it together with what is read under it."""
    return _BALANCES, [statements.array(sorted(ids)) for ids in (plant_ids, material_ids, order_ids)]


def hold_values(areas: Collection[Area]) -> dict[Area, HeldValue]:
    """Lock the valuation areas by id; make those that do not exist yet. Balances must be locked before."""
    plants, materials = {plant for plant, _, _ in areas}, {material for _, material, _ in areas}
    orders = sorted({order for _, _, order in areas if order is not None})
    ids = [statements.array(some) for some in (sorted(plants), sorted(materials), orders)]
    held = {(row[0], row[1], row[2]): HeldValue(*row[3:]) for row in statements.run(_VALUES, ids)}
    missing = sorted(set(areas) - held.keys(), key=_nulls_first)
    if missing:
        made = statements.run(_NEW_VALUES, statements.columns(missing, 3))
        held.update({(row[0], row[1], row[2]): HeldValue(*row[3:]) for row in made})
    return held


def _nulls_first(key: tuple[int | None, ...]) -> list[int]:
    return [item or 0 for item in key]
