"""Invariants of what stands around selling: cases, leads, opportunities and activities."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "case_is_about_its_customers_order",
        "A case's order is of its customer and company, and its line is a line of that order",
        """
        SELECT c.number, c.customer_id, o.number AS order_number, c.order_line_id
        FROM crm_case c
        JOIN erp_salesorder o ON o.id = c.order_id
        LEFT JOIN erp_salesorderline l ON l.id = c.order_line_id
        WHERE o.customer_id <> c.customer_id OR o.company_id <> c.company_id OR l.order_id <> c.order_id
        """,
    ),
    Invariant(
        "opportunity_is_as_its_stage",
        "An opportunity is open, won or lost as its stage says, and its last move led there",
        """
        SELECT o.number, o.state, s.kind, o.stage_id, m.stage_id AS moved_to
        FROM crm_opportunity o
        JOIN crm_stage s ON s.id = o.stage_id
        LEFT JOIN LATERAL (SELECT x.stage_id FROM crm_stagemove x WHERE x.opportunity_id = o.id
            ORDER BY x.id DESC LIMIT 1) m ON true
        WHERE o.state <> s.kind OR m.stage_id IS DISTINCT FROM o.stage_id
        """,
    ),
    Invariant(
        "accepted_quotation_won_its_opportunity",
        "The opportunity of an accepted quotation is won, and is of the quotation's customer",
        """
        SELECT q.number, o.number AS opportunity, o.state
        FROM crm_quotation q JOIN crm_opportunity o ON o.id = q.opportunity_id
        WHERE o.customer_id <> q.customer_id OR (q.state = 'accepted' AND o.state <> 'won')
        """,
    ),
    Invariant(
        "converted_lead_is_its_customers",
        "A converted lead's opportunity is of the customer that it became",
        """
        SELECT l.number, l.customer_id, o.customer_id AS of_opportunity
        FROM crm_lead l JOIN crm_opportunity o ON o.id = l.opportunity_id WHERE o.customer_id <> l.customer_id
        """,
    ),
    Invariant(
        "activity_is_about_one_customer",
        "What an activity is about is all of one customer",
        """
        SELECT a.id, a.customer_id
        FROM crm_activity a
        LEFT JOIN crm_lead l ON l.id = a.lead_id
        LEFT JOIN crm_opportunity p ON p.id = a.opportunity_id
        LEFT JOIN crm_quotation q ON q.id = a.quotation_id
        LEFT JOIN erp_salesorder o ON o.id = a.order_id
        LEFT JOIN crm_case c ON c.id = a.case_id
        WHERE a.customer_id <> ANY(array_remove(ARRAY[l.customer_id, p.customer_id, q.customer_id, o.customer_id,
            c.customer_id], NULL))
            OR (a.customer_id IS NULL AND l.customer_id IS NOT NULL)
        """,
    ),
]
