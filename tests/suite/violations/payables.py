"""Cases of payables."""

from tests.suite.violations import case

GOODS = "(SELECT min(id) FROM erp_supplierinvoiceline WHERE quantity = 2)"
PAID = "(SELECT min(invoice_id) FROM erp_supplierallocation)"

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
        "payable_equals_open_supplier_invoices",
        what="twice",
    ),
    case(
        "payable_equals_open_supplier_invoices",
        """UPDATE erp_supplierinvoice SET net_amount = net_amount + 1, gross_amount = gross_amount + 1
        WHERE kind = 'credit_note' RETURNING supplier_id""",
        "supplier_invoice_is_sum_of_lines",
    ),
    case("landed_cost_is_sum_of_its_parts", "UPDATE erp_landedcost SET amount = amount + 1 RETURNING number"),
]
