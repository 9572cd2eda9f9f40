"""Rows that are updated often leave room on their page: the new version stays there, and no index has to learn it."""

from django.db import migrations

TABLES = (
    "erp_salesorder",
    "erp_salesorderline",
    "erp_workorder",
    "erp_workorderoperation",
    "erp_workordermaterial",
    "erp_purchaseorderline",
    "erp_stockbalance",
    "erp_materialvalue",
    "erp_reservation",
    "erp_peg",
)


class Migration(migrations.Migration):
    dependencies = [("erp", "0012_owed_feed")]
    operations = [
        migrations.RunSQL(f"ALTER TABLE {table} SET (fillfactor = 70)", f"ALTER TABLE {table} RESET (fillfactor)")
        for table in TABLES
    ]
