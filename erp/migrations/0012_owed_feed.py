"""What is owed to production is a need too: material planning hears of it when it is opened."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION note_owed_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO erp_materialchange (plant_id, material_id)
    SELECT DISTINCT w.plant_id, n.material_id
    FROM new_rows o
    JOIN erp_workordermaterial n ON n.id = o.work_order_material_id
    JOIN erp_workorder w ON w.id = n.work_order_id
    JOIN erp_plannedmaterial m ON m.plant_id = w.plant_id AND m.material_id = n.material_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_owed_new AFTER INSERT ON erp_owedissue
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_owed_new();
"""


class Migration(migrations.Migration):
    dependencies = [("erp", "0011_requisitions_and_quotations")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP TRIGGER note_owed_new ON erp_owedissue; DROP FUNCTION note_owed_new();")
    ]
