from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_offer_bound"),
    ]

    operations = [
        migrations.AddField(
            model_name="rushrequest",
            name="note",
            field=models.CharField(blank=True, help_text="How it was answered, if not as usual", max_length=160),
        ),
    ]
