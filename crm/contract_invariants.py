"""Invariants of contracts and their call-offs."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "called_off_within_agreed",
        "No more is called off of a contract's line than is agreed, with its tolerance",
        """
        SELECT l.id, c.number, l.line_no, l.agreed_qty, l.agreed_value, sum(o.quantity) AS called,
            sum(o.net_amount) AS called_value
        FROM crm_contractline l
        JOIN crm_contract c ON c.id = l.contract_id
        JOIN crm_calloff k ON k.contract_line_id = l.id
        JOIN erp_salesorderline o ON o.id = k.order_line_id
        JOIN erp_salesorder s ON s.id = o.order_id
        WHERE s.cancelled_at IS NULL OR s.confirmed_at IS NOT NULL
        GROUP BY l.id, c.number, l.line_no, l.agreed_qty, l.agreed_value, c.tolerance_percent
        HAVING sum(o.quantity) > l.agreed_qty * (100 + c.tolerance_percent) / 100
            OR sum(o.net_amount) > l.agreed_value * (100 + c.tolerance_percent) / 100
        """,
    ),
    Invariant(
        "call_off_is_its_contracts",
        "A call-off is an order line of the contract's customer, company, currency, plant and material",
        """
        SELECT k.id, c.number, s.number AS order_number, o.line_no
        FROM crm_calloff k
        JOIN crm_contractline l ON l.id = k.contract_line_id
        JOIN crm_contract c ON c.id = l.contract_id
        JOIN erp_salesorderline o ON o.id = k.order_line_id
        JOIN erp_salesorder s ON s.id = o.order_id
        WHERE (s.customer_id, s.company_id, s.currency_id, o.plant_id, o.material_id)
            <> (c.customer_id, c.company_id, c.currency_id, l.plant_id, l.material_id)
            OR c.state IN ('draft', 'cancelled')
        """,
    ),
    Invariant(
        "planned_call_off_became_one_order_line",
        "A planned call-off that was called off has its order line, any other has none",
        """
        SELECT p.id, p.state, count(k.id) AS order_lines
        FROM crm_plannedcalloff p LEFT JOIN crm_calloff k ON k.planned_id = p.id
        GROUP BY p.id, p.state HAVING count(k.id) <> CASE WHEN p.state = 'called' THEN 1 ELSE 0 END
        """,
    ),
    Invariant(
        "amendments_count_from_one",
        "A contract's amendments count from 1 without gaps, up to its number, and each says what changed",
        """
        SELECT c.id, c.number, c.amendment_no, count(DISTINCT a.id) AS amendments
        FROM crm_contract c
        LEFT JOIN crm_contractamendment a ON a.contract_id = c.id
        LEFT JOIN crm_contractchange x ON x.amendment_id = a.id
        GROUP BY c.id, c.number, c.amendment_no
        HAVING count(DISTINCT a.id) <> c.amendment_no OR coalesce(max(a.amendment_no), 0) <> c.amendment_no
            OR count(DISTINCT x.amendment_id) <> c.amendment_no
        """,
    ),
]
