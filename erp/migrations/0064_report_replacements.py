from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# Until now it was told by the moment at which both were made.
FILL = """
    UPDATE erp_workreport r SET replacement_ids = found.ids
    FROM (
        SELECT r.id, array_agg(n.id ORDER BY n.id) AS ids
        FROM erp_workreport r JOIN erp_workorderoperation o ON o.id = r.operation_id
        JOIN erp_workorder w ON w.id = o.work_order_id
        JOIN erp_workorder n ON n.sales_order_line_id = w.sales_order_line_id AND n.plant_id = w.plant_id
            AND n.id > w.id AND n.made_at = r.reported_at AND (n.path = w.path OR n.path LIKE w.path || '.%')
        GROUP BY r.id
    ) found
    WHERE found.id = r.id
"""


class Migration(migrations.Migration):
    dependencies = [("erp", "0063_short_reasons_are_reasons")]

    operations = [
        migrations.AddField(
            model_name="workreport",
            name="replacement_ids",
            field=ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
