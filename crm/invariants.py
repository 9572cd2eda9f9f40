"""Invariants of crm: promises and notices, quotations and rush requests."""

from __future__ import annotations

from crm import contract_invariants, message_invariants, pipeline_invariants, quotation_invariants
from masterdata.invariants import Invariant

INVARIANTS = [
    *pipeline_invariants.INVARIANTS,
    *quotation_invariants.INVARIANTS,
    Invariant(
        "one_open_promise_per_line",
        "A promised order line has exactly one promise in force, its newest version",
        """
        SELECT p.order_line_id, count(*) FILTER (WHERE p.closed_at IS NULL) AS in_force, max(p.version_no) AS newest
        FROM crm_promise p GROUP BY p.order_line_id
        HAVING count(*) FILTER (WHERE p.closed_at IS NULL) <> 1
            OR max(p.version_no) FILTER (WHERE p.closed_at IS NULL) <> max(p.version_no)
        """,
    ),
    Invariant(
        "promise_versions_without_gaps",
        "Promise versions of an order line count from 1 without gaps",
        """
        SELECT order_line_id, count(*) AS versions, max(version_no) AS newest
        FROM crm_promise GROUP BY order_line_id HAVING max(version_no) <> count(*) OR min(version_no) <> 1
        """,
    ),
    Invariant(
        "line_carries_its_promise",
        "An order line's promised date is that of its promise in force",
        """
        SELECT l.id AS order_line_id, l.promised_at, p.promised_at AS in_force
        FROM erp_salesorderline l
        LEFT JOIN crm_promise p ON p.order_line_id = l.id AND p.closed_at IS NULL
        WHERE l.promised_at IS DISTINCT FROM p.promised_at
        """,
    ),
    Invariant(
        "changed_promise_states_its_fact",
        "Each promise version after the first states exactly one PromiseChanged, the first none",
        """
        SELECT p.id, p.version_no, count(f.id) AS facts
        FROM crm_promise p
        LEFT JOIN masterdata_factrecord f
            ON f.kind = 'PromiseChanged' AND (f.payload ->> 'promise_id')::bigint = p.id
        GROUP BY p.id, p.version_no HAVING count(f.id) <> CASE WHEN p.version_no > 1 THEN 1 ELSE 0 END
        """,
    ),
    Invariant(
        "notice_goes_to_its_customer",
        "A notice goes to its order's customer and tells of later versions of that order's lines",
        """
        SELECT n.id, n.customer_id, o.customer_id AS customer_of_order
        FROM crm_notice n
        JOIN erp_salesorder o ON o.id = n.order_id
        LEFT JOIN crm_noticeline nl ON nl.notice_id = n.id
        LEFT JOIN erp_salesorderline l ON l.id = nl.order_line_id
        LEFT JOIN crm_promise p ON p.id = nl.promise_id
        LEFT JOIN crm_promise b ON b.id = nl.before_id
        WHERE n.customer_id <> o.customer_id OR l.order_id <> n.order_id OR nl.id IS NULL
            OR p.order_line_id <> nl.order_line_id OR b.order_line_id <> nl.order_line_id
            OR b.version_no >= p.version_no OR b.promised_at >= p.promised_at
        """,
    ),
    Invariant(
        "one_notice_for_each_cause",
        "An order's notice names a fact for the first time once: what comes after is a correction and says so",
        """
        SELECT c.id, c.order_id, c.fact_id, n.state
        FROM crm_noticecause c
        JOIN crm_notice n ON n.id = c.notice_id
        LEFT JOIN crm_noticecause first ON first.order_id = c.order_id AND first.fact_id = c.fact_id AND first.id < c.id
        WHERE c.order_id <> n.order_id OR n.state = 'discarded' OR (c.is_correction AND NOT n.is_correction)
            OR c.is_correction <> (first.id IS NOT NULL)
        GROUP BY c.id, c.order_id, c.fact_id, n.state
        """,
    ),
    Invariant(
        "told_customer_has_its_mail",
        "A notice given to the post states one CustomerTold, any other none; what it tells nobody tells twice",
        """
        SELECT n.id, n.state, count(f.id) AS facts
        FROM crm_notice n
        LEFT JOIN masterdata_factrecord f ON f.kind = 'CustomerTold' AND (f.payload ->> 'notice_id')::bigint = n.id
        GROUP BY n.id, n.state, n.version HAVING count(f.id) > 1 OR (count(f.id) > 0) AND n.state <> 'queued'
        """,
    ),
    Invariant(
        "taken_earlier_date_is_promised",
        "An earlier date that the customer took is a version of the line's promise, for the customer",
        """
        SELECT e.id, e.order_line_id, e.offered_at FROM crm_earlieroffer e
        WHERE e.state = 'accepted' AND NOT EXISTS (SELECT FROM crm_promise p
            WHERE p.order_line_id = e.order_line_id AND p.reason = 'customer' AND p.promised_at = e.offered_at)
        """,
    ),
    Invariant(
        "quotation_amounts_are_rounded_lines",
        "A quotation line's net amount is quantity times the price after discounts, rounded half up to the currency",
        """
        SELECT l.id, q.number, l.net_amount, round(l.quantity * l.discounted_price, c.decimals) AS expected
        FROM crm_quotationline l
        JOIN crm_quotation q ON q.id = l.quotation_id
        JOIN masterdata_currency c ON c.id = q.currency_id
        WHERE l.net_amount <> round(l.quantity * l.discounted_price, c.decimals)
        """,
    ),
    Invariant(
        "accepted_quotation_became_its_order",
        "An accepted quotation has a confirmed order of the same customer, any other has none",
        """
        SELECT q.number, q.state, o.number AS order_number
        FROM crm_quotation q LEFT JOIN erp_salesorder o ON o.id = q.order_id
        WHERE (q.state = 'accepted') <> (o.id IS NOT NULL)
            OR (o.id IS NOT NULL AND (o.confirmed_at IS NULL OR o.customer_id <> q.customer_id))
        """,
    ),
    Invariant(
        "rush_taken_once",
        "A taken rush request has one taken option and one confirmed rush order, or names the order that comes earlier",
        """
        SELECT r.number, r.state, o.number AS order_number, count(t.id) AS taken
        FROM crm_rushrequest r
        LEFT JOIN erp_salesorder o ON o.id = r.order_id
        LEFT JOIN crm_rushoption t ON t.request_id = r.id AND t.state = 'taken'
        GROUP BY r.id, r.number, r.state, r.for_order_id, o.id, o.number, o.confirmed_at, o.is_rush
        HAVING count(t.id) <> CASE WHEN r.state = 'taken' THEN 1 ELSE 0 END
            OR (r.state = 'taken' AND r.for_order_id IS NULL)
                <> (o.id IS NOT NULL AND o.confirmed_at IS NOT NULL AND o.is_rush)
        """,
    ),
    Invariant(
        "open_options_hold_for_one_answer",
        "Open options belong to the newest answer of an open request",
        """
        SELECT x.id, r.number, x.answer_no, r.answer_no AS newest
        FROM crm_rushoption x JOIN crm_rushrequest r ON r.id = x.request_id
        WHERE x.state = 'open' AND (r.state <> 'open' OR x.answer_no <> r.answer_no)
        """,
    ),
    *contract_invariants.INVARIANTS,
    *message_invariants.INVARIANTS,
    Invariant(
        "scheduling_holds_or_is_undone",
        "What one click scheduled is its quotation's order, or was taken back and is cancelled",
        """
        SELECT s.id, s.quotation_id, s.order_id
        FROM crm_quotationscheduling s
        JOIN crm_quotation q ON q.id = s.quotation_id
        JOIN erp_salesorder o ON o.id = s.order_id
        WHERE CASE WHEN s.undone_at IS NULL THEN q.order_id IS DISTINCT FROM s.order_id ELSE o.cancelled_at IS NULL END
        """,
    ),
]
