"""What work brings beside its product is supply too: planning hears of it when the work begins, changes or ends."""

# ruff: noqa: S608, ISC004 (our own words, and lines of one query)
from django.db import migrations

FUNCTION = """
CREATE FUNCTION note_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('throughline.planning', true) = 'on' THEN RETURN NULL; END IF;
    INSERT INTO erp_materialchange (plant_id, material_id)
    SELECT DISTINCT w.plant_id, y.material_id
    FROM {changed}
    JOIN masterdata_bombyproduct y ON y.bom_id = w.bom_id
    JOIN erp_plannedmaterial m ON m.plant_id = w.plant_id AND m.material_id = y.material_id
    WHERE {when};
    RETURN NULL;
END $$;
CREATE TRIGGER note_{name} AFTER {event} ON {table} {referencing} FOR EACH STATEMENT EXECUTE FUNCTION note_{name}();
"""
OLD_AND_NEW = "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
FEED = [
    ("beside_new", "erp_workorder", "INSERT", "REFERENCING NEW TABLE AS new_rows", "new_rows w", "true"),
    ("beside_changed", "erp_workorder", "UPDATE", OLD_AND_NEW, "new_rows w JOIN old_rows o ON o.id = w.id",
     "(w.state, w.quantity, w.needed_on, w.planned_end_at) "
     "IS DISTINCT FROM (o.state, o.quantity, o.needed_on, o.planned_end_at)"),
    ("beside_made", "erp_workorderoperation", "UPDATE", OLD_AND_NEW,
     "new_rows n JOIN old_rows o ON o.id = n.id JOIN erp_workorder w ON w.id = n.work_order_id",
     "(n.good_qty, n.scrap_qty, n.finished_at) IS DISTINCT FROM (o.good_qty, o.scrap_qty, o.finished_at)"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("erp", "0019_by_products"), ("masterdata", "0010_by_products_and_substitutes")]
    operations = [
        migrations.RunSQL(
            FUNCTION.format(name=name, table=table, event=event, referencing=referencing, changed=changed, when=when),
            f"DROP TRIGGER note_{name} ON {table}; DROP FUNCTION note_{name}();",
        )
        for name, table, event, referencing, changed, when in FEED
    ]
