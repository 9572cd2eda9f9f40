"""`manage.py audit`: proves every invariant by SQL; exit 1 names the rows that break one."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from suite import audit


class Command(BaseCommand):
    """Read only; safe beside a running suite."""

    help = "Check every invariant of stock, orders, cost, ledger, plans and promises. Exit 1 when one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json` prints one object."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, print, and exit 1 when something is broken."""
        found = audit.findings()
        broken = [finding for finding in found if not finding.holds]
        if options["json"]:
            self.stdout.write(json.dumps(self._as_object(found), default=str, indent=1))
        else:
            self._print(found)
        if broken:
            sys.exit(1)

    def _as_object(self, found: list[audit.Finding]) -> dict[str, Any]:
        return {
            "clean": all(finding.holds for finding in found),
            "invariants": [
                {
                    "app": finding.app,
                    "name": finding.invariant.name,
                    "sentence": finding.invariant.sentence,
                    "holds": finding.holds,
                    "count": finding.count,
                    "rows": finding.rows,
                }
                for finding in found
            ],
        }

    def _print(self, found: list[audit.Finding]) -> None:
        for finding in found:
            mark = "holds " if finding.holds else "BROKEN"
            self.stdout.write(f"{mark}  {finding.app:<10}  {finding.invariant.sentence}")
            for row in finding.rows:
                self.stdout.write("          " + ", ".join(f"{key} {value}" for key, value in row.items()))
            if finding.count > len(finding.rows):
                self.stdout.write(f"          and {finding.count - len(finding.rows)} more")
        broken = sum(1 for finding in found if not finding.holds)
        last = "all hold" if not broken else f"{broken} broken"
        self.stdout.write(f"{len(found)} invariants: {last}")
