"""Invariants of quotations: their discounts, revisions, approvals and signatures."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "quotation_prices_are_less_their_discounts",
        "A quotation line's price after discounts is its price less both percents, rounded once",
        """
        SELECT l.id, q.number, l.discounted_price,
            round(l.unit_price * (100 - l.discount_percent) * (100 - q.discount_percent) * 0.0001, 6) AS expected
        FROM crm_quotationline l JOIN crm_quotation q ON q.id = l.quotation_id
        WHERE l.discounted_price
            <> round(l.unit_price * (100 - l.discount_percent) * (100 - q.discount_percent) * 0.0001, 6)
        """,
    ),
    Invariant(
        "older_revisions_come_before_the_newest",
        "A replaced revision has the number of the newest one, a lower revision, the same customer, and was sent",
        """
        SELECT old.id, old.number, old.revision_no, new.number AS newest
        FROM crm_quotation old JOIN crm_quotation new ON new.id = old.replaced_by_id
        WHERE old.number <> new.number OR old.revision_no >= new.revision_no OR new.replaced_by_id IS NOT NULL
            OR old.customer_id <> new.customer_id OR old.sent_at IS NULL
        """,
    ),
    Invariant(
        "approved_quotation_was_approved",
        "A quotation that says so has an approval of its revision in force, by somebody who did not ask for it",
        """
        SELECT q.id, q.number FROM crm_quotation q
        WHERE q.approval = 'approved' AND q.replaced_by_id IS NULL AND NOT EXISTS (
            SELECT FROM crm_quotationapproval a WHERE a.quotation_id = q.id AND a.revision_no = q.revision_no
                AND a.decision = 'approved' AND coalesce(a.decided_by_id <> q.changed_by_id, true))
        """,
    ),
    Invariant(
        "signature_stands_under_what_was_accepted",
        "A signature is of a revision that there is, and of the very bytes that were issued for it",
        """
        SELECT s.id, q.number, s.revision_no FROM crm_quotationsignature s
        JOIN crm_quotation q ON q.id = s.quotation_id
        WHERE s.revision_no > q.revision_no OR NOT EXISTS (
            SELECT FROM masterdata_issueddocument d
            WHERE d.company_id = q.company_id AND d.kind = 'quotation' AND d.sha256 = s.document_sha256)
        """,
    ),
]
