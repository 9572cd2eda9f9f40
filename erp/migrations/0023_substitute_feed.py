"""A component that is replaced, or that comes back, leaves one demand and makes another: planning hears of both."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION note_need_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('throughline.planning', true) = 'on' THEN RETURN NULL; END IF;
    WITH c AS MATERIALIZED (
        SELECT DISTINCT w.plant_id, x.material_id
        FROM new_rows n JOIN old_rows o ON o.id = n.id AND o.material_id <> n.material_id
        JOIN erp_workorder w ON w.id = n.work_order_id
        CROSS JOIN LATERAL (VALUES (n.material_id), (o.material_id)) AS x(material_id)
    ), known AS (
        INSERT INTO erp_plannedmaterial (plant_id, material_id)
        SELECT plant_id, material_id FROM c ORDER BY 1, 2 ON CONFLICT DO NOTHING
    )
    INSERT INTO erp_materialchange (plant_id, material_id) SELECT plant_id, material_id FROM c;
    RETURN NULL;
END $$;
CREATE TRIGGER note_need_replaced AFTER UPDATE ON erp_workordermaterial
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_need_replaced();
"""


class Migration(migrations.Migration):
    dependencies = [("erp", "0022_substitutes")]
    operations = [
        migrations.RunSQL(
            FUNCTION, "DROP TRIGGER note_need_replaced ON erp_workordermaterial; DROP FUNCTION note_need_replaced();"
        )
    ]
