"""`manage.py import_data DIR`: masters, stock and orders of a manufacturer from CSV files."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from suite.importing.load import Outcome, load
from suite.importing.staging import Fault

FAULTS, WRONG_ARGUMENTS = 1, 2
"""Exit codes."""
FAULTS_SHOWN = 50
STEPS = 14


class Command(BaseCommand):
    """Checks everything before it writes anything; exit 1 names each fault, exit 2 each wrong argument."""

    help = "Import a folder of CSV files (docs/import.md). All or nothing; the same files twice change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder and how to treat it."""
        parser.add_argument("folder", type=Path, help="folder with materials.csv, boms.csv, ...")
        parser.add_argument("--plant", default="MAIN", help="plant that takes everything, made when absent (MAIN)")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument("--shift-days", default="0", metavar="N", help="move the orders' dates by so many days")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print what was done or what is wrong."""
        self.done = 0
        self.bar = not options["json"] and sys.stderr.isatty()
        outcome = self._outcome(options)
        if self.bar:
            sys.stderr.write("\r\x1b[K")
        if options["json"]:
            self.stdout.write(json.dumps(self._as_object(outcome), indent=1))
        else:
            self._print(outcome)
        if outcome.faults:
            sys.exit(WRONG_ARGUMENTS if outcome.asked_wrongly else FAULTS)

    def _outcome(self, options: dict[str, Any]) -> Outcome:
        try:
            days = int(options["shift_days"])
        except ValueError:
            fault = Fault("--shift-days", 0, "", options["shift_days"], "a whole number of days, such as 30 or -7")
            return Outcome(faults=[fault], dry_run=options["dry_run"], asked_wrongly=True)
        return load(
            folder=options["folder"],
            plant_code=options["plant"],
            now=timezone.now(),
            shift_days=days,
            dry_run=options["dry_run"],
            step=self._step,
        )

    def _step(self, entity: str, rows: int) -> None:
        if not entity:
            return
        self.done += 1
        if self.bar:
            filled = min(20, 20 * self.done // STEPS)
            sys.stderr.write(f"\r\x1b[K[{'#' * filled}{'.' * (20 - filled)}] {entity.replace('_', ' ')}: {rows} rows")
            sys.stderr.flush()

    def _as_object(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "ok": not outcome.faults,
            "dry_run": outcome.dry_run,
            "entities": outcome.report.as_object() if not outcome.faults else {},
            "faults": [asdict(fault) for fault in outcome.faults],
        }

    def _print(self, outcome: Outcome) -> None:
        if outcome.faults:
            for fault in outcome.faults[:FAULTS_SHOWN]:
                self.stderr.write(str(fault))
            rest = len(outcome.faults) - FAULTS_SHOWN
            if rest > 0:
                self.stderr.write(f"and {rest} more (all of them with --json)")
            what = "1 fault" if len(outcome.faults) == 1 else f"{len(outcome.faults)} faults"
            mend = "what you asked for" if outcome.asked_wrongly else "the files"
            self.stderr.write(f"{what}. Nothing was imported; mend {mend} and import again.")
            return
        self.stdout.write(f"{'entity':<20}{'created':>10}{'changed':>10}{'unchanged':>11}")
        for name, count in outcome.report.counts.items():
            entity = name.replace("_", " ")
            self.stdout.write(f"{entity:<20}{count.created:>10}{count.changed:>10}{count.unchanged:>11}")
        if outcome.dry_run:
            self.stdout.write("Dry run: nothing was written.")
