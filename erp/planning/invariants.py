"""Invariants of material planning: what it proposes and says fits what is there, once its run has looked at it.

A deed notes what it moved, and the next run follows it: until then what waits is not judged.
"""

from __future__ import annotations

from masterdata.invariants import Invariant

_WAITS = """EXISTS (SELECT 1 FROM erp_materialchange x
            WHERE x.plant_id = {row}.plant_id AND x.material_id = {row}.material_id)"""
_OF_ROW, _OF_MESSAGE = _WAITS.format(row="r"), _WAITS.format(row="m")

INVARIANTS = [
    Invariant(
        "planned_pegs_within_what_lacks",
        "What planning pegs to a demand is no more than what nothing keeps, makes or buys for it for good",
        f"""
        SELECT r.demand, r.lacks, r.planned FROM (
            SELECT 'need ' || m.id AS demand, w.plant_id, m.material_id, p.planned, greatest(0, m.quantity
                - m.issued_qty - coalesce(p.firm, 0) - coalesce((SELECT sum(quantity) FROM erp_reservation
                    WHERE work_order_material_id = m.id), 0)) AS lacks
            FROM (SELECT work_order_material_id AS id,
                    sum(quantity - received_qty) FILTER (WHERE is_planned) AS planned,
                    sum(CASE WHEN work_order_id IS NULL THEN quantity - received_qty ELSE quantity END)
                        FILTER (WHERE NOT is_planned) AS firm
                FROM erp_peg WHERE work_order_material_id IS NOT NULL GROUP BY 1) p
            JOIN erp_workordermaterial m ON m.id = p.id
            JOIN erp_workorder w ON w.id = m.work_order_id AND w.state IN ('proposed', 'firm', 'released')
            UNION ALL
            SELECT 'order line ' || l.id, l.plant_id, l.material_id, p.planned, greatest(0, l.quantity - l.shipped_qty
                - coalesce(p.firm, 0) - coalesce((SELECT sum(quantity) FROM erp_reservation
                    WHERE sales_order_line_id = l.id), 0))
            FROM (SELECT sales_order_line_id AS id, sum(quantity - received_qty) FILTER (WHERE is_planned) AS planned,
                    sum(quantity - received_qty) FILTER (WHERE NOT is_planned) AS firm
                FROM erp_peg WHERE sales_order_line_id IS NOT NULL GROUP BY 1) p
            JOIN erp_salesorderline l ON l.id = p.id
                AND NOT EXISTS (SELECT 1 FROM erp_workorder w WHERE w.sales_order_line_id = l.id)
        ) r WHERE r.planned > r.lacks AND NOT {_OF_ROW}
        """,  # noqa: S608 (constants)
    ),
    Invariant(
        "what_is_ordered_is_planned_no_more",
        "A planned order that was ordered has left planning: nothing waits for it, it needs nothing",
        """
        SELECT n.id AS planned_order FROM erp_plannedorder n
        WHERE n.closed_at IS NOT NULL AND (
            EXISTS (SELECT 1 FROM erp_peg p WHERE p.quantity > p.received_qty
                    AND (p.planned_order_id = n.id OR p.transfer_id = n.id))
            OR EXISTS (SELECT 1 FROM erp_plannedcomponent c WHERE c.planned_order_id = n.id))
        """,
    ),
    Invariant(
        "proposals_begin_when_planned_or_later",
        "What planning proposes begins, or is to be ordered, on the day of its run or later",
        f"""
        SELECT r.proposal, r.begins_on, k.planned_on FROM (
            SELECT 'planned order ' || id AS proposal, plant_id, material_id, order_by_on AS begins_on
            FROM erp_plannedorder WHERE closed_at IS NULL AND NOT is_firm
            UNION ALL
            SELECT number, plant_id, material_id, start_by_on FROM erp_workorder WHERE state = 'proposed'
        ) r JOIN erp_plannedmaterial k ON k.plant_id = r.plant_id AND k.material_id = r.material_id
        WHERE r.begins_on < k.planned_on AND NOT {_OF_ROW}
        """,  # noqa: S608 (constants)
    ),
    Invariant(
        "proposals_are_for_somebody",
        "What planning proposes is for a demand, or fills up a safety stock, a reorder point or a lot",
        f"""
        SELECT r.proposal, r.quantity FROM (
            SELECT 'planned order ' || n.id AS proposal, n.plant_id, n.material_id, n.quantity FROM erp_plannedorder n
            WHERE n.closed_at IS NULL AND NOT n.is_firm
                AND NOT EXISTS (SELECT 1 FROM erp_peg p WHERE p.planned_order_id = n.id)
            UNION ALL
            SELECT w.number, w.plant_id, w.material_id, w.quantity FROM erp_workorder w
            WHERE w.state = 'proposed' AND NOT EXISTS (SELECT 1 FROM erp_peg p WHERE p.work_order_id = w.id)
        ) r
        WHERE NOT EXISTS (SELECT 1 FROM masterdata_materialplant k
                WHERE k.plant_id = r.plant_id AND k.material_id = r.material_id
                    AND (k.safety_stock > 0 OR k.reorder_point > 0 OR k.max_lot IS NOT NULL))
            AND NOT {_OF_ROW}
        """,  # noqa: S608 (constants)
    ),
    Invariant(
        "messages_are_about_what_is_open",
        "Nobody is told to do something about what came, was ordered, made or cancelled; and of one cause once",
        f"""
        SELECT m.id AS message, m.kind FROM erp_actionmessage m
        LEFT JOIN erp_workorder w ON w.id = m.work_order_id
        LEFT JOIN erp_plannedorder n ON n.id = m.planned_order_id
        LEFT JOIN erp_purchaseorderline l ON l.id = m.purchase_order_line_id
        LEFT JOIN erp_purchaseorder o ON o.id = l.order_id
        WHERE (w.state IN ('closed', 'cancelled') OR n.closed_at IS NOT NULL OR l.received_qty >= l.quantity
                OR o.cancelled_at IS NOT NULL) AND NOT {_OF_MESSAGE}
        UNION ALL
        SELECT max(id), kind FROM erp_actionmessage
        GROUP BY plant_id, material_id, kind, work_order_id, purchase_order_line_id, planned_order_id, need_id
        HAVING count(*) > 1
        """,  # noqa: S608 (constants)
    ),
]
