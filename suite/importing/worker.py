"""The worker's part of an import: unpack, read, check, and write all or nothing; it tells how far it is."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone

from masterdata import live
from masterdata.models import (
    DataImport,
    DataImportChunk,
    DataImportCount,
    DataImportFault,
    DataImportFile,
    DataImportTable,
)
from suite.importing.beat import Beat, CancelledError
from suite.importing.changes import Report
from suite.importing.contract import BY_NAME
from suite.importing.load import Outcome, write_staged
from suite.importing.packs import zip_sources
from suite.importing.reading import read_sources
from suite.importing.sheets import sheet_sources
from suite.importing.sources import Source, csv_source, unknown_file
from suite.importing.staging import Fault, Staged
from suite.importing.uploads import UNHEARD_OF, drop_files, go, table_name

State = DataImport.State
MOST_TRIES = 3
MOST_UPLOADED_ROWS = 500_000
"""Of all files of an upload: a row and what is written of it take about two kilobytes of the worker's memory."""
BATCH = 1000
log = structlog.get_logger(__name__)


def work(*, import_id: int, now: dt.datetime) -> str:
    """Check an import, or import it. Returns the state it got, or "nothing": it is over, or another worker is at it.

    Call outside a transaction.
    """
    run = _take(import_id, now)
    if run is None:
        return "nothing"
    with Beat(run) as beat:
        try:
            return _work(run, beat, now)
        except CancelledError:
            return _end(run, State.CANCELLED)
        except Exception as error:
            if beat.is_cancelled and isinstance(error, OperationalError):
                return _end(run, State.CANCELLED)
            _end(run, State.FAILED, f"Unexpected, and logged: {type(error).__name__}")
            raise


@transaction.atomic
def _take(import_id: int, now: dt.datetime) -> DataImport | None:
    """Take an import that waits, or whose worker was not heard of for a while. Locks its row."""
    rows = DataImport.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("plant")
    run = rows.filter(pk=import_id, state__in=[State.CHECKING, State.IMPORTING]).order_by("pk").first()
    if run is None or (run.started_at is not None and run.told_at is not None and run.told_at > now - UNHEARD_OF):
        return None
    if run.tries >= MOST_TRIES:
        run.note = "Its worker vanished several times. Ask your administrator to look at the log"
        go(run, State.FAILED, now, ["note"])
        return None
    run.token, run.tries, run.started_at, run.told_at = run.token + 1, run.tries + 1, now, now
    run.save(update_fields=["token", "tries", "started_at", "told_at"])
    live.publish("imports", run.pk, plant_id=run.plant_id)
    return run


def _work(run: DataImport, beat: Beat, now: dt.datetime) -> str:
    with tempfile.TemporaryDirectory(prefix="throughline-import-") as folder:
        staged = Staged(most=MOST_UPLOADED_ROWS)
        beat.say("unpacking")
        sources = _sources(run, Path(folder), staged)
        read_sources(sources, staged, lambda shown, rows: beat.say(f"reading:{shown}", rows))
    rows = sum(len(rows) for rows in staged.rows.values())
    written = 0

    def step(entity: str, count: int) -> None:
        nonlocal written
        beat.say(f"writing:{entity}" if entity else "checking", min(written, rows), rows)
        written += count

    is_dry = run.state == State.CHECKING
    outcome = Outcome(report=Report(step=step), dry_run=is_dry)
    beat.say("waiting")
    with beat.interruptible():
        write_staged(
            staged,
            outcome,
            run.plant.code,
            dt.timedelta(days=run.shift_days),
            now,
            done=lambda: _finish(run, beat, staged, outcome),
        )
    if outcome.faults or is_dry:
        beat.refuse_cancelled()
        return _found(run, staged, outcome)
    return State.DONE


