"""`manage.py migrate`: Django's own, without rendering every model after every step."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from suite import migrating


class Command(migrate.Command):
    """See `suite.migrating`."""

    def handle(self, *args: Any, **options: Any) -> None:
        """As Django's."""
        with migrating.lean():
            super().handle(*args, **options)
