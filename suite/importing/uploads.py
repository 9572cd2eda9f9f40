"""Imports as people handle them: files are uploaded, what was found is imported, or the whole is cancelled."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from masterdata import live, rights
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import DataImport, DataImportChunk, DataImportFile, Plant, User
from masterdata.models.imports import CHUNK
from suite.importing.arguments import MOST_DAYS
from suite.importing.sources import LARGEST_FILE

IMPORT = "masterdata.import_data"
TASK, QUEUE = "suite.tasks.import_files", "import"
LARGEST_UPLOAD = LARGEST_FILE
MOST_FILES = 40
UNHEARD_OF = dt.timedelta(seconds=30)
"""A worker tells twice a second; one that does not for so long has vanished."""
WAKE_AGAIN_AFTER = dt.timedelta(seconds=30)
KEPT_DAYS = 7
ZIP_BEGINS = b"PK"
KINDS = {".csv": "CSV", ".zip": "ZIP", ".xlsx": "XLSX"}
log = structlog.get_logger(__name__)

State = DataImport.State
TRANSITIONS: dict[str, frozenset[str]] = {
    State.CHECKING: frozenset({State.FAULTY, State.READY, State.FAILED, State.CANCELLED}),
    State.FAULTY: frozenset({State.CANCELLED}),
    State.READY: frozenset({State.IMPORTING, State.CANCELLED}),
    State.IMPORTING: frozenset({State.DONE, State.FAULTY, State.FAILED, State.CANCELLED}),
    State.FAILED: frozenset({State.CHECKING, State.CANCELLED}),
    State.DONE: frozenset(),
    State.CANCELLED: frozenset(),
}
"""What may follow what."""


class UnusableFile(Refusal):
    """A file that cannot be what is imported, as far as its name, size and first bytes tell."""

    code = "unusable_file"
    status = 400


class UploadTooLarge(Refusal):
    """More than is taken at once."""

    code = "upload_too_large"
    status = 413


class ImportNotReady(Refusal):
    """It is still being checked, has faults, or is over."""

    code = "import_not_ready"


class ImportIsOver(Refusal):
    """It was imported; there is nothing to cancel."""

    code = "import_is_over"


class Uploaded(Protocol):
    """A file as the web server has it: on disk, read in pieces."""

    @property
    def name(self) -> str | None:
        """As the sender calls it."""

    @property
    def size(self) -> int | None:
        """In bytes."""

    def chunks(self, chunk_size: int) -> Iterator[bytes]:
        """Its content in pieces."""


@transaction.atomic
def upload_files(
    *, plant: Plant, files: Sequence[Uploaded], by: User, now: dt.datetime, shift_days: int = 0
) -> DataImport:
    """Keep the files and have a worker check them; nothing is imported yet.

    They lie in the database in pieces of a megabyte, so that a worker on any host reads them; never a whole file is in
    memory. Raises UnusableFile, UploadTooLarge, InvalidInput, NotAllowed.
    """
    rights.demand(by, IMPORT, plant)
    if abs(shift_days) > MOST_DAYS:
        raise InvalidInput(f"Give a whole number of days from -{MOST_DAYS} to {MOST_DAYS}.", field="shift_days")
    named = _named(files)
    run = DataImport.objects.create(plant=plant, uploaded_by=by, uploaded_at=now, woken_at=now, shift_days=shift_days)
    for name, file in named.items():
        _keep(run, name, file)
    transaction.on_commit(partial(send, run.pk))
    _tell(run)
    return run


@transaction.atomic
def import_files(*, import_id: int, by: User, now: dt.datetime, expected_version: int | None = None) -> DataImport:
    """Have a worker import what was checked. A second time changes nothing. Locks the import.

    Raises ImportNotReady, StaleVersion, NotAllowed.
    """
    run = locked(import_id, by)
    if run.state == State.IMPORTING:
        return run
    if expected_version is not None and run.version != expected_version:
        raise StaleVersion("Somebody else changed this import meanwhile: look at it again.", version=run.version)
    if run.state != State.READY:
        raise ImportNotReady(_why_not(run), state=run.state, faults=run.fault_count)
    run.imported_by, run.asked_at = by, now
    _wait(run, State.IMPORTING, now, ["imported_by", "asked_at"])
    return run


@transaction.atomic
def check_again(*, import_id: int, by: User, now: dt.datetime) -> DataImport:
    """Have a worker check the files of an import that failed once more. Locks the import. Raises ImportNotReady."""
    run = locked(import_id, by)
    if run.state != State.FAILED:
        raise ImportNotReady(_why_not(run), state=run.state, faults=run.fault_count)
    run.note = ""
    _wait(run, State.CHECKING, now, ["note"])
    return run


@transaction.atomic
def cancel_import(*, import_id: int, by: User, now: dt.datetime) -> DataImport:
    """Give it up: at once, or as soon as the worker that has it has let go; nothing of it stays. Locks the import.

    A second time changes nothing. Raises ImportIsOver, NotAllowed.
    """
    run = locked(import_id, by)
    if run.state == State.DONE:
        raise ImportIsOver("This was imported already: correct it by another import.", state=run.state)
    if run.state == State.CANCELLED or run.cancel_requested_at is not None:
        return run
    run.cancel_requested_by, run.cancel_requested_at = by, now
    fields = ["cancel_requested_by", "cancel_requested_at"]
    if not run.is_going_on or run.started_at is None:
        go(run, State.CANCELLED, now, fields)
        drop_files(run)
    else:
        run.save(update_fields=fields)
    _tell(run)
    return run


@transaction.atomic
def forget_uploads(*, now: dt.datetime) -> int:
    """Clockwork: what nobody imported within a week is cancelled and its files go. Returns how many."""
    old = DataImport.objects.filter(
        state__in=[State.FAULTY, State.READY, State.FAILED], uploaded_at__lt=now - dt.timedelta(days=KEPT_DAYS)
    )
    runs = list(old.select_for_update(skip_locked=True).order_by("pk"))
    for run in runs:
        run.note = f"Nobody imported it within {KEPT_DAYS} days"
        go(run, State.CANCELLED, now, ["note"])
        drop_files(run)
    return len(runs)


@transaction.atomic
def wake_waiting_imports(*, now: dt.datetime) -> int:
    """Send again what waits for a worker, or whose worker vanished; returns how many. A message lost costs seconds."""
    waiting = DataImport.objects.filter(
        Q(started_at__isnull=True) | Q(told_at__lt=now - UNHEARD_OF),
        Q(woken_at__isnull=True) | Q(woken_at__lt=now - WAKE_AGAIN_AFTER),
        state__in=[State.CHECKING, State.IMPORTING],
    )
    ids = list(waiting.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
    DataImport.objects.filter(pk__in=ids).update(woken_at=now)
    for import_id in ids:
        transaction.on_commit(partial(send, import_id))
    return len(ids)


def send(import_id: int) -> bool:
    """Wake the worker. False when the broker does not answer: the relay sends it again."""
    try:
        current_app.send_task(TASK, args=[import_id], queue=QUEUE)
    except OperationalError as error:
        log.warning("broker_unreachable", data_import=import_id, error=str(error))
        return False
    return True


def locked(import_id: int, by: User) -> DataImport:
    """The import, locked, if `by` may import into its plant."""
    rows = DataImport.objects.select_for_update(of=("self",), no_key=True).select_related("plant")
    run = rows.order_by("pk").get(pk=import_id)
    rights.demand(by, IMPORT, run.plant)
    return run


def go(run: DataImport, state: str, now: dt.datetime, fields: Sequence[str] = ()) -> None:
    """The next state, with the version that pages and keys compare. Call with the row locked."""
    assert state in TRANSITIONS[run.state], f"{run.state} -> {state}"
    run.state, run.version = state, run.version + 1
    run.ended_at = None if run.is_going_on else now
    run.stage, run.done, run.total = "", 0, 0
    run.save(update_fields=["state", "version", "ended_at", "stage", "done", "total", *fields])


def drop_files(run: DataImport) -> None:
    """Their content goes; what they were called stays."""
    DataImportChunk.objects.filter(file__run=run).delete()


def _wait(run: DataImport, state: str, now: dt.datetime, fields: Sequence[str]) -> None:
    """It waits for a worker from here on."""
    run.started_at, run.told_at, run.woken_at, run.tries = None, None, now, 0
    go(run, state, now, ["started_at", "told_at", "woken_at", "tries", *fields])
    transaction.on_commit(partial(send, run.pk))
    _tell(run)


def _tell(run: DataImport) -> None:
    live.publish("imports", run.pk, plant_id=run.plant_id)


def _why_not(run: DataImport) -> str:
    return {
        State.CHECKING: "It is still being checked: wait for what is found.",
        State.FAULTY: "It has faults: mend the files and upload them again.",
        State.READY: "It is ready: import it.",
        State.IMPORTING: "It is being imported.",
        State.DONE: "It was imported already.",
        State.FAILED: "It failed: have it checked again, or upload the files again.",
        State.CANCELLED: "It was cancelled: upload the files again.",
    }[State(run.state)]


def _named(files: Sequence[Uploaded]) -> dict[str, Uploaded]:
    """The files by the name that they are shown with, looked at as far as one can without reading them."""
    if not files:
        raise UnusableFile("Choose at least one file: CSV, a ZIP of CSV files, or an Excel workbook.", field="files")
    if len(files) > MOST_FILES:
        raise UnusableFile(f"Upload at most {MOST_FILES} files at once, or one ZIP.", field="files")
    size = sum(file.size or 0 for file in files)
    if size > LARGEST_UPLOAD:
        raise UploadTooLarge(_too_large(), field="files", bytes=size, most=LARGEST_UPLOAD)
    named: dict[str, Uploaded] = {}
    for file in files:
        name = PurePosixPath((file.name or "").replace("\\", "/")).name[-160:]
        if name in named:
            raise UnusableFile(f"{name} was chosen twice: leave one out.", field="files")
        _look_at(name, file)
        named[name] = file
    return named


def _too_large() -> str:
    return f"Upload at most {LARGEST_UPLOAD // CHUNK} MB at once: split the files, or have them imported in parts."


def _look_at(name: str, file: Uploaded) -> None:
    kind = PurePosixPath(name).suffix.lower()
    if kind in (".xls", ".xlsm", ".xlsb", ".ods"):
        raise UnusableFile(f"{name} is not taken: save it as an Excel workbook (.xlsx) first.", field="files")
    if kind not in KINDS:
        raise UnusableFile(f"{name} is not taken: upload .csv, .zip or .xlsx.", field="files")
    if not file.size:
        raise UnusableFile(f"{name} is empty.", field="files")
    begins = next(iter(file.chunks(64)), b"")[:64]
    if (kind != ".csv") != begins.startswith(ZIP_BEGINS):
        inside = "holds something else" if kind != ".csv" else "is a ZIP or a workbook, not text"
        raise UnusableFile(f"{name} {inside}: it does not begin as {KINDS[kind]} does.", field="files")


_COPY = re.compile(r" ?\(\d+\)$")


def table_name(name: str) -> str:
    """Which table a file's name means: "Supplier prices (1).csv" is what a browser makes of supplier_prices."""
    return "_".join(_COPY.sub("", PurePosixPath(name).stem).lower().split())


def _keep(run: DataImport, name: str, file: Uploaded) -> None:
    kept = DataImportFile.objects.create(run=run, name=name, size=file.size or 0, sha256="")
    digest = hashlib.sha256()
    for no, content in enumerate(file.chunks(CHUNK)):
        digest.update(content)
        DataImportChunk.objects.create(file=kept, no=no, content=content)
    kept.sha256 = digest.hexdigest()
    kept.save(update_fields=["sha256"])
