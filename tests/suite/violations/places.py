"""Cases of places, lots, transfers and counts."""

from tests.suite.violations import case

BOARD = "(SELECT id FROM masterdata_material WHERE code = 'BOARD')"
BOARDS = f"(SELECT min(id) FROM erp_stockbalance WHERE material_id = {BOARD} AND on_hand > 0)"
FIRST_PLANT = "(SELECT plant_id FROM erp_stockbalance ORDER BY id LIMIT 1)"
LOT = """INSERT INTO erp_lot (material_id, number, kind, supplier_lot, is_blocked, blocked_because, created_at)
    SELECT {material}, 'MADE-UP', '{kind}', '', {blocked}, '', now();"""
OTHER = "(SELECT min(id) FROM masterdata_material WHERE code <> 'BOARD')"
TRANSFER = f"""INSERT INTO erp_transfer (number, plant_id, to_plant_id, note, sent_at, closed_at, version)
    SELECT 'TR-MADE-UP', p.id, q.id, '', now(), {{closed}}, 1 FROM masterdata_plant p, masterdata_plant q
    WHERE p.id = {FIRST_PLANT} AND q.id <> p.id LIMIT 1;
    INSERT INTO erp_transferline (transfer_id, line_no, material_id, source_id, quantity, value, arrived_qty,
        arrived_value, lost_qty, lost_value)
    SELECT t.id, 1, {BOARD}, (SELECT location_id FROM erp_stockbalance WHERE id = {BOARDS}), 5, {{value}}, 0, 0, 0, 0
    FROM erp_transfer t;"""

CASES = [
    case(
        "tracked_stock_names_its_lot",
        f"UPDATE masterdata_material SET tracking = 'lot' WHERE code = 'BOARD' RETURNING {BOARDS}",
    ),
    case(
        "serial_number_is_one_piece",
        LOT.format(material=BOARD, kind="serial", blocked="false")
        + f"""UPDATE masterdata_material SET tracking = 'serial' WHERE code = 'BOARD';
        UPDATE erp_stockbalance SET lot_id = (SELECT id FROM erp_lot WHERE number = 'MADE-UP') WHERE id = {BOARDS};
        SELECT number FROM erp_lot WHERE number = 'MADE-UP'""",
        "balance_is_sum_of_moves",
        "tracked_stock_names_its_lot",
    ),
    case(
        "lot_is_of_its_material",
        LOT.format(material=OTHER, kind="lot", blocked="false")
        + f"""UPDATE erp_stockbalance SET lot_id = (SELECT id FROM erp_lot WHERE number = 'MADE-UP')
        WHERE id = {BOARDS} RETURNING (SELECT number FROM erp_lot WHERE number = 'MADE-UP')""",
        "balance_is_sum_of_moves",
        "tracked_stock_names_its_lot",
        drop=("balance_lot_of_its_material",),
    ),
    case(
        "nothing_reserved_where_nothing_is_offered",
        """UPDATE masterdata_location SET is_blocked = true WHERE id = (SELECT location_id FROM erp_stockbalance
        WHERE reserved > 0 ORDER BY id LIMIT 1) RETURNING code""",
    ),
    case(
        "goods_in_transit",
        TRANSFER.format(closed="NULL", value=7) + "SELECT '7.0000'",
        "keys_stay_in_one_company",
        "transit_is_supply",
    ),
    case(
        "transit_is_supply",
        TRANSFER.format(closed="NULL", value=0) + "SELECT number FROM erp_transfer",
        "keys_stay_in_one_company",
    ),
    case(
        "transfer_closed_when_nothing_is_on_the_way",
        TRANSFER.format(closed="now()", value=0) + "SELECT number FROM erp_transfer",
        "keys_stay_in_one_company",
        "transit_is_supply",
    ),
    case(
        "counted_differences_are_moved",
        f"""INSERT INTO erp_countsheet (number, plant_id, is_blind, made_at, posted_at, version)
        SELECT 'CS-MADE-UP', {FIRST_PLANT}, true, now(), now(), 1;
        INSERT INTO erp_countline (sheet_id, material_id, location_id, difference)
        SELECT s.id, {BOARD}, b.location_id, 3 FROM erp_countsheet s, erp_stockbalance b WHERE b.id = {BOARDS};
        SELECT number FROM erp_countsheet""",
    ),
]
