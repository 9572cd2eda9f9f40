"""`manage.py mes rebuild`: folds the log of the floor again and compares it with what the projections say.

Prints each difference and exits 1 when there is one; `--fix` writes what the events say. Stock, cost and ledger are
never touched: they have a proof of their own (`manage.py audit`).
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from masterdata.models import Plant
from mes import services as mes


class Command(BaseCommand):
    """Safe beside a running suite: each subject is folded under its own lock."""

    help = "Fold the log of the floor again and compare it with runs, bookings and machine states."

    def add_arguments(self, parser: CommandParser) -> None:
        """`rebuild`; `--plant CODE` for one plant, `--fix` to write what differs, `--json` for one object."""
        parser.add_argument("deed", choices=["rebuild"], help="what to do")
        parser.add_argument("--plant", help="code of one plant; all without it")
        parser.add_argument("--fix", action="store_true", help="write what the events say where it differs")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fold, print, and exit 1 when something differs and was not put right."""
        plants = Plant.objects.order_by("code")
        if options["plant"]:
            plants = plants.filter(code=options["plant"])
            if not plants:
                raise CommandError(f"No plant has the code {options['plant']}. See the list of plants.")
        found = mes.rebuild(plant_ids=list(plants.values_list("pk", flat=True)), fix=options["fix"])
        if options["json"]:
            self.stdout.write(json.dumps({"differences": [asdict(one) for one in found], "fixed": options["fix"]}))
        else:
            for one in found:
                self.stdout.write(f"{one.projection}, {one.subject}: {one.is_now}; by its events: {one.should_be}")
            end = "written as the events say" if options["fix"] else "run with --fix to write what the events say"
            says = f"{len(found)} differences: {end}." if found else "Every projection is what its events say."
            self.stdout.write(says)
        if found and not options["fix"]:
            sys.exit(1)
