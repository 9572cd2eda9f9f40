"""Invariants of costing: entries and the ledger are one."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "one_cost_entry_per_wip_line",
        "Every journal line of work in progress has its cost entry with the same amount, order and work order",
        """
        SELECT l.id AS journal_line, l.amount, c.amount AS cost
        FROM erp_journalline l
        JOIN erp_account a ON a.id = l.account_id AND a.role = 'wip'
        LEFT JOIN erp_costentry c ON c.journal_line_id = l.id
        WHERE c.id IS NULL OR c.amount <> l.amount OR c.work_order_id IS DISTINCT FROM l.work_order_id
            OR c.sales_order_id IS DISTINCT FROM l.sales_order_id
        """,
    ),
    Invariant(
        "cost_entries_stand_on_wip_lines",
        "Every cost entry stands on a journal line of work in progress",
        """
        SELECT c.id, a.role FROM erp_costentry c
        JOIN erp_journalline l ON l.id = c.journal_line_id JOIN erp_account a ON a.id = l.account_id
        WHERE a.role <> 'wip'
        """,
    ),
    Invariant(
        "closed_work_orders_are_empty",
        "What went into a closed work order has come out of it",
        """
        SELECT w.number, sum(c.amount) AS left_over FROM erp_workorder w JOIN erp_costentry c ON c.work_order_id = w.id
        WHERE w.state = 'closed' GROUP BY w.number HAVING sum(c.amount) <> 0
        """,
    ),
    Invariant(
        "order_cost_is_where_it_went",
        "What an order incurred is in its WIP, its stock, its cost of goods or its variances",
        """
        WITH incurred AS (
            SELECT sales_order_id AS id, sum(amount) AS amount FROM erp_costentry
            WHERE kind = 'incurred' AND sales_order_id IS NOT NULL GROUP BY 1
        ), direct AS (
            SELECT l.order_id AS id, sum(m.value + (SELECT coalesce(sum(c.amount), 0) FROM erp_valuechange c
                WHERE c.used_by_id = m.id)) AS amount
            FROM erp_stockmove m JOIN erp_salesorderline l ON l.id = m.sales_order_line_id
            WHERE m.kind = 'shipment' AND m.source_order_id IS NULL GROUP BY 1
        ), went AS (
            SELECT l.sales_order_id AS id, sum(l.amount) AS amount FROM erp_journalline l
            JOIN erp_account a ON a.id = l.account_id
            WHERE l.sales_order_id IS NOT NULL AND a.role IN ('wip', 'inventory', 'cogs', 'production_variance')
            GROUP BY 1
        ), owed AS (
            SELECT sl.order_id AS id, sum(o.value - round(o.value * o.settled_qty / o.quantity, 4)) AS amount
            FROM erp_owedissue o JOIN erp_workordermaterial m ON m.id = o.work_order_material_id
            JOIN erp_workorder w ON w.id = m.work_order_id JOIN erp_salesorderline sl ON sl.id = w.sales_order_line_id
            WHERE o.settled_at IS NULL AND EXISTS (
                SELECT 1 FROM erp_workorder c JOIN erp_salesorderline cl ON cl.id = c.sales_order_line_id
                WHERE cl.order_id = sl.order_id AND c.material_id = m.material_id AND c.state <> 'cancelled')
            GROUP BY 1
        ), released AS (
            SELECT id, sum(value) AS amount FROM (
                SELECT source_order_id AS id, value FROM erp_stockmove WHERE kind IN ('release', 'adjustment')
                UNION ALL
                SELECT target_order_id, -value FROM erp_stockmove WHERE kind IN ('release', 'adjustment')
            ) x WHERE id IS NOT NULL GROUP BY 1
        )
        SELECT s.number, coalesce(i.amount, 0) + coalesce(d.amount, 0) + coalesce(o.amount, 0) AS incurred,
            coalesce(w.amount, 0) + coalesce(r.amount, 0) AS went
        FROM erp_salesorder s LEFT JOIN incurred i ON i.id = s.id LEFT JOIN direct d ON d.id = s.id
        LEFT JOIN went w ON w.id = s.id LEFT JOIN owed o ON o.id = s.id LEFT JOIN released r ON r.id = s.id
        WHERE abs(coalesce(i.amount, 0) + coalesce(d.amount, 0) + coalesce(o.amount, 0)
                  - coalesce(w.amount, 0) - coalesce(r.amount, 0)) >= 0.01
        """,
    ),
    Invariant(
        "fees_are_subcontract_cost",
        "What subcontractors asked for goods that a work order used is its subcontracting cost",
        """
        WITH moved AS (
            SELECT work_order_id AS id, sum(CASE kind WHEN 'issue' THEN fee ELSE -fee END) AS fee
            FROM erp_stockmove WHERE kind IN ('issue', 'reversal') AND fee <> 0 AND work_order_id IS NOT NULL GROUP BY 1
        ), later AS (
            SELECT m.work_order_id AS id, sum(c.amount) AS fee FROM erp_valuechange c
            JOIN erp_stockmove m ON m.id = c.used_by_id AND m.kind = 'issue'
            WHERE c.is_fee AND m.work_order_id IS NOT NULL GROUP BY 1
        ), cost AS (
            SELECT work_order_id AS id, sum(amount) AS fee FROM erp_costentry
            WHERE element = 'subcontract' AND kind = 'incurred' GROUP BY 1
        )
        SELECT w.number, coalesce(m.fee, 0) + coalesce(l.fee, 0) AS fees, coalesce(c.fee, 0) AS cost
        FROM erp_workorder w LEFT JOIN moved m ON m.id = w.id LEFT JOIN later l ON l.id = w.id
        LEFT JOIN cost c ON c.id = w.id
        WHERE coalesce(m.fee, 0) + coalesce(l.fee, 0) <> coalesce(c.fee, 0)
        """,
    ),
    Invariant(
        "estimate_versions_follow",
        "An order's estimates are numbered from one without gaps",
        """
        SELECT sales_order_id, max(version_no) AS newest, count(*) AS versions FROM erp_costestimate
        GROUP BY 1 HAVING max(version_no) <> count(*)
        """,
    ),
]
