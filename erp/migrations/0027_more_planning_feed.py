"""Planning hears of two more things, in the transaction that changes them.

Another day for a customer's line is another day for what its own work needs and brings. A BOM version that retires is
no longer what proposed work is made after: what it named, needed or brought, may be needed by nobody any more.
"""

from django.db import migrations

WANTED_DAY = """
CREATE FUNCTION note_wanted_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('throughline.planning', true) = 'on' THEN RETURN NULL; END IF;
    INSERT INTO erp_materialchange (plant_id, material_id)
    SELECT DISTINCT x.plant_id, x.material_id FROM (
        SELECT w.plant_id, m.material_id
        FROM new_rows n JOIN old_rows o ON o.id = n.id
            AND (n.promised_at, n.wanted_on) IS DISTINCT FROM (o.promised_at, o.wanted_on)
        JOIN erp_workorder w ON w.sales_order_line_id = n.id
        JOIN erp_workordermaterial m ON m.work_order_id = w.id
        UNION ALL
        SELECT w.plant_id, y.material_id
        FROM new_rows n JOIN old_rows o ON o.id = n.id
            AND (n.promised_at, n.wanted_on) IS DISTINCT FROM (o.promised_at, o.wanted_on)
        JOIN erp_workorder w ON w.sales_order_line_id = n.id
        JOIN masterdata_bombyproduct y ON y.bom_id = w.bom_id
    ) x
    JOIN masterdata_material t ON t.id = x.material_id
    JOIN erp_plannedmaterial p ON p.plant_id = x.plant_id AND p.material_id = x.material_id
    WHERE t.substitute_group IS NOT NULL
        OR EXISTS (SELECT 1 FROM masterdata_bombyproduct b WHERE b.material_id = x.material_id);
    RETURN NULL;
END $$;
CREATE TRIGGER note_wanted_day AFTER UPDATE ON erp_salesorderline
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_wanted_day();
"""
VERSION_RETIRED = """
CREATE FUNCTION note_version_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('throughline.planning', true) = 'on' THEN RETURN NULL; END IF;
    INSERT INTO erp_materialchange (plant_id, material_id)
    SELECT DISTINCT p.plant_id, p.material_id FROM (
        SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE o.state = 'frozen' AND n.state <> 'frozen'
    ) bom CROSS JOIN LATERAL (
        SELECT l.component_id AS material_id FROM masterdata_bomline l WHERE l.bom_id = bom.id
        UNION ALL
        SELECT s.material_id FROM masterdata_bomline l JOIN masterdata_bomsubstitute s ON s.line_id = l.id
        WHERE l.bom_id = bom.id
        UNION ALL
        SELECT y.material_id FROM masterdata_bombyproduct y WHERE y.bom_id = bom.id
    ) x
    JOIN erp_plannedmaterial p ON p.material_id = x.material_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_version_retired AFTER UPDATE ON masterdata_bom
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_version_retired();
"""


class Migration(migrations.Migration):
    dependencies = [("erp", "0026_subcontract_cost"), ("masterdata", "0010_by_products_and_substitutes")]
    operations = [
        migrations.RunSQL(
            WANTED_DAY, "DROP TRIGGER note_wanted_day ON erp_salesorderline; DROP FUNCTION note_wanted_day();"
        ),
        migrations.RunSQL(
            VERSION_RETIRED,
            "DROP TRIGGER note_version_retired ON masterdata_bom; DROP FUNCTION note_version_retired();",
        ),
    ]
