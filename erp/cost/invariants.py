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
        "cost_entries_stand_on_their_lines",
        "A cost entry stands on a line of work in progress, or without a work order on its order's own expense",
        """
        SELECT c.id, a.role FROM erp_costentry c
        JOIN erp_journalline l ON l.id = c.journal_line_id JOIN erp_account a ON a.id = l.account_id
        WHERE CASE WHEN c.work_order_id IS NOT NULL THEN a.role <> 'wip'
            ELSE a.role NOT IN ('freight', 'installation', 'penalty', 'cogs') OR c.amount <> l.amount
                OR c.sales_order_id IS DISTINCT FROM l.sales_order_id OR l.work_order_id IS NOT NULL END
        """,
    ),
    Invariant(
        "one_rate_a_day",
        "Of one thing there is one hour rate a day, and of one basis in one place one overhead",
        """
        SELECT a.id, b.id AS other FROM erp_hourrate a JOIN erp_hourrate b ON b.id > a.id AND b.plant_id = a.plant_id
            AND b.kind = a.kind AND (b.work_centre_id, b.machine_id, b.grade_id)
                IS NOT DISTINCT FROM (a.work_centre_id, a.machine_id, a.grade_id)
            AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
        UNION ALL
        SELECT a.id, b.id FROM erp_piecerate a JOIN erp_piecerate b ON b.id > a.id
            AND b.work_centre_id = a.work_centre_id AND b.operation = a.operation
            AND (b.material_id, b.grade_id) IS NOT DISTINCT FROM (a.material_id, a.grade_id)
            AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
        UNION ALL
        SELECT a.id, b.id FROM erp_overheadrule a JOIN erp_overheadrule b ON b.id > a.id
            AND b.company_id = a.company_id AND b.basis = a.basis
            AND (b.plant_id, b.work_centre_id) IS NOT DISTINCT FROM (a.plant_id, a.work_centre_id)
            AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
        """,
    ),
    Invariant(
        "rates_stay_in_their_plant",
        "A rate's work centre or machine, and an overhead's work centre, are of its plant",
        """
        SELECT r.id, r.plant_id, c.plant_id AS centre_plant FROM erp_hourrate r
        LEFT JOIN masterdata_machine m ON m.id = r.machine_id
        JOIN masterdata_workcentre c ON c.id = coalesce(r.work_centre_id, m.work_centre_id)
        WHERE c.plant_id <> r.plant_id
        UNION ALL
        SELECT r.id, r.plant_id, c.plant_id FROM erp_piecerate r
        JOIN masterdata_workcentre c ON c.id = r.work_centre_id WHERE c.plant_id <> r.plant_id
        UNION ALL
        SELECT o.id, o.plant_id, c.plant_id FROM erp_overheadrule o
        JOIN masterdata_workcentre c ON c.id = o.work_centre_id WHERE c.plant_id IS DISTINCT FROM o.plant_id
        """,
    ),
    Invariant(
        "labour_is_worked_out_again",
        "What a person's work cost is minutes at the hour's rate, or pieces at the piece's",
        """
        SELECT c.id, c.amount, c.quantity, c.rate, c.pieces FROM erp_costentry c
        WHERE c.person_id IS NOT NULL
            AND abs(c.amount - coalesce(c.pieces * c.rate, c.quantity * c.rate / 60)) > 0.501
        """,
    ),
    Invariant(
        "expenses_of_orders_are_their_cost",
        "Freight, installation and penalties of an order are its cost, entry by entry",
        """
        SELECT l.id AS journal_line, a.role, l.amount FROM erp_journalline l
        JOIN erp_account a ON a.id = l.account_id AND a.role IN ('freight', 'installation', 'penalty')
        LEFT JOIN erp_costentry c ON c.journal_line_id = l.id
        WHERE l.sales_order_id IS NOT NULL AND (c.id IS NULL OR c.element <> a.role)
        """,
    ),
    Invariant(
        "bookings_are_posted",
        "What was booked on an order is its cost, at the amount of its entry, and is undone at most by its own amount",
        """
        SELECT b.id, b.amount, c.amount AS cost, r.amount AS undone FROM erp_costbooking b
        LEFT JOIN erp_journalline l ON l.entry_id = b.entry_id
            AND EXISTS (SELECT FROM erp_costentry x WHERE x.journal_line_id = l.id)
        LEFT JOIN erp_costentry c ON c.journal_line_id = l.id
        LEFT JOIN erp_costbooking r ON r.id = b.reverses_id
        WHERE c.id IS NULL OR (c.amount, c.element, c.sales_order_id)
                IS DISTINCT FROM (b.amount, b.element, b.sales_order_id)
            OR (r.id IS NOT NULL AND r.amount <> -b.amount)
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
            SELECT l.order_id AS id, sum(m.value * (CASE m.kind WHEN 'shipment' THEN 1 ELSE -1 END)
            + (SELECT coalesce(sum(c.amount), 0) FROM erp_valuechange c
                WHERE c.used_by_id = m.id)) AS amount
            FROM erp_stockmove m JOIN erp_salesorderline l ON l.id = m.sales_order_line_id
            WHERE m.kind = 'came_back' OR m.kind = 'shipment' AND m.source_order_id IS NULL GROUP BY 1
        ), went AS (
            SELECT l.sales_order_id AS id, sum(l.amount) AS amount FROM erp_journalline l
            JOIN erp_account a ON a.id = l.account_id
            WHERE l.sales_order_id IS NOT NULL AND a.role IN
                ('wip', 'inventory', 'cogs', 'production_variance', 'freight', 'installation', 'penalty')
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
            FROM erp_stockmove WHERE kind IN ('issue', 'reversal', 'put_back') AND fee <> 0
                AND work_order_id IS NOT NULL GROUP BY 1
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
        "variances_are_what_was_left",
        "A work order's variances stand on their lines and sum to what their entry took out of work in progress",
        """
        SELECT v.work_order_id, sum(v.amount) AS variances, min(x.taken) AS taken FROM erp_varianceentry v
        LEFT JOIN erp_journalline l ON l.id = v.journal_line_id
        LEFT JOIN LATERAL (
            SELECT -sum(j.amount) AS taken FROM erp_journalline j JOIN erp_account a ON a.id = j.account_id
            JOIN erp_journalentry e ON e.id = j.entry_id
            WHERE j.work_order_id = v.work_order_id AND e.kind = 'variance' AND a.role = 'wip'
        ) x ON true
        GROUP BY 1 HAVING sum(v.amount) <> coalesce(min(x.taken), 0)
            OR bool_or(v.amount <> coalesce(l.amount, 0) OR l.work_order_id IS DISTINCT FROM v.work_order_id)
        """,
    ),
    Invariant(
        "causes_sum_to_their_variance",
        "What is behind a variance sums to it",
        """
        SELECT v.id, v.amount, sum(c.actual - c.planned) AS causes FROM erp_varianceentry v
        JOIN erp_variancecause c ON c.variance_id = v.id GROUP BY v.id HAVING sum(c.actual - c.planned) <> v.amount
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
