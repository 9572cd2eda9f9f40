"""Whatever moves supply or demand notes it for material planning, in the transaction that moves it.

One trigger per table and event, once per statement. Planning's own statements note nothing (`throughline.planning`).
Most changes are noted for materials that planning looks after (`erp_plannedmaterial`); those that can leave a demand
without supply are noted for every material, which planning then looks after.
"""

# ruff: noqa: S608, ISC004 (our own words, and lines of one query)
from django.db import migrations

FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('throughline.planning', true) = 'on' THEN RETURN NULL; END IF;
    {deed}
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table} {referencing} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
LOOKED_AFTER = """
    INSERT INTO erp_materialchange (plant_id, material_id)
    SELECT DISTINCT c.plant_id, c.material_id FROM ({changed}) c
    JOIN erp_plannedmaterial m ON m.plant_id = c.plant_id AND m.material_id = c.material_id;
"""
ANY = """
    WITH c AS MATERIALIZED (SELECT DISTINCT x.plant_id, x.material_id FROM ({changed}) x),
    known AS (
        INSERT INTO erp_plannedmaterial (plant_id, material_id)
        SELECT plant_id, material_id FROM c ORDER BY 1, 2 ON CONFLICT DO NOTHING
    )
    INSERT INTO erp_materialchange (plant_id, material_id) SELECT plant_id, material_id FROM c;
"""
REFERENCING = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
}
OWN = "SELECT plant_id, material_id FROM {rows}"
PAIRS = "new_rows n JOIN old_rows o ON o.id = n.id"
LINES = "SELECT o.plant_id, n.material_id FROM {rows} n JOIN erp_purchaseorder o ON o.id = n.order_id"
NEEDS = "SELECT w.plant_id, n.material_id FROM {rows} n JOIN erp_workorder w ON w.id = n.work_order_id"
EVERYWHERE = (
    "SELECT m.plant_id, m.material_id FROM erp_plannedmaterial m JOIN {rows} n ON n.material_id = m.material_id"
)
RELEVANT = "n.policy = 'to_stock' OR n.safety_stock > 0 OR n.reorder_point > 0 OR n.source_plant_id IS NOT NULL"

