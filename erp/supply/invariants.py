"""Invariants of supply: receipts tie to stock and ledger, pegs to what they peg."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "received_equals_receipts",
        "What a purchase line has received is what its receipts and its stock moves say, less what went back",
        """
        SELECT l.id AS line, o.number, l.received_qty, r.quantity AS receipts, m.quantity AS moves
        FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT coalesce(sum(quantity - returned_qty), 0) AS quantity FROM erp_receiptline
            WHERE order_line_id = l.id) r ON true
        JOIN LATERAL (SELECT coalesce(sum(CASE kind WHEN 'receipt' THEN quantity ELSE -quantity END), 0) AS quantity
            FROM erp_stockmove WHERE purchase_order_line_id = l.id AND kind IN ('receipt', 'return')) m ON true
        WHERE l.received_qty <> r.quantity OR l.received_qty <> m.quantity
        """,
    ),
    Invariant(
        "goods_received_not_invoiced",
        "The account of goods received and not invoiced is what came, less what went back and what was invoiced",
        """
        SELECT c.code, coalesce(led.amount, 0) AS ledger, coalesce(got.value, 0) AS received,
            coalesce(paper.amount, 0) AS invoiced
        FROM masterdata_company c
        LEFT JOIN LATERAL (SELECT -sum(j.amount) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'grni' WHERE a.company_id = c.id) led ON true
        LEFT JOIN LATERAL (SELECT sum(x.value - coalesce((SELECT sum(b.value) FROM erp_supplierreturnline b
            WHERE b.receipt_line_id = x.id), 0)) AS value FROM erp_receiptline x
            JOIN erp_receipt r ON r.id = x.receipt_id JOIN erp_purchaseorder o ON o.id = r.order_id
            JOIN masterdata_plant p ON p.id = o.plant_id WHERE p.company_id = c.id) got ON true
        LEFT JOIN LATERAL (SELECT sum(CASE WHEN s.kind = 'credit_note' THEN -x.cleared_amount
                ELSE x.cleared_amount END) AS amount
            FROM erp_supplierinvoiceline x JOIN erp_supplierinvoice s ON s.id = x.invoice_id
            WHERE s.company_id = c.id AND s.state = 'posted') paper ON true
        WHERE coalesce(led.amount, 0) <> coalesce(got.value, 0) - coalesce(paper.amount, 0)
        """,
    ),
    Invariant(
        "received_within_order",
        "No line has received more than was ordered and accepted beyond it",
        """
        SELECT l.id AS line, o.number, l.quantity, l.over_qty, l.received_qty
        FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id
        WHERE l.received_qty > l.quantity + l.over_qty
        """,
    ),
    Invariant(
        "returned_equals_returns",
        "What went back of a line is what its returns say, in quantity",
        """
        SELECT l.id AS line, l.returned_qty, coalesce(x.returned, 0) AS receipts, coalesce(x.returns, 0) AS returns
        FROM erp_purchaseorderline l LEFT JOIN (
            SELECT r.order_line_id, sum(r.returned_qty) AS returned, sum(b.quantity) AS returns FROM erp_receiptline r
            LEFT JOIN (SELECT receipt_line_id, sum(quantity) AS quantity FROM erp_supplierreturnline GROUP BY 1) b
                ON b.receipt_line_id = r.id GROUP BY 1
        ) x ON x.order_line_id = l.id
        WHERE l.returned_qty <> coalesce(x.returned, 0) OR l.returned_qty <> coalesce(x.returns, 0)
        """,
    ),
    Invariant(
        "components_at_subcontractors",
        "What lies at a subcontractor is what was sent to him, less what receipts used and what came back",
        """
        WITH sent AS (
            SELECT o.plant_id, o.supplier_id, c.material_id, sum(c.sent_qty - c.used_qty - c.returned_qty) AS quantity
            FROM erp_suppliedcomponent c JOIN erp_purchaseorderline l ON l.id = c.order_line_id
            JOIN erp_purchaseorder o ON o.id = l.order_id GROUP BY 1, 2, 3
        ), there AS (
            SELECT s.plant_id, s.supplier_id, b.material_id, sum(b.on_hand) AS quantity FROM erp_subcontractplace s
            JOIN erp_stockbalance b ON b.location_id = s.location_id GROUP BY 1, 2, 3
        )
        SELECT coalesce(s.supplier_id, t.supplier_id) AS supplier, coalesce(s.material_id, t.material_id) AS material,
            s.quantity AS sent, t.quantity AS there
        FROM sent s FULL JOIN there t ON t.plant_id = s.plant_id AND t.supplier_id = s.supplier_id
            AND t.material_id = s.material_id
        WHERE coalesce(s.quantity, 0) <> coalesce(t.quantity, 0)
        """,
    ),
    Invariant(
        "components_equal_their_papers",
        "What was sent, used and returned of a component is what its notes and receipts say",
        """
        SELECT c.id, c.sent_qty, c.used_qty, c.returned_qty, n.sent, n.returned, u.used FROM erp_suppliedcomponent c
        JOIN LATERAL (SELECT coalesce(sum(x.quantity) FILTER (WHERE NOT s.is_return), 0) AS sent,
                coalesce(sum(x.quantity) FILTER (WHERE s.is_return), 0) AS returned
            FROM erp_subcontractnoteline x JOIN erp_subcontractnote s ON s.id = x.note_id
            WHERE x.component_id = c.id) n ON true
        JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS used FROM erp_componentuse
            WHERE component_id = c.id) u ON true
        WHERE (c.sent_qty, c.used_qty, c.returned_qty) <> (n.sent, u.used, n.returned)
        """,
    ),
    Invariant(
        "components_kept_within_need",
        "No more is kept for a component than its supplier still has to get",
        """
        SELECT d.component_id, d.to_send, sum(r.quantity) AS kept FROM erp_componentdemand d
        JOIN erp_reservation r ON r.supplied_component_id = d.component_id
        GROUP BY 1, 2 HAVING sum(r.quantity) > d.to_send
        """,
    ),
    Invariant(
        "pegged_equals_open_pegs",
        "A purchase line's pegged quantity is the sum of its open pegs",
        """
        SELECT l.id AS line, o.number, l.pegged_qty, p.open AS pegs
        FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT coalesce(sum(quantity - received_qty), 0) AS open FROM erp_peg
            WHERE purchase_order_line_id = l.id) p ON true
        WHERE l.pegged_qty <> p.open
        """,
    ),
    Invariant(
        "pegs_within_supply",
        "Pegs of a supply do not sum to more than it brings: what rounding or a lot brings beyond is nobody's",
        """
        SELECT w.number AS supply, w.quantity, sum(p.quantity) AS pegs
        FROM erp_workorder w JOIN erp_peg p ON p.work_order_id = w.id
        LEFT JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
        LEFT JOIN erp_salesorderline l ON l.id = p.sales_order_line_id
        LEFT JOIN erp_plannedorder t ON t.id = p.transfer_id
        WHERE NOT EXISTS (SELECT 1 FROM masterdata_bombyproduct y WHERE y.bom_id = w.bom_id
            AND y.material_id = coalesce(m.material_id, l.material_id, t.material_id))
        GROUP BY w.id HAVING sum(p.quantity) > w.quantity
        UNION ALL
        SELECT w.number || ' beside', y.brought, sum(p.quantity)
        FROM erp_workorder w JOIN LATERAL (
            SELECT b.material_id, floor(w.quantity * b.quantity / (yb.base_qty * u.rounding)) * u.rounding AS brought
            FROM masterdata_bombyproduct b JOIN masterdata_bom yb ON yb.id = b.bom_id
            JOIN masterdata_unit u ON u.id = b.unit_id WHERE b.bom_id = w.bom_id) y ON true
        JOIN erp_peg p ON p.work_order_id = w.id
        LEFT JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
        LEFT JOIN erp_salesorderline l ON l.id = p.sales_order_line_id
        LEFT JOIN erp_plannedorder t ON t.id = p.transfer_id
        WHERE coalesce(m.material_id, l.material_id, t.material_id) = y.material_id
        GROUP BY w.id, y.material_id, y.brought HAVING sum(p.quantity) > y.brought
        UNION ALL
        SELECT o.number || ' line ' || l.line_no, l.quantity, sum(p.quantity)
        FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id
        JOIN erp_peg p ON p.purchase_order_line_id = l.id
        GROUP BY l.id, o.number HAVING sum(p.quantity) > l.quantity
        UNION ALL
        SELECT 'planned order ' || n.id, n.quantity, sum(p.quantity)
        FROM erp_plannedorder n JOIN erp_peg p ON p.planned_order_id = n.id
        GROUP BY n.id HAVING sum(p.quantity) > n.quantity
        """,
    ),
    Invariant(
        "transit_is_supply",
        "What is on the way to a plant is coming there, once and no more, until it arrives or is given up",
        """
        SELECT l.id AS transfer_line, t.number, l.quantity - l.arrived_qty - l.lost_qty AS on_the_way, n.quantity
        FROM erp_transferline l JOIN erp_transfer t ON t.id = l.transfer_id
        LEFT JOIN erp_plannedorder n ON n.transfer_line_id = l.id AND n.closed_at IS NULL
            AND n.plant_id = t.to_plant_id AND n.source_plant_id = t.plant_id AND n.material_id = l.material_id
        WHERE coalesce(n.quantity, 0) <> l.quantity - l.arrived_qty - l.lost_qty
        """,
    ),
    Invariant(
        "pegs_within_demand",
        "Pegs for a demand sum to no more than it needs; what planning has pegged counts while it is to come, "
        "for components of subcontractors once planning has looked at them",
        """
        WITH said AS (
            SELECT work_order_material_id, sales_order_line_id, requisition_line_id, supplied_component_id,
                CASE WHEN is_planned THEN quantity - received_qty ELSE quantity END AS quantity
            FROM erp_peg
        )
        SELECT 'need ' || m.id AS demand, m.quantity, sum(p.quantity) AS pegs
        FROM erp_workordermaterial m JOIN said p ON p.work_order_material_id = m.id
        GROUP BY m.id HAVING sum(p.quantity) > m.quantity
        UNION ALL
        SELECT 'order line ' || l.id, l.quantity, sum(p.quantity)
        FROM erp_salesorderline l JOIN said p ON p.sales_order_line_id = l.id
        GROUP BY l.id HAVING sum(p.quantity) > l.quantity
        UNION ALL
        SELECT 'requisition line ' || l.id, l.quantity, sum(p.quantity)
        FROM erp_requisitionline l JOIN said p ON p.requisition_line_id = l.id
        GROUP BY l.id HAVING sum(p.quantity) > l.quantity
        UNION ALL
        SELECT 'supplied component ' || d.component_id, d.to_send, sum(p.quantity)
        FROM erp_componentdemand d JOIN said p ON p.supplied_component_id = d.component_id
        WHERE NOT EXISTS (SELECT 1 FROM erp_materialchange x WHERE x.material_id = d.material_id)
        GROUP BY d.component_id, d.to_send HAVING sum(p.quantity) > d.to_send
        """,
    ),
    Invariant(
        "pegs_join_one_material",
        "Supply and demand of a peg are the same material in the same plant; work also brings its by-products",
        """
        SELECT p.id AS peg FROM erp_peg p
        LEFT JOIN erp_workorder w ON w.id = p.work_order_id
        LEFT JOIN erp_purchaseorderline b ON b.id = p.purchase_order_line_id
        LEFT JOIN erp_purchaseorder o ON o.id = b.order_id
        LEFT JOIN erp_plannedorder n ON n.id = p.planned_order_id
        LEFT JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
        LEFT JOIN erp_workorder parent ON parent.id = m.work_order_id
        LEFT JOIN erp_salesorderline l ON l.id = p.sales_order_line_id
        LEFT JOIN erp_plannedorder t ON t.id = p.transfer_id
        LEFT JOIN erp_requisitionline q ON q.id = p.requisition_line_id
        LEFT JOIN erp_requisition asked ON asked.id = q.requisition_id
        LEFT JOIN erp_plannedcomponent c ON c.planned_order_id = t.id AND t.kind = 'buy'
            AND c.material_id = coalesce(w.material_id, b.material_id, n.material_id)
        LEFT JOIN erp_componentdemand d ON d.component_id = p.supplied_component_id
        WHERE (coalesce(w.material_id, b.material_id, n.material_id) IS DISTINCT FROM
                coalesce(m.material_id, l.material_id, q.material_id, c.material_id, d.material_id,
                    CASE WHEN t.kind = 'transfer' THEN t.material_id END)
            AND NOT EXISTS (SELECT 1 FROM masterdata_bombyproduct y WHERE y.bom_id = w.bom_id
                AND (y.material_id = coalesce(m.material_id, l.material_id, d.material_id,
                        CASE WHEN t.kind = 'transfer' THEN t.material_id END)
                    OR EXISTS (SELECT 1 FROM erp_plannedcomponent e
                               WHERE e.planned_order_id = t.id AND e.material_id = y.material_id))))
           OR coalesce(w.plant_id, o.plant_id, n.plant_id) IS DISTINCT FROM
                coalesce(parent.plant_id, l.plant_id, asked.plant_id, d.plant_id,
                    CASE WHEN t.kind = 'transfer' THEN t.source_plant_id ELSE t.plant_id END)
        """,
    ),
]
