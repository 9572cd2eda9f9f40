"""Writes the facts that there are into docs/webhooks.md."""

from typing import Any

from django.core.management.base import BaseCommand

from suite.flows import described
from suite.stack import places


class Command(BaseCommand):
    """`python3 manage.py list_facts`."""

    help = "Write the kinds and fields of all facts into docs/webhooks.md."

    def handle(self, *args: Any, **options: Any) -> None:
        page = places.ROOT / "docs" / "webhooks.md"
        page.write_text(described.rewritten(page.read_text()))
        self.stdout.write(f"{len(described.rows())} facts")
