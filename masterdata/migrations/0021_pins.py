from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("masterdata", "0020_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="employee",
            name="pin_hash",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="employee",
            name="pin_failures",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="employee",
            name="pin_locked_until_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
