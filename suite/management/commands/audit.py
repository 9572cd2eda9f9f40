"""`manage.py audit`: proves every invariant by SQL; exit 1 names the rows that break one.

It asks every row there is. `--quick` asks as the proof page does: of what piles up for years the newest part alone, and
a rule that takes too long is left open; it says which.
"""

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
        """`--json` prints one object, `--quick` ends sooner."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--full", action="store_true", help="ask every row there is (what it does without --quick)")
        how.add_argument("--quick", action="store_true", help="of what piles up for years ask the newest part alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, print, and exit 1 when something is broken."""
        found = audit.findings(is_whole=not options["quick"])
        if options["json"]:
            self.stdout.write(json.dumps(self._as_object(found), default=str, indent=1))
        else:
            self._print(found)
        if not all(finding.holds for finding in found):
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
                    **({} if finding.is_whole else {"scope": str(finding.invariant.scope)}),
                    **({"open": True} if finding.is_open else {}),
                    "count": finding.count,
                    "rows": finding.rows,
                }
                for finding in found
            ],
        }

    def _print(self, found: list[audit.Finding]) -> None:
        for finding in found:
            scope = "" if finding.is_whole else f" ({finding.invariant.scope})"
            self.stdout.write(f"{_mark(finding)}  {finding.app:<10}  {finding.invariant.sentence}{scope}")
            for row in finding.rows:
                self.stdout.write("          " + ", ".join(f"{key} {value}" for key, value in row.items()))
            if finding.count > len(finding.rows):
                self.stdout.write(f"          and {finding.count - len(finding.rows)} more")
        self.stdout.write(f"{len(found)} invariants: {_summary(found)}")


def _mark(finding: audit.Finding) -> str:
    return "OPEN  " if finding.is_open else "BROKEN" if finding.is_broken else "holds "


def _summary(found: list[audit.Finding]) -> str:
    broken = sum(finding.is_broken for finding in found)
    late = sum(finding.is_open for finding in found)
    parts = [f"{broken} broken"] * bool(broken) + [f"{late} not answered in time"] * bool(late)
    return ", ".join(parts) or "all hold"