# Name, table, event, how, what changed.
FEED = [
    ("balance_new", "erp_stockbalance", "INSERT", LOOKED_AFTER,
     "SELECT plant_id, material_id FROM new_rows WHERE sales_order_id IS NULL AND on_hand > reserved"),
    ("balance_changed", "erp_stockbalance", "UPDATE", LOOKED_AFTER,
     f"SELECT n.plant_id, n.material_id FROM {PAIRS} WHERE n.sales_order_id IS NULL "
     "AND n.on_hand - n.reserved <> o.on_hand - o.reserved"),
    ("reservation_gone", "erp_stockbalance", "UPDATE", ANY,
     f"SELECT n.plant_id, n.material_id FROM {PAIRS} WHERE n.sales_order_id IS NULL "
     "AND n.on_hand = o.on_hand AND n.reserved < o.reserved"),
    ("place_changed", "masterdata_location", "UPDATE", ANY,
     f"SELECT b.plant_id, b.material_id FROM {PAIRS} JOIN erp_stockbalance b ON b.location_id = n.id "
     "WHERE n.is_blocked <> o.is_blocked AND b.on_hand > 0"),
    ("lot_changed", "erp_lot", "UPDATE", ANY,
     f"SELECT b.plant_id, b.material_id FROM {PAIRS} JOIN erp_stockbalance b ON b.lot_id = n.id "
     "WHERE n.is_blocked <> o.is_blocked AND b.on_hand > 0"),
    ("stock_corrected", "erp_stockmove", "INSERT", ANY,
     "SELECT plant_id, material_id FROM new_rows WHERE kind = 'adjustment'"),
    ("purchase_new", "erp_purchaseorderline", "INSERT", LOOKED_AFTER, LINES.format(rows="new_rows")),
    ("purchase_changed", "erp_purchaseorderline", "UPDATE", LOOKED_AFTER,
     f"SELECT p.plant_id, n.material_id FROM {PAIRS} JOIN erp_purchaseorder p ON p.id = n.order_id "
     "WHERE n.* IS DISTINCT FROM o.*"),
    ("purchase_less", "erp_purchaseorderline", "UPDATE", ANY,
     f"SELECT p.plant_id, n.material_id FROM {PAIRS} JOIN erp_purchaseorder p ON p.id = n.order_id "
     "WHERE n.quantity < o.quantity"),
    ("purchase_cancelled", "erp_purchaseorder", "UPDATE", ANY,
     f"SELECT n.plant_id, l.material_id FROM {PAIRS} JOIN erp_purchaseorderline l ON l.order_id = n.id "
     "WHERE n.cancelled_at IS DISTINCT FROM o.cancelled_at"),
    ("order_confirmed", "erp_salesorder", "UPDATE", LOOKED_AFTER,
     f"SELECT l.plant_id, l.material_id FROM {PAIRS} JOIN erp_salesorderline l ON l.order_id = n.id "
     "WHERE (n.confirmed_at, n.cancelled_at) IS DISTINCT FROM (o.confirmed_at, o.cancelled_at)"),
    ("line_changed", "erp_salesorderline", "UPDATE", LOOKED_AFTER,
     f"SELECT n.plant_id, n.material_id FROM {PAIRS} WHERE (n.quantity, n.promised_at, n.wanted_on) "
     "IS DISTINCT FROM (o.quantity, o.promised_at, o.wanted_on)"),
    ("work_new", "erp_workorder", "INSERT", LOOKED_AFTER,
     "SELECT plant_id, material_id FROM new_rows WHERE sales_order_line_id IS NULL"),
    ("work_changed", "erp_workorder", "UPDATE", LOOKED_AFTER,
     f"SELECT n.plant_id, n.material_id FROM {PAIRS} WHERE n.sales_order_line_id IS NULL "
     "AND (n.state, n.quantity, n.needed_on, n.planned_end_at) "
     "IS DISTINCT FROM (o.state, o.quantity, o.needed_on, o.planned_end_at) "
     f"UNION ALL SELECT n.plant_id, m.material_id FROM {PAIRS} "
     "JOIN erp_workordermaterial m ON m.work_order_id = n.id WHERE n.state <> o.state"),
    ("need_new", "erp_workordermaterial", "INSERT", LOOKED_AFTER, NEEDS.format(rows="new_rows")),
    ("need_changed", "erp_workordermaterial", "UPDATE", LOOKED_AFTER,
     f"SELECT w.plant_id, n.material_id FROM {PAIRS} JOIN erp_workorder w ON w.id = n.work_order_id "
     "WHERE n.quantity <> o.quantity"),
    ("operation_changed", "erp_workorderoperation", "UPDATE", LOOKED_AFTER,
     f"SELECT w.plant_id, m.material_id FROM {PAIRS} JOIN erp_workorder w ON w.id = n.work_order_id "
     "JOIN erp_workordermaterial m ON m.work_order_id = w.id AND m.operation_sequence = n.sequence "
     "WHERE n.planned_start_at IS DISTINCT FROM o.planned_start_at UNION ALL "
     f"SELECT w.plant_id, w.material_id FROM {PAIRS} JOIN erp_workorder w ON w.id = n.work_order_id "
     "WHERE w.sales_order_line_id IS NULL AND (n.good_qty, n.scrap_qty, n.finished_at) "
     "IS DISTINCT FROM (o.good_qty, o.scrap_qty, o.finished_at)"),
    ("planned_new", "erp_plannedorder", "INSERT", ANY, OWN.format(rows="new_rows")),
    ("planned_changed", "erp_plannedorder", "UPDATE", LOOKED_AFTER, OWN.format(rows="new_rows")),
    ("planned_gone", "erp_plannedorder", "DELETE", LOOKED_AFTER, OWN.format(rows="old_rows")),
    ("parameters_new", "masterdata_materialplant", "INSERT", ANY, f"SELECT n.plant_id, n.material_id FROM new_rows n WHERE {RELEVANT}"),
    ("parameters_changed", "masterdata_materialplant", "UPDATE", ANY, f"SELECT n.plant_id, n.material_id FROM new_rows n WHERE {RELEVANT}"),
    ("parameters_usual", "masterdata_materialplant", "UPDATE", LOOKED_AFTER, OWN.format(rows="new_rows")),
    ("parameters_gone", "masterdata_materialplant", "DELETE", LOOKED_AFTER, OWN.format(rows="old_rows")),
    ("bom_changed", "masterdata_bom", "UPDATE", LOOKED_AFTER, EVERYWHERE.format(rows="new_rows")),
    ("routing_changed", "masterdata_routing", "UPDATE", LOOKED_AFTER, EVERYWHERE.format(rows="new_rows")),
    ("price_new", "erp_supplierprice", "INSERT", LOOKED_AFTER, EVERYWHERE.format(rows="new_rows")),
    ("price_changed", "erp_supplierprice", "UPDATE", LOOKED_AFTER, EVERYWHERE.format(rows="new_rows")),
    ("price_gone", "erp_supplierprice", "DELETE", LOOKED_AFTER, EVERYWHERE.format(rows="old_rows")),
]  # fmt: skip


def _statements() -> list[migrations.RunSQL]:
    return [
        migrations.RunSQL(
            FUNCTION.format(
                name=f"note_{name}",
                table=table,
                event=event,
                referencing=REFERENCING[event],
                deed=how.format(changed=changed),
            ),
            f"DROP TRIGGER note_{name} ON {table}; DROP FUNCTION note_{name}();",
        )
        for name, table, event, how, changed in FEED
    ]


class Migration(migrations.Migration):
    dependencies = [("erp", "0007_planning"), ("masterdata", "0005_planning")]
    operations = _statements()
