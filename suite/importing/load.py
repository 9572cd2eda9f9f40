"""The import as one deed: read, check, and write all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from masterdata.errors import Refusal
from suite.importing import (
    arguments,
    beside,
    books,
    documents,
    engineering,
    making,
    masters,
    parameters,
    relations,
    tiers,
    trade,
)
from suite.importing.changes import Report
from suite.importing.contract import FILES
from suite.importing.outlook import outlook
from suite.importing.reading import read_folder
from suite.importing.staging import Fault, Staged

LOCK = 7_310_001
"""Two imports at once would fight over keys; the second waits."""


@dataclass
class Outcome:
    """Faults (nothing was written then), or what was created, changed and left alone."""

    faults: list[Fault] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    dry_run: bool = False
    asked_wrongly: bool = False
    """The faults are those of the arguments; the files were not looked at."""


class _RollBackError(Exception):
    """Rolls a dry run back."""


def load(
    *,
    folder: Path,
    plant_code: str,
    now: dt.datetime,
    shift_days: int = 0,
    dry_run: bool = False,
    step: Callable[[str, int], None] = lambda entity, rows: None,
) -> Outcome:
    """Import every file of the contract in `folder` into one plant, in one transaction.

    All rows of all files are checked first, each as far as it can be judged; with a fault nothing is written. A dry
    run writes and rolls back, so its counts are what an import would do. `shift_days` moves the orders' dates.
    """
    outcome = Outcome(report=Report(step=step), dry_run=dry_run)
    outcome.faults = arguments.check(plant_code, shift_days)
    if outcome.faults:
        outcome.asked_wrongly = True
        return outcome
    shift = dt.timedelta(days=shift_days)
    write_staged(read_folder(folder), outcome, plant_code, shift, now)
    return outcome


def write_staged(
    staged: Staged,
    outcome: Outcome,
    plant_code: str,
    shift: dt.timedelta,
    now: dt.datetime,
    done: Callable[[], None] = lambda: None,
) -> None:
    """Check what was read and write it; `outcome` tells how it went. `done` is called in the same transaction, last."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            outcome.report.step("", 0)
            outcome.faults = _check(staged, plant_code, shift)
            if outcome.faults:
                return
            _write(staged, plant_code, shift, now, outcome.report)
            if outcome.dry_run:
                raise _RollBackError
            done()
    except _RollBackError:
        pass
    except Refusal as refusal:
        # What only the services know, such as a closed period; the step that was refused stands last.
        refused = next(reversed(outcome.report.counts), "stock")
        outcome.faults = [Fault(f"{refused}.csv", 0, "", "", f"no refusal: {refusal.sentence}")]


def _check(staged: Staged, plant_code: str, shift: dt.timedelta) -> list[Fault]:
    """All faults in the order of the files and their rows."""
    house = outlook(staged, plant_code)
    faults = [
        *staged.faults,
        *relations.check(house, plant_code),
        *making.check(house),
        *parameters.check(house, plant_code),
        *beside.check(house, plant_code),
        *tiers.check(house),
        *documents.check(house, plant_code, shift),
        *books.check(house, plant_code),
    ]
    order = {file.file_name: number for number, file in enumerate(FILES, start=1)}
    return sorted(faults, key=lambda fault: (order.get(fault.file, 0), fault.row))


def _write(staged: Staged, plant_code: str, shift: dt.timedelta, now: dt.datetime, report: Report) -> None:
    to = masters.target(plant_code, {now.year - 1, now.year, now.year + 1})
    books.write(staged, to, report, now)
    masters.write_units(staged, to, report)
    masters.write_materials(staged, to, report)
    parameters.write_parameters(to, staged.rows[parameters.FILE], report)
    masters.write_conversions(staged, to, report)
    masters.write_partners(staged, to, report)
    masters.write_work_centres(staged, to, report)
    masters.write_locations(staged, to, report)
    masters.write_prices(staged, to, report)
    tiers.write_tiers(to, staged.rows[tiers.FILE], report)
    engineering.write_boms(staged, to, report, now)
    engineering.write_routings(staged, to, report, now)
    trade.write_stock(staged, to, report, now)
    trade.write_orders(staged, to, report, shift, now)
