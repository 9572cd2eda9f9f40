"""Invariants of quality: checks, holds, non-conformances and what became of their pieces."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "values_are_judged_by_their_tolerance",
        "A measured value is good exactly when it lies within its characteristic's tolerance",
        """
        SELECT v.id AS value_id, v.value, c.lower, c.upper, v.is_good FROM mes_checkvalue v
        JOIN mes_characteristic c ON c.id = v.characteristic_id WHERE c.kind = 'measured'
        AND v.is_good <> (v.value >= coalesce(c.lower, v.value) AND v.value <= coalesce(c.upper, v.value))
        """,
    ),
    Invariant(
        "checks_are_judged_by_their_values",
        "A check is out of tolerance exactly when one of its values is bad",
        """
        SELECT r.id AS result, r.verdict FROM mes_checkresult r WHERE (r.verdict = 'tolerance')
            <> EXISTS (SELECT 1 FROM mes_checkvalue v WHERE v.result_id = r.id AND NOT v.is_good)
        """,
    ),
    Invariant(
        "holds_come_from_their_operation",
        "An operation is held because of a check or a non-conformance of its own",
        """
        SELECT h.id AS hold, h.operation_id, n.operation_id AS of_nonconformance, r.operation_id AS of_check
        FROM mes_qualityhold h LEFT JOIN mes_nonconformance n ON n.id = h.nonconformance_id
        LEFT JOIN mes_checkresult r ON r.id = h.result_id
        WHERE (h.nonconformance_id IS NULL AND h.result_id IS NULL)
            OR n.operation_id <> h.operation_id OR r.operation_id <> h.operation_id
        """,
    ),
    Invariant(
        "dispositions_sum_to_their_nonconformance",
        "A non-conformance is decided when its dispositions sum to its quantity, and never beyond that",
        """
        SELECT n.number, n.state, n.quantity, d.decided FROM mes_nonconformance n
        JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS decided FROM mes_disposition
                      WHERE nonconformance_id = n.id) d ON true
        WHERE d.decided > n.quantity OR (n.state IN ('decided', 'closed')) <> (d.decided = n.quantity)
            OR (n.state = 'withdrawn' AND d.decided <> 0)
        """,
    ),
    Invariant(
        "dispositions_did_what_they_say",
        "Scrap, rework and returns of a non-conformance are booked by the deed of the hub, in the same quantity",
        """
        SELECT d.id AS disposition, d.kind, d.quantity, e.scrap_qty, o.quantity AS reworked, m.quantity AS moved,
            s.quantity AS returned
        FROM mes_disposition d JOIN mes_nonconformance n ON n.id = d.nonconformance_id
        LEFT JOIN mes_executionevent e ON e.id = d.event_id
        LEFT JOIN erp_workorderoperation o ON o.id = d.rework_step_id
        LEFT JOIN erp_workorder w ON w.id = d.rework_order_id
        LEFT JOIN erp_stockmove m ON m.id = d.move_id
        LEFT JOIN LATERAL (SELECT sum(l.quantity) AS quantity FROM erp_supplierreturnline l
                           WHERE l.supplier_return_id = d.supplier_return_id) s ON true
        WHERE CASE
            WHEN d.kind = 'scrap' AND n.place IN ('bench', 'good')
                THEN coalesce(e.scrap_qty, m.quantity) IS DISTINCT FROM d.quantity
            WHEN d.kind = 'rework' AND n.place IN ('bench', 'good')
                THEN coalesce(o.quantity, w.quantity) IS DISTINCT FROM d.quantity
            WHEN d.kind = 'rework' THEN d.rework_order_id IS NULL
            WHEN d.kind = 'return' THEN s.quantity IS DISTINCT FROM d.quantity
            WHEN n.place IN ('stock', 'returned') THEN m.quantity IS DISTINCT FROM d.quantity
            ELSE false END
        """,
    ),
]
