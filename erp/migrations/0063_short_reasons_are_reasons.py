"""Work orders that had said nothing said how a program prints a default."""

from django.db import migrations

CLEAN = """
    UPDATE erp_workorder SET short_reason = '' WHERE short_reason LIKE '<django.db.models.expressions.DatabaseDefault %'
"""


class Migration(migrations.Migration):
    dependencies = [("erp", "0062_return_parts")]

    operations = [migrations.RunSQL(CLEAN, migrations.RunSQL.noop)]
