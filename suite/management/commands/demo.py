"""`manage.py demo`: loads the demo factory into an empty database and prints its log-ins."""

from __future__ import annotations

import contextlib
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from suite.demo import people
from suite.demo.load import NotEmptyError, load


class Command(BaseCommand):
    """A second time it changes nothing."""

    help = "Load the demo factory (two plants, 153 orders in every phase) into an empty database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load once, print the log-ins."""
        with contextlib.suppress(NotEmptyError):
            load(timezone.now())
        self.stdout.write(people.log_ins())
