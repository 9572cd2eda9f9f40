"""Migrations: complete, and written so that a fresh database takes them quickly."""

import pytest
from django.core.management import call_command
from django.db import models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel

from suite.management.commands.makemigrations import folded

POSITIVE = models.CheckConstraint(condition=models.Q(quantity__gt=0), name="quantity_positive")
BY_QUANTITY = models.Index(fields=["quantity"], name="by_quantity")


def creation(name: str) -> CreateModel:
    """A model with a quantity."""
    return CreateModel(name, [("id", models.BigAutoField(primary_key=True)), ("quantity", models.IntegerField())])


def test_constraints_and_indexes_are_created_with_their_model() -> None:
    operations = folded(
        [creation("Line"), creation("Order"), AddConstraint("line", POSITIVE), AddIndex("line", BY_QUANTITY)]
    )
    assert [operation.describe() for operation in operations] == ["Create model Line", "Create model Order"]
    line = operations[0]
    assert isinstance(line, CreateModel)
    assert line.options == {"constraints": [POSITIVE], "indexes": [BY_QUANTITY]}


def test_a_model_whose_fields_come_later_keeps_its_constraints_for_later() -> None:
    later = AddField("line", "price", models.IntegerField(default=0))
    operations = [creation("Line"), later, AddConstraint("line", POSITIVE)]
    assert folded(operations) == operations


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
