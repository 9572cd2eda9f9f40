"""Cases of payables."""

from tests.suite.violations import case

GOODS = "(SELECT min(id) FROM erp_supplierinvoiceline WHERE quantity = 2)"
PAID = "(SELECT min(invoice_id) FROM erp_supplierallocation)"

# A bank account with a statement of one line, of one.
BANK = """
    INSERT INTO erp_bankaccount (company_id, account_id, name, currency_id, iban, bic, is_main, is_active,
        csv_delimiter, csv_decimal, csv_days, csv_booked_on, csv_amount, csv_partner, csv_iban, csv_text, csv_balance,
        version)
    SELECT a.company_id, a.id, 'MADE UP', c.currency_id, '', '', false, true, '', '', '', '', '', '', '', '', '', 1
    FROM erp_account a JOIN masterdata_company c ON c.id = a.company_id
    WHERE a.role = 'bank_fee' AND a.company_id = (SELECT company_id FROM erp_payment LIMIT 1);
    INSERT INTO erp_bankstatement (bank_account_id, name, file_hash, first_on, last_on, imported_at)
    SELECT id, '', '', now(), now(), now() FROM erp_bankaccount;
    INSERT INTO erp_bankline (statement_id, bank_account_id, line_no, booked_on, amount, partner_name, iban, text,
        line_hash)
    SELECT s.id, s.bank_account_id, 1, now(), 1, '', '', '', '' FROM erp_bankstatement s
"""

CASES = [
    case(
        "purchase_invoiced_equals_invoices",
        "UPDATE erp_purchaseorderline SET invoiced_qty = invoiced_qty + 1 WHERE invoiced_qty > 0 RETURNING id",
    ),
    case(
        "invoiced_line_leaves_nothing_received",
        f"""UPDATE erp_supplierinvoiceline SET quantity = 7 WHERE id = {GOODS};
        UPDATE erp_purchaseorderline SET invoiced_qty = 6 WHERE invoiced_qty > 0 RETURNING id""",
    ),
    case(
        "supplier_invoice_is_sum_of_lines",
        f"UPDATE erp_supplierinvoiceline SET net_amount = net_amount + 1 WHERE id = {GOODS} RETURNING invoice_id",
    ),
    case(
        "held_invoice_has_its_reasons",
        "DELETE FROM erp_invoicehold WHERE reason = 'no_order' RETURNING invoice_id",
        what="held",
    ),
    case(
        "held_invoice_has_its_reasons",
        "UPDATE erp_supplierinvoice SET release_reason = '' WHERE release_reason <> '' RETURNING id",
        what="released",
    ),
    case(
        "supplier_payment_is_allocated",
        "UPDATE erp_supplierallocation SET amount = amount + 0.5 RETURNING amount",
        what="in-part",
    ),
    case(
        "supplier_payment_is_allocated",
        f"""UPDATE erp_supplierallocation SET amount = 1000;
        UPDATE erp_supplierpayment SET amount = 1000
        RETURNING (SELECT number FROM erp_supplierinvoice WHERE id = {PAID})""",
        what="twice",
    ),
    case(
        "payable_equals_open_supplier_invoices",
        """UPDATE erp_supplierinvoice SET own_net = own_net + 1, own_gross = own_gross + 1
        WHERE kind = 'credit_note' RETURNING supplier_id""",
        "supplier_invoice_is_sum_of_lines",
    ),
    case(
        "foreign_payable_equals_open_supplier_invoices",
        """UPDATE erp_journalline SET currency_id = (SELECT min(id) FROM masterdata_currency), currency_amount = amount
        WHERE entry_id = (SELECT min(entry_id) FROM erp_supplierpayment) AND amount > 0 RETURNING partner_id""",
    ),
    case(
        "held_invoice_is_in_no_proposal",
        """INSERT INTO erp_paymentproposal (number, company_id, currency_id, pay_on, due_until, state, made_at, version)
        SELECT 'PP-MADE-UP', company_id, currency_id, due_on, due_on, 'draft', entered_at, 1
        FROM erp_supplierinvoice WHERE state = 'held' LIMIT 1;
        INSERT INTO erp_paymentproposalline (proposal_id, invoice_id, amount, discount, is_open)
        SELECT (SELECT max(id) FROM erp_paymentproposal), min(id), 1, 0, true FROM erp_supplierinvoice
        WHERE state = 'held' RETURNING (SELECT reference FROM erp_supplierinvoice WHERE id = invoice_id)""",
    ),
    case(
        "accrued_cost_equals_open_bookings",
        """UPDATE erp_costbooking SET against = 'payable' WHERE element = 'freight'
        RETURNING (SELECT company_id FROM masterdata_plant WHERE id = plant_id)""",
    ),
    case("landed_cost_is_sum_of_its_parts", "UPDATE erp_landedcost SET amount = amount + 1 RETURNING number"),
    case(
        "bank_line_matched_within_itself",
        f"""{BANK};
        INSERT INTO erp_bankmatch (line_id, amount, payment_id, reason, matched_at, undone_because)
        SELECT (SELECT max(id) FROM erp_bankline), amount + 1, id, '', now(), '' FROM erp_payment LIMIT 1
        RETURNING line_id""",
    ),
    case(
        "bank_posting_stands_in_its_account",
        f"""{BANK};
        INSERT INTO erp_bankmatch (line_id, amount, entry_id, reason, matched_at, undone_because)
        SELECT (SELECT max(id) FROM erp_bankline), 1, entry_id, '', now(), '' FROM erp_payment LIMIT 1
        RETURNING id""",
    ),
]
