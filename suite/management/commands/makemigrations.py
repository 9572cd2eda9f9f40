"""Django's `makemigrations`, writing migrations that a fresh database takes in a third of the time.

Django adds constraints and indexes after all models of a migration; each such step renders related models anew.
Here they are part of the step that creates their model. Apps are done one by one from the ground up, so none is cut
in two.
"""

from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.operations.base import Operation

STOREYS = ("masterdata", "erp", "crm", "aps", "mes", "suite")


class Command(makemigrations.Command):
    """One app at a time, constraints and indexes with their models."""

    def handle(self, *app_labels: str, **options: Any) -> None:
        """As Django's; without a label: each of our apps, the lowest first."""
        for label in app_labels or STOREYS:
            super().handle(label, **options)

    def write_migration_files(self, changes: dict[str, list[Migration]], *arguments: Any) -> None:
        """Fold, then write."""
        for migrations in changes.values():
            for migration in migrations:
                migration.operations = folded(list(migration.operations))  # type: ignore[misc]
        super().write_migration_files(changes, *arguments)


def folded(operations: list[Operation]) -> list[Operation]:
    """Constraints and indexes moved into the CreateModel of their model, unless some of its fields come later."""
    created = {operation.name_lower: operation for operation in operations if isinstance(operation, CreateModel)}
    for operation in operations:
        if isinstance(operation, AddField):
            created.pop(operation.model_name_lower, None)
    kept = []
    for operation in operations:
        if isinstance(operation, AddConstraint) and operation.model_name_lower in created:
            created[operation.model_name_lower].options.setdefault("constraints", []).append(operation.constraint)
        elif isinstance(operation, AddIndex) and operation.model_name_lower in created:
            created[operation.model_name_lower].options.setdefault("indexes", []).append(operation.index)
        else:
            kept.append(operation)
    return kept
