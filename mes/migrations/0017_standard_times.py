"""Intervals that stand already began where they begin."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mes", "0016_machine_time")]

    operations = [
        migrations.RunSQL("UPDATE mes_machinestate SET begun_at = since_at", migrations.RunSQL.noop),
    ]
