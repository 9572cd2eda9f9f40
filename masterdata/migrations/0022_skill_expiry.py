import django.db.models.deletion
from django.db import migrations, models

LEVELS = [(1, "Learns it"), (2, "Works alone"), (3, "Teaches it")]


class Migration(migrations.Migration):
    dependencies = [
        ("masterdata", "0021_pins"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="EmployeeSkill",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "employee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="trained",
                                to="masterdata.employee",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="holders",
                                to="masterdata.skill",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "masterdata_employee_skills",
                        "ordering": ["employee", "skill"],
                        "unique_together": {("employee", "skill")},
                    },
                ),
                migrations.AlterField(
                    model_name="employee",
                    name="skills",
                    field=models.ManyToManyField(
                        blank=True,
                        related_name="employees",
                        through="masterdata.EmployeeSkill",
                        to="masterdata.skill",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="employeeskill",
            name="level",
            field=models.PositiveSmallIntegerField(choices=LEVELS, db_default=2, default=2),
        ),
        migrations.AddField(
            model_name="employeeskill",
            name="valid_until",
            field=models.DateField(blank=True, help_text="Its last day; empty: for good", null=True),
        ),
        migrations.AddField(
            model_name="skillrequirement",
            name="level",
            field=models.PositiveSmallIntegerField(choices=LEVELS, db_default=1, default=1, help_text="At least"),
        ),
        migrations.AddConstraint(
            model_name="employeeskill",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__gte", 1), ("level__lte", 3)), name="skill_level_is_known"
            ),
        ),
        migrations.AddIndex(
            model_name="employeeskill",
            index=models.Index(
                condition=models.Q(("valid_until__isnull", False)), fields=["valid_until"], name="skills_that_end"
            ),
        ),
    ]
