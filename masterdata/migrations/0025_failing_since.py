from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("masterdata", "0024_issued_quotations"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="failing_since_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="failures",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