def _sources(run: DataImport, folder: Path, staged: Staged) -> list[Source]:
    """The tables in the uploaded files; what cannot be one is a fault. A table comes once."""
    found: dict[str, Source] = {}
    for number, file in enumerate(run.files.all()):
        kind = Path(file.name).suffix.lower()
        path = _written(file, folder / f"{number}{kind}")
        if kind == ".xlsx":
            sources = sheet_sources(path, file.name, staged.faults)
        elif kind == ".zip":
            into = folder / f"{number}-unpacked"
            into.mkdir()
            sources = zip_sources(path, file.name, into, staged.faults)
        elif (table := BY_NAME.get(table_name(file.name))) is not None:
            sources = [csv_source(path, file.name, table)]
        else:
            staged.faults.append(unknown_file(file.name))
            sources = []
        for source in sources:
            first = found.setdefault(source.file.name, source)
            if first is not source:
                expected = f"{source.file.name.replace('_', ' ')} in one file; it is in {first.shown} already"
                staged.faults.append(Fault(source.shown, 0, "", "", expected))
    return list(found.values())


def _written(file: DataImportFile, path: Path) -> Path:
    """The file on this worker's disk, a megabyte at a time."""
    with open(path, "wb") as to:
        for no in range(DataImportChunk.objects.filter(file=file).count()):
            to.write(DataImportChunk.objects.values_list("content", flat=True).get(file=file, no=no))
    return path


def _mine(run: DataImport) -> DataImport | None:
    """The row, locked, as long as it is this worker's."""
    rows = DataImport.objects.select_for_update(no_key=True).order_by("pk")
    return rows.filter(pk=run.pk, token=run.token, state=run.state).first()


def _finish(run: DataImport, beat: Beat, staged: Staged, outcome: Outcome) -> None:
    """The last step of the import's own transaction: it is done, or nothing of it was."""
    mine = _mine(run)
    if mine is None or mine.cancel_requested_at is not None:
        raise CancelledError
    _write_found(mine, staged, outcome)
    drop_files(mine)
    go(mine, State.DONE, timezone.now())
    live.publish("imports", run.pk, plant_id=run.plant_id)


@transaction.atomic
def _found(run: DataImport, staged: Staged, outcome: Outcome) -> str:
    """What the check has found: faults, or what an import would do."""
    mine = _mine(run)
    if mine is None:
        return "nothing"
    if mine.cancel_requested_at is not None:
        raise CancelledError
    _write_found(mine, staged, outcome)
    mine.fault_count = len(outcome.faults)
    state = State.FAULTY if outcome.faults else State.READY
    go(mine, state, timezone.now(), ["fault_count"])
    live.publish("imports", run.pk, plant_id=run.plant_id)
    return state


def _write_found(run: DataImport, staged: Staged, outcome: Outcome) -> None:
    for rows in (run.tables, run.counts, run.faults):
        rows.all().delete()
    DataImportTable.objects.bulk_create(
        DataImportTable(
            run=run, name=name, source=source[:240], rows=len(staged.rows[name]), sample=staged.samples.get(name, [])
        )
        for file, source in staged.shown.items()
        for name in [file.removesuffix(".csv")]
    )
    if not outcome.faults:
        DataImportCount.objects.bulk_create(
            DataImportCount(run=run, entity=entity, **vars(count)) for entity, count in outcome.report.counts.items()
        )
    DataImportFault.objects.bulk_create(
        (
            DataImportFault(
                run=run,
                file=staged.shown.get(fault.file, fault.file)[:240],
                row=fault.row,
                column=fault.column[:60],
                value=fault.value[:200],
                expected=fault.expected[:400],
            )
            for fault in outcome.faults
        ),
        batch_size=BATCH,
    )


@transaction.atomic
def _end(run: DataImport, state: str, note: str = "") -> str:
    mine = _mine(run)
    if mine is None:
        return "nothing"
    mine.note = note
    go(mine, state, timezone.now(), ["note"])
    if state == State.CANCELLED:
        drop_files(mine)
    live.publish("imports", run.pk, plant_id=run.plant_id)
    return state
