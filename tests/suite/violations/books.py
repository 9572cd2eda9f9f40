"""Cases of ledger, cost and stock."""

from tests.suite.violations import case
from tests.suite.violations.masters import NEXT_PLANT

LINE = """(SELECT min(j.id) FROM erp_journalline j JOIN erp_account a ON a.id = j.account_id WHERE a.role = '{}')"""
FIRST_ENTRY = "(SELECT min(id) FROM erp_journalentry)"
LABOUR = "(SELECT min(id) FROM erp_costentry WHERE element = 'labour')"
NEXT_COMPANY = "(SELECT id FROM masterdata_company WHERE code = 'NEXT')"
BOARD = "(SELECT id FROM masterdata_material WHERE code = 'BOARD')"
BOARDS = f"(SELECT min(id) FROM erp_stockbalance WHERE material_id = {BOARD})"

LEDGER = [
    case(
        "entries_balance",
        f"UPDATE erp_journalline SET amount = amount + 1 WHERE id = {LINE.format('revenue')} RETURNING entry_id",
    ),
    case(
        "no_empty_entry",
        f"""INSERT INTO erp_journalentry (company_id, period_id, kind, posted_on, posted_at, memo, source)
        SELECT company_id, period_id, kind, posted_on, posted_at, '', 'made:up' FROM erp_journalentry
        WHERE id = {FIRST_ENTRY} RETURNING id""",
        "entries_are_sealed_or_wait",
    ),
    case(
        "entries_lie_in_their_period",
        f"UPDATE erp_journalentry SET posted_on = posted_on - 90 WHERE id = {FIRST_ENTRY} RETURNING id",
        what="another-day",
    ),
    case(
        "entries_lie_in_their_period",
        f"UPDATE erp_journalentry SET period_id = 0 WHERE id = {FIRST_ENTRY} RETURNING id",
        what="no-period",
    ),
    case(
        "periods_do_not_overlap",
        f"""UPDATE erp_period SET ends_on = ends_on + 1
        WHERE id = (SELECT min(id) FROM erp_period WHERE company_id = {NEXT_COMPANY}) RETURNING ends_on""",
        drop=("periods_do_not_overlap",),
    ),
    case(
        "lines_stay_in_their_company",
        f"UPDATE erp_journalline SET plant_id = {NEXT_PLANT} WHERE id = {LINE.format('revenue')} RETURNING id",
        "keys_stay_in_one_company",
    ),
    case(
        "reversed_at_most_once",
        f"""UPDATE erp_journalentry SET reverses_id = {FIRST_ENTRY}
        WHERE id = (SELECT max(u.entry_id) FROM erp_unsealedentry u JOIN erp_journalentry e ON e.id = u.entry_id
        WHERE e.kind <> 'manual') RETURNING id""",
        what="not-undone",
    ),
    case(
        "reversed_at_most_once",
        f"""INSERT INTO erp_journalentry (company_id, period_id, kind, posted_on, posted_at, memo, source, reverses_id)
        SELECT company_id, period_id, 'reversal', posted_on, posted_at, '', 'made:up', id FROM erp_journalentry,
        generate_series(1, 2) WHERE id = {FIRST_ENTRY};
        INSERT INTO erp_journalline (entry_id, account_id, amount)
        SELECT r.id, l.account_id, -l.amount FROM erp_journalentry r
        JOIN erp_journalline l ON l.entry_id = r.reverses_id;
        SELECT {FIRST_ENTRY}""",
        "inventory_equals_stock",
        "entries_are_sealed_or_wait",
        drop=("erp_journalentry_reverses_id_key",),
        what="twice",
    ),
]
SEALED = "(SELECT min(entry_id) FROM erp_entryseal)"
NAMED = (
    "RETURNING (SELECT 'JE-' || year || '-' || lpad(number::text, 6, '0') FROM erp_entryseal s WHERE s.entry_id = {})"
)
SEALS = [
    case(
        "entries_are_sealed_or_wait",
        f"INSERT INTO erp_unsealedentry (entry_id) VALUES ({SEALED}) RETURNING entry_id",
        what="both",
    ),
    case(
        "entries_are_sealed_or_wait",
        """DELETE FROM erp_unsealedentry WHERE entry_id = (SELECT min(entry_id) FROM erp_unsealedentry)
        RETURNING entry_id""",
        what="neither",
    ),
    case(
        "entry_numbers_are_gapless",
        f"""UPDATE erp_entryseal SET number = 4 WHERE entry_id = {SEALED} RETURNING number""",
        "journal_is_as_it_was_sealed",
    ),
    case(
        "entry_numbers_are_gapless",
        "UPDATE erp_sealbatch SET entry_count = 2 RETURNING last_position",
        what="batch",
    ),
    case(
        "journal_is_as_it_was_sealed",
        f"UPDATE erp_journalentry SET memo = 'other' WHERE id = {SEALED} {NAMED.format('erp_journalentry.id')}",
        what="entry",
    ),
    case(
        "journal_is_as_it_was_sealed",
        f"""UPDATE erp_entryseal SET digest = previous WHERE entry_id = {SEALED} RETURNING entry_id""",
        what="seal",
    ),
    case(
        "totals_are_sums_of_sealed_lines",
        "UPDATE erp_accounttotal SET debit = debit + 1 WHERE debit > 0 RETURNING debit",
    ),
    case(
        "daily_totals_are_sums_of_sealed_lines",
        "UPDATE erp_dailytotal SET debit = debit + 1 WHERE debit > 0 RETURNING debit",
        "totals_are_sums_of_sealed_lines",
    ),
]
MANUAL = [
    case(
        "manual_entries_stand_in_the_journal",
        """UPDATE erp_manualentryline SET amount = amount + 1 WHERE line_no = 1
        RETURNING (SELECT number FROM erp_manualentry m WHERE m.id = manual_entry_id)""",
    ),
    case(
        "documents_alone_post_to_control_accounts",
        f"UPDATE erp_journalentry SET kind = 'manual' WHERE id = {FIRST_ENTRY} RETURNING id",
    ),
]
COST = [
    case(
        "one_cost_entry_per_wip_line",
        f"UPDATE erp_costentry SET amount = amount + 0.001 WHERE id = {LABOUR} RETURNING journal_line_id",
        "closed_work_orders_are_empty",
    ),
    case(
        "cost_entries_stand_on_their_lines",
        f"UPDATE erp_costentry SET journal_line_id = {LINE.format('revenue')} WHERE id = {LABOUR} RETURNING id",
        "one_cost_entry_per_wip_line",
    ),
    case(
        "labour_is_worked_out_again",
        """UPDATE erp_costentry SET rate = rate + 100
        WHERE id = (SELECT min(id) FROM erp_costentry WHERE person_id IS NOT NULL AND quantity > 1) RETURNING id""",
    ),
    case(
        "one_rate_a_day",
        """INSERT INTO erp_hourrate (kind, plant_id, work_centre_id, machine_id, grade_id, per_hour, valid_from)
        SELECT kind, plant_id, work_centre_id, machine_id, grade_id, per_hour, valid_from + 1 FROM erp_hourrate
        WHERE machine_id IS NOT NULL RETURNING id""",
        drop=("one_hour_rate_a_day",),
        what="hour",
    ),
    case(
        "one_rate_a_day",
        """INSERT INTO erp_overheadrule (company_id, plant_id, basis, value, valid_from)
        SELECT company_id, plant_id, basis, value, valid_from + 1 FROM erp_overheadrule RETURNING id""",
        drop=("one_overhead_a_day",),
        what="overhead",
    ),
    case(
        "rates_stay_in_their_plant",
        f"UPDATE erp_hourrate SET plant_id = {NEXT_PLANT} WHERE machine_id IS NOT NULL RETURNING id",
        "keys_stay_in_one_company",
    ),
    case(
        "expenses_of_orders_are_their_cost",
        f"""DELETE FROM erp_costentry WHERE journal_line_id = {LINE.format("freight")} RETURNING journal_line_id""",
        "bookings_are_posted",
        "order_cost_is_where_it_went",
    ),
    case(
        "bookings_are_posted",
        "UPDATE erp_costbooking SET amount = amount + 1 WHERE element = 'freight' RETURNING id",
        "accrued_cost_equals_open_bookings",
    ),
    case(
        "variances_are_what_was_left",
        """UPDATE erp_varianceentry SET amount = amount + 1, actual = actual + 1
        WHERE id = (SELECT min(variance_id) FROM erp_variancecause) RETURNING work_order_id""",
        "causes_sum_to_their_variance",
    ),
    case(
        "causes_sum_to_their_variance",
        "UPDATE erp_variancecause SET actual = actual + 1 WHERE id = (SELECT min(id) FROM erp_variancecause)"
        " RETURNING variance_id",
    ),
    case(
        "standard_costs_are_their_elements",
        "UPDATE erp_standardcost SET total = total + 1 WHERE id = (SELECT min(id) FROM erp_standardcost) RETURNING id",
        drop=("standard_cost_is_its_elements",),
    ),
    case(
        "released_standards_were_rolled_up",
        "UPDATE erp_standardversion SET rolled_at = NULL WHERE state = 'released' RETURNING id",
    ),
    case(
        "closed_work_orders_are_empty",
        f"""UPDATE erp_costentry SET amount = amount + 1 WHERE id = {LABOUR}
        RETURNING (SELECT number FROM erp_workorder WHERE id = work_order_id)""",
        "one_cost_entry_per_wip_line",
        "order_cost_is_where_it_went",
        "labour_is_worked_out_again",
    ),
    case(
        "order_cost_is_where_it_went",
        f"""UPDATE erp_costentry SET kind = 'transfer' WHERE id = {LABOUR}
        RETURNING (SELECT number FROM erp_salesorder WHERE id = sales_order_id)""",
    ),
    case(
        "fees_are_subcontract_cost",
        f"""UPDATE erp_costentry SET element = 'subcontract' WHERE id = {LABOUR}
        RETURNING (SELECT number FROM erp_workorder WHERE id = work_order_id)""",
    ),
    case(
        "estimate_versions_follow",
        """UPDATE erp_costestimate SET version_no = 9 WHERE id = (SELECT max(id) FROM erp_costestimate)
        RETURNING sales_order_id""",
    ),
]
STOCK = [
    case(
        "stock_never_negative",
        f"UPDATE erp_stockbalance SET on_hand = -1 WHERE id = {BOARDS} RETURNING id",
        "balance_is_sum_of_moves",
        "valued_quantity_is_sum_of_balances",
        drop=("stock_never_negative", "reserved_within_on_hand"),
    ),
    case(
        "balance_is_sum_of_moves",
        f"UPDATE erp_stockbalance SET on_hand = on_hand + 1 WHERE id = {BOARDS} RETURNING on_hand",
        "valued_quantity_is_sum_of_balances",
    ),
    case(
        "reserved_is_sum_of_reservations",
        """UPDATE erp_stockbalance SET reserved = reserved - 1
        WHERE id = (SELECT min(id) FROM erp_stockbalance WHERE reserved > 0) RETURNING id""",
    ),
    case(
        "order_stock_has_no_reservations",
        """UPDATE erp_reservation SET balance_id =
        (SELECT min(id) FROM erp_stockbalance WHERE sales_order_id IS NOT NULL)
        WHERE id = (SELECT min(id) FROM erp_reservation WHERE quantity > 0 AND sales_order_line_id IS NOT NULL)
        RETURNING id""",
        "reserved_is_sum_of_reservations",
    ),
    case(
        "valued_quantity_is_sum_of_balances",
        f"UPDATE erp_materialvalue SET quantity = quantity + 1 WHERE material_id = {BOARD} RETURNING quantity",
    ),
    case(
        "no_quantity_no_value",
        """UPDATE erp_materialvalue SET value = 1 WHERE id = (SELECT min(id) FROM erp_materialvalue WHERE quantity = 0)
        RETURNING id""",
        "value_is_sum_of_moves",
        "inventory_equals_stock",
        drop=("no_quantity_no_value",),
    ),
    case(
        "value_is_sum_of_moves",
        f"UPDATE erp_materialvalue SET value = value + 1 WHERE material_id = {BOARD} RETURNING id",
        "inventory_equals_stock",
    ),
    case(
        "valued_moves_have_their_entry",
        "UPDATE erp_stockmove SET entry_id = NULL WHERE kind = 'receipt' RETURNING id",
        drop=("valued_move_has_its_entry",),
        what="none",
    ),
    case(
        "valued_moves_have_their_entry",
        """DELETE FROM erp_journalentry WHERE id = (SELECT entry_id FROM erp_stockmove WHERE kind = 'receipt')
        RETURNING id""",
        what="gone",
    ),
    case(
        "valued_moves_have_their_entry",
        f"UPDATE erp_stockmove SET entry_id = {FIRST_ENTRY} WHERE kind = 'receipt' RETURNING id",
        "value_moves_with_its_entry",
        what="of-another",
    ),
    case(
        "valued_moves_have_their_entry",
        """UPDATE erp_journalline SET amount = amount * 2
        WHERE entry_id = (SELECT entry_id FROM erp_stockmove WHERE kind = 'receipt') RETURNING entry_id""",
        "inventory_equals_stock",
        "goods_received_not_invoiced",
        what="of-another-value",
    ),
    case(
        "valued_moves_have_their_entry",
        """UPDATE erp_journalline l SET sales_order_id = NULL FROM erp_account a, erp_stockmove m
        WHERE a.id = l.account_id AND a.role = 'inventory' AND m.entry_id = l.entry_id AND m.kind = 'shipment'
        RETURNING m.id""",
        "inventory_equals_stock",
        "order_cost_is_where_it_went",
        what="of-another-owner",
    ),
    case(
        "inventory_equals_stock",
        f"""UPDATE erp_journalline SET amount = amount + 1 WHERE id = {LINE.format("inventory")}
        RETURNING material_id""",
        "entries_balance",
        "valued_moves_have_their_entry",
    ),
    case(
        "value_moves_with_its_entry",
        """UPDATE erp_stockmove SET moved_at = moved_at + interval '1 minute' WHERE kind = 'receipt' RETURNING id""",
    ),
    case(
        "layers_sum_to_their_area",
        """INSERT INTO erp_valuelayer (area_id, move_id, quantity, value)
        SELECT v.id, m.id, m.quantity, 1 FROM erp_materialvalue v, erp_stockmove m
        WHERE v.id = (SELECT min(id) FROM erp_materialvalue) AND m.id = (SELECT min(id) FROM erp_stockmove)
        RETURNING area_id""",
    ),
    case(
        "layer_is_its_receipt_less_its_uses",
        """INSERT INTO erp_valuelayer (area_id, move_id, quantity, value)
        SELECT (SELECT min(id) FROM erp_materialvalue), min(id), 0, 0 FROM erp_stockmove RETURNING id""",
    ),
    case(
        "standard_stock_at_standard",
        f"""UPDATE erp_materialvalue SET method = 'standard', standard_price = 98765
        WHERE material_id = {BOARD} AND sales_order_id IS NULL RETURNING standard_price""",
    ),
    case(
        "reversal_mirrors_its_move",
        """UPDATE erp_stockmove SET reverses_id = (SELECT min(id) FROM erp_stockmove)
        WHERE id = (SELECT max(id) FROM erp_stockmove) RETURNING id""",
        drop=("only_a_reversal_reverses",),
    ),
    case("owed_account_equals_owed_issues", "UPDATE erp_owedissue SET value = value + 1 RETURNING value"),
    case("owed_issue_settled_when_all_is", "UPDATE erp_owedissue SET settled_at = now() RETURNING id"),
]
CASES = [*LEDGER, *SEALS, *MANUAL, *COST, *STOCK]
