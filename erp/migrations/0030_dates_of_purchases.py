"""Another day of a purchase can make a demand late that planning did not look after: it does from then on."""

# ruff: noqa: S608 (our own words)
from django.db import migrations

NOTE = """
CREATE FUNCTION note_purchase_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('throughline.planning', true) = 'on' THEN RETURN NULL; END IF;
    WITH c AS MATERIALIZED (
        SELECT DISTINCT p.plant_id, n.material_id FROM new_rows n JOIN old_rows o ON o.id = n.id
        JOIN erp_purchaseorder p ON p.id = n.order_id
        WHERE coalesce(n.confirmed_at, n.due_at) <> coalesce(o.confirmed_at, o.due_at)
    ), known AS (
        INSERT INTO erp_plannedmaterial (plant_id, material_id)
        SELECT plant_id, material_id FROM c ORDER BY 1, 2 ON CONFLICT DO NOTHING
    )
    INSERT INTO erp_materialchange (plant_id, material_id) SELECT plant_id, material_id FROM c;
    RETURN NULL;
END $$;
CREATE TRIGGER note_purchase_moved AFTER UPDATE ON erp_purchaseorderline
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_purchase_moved();
"""


class Migration(migrations.Migration):
    dependencies = [("erp", "0029_first_promises")]
    operations = [
        migrations.RunSQL(
            NOTE, "DROP TRIGGER note_purchase_moved ON erp_purchaseorderline; DROP FUNCTION note_purchase_moved();"
        )
    ]
