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
]
