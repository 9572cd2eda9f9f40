"""Cases of supply, sales and customers."""

from tests.suite.violations import case
from tests.suite.violations.masters import NEXT_PLANT

ORDER = "RETURNING (SELECT number FROM erp_salesorder WHERE id = order_id)"
BUYING = "(SELECT min(id) FROM erp_purchaseorderline WHERE pegged_qty > 0)"
COMPANY = "keys_stay_in_one_company"

SUPPLY = [
    case("received_equals_receipts", "UPDATE erp_receiptline SET quantity = quantity - 1 RETURNING order_line_id"),
    case("goods_received_not_invoiced", "UPDATE erp_receiptline SET value = value + 1 RETURNING value"),
    case(
        "received_within_order",
        "UPDATE erp_purchaseorderline SET quantity = received_qty - 1 WHERE received_qty > 0 RETURNING id",
        "pegs_within_supply",
        drop=("received_within_ordered",),
    ),
    case("returned_equals_returns", "UPDATE erp_purchaseorderline SET returned_qty = 1 RETURNING id"),
    case(
        "pegged_equals_open_pegs",
        f"UPDATE erp_purchaseorderline SET pegged_qty = pegged_qty - 1 WHERE id = {BUYING} RETURNING id",
    ),
    case(
        "components_at_subcontractors",
        """UPDATE erp_stockbalance SET on_hand = on_hand + 1 WHERE location_id = (
            SELECT location_id FROM erp_subcontractplace) RETURNING material_id""",
        "balance_is_sum_of_moves",
        "valued_quantity_is_sum_of_balances",
    ),
    case(
        "components_equal_their_papers",
        "UPDATE erp_suppliedcomponent SET sent_qty = sent_qty + 1, returned_qty = returned_qty + 1 RETURNING id",
    ),
    case(
        "components_kept_within_need",
        """UPDATE erp_reservation SET quantity = quantity + 9 WHERE supplied_component_id IS NOT NULL
        RETURNING supplied_component_id""",
        "reserved_is_sum_of_reservations",
    ),
    case(
        "pegs_within_demand",
        """DELETE FROM erp_materialchange;
        INSERT INTO erp_plannedorder (plant_id, material_id, kind, quantity, due_at, problem)
        SELECT plant_id, material_id, 'buy', 99, now(), '' FROM erp_componentdemand;
        INSERT INTO erp_peg (planned_order_id, supplied_component_id, quantity, received_qty, is_planned)
        SELECT n.id, c.id, 99, 0, true FROM erp_plannedorder n, erp_suppliedcomponent c
        RETURNING 'supplied component ' || supplied_component_id""",
        what="component",
    ),
    case(
        "pegs_within_supply",
        """UPDATE erp_peg SET quantity = quantity + 1
        WHERE id = (SELECT min(id) FROM erp_peg WHERE work_order_id IS NOT NULL)
        RETURNING (SELECT number FROM erp_workorder WHERE id = work_order_id)""",
        "pegs_within_demand",
        "nobody_waits_for_lost_pieces",
        what="made",
    ),
    case(
        "pegs_within_supply",
        f"UPDATE erp_peg SET quantity = quantity + 1 WHERE purchase_order_line_id = {BUYING} RETURNING quantity",
        "pegged_equals_open_pegs",
        what="bought",
    ),
    case(
        "pegs_within_supply",
        f"""INSERT INTO erp_plannedorder (plant_id, material_id, kind, quantity, due_at, problem)
        SELECT o.plant_id, l.material_id, 'buy', 1, now(), '' FROM erp_purchaseorderline l
        JOIN erp_purchaseorder o ON o.id = l.order_id WHERE l.id = {BUYING};
        UPDATE erp_peg SET purchase_order_line_id = NULL, planned_order_id = (SELECT id FROM erp_plannedorder)
        WHERE purchase_order_line_id = {BUYING} RETURNING 'planned order ' || planned_order_id""",
        "pegged_equals_open_pegs",
        what="planned",
    ),
    case(
        "pegs_within_demand",
        f"""UPDATE erp_peg SET work_order_material_id = (SELECT max(id) FROM erp_workordermaterial)
        WHERE purchase_order_line_id = {BUYING} RETURNING 'need ' || work_order_material_id""",
        what="need",
    ),
    case(
        "pegs_within_demand",
        """INSERT INTO erp_peg (work_order_id, sales_order_line_id, quantity, received_qty)
        SELECT p.work_order_id, s.sales_order_line_id, 1, 0 FROM erp_peg p, erp_peg s
        WHERE p.work_order_material_id IS NOT NULL AND p.work_order_id IS NOT NULL AND s.id =
        (SELECT min(id) FROM erp_peg WHERE sales_order_line_id IS NOT NULL)
        RETURNING 'order line ' || sales_order_line_id""",
        "pegs_within_supply",
        "pegs_join_one_material",
        "nobody_waits_for_lost_pieces",
        what="order-line",
    ),
    case(
        "pegs_within_demand",
        f"""INSERT INTO erp_plannedorder (plant_id, material_id, kind, quantity, due_at, problem)
        SELECT o.plant_id, l.material_id, 'buy', 2, now(), '' FROM erp_purchaseorderline l
        JOIN erp_purchaseorder o ON o.id = l.order_id WHERE l.id = {BUYING};
        INSERT INTO erp_requisition (number, plant_id, requested_by_id, requested_at, reason, value, refused_because,
            version)
        SELECT 'RQ-1', plant_id, (SELECT min(id) FROM masterdata_user), now(), '', 0, '', 1 FROM erp_plannedorder;
        INSERT INTO erp_requisitionline (requisition_id, line_no, material_id, quantity, needed_on, unit_price)
        SELECT q.id, 1, n.material_id, 1, CURRENT_DATE, 0 FROM erp_requisition q, erp_plannedorder n;
        INSERT INTO erp_peg (planned_order_id, requisition_line_id, quantity, received_qty)
        SELECT n.id, l.id, 2, 0 FROM erp_plannedorder n, erp_requisitionline l
        RETURNING 'requisition line ' || requisition_line_id""",
        what="requisition-line",
    ),
    case(
        "pegs_join_one_material",
        f"""UPDATE erp_purchaseorderline SET material_id = (SELECT id FROM masterdata_material WHERE code = 'BOARD')
        WHERE id = {BUYING}
        RETURNING (SELECT id FROM erp_peg p WHERE p.purchase_order_line_id = erp_purchaseorderline.id)""",
    ),
]
SALES = [
    case(
        "open_lines_are_covered",
        f"""UPDATE erp_salesorderline SET quantity = quantity + 1
        WHERE id = (SELECT min(id) FROM erp_salesorderline WHERE shipped_qty < quantity) {ORDER}""",
    ),
    case(
        "nobody_waits_for_lost_pieces",
        """UPDATE erp_workorder SET quantity = quantity - 1 WHERE id = (
            SELECT max(work_order_id) FROM erp_peg WHERE work_order_id IS NOT NULL) RETURNING number""",
        "pegs_within_supply",
        "open_lines_are_covered",
        "needs_equal_their_frozen_bom",
    ),
    case("shipped_equals_moves", "UPDATE erp_shipmentline SET quantity = 1 RETURNING order_line_id"),
    case(
        "packed_within_ordered",
        """INSERT INTO erp_shipment (number, order_id, plant_id, packed_at)
        SELECT 'SH-MADE-UP', order_id, plant_id, packed_at FROM erp_shipment ORDER BY id LIMIT 1;
        INSERT INTO erp_shipmentline (shipment_id, order_line_id, quantity)
        SELECT (SELECT max(id) FROM erp_shipment), order_line_id, 1 FROM erp_shipmentline ORDER BY id LIMIT 1
        RETURNING order_line_id""",
    ),
    case(
        "packages_hold_what_is_shipped",
        "UPDATE erp_packagecontent SET quantity = quantity + 1 RETURNING line_id",
    ),
    case(
        "picked_is_kept",
        "UPDATE erp_pickline SET quantity = 9, picked_qty = 9 RETURNING order_line_id",
    ),
    case(
        "returned_equals_receipts",
        "UPDATE erp_returnreceipt SET quantity = 2 RETURNING line_id",
        "taken_back_equals_receipts",
    ),
    case(
        "taken_back_equals_receipts",
        "UPDATE erp_salesorderline SET taken_back_qty = 0 WHERE taken_back_qty > 0 RETURNING id",
    ),
    case("line_is_as_last_changed", "UPDATE erp_linechange SET after = after + 1 RETURNING line_id"),
    case("invoiced_equals_invoices", "UPDATE erp_invoiceline SET quantity = 1 RETURNING order_line_id"),
    case(
        "invoiced_line_sums_to_its_net",
        "UPDATE erp_salesorderline SET net_amount = net_amount + 1 WHERE invoiced_qty > 0 RETURNING id",
    ),
    case(
        "invoice_is_sum_of_lines",
        """UPDATE erp_invoiceline SET tax_amount = tax_amount + 1
        RETURNING (SELECT number FROM erp_invoice WHERE id = invoice_id)""",
    ),
    case(
        "instalments_sum_to_invoice",
        """INSERT INTO erp_invoiceinstalment (invoice_id, number, due_on, amount, own_amount, rest_amount, rest_own)
        SELECT id, 1, due_on, gross_amount - 1, own_gross - 1, 0, 0 FROM erp_invoice WHERE gross_amount > 1
        ORDER BY id LIMIT 1 RETURNING (SELECT number FROM erp_invoice WHERE id = invoice_id)""",
    ),
    case("payment_is_allocated", "UPDATE erp_payment SET amount = amount + 1 RETURNING number", what="in-part"),
    case(
        "payment_is_allocated",
        """UPDATE erp_payment SET amount = amount + 1;
        UPDATE erp_allocation SET amount = amount + 1
        RETURNING (SELECT number FROM erp_invoice WHERE id = invoice_id)""",
        what="twice",
    ),
    case(
        "receivable_equals_open_invoices",
        """UPDATE erp_journalline SET account_id = (SELECT a.id FROM erp_account a JOIN erp_payment p
        ON p.company_id = a.company_id WHERE a.role = 'bank')
        WHERE entry_id = (SELECT entry_id FROM erp_payment) AND amount < 0 RETURNING -amount""",
    ),
    case(
        "foreign_receivable_equals_open_invoices",
        """UPDATE erp_journalline SET currency_id = (SELECT min(id) FROM masterdata_currency), currency_amount = amount
        WHERE entry_id = (SELECT entry_id FROM erp_payment) AND amount < 0 RETURNING currency_id""",
    ),
    case(
        "deposits_equal_their_account",
        """UPDATE erp_journalline l SET account_id = (SELECT d.id FROM erp_account d JOIN erp_account r
            ON r.company_id = d.company_id AND r.id = l.account_id WHERE d.role = 'deposit')
        WHERE account_id IN (SELECT id FROM erp_account WHERE role = 'revenue') RETURNING -amount""",
    ),
    case(
        "credited_within_invoice",
        """INSERT INTO erp_invoiceline
            (invoice_id, text, quantity, net_amount, tax_amount, own_net, own_tax, credits_id)
        SELECT invoice_id, 'twice', 0, -2 * net_amount, 0, -2 * net_amount, 0, id FROM erp_invoiceline
        RETURNING credits_id""",
        "invoice_is_sum_of_lines",
    ),
    case(
        "legal_numbers_gapless",
        "UPDATE erp_invoice SET number = left(number, -1) || '3' RETURNING split_part(number, '-', 1)",
    ),
    case(
        "line_reserves_within_its_need",
        """UPDATE erp_reservation SET quantity = quantity + 1 WHERE sales_order_line_id IS NOT NULL
        RETURNING sales_order_line_id""",
        "reserved_is_sum_of_reservations",
    ),
    case(
        "order_stays_in_its_company",
        f"""UPDATE erp_salesorderline SET plant_id = {NEXT_PLANT}
        WHERE id = (SELECT min(sales_order_line_id) FROM erp_reservation) {ORDER}""",
        COMPANY,
        what="line",
    ),
    case(
        "order_stays_in_its_company",
        f"UPDATE erp_shipment SET plant_id = {NEXT_PLANT} {ORDER}",
        COMPANY,
        what="shipment",
    ),
    case(
        "order_stays_in_its_company",
        f"""UPDATE erp_invoice SET company_id = (SELECT company_id FROM masterdata_plant WHERE id = {NEXT_PLANT})
        {ORDER}""",
        COMPANY,
        "legal_numbers_gapless",
        "receivable_equals_open_invoices",
        what="invoice",
    ),
]
CUSTOMERS = [
    case(
        "one_open_promise_per_line",
        """UPDATE crm_promise SET closed_at = now() WHERE id = (SELECT min(id) FROM crm_promise)
        RETURNING order_line_id""",
        "line_carries_its_promise",
        what="none",
    ),
    case(
        "one_open_promise_per_line",
        "UPDATE crm_promise SET closed_at = NULL WHERE closed_at IS NOT NULL RETURNING order_line_id",
        "line_carries_its_promise",
        drop=("one_open_promise_per_line",),
        what="two",
    ),
    case(
        "promise_versions_without_gaps",
        "UPDATE crm_promise SET version_no = 3 WHERE version_no = 2 RETURNING order_line_id",
    ),
    case(
        "line_carries_its_promise",
        """UPDATE erp_salesorderline SET promised_at = promised_at + interval '1 day'
        WHERE id = (SELECT min(id) FROM erp_salesorderline) RETURNING id""",
    ),
    case(
        "changed_promise_states_its_fact",
        "DELETE FROM masterdata_factrecord WHERE kind = 'PromiseChanged' RETURNING payload ->> 'promise_id'",
    ),
    case(
        "notice_goes_to_its_customer",
        "UPDATE crm_notice SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB') RETURNING id",
    ),
    case(
        "one_notice_for_each_cause",
        "UPDATE crm_noticecause SET is_correction = true RETURNING id",
    ),
    case(
        "told_customer_has_its_mail",
        """INSERT INTO masterdata_factrecord (id, kind, payload, stated_at, correlation_id, subject)
        SELECT gen_random_uuid(), 'CustomerTold', jsonb_build_object('notice_id', n.id), now(), '', ''
        FROM crm_notice n CROSS JOIN generate_series(1, 2) RETURNING payload ->> 'notice_id'""",
    ),
    case(
        "taken_earlier_date_is_promised",
        """INSERT INTO crm_earlieroffer (order_line_id, promise_id, state, offered_at, expected_at, made_at, decided_at,
            why, version)
        SELECT p.order_line_id, p.id, 'accepted', now(), now(), now(), now(), '', 1 FROM crm_promise p
        WHERE p.id = (SELECT min(id) FROM crm_promise) RETURNING id""",
    ),
    case(
        "quotation_amounts_are_rounded_lines",
        """UPDATE crm_quotationline SET net_amount = net_amount + 1
        WHERE id = (SELECT max(id) FROM crm_quotationline) RETURNING id""",
    ),
    case(
        "scheduling_holds_or_is_undone",
        """INSERT INTO crm_quotationscheduling
            (quotation_id, order_id, state_before, is_placed, late_lines, scheduled_at, undone_at)
        SELECT id, order_id, 'draft', true, 0, now(), now() FROM crm_quotation WHERE order_id IS NOT NULL LIMIT 1
        RETURNING id""",
    ),
    case(
        "quotation_prices_are_less_their_discounts",
        """UPDATE crm_quotationline SET discount_percent = 50
        WHERE id = (SELECT max(id) FROM crm_quotationline) RETURNING id""",
    ),
    case(
        "older_revisions_come_before_the_newest",
        """UPDATE crm_quotation SET replaced_by_id = id WHERE id = (SELECT max(id) FROM crm_quotation) RETURNING id""",
        drop=("replaced_quotation_has_its_successor",),
    ),
    case(
        "approved_quotation_was_approved",
        """UPDATE crm_quotation SET approval = 'approved' WHERE id = (SELECT max(id) FROM crm_quotation)
        RETURNING number""",
    ),
    case(
        "signature_stands_under_what_was_accepted",
        """INSERT INTO crm_quotationsignature (quotation_id, revision_no, link_id, name, path, signed_at, user_agent,
            document_sha256) SELECT max(id), 9, 0, 'Nobody', '', now(), '', '' FROM crm_quotation RETURNING id""",
    ),
    case(
        "accepted_quotation_became_its_order",
        """UPDATE crm_quotation SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB')
        WHERE state = 'accepted' RETURNING number""",
        "accepted_quotation_won_its_opportunity",
    ),
    case(
        "rush_taken_once",
        """UPDATE crm_rushoption SET state = 'taken' WHERE state = 'stale'
        RETURNING (SELECT number FROM crm_rushrequest WHERE id = request_id)""",
    ),
    case(
        "open_options_hold_for_one_answer",
        "UPDATE crm_rushrequest SET state = 'dropped' WHERE state = 'open' RETURNING number",
    ),
]
PIPELINE = [
    case(
        "case_is_about_its_customers_order",
        "UPDATE crm_case SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB') RETURNING number",
        what="customer",
    ),
    case(
        "opportunity_is_as_its_stage",
        """UPDATE crm_opportunity SET stage_id = (SELECT id FROM crm_stage WHERE kind = 'open' ORDER BY place LIMIT 1)
        WHERE state = 'won' RETURNING number""",
    ),
    case(
        "accepted_quotation_won_its_opportunity",
        """UPDATE crm_opportunity SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB')
        WHERE id = (SELECT opportunity_id FROM crm_quotation WHERE opportunity_id IS NOT NULL)
        RETURNING (SELECT number FROM crm_quotation WHERE opportunity_id = crm_opportunity.id)""",
        "converted_lead_is_its_customers",
        "activity_is_about_one_customer",
    ),
    case(
        "converted_lead_is_its_customers",
        """UPDATE crm_lead SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB')
        WHERE state = 'converted' RETURNING number""",
        "activity_is_about_one_customer",
    ),
    case(
        "activity_is_about_one_customer",
        """UPDATE crm_activity SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB')
        RETURNING id""",
    ),
]
CASES = [*SUPPLY, *SALES, *CUSTOMERS, *PIPELINE]
