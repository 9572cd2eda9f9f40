"""Files that people upload to be imported: what is in them, what is wrong with them, and what became of them."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models.people import User
from masterdata.models.places import Plant

CHUNK = 1024 * 1024


def in_words(name: str) -> str:
    """A table's name as people say it."""
    return "BOMs" if name == "boms" else name.replace("_", " ").capitalize()


class DataImport(models.Model):
    """Files for one plant: checked by a worker, looked at, then imported by a worker, all or nothing.

    `done` of `total` count what `stage` is about: bytes read, rows written. A worker that works on it has the highest
    `token` and says so in `told_at` about twice a second. Once it is over its row stays as it is.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        FAULTY = "faulty", "Has faults"
        READY = "ready", "Ready to import"
        IMPORTING = "importing", "Being imported"
        DONE = "done", "Imported"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.CHECKING)
    shift_days = models.IntegerField(default=0, help_text="By how many days the dates of orders are moved")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When somebody said that it is to be imported")
    cancel_requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="When the worker took it; empty: it waits")
    ended_at = models.DateTimeField(null=True, blank=True)
    token = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=120, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=240, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="who_imports_says_when",
                condition=Q(imported_by__isnull=True, asked_at__isnull=True)
                | Q(imported_by__isnull=False, asked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="who_cancels_an_import_says_when",
                condition=Q(cancel_requested_by__isnull=True, cancel_requested_at__isnull=True)
                | Q(cancel_requested_by__isnull=False, cancel_requested_at__isnull=False),
            ),
            models.CheckConstraint(
                name="what_is_imported_has_no_faults",
                condition=~Q(state__in=["ready", "importing", "done"]) | Q(fault_count=0),
            ),
            models.CheckConstraint(
                name="what_is_imported_was_asked_for",
                condition=~Q(state__in=["importing", "done"]) | Q(asked_at__isnull=False),
            ),
            models.CheckConstraint(name="import_done_is_part_of_total", condition=Q(total=0) | Q(done__lte=F("total"))),
        ]
        indexes = [
            models.Index(name="imports_going_on", fields=["id"], condition=Q(state__in=["checking", "importing"]))
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_done_import_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="done"),
            )
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def is_going_on(self) -> bool:
        """Whether a worker has it, or it waits for one."""
        return self.state in (self.State.CHECKING, self.State.IMPORTING)

    @property
    def percent(self) -> int | None:
        """How far the stage is."""
        return None if not self.total else min(100, self.done * 100 // self.total)


class DataImportFile(models.Model):
    """One file as it was uploaded."""

    run = models.ForeignKey(DataImport, models.CASCADE, related_name="files")
    name = models.CharField(max_length=160)
    size = models.PositiveBigIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["run", "id"]
        constraints = [models.UniqueConstraint(name="one_import_file_of_a_name", fields=["run", "name"])]

    def __str__(self) -> str:
        return self.name


class DataImportChunk(models.Model):
    """A megabyte of a file; gone as soon as its import is over."""

    file = models.ForeignKey(DataImportFile, models.CASCADE, related_name="chunks")
    no = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["file", "no"]
        constraints = [models.UniqueConstraint(name="one_import_chunk_of_a_number", fields=["file", "no"])]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.no}"


class DataImportTable(models.Model):
    """One table of the contract that was found in the files; `sample` has its header and first rows, as texts."""

    run = models.ForeignKey(DataImport, models.CASCADE, related_name="tables")
    name = models.CharField(max_length=40)
    source = models.CharField(max_length=240, help_text="The file, or the sheet of a workbook")
    rows = models.PositiveIntegerField()
    sample = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["run", "id"]
        constraints = [models.UniqueConstraint(name="one_import_table_of_a_name", fields=["run", "name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> str:
        """ "Sales orders", "BOMs"."""
        return in_words(self.name)


class DataImportCount(models.Model):
    """What the import would do (or did) to one kind of thing."""

    run = models.ForeignKey(DataImport, models.CASCADE, related_name="counts")
    entity = models.CharField(max_length=40)
    created = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()

    class Meta:
        ordering = ["run", "id"]
        constraints = [models.UniqueConstraint(name="one_import_count_of_an_entity", fields=["run", "entity"])]

    def __str__(self) -> str:
        return self.entity

    @property
    def words(self) -> str:
        """ "Sales order lines", "BOMs"."""
        return in_words(self.entity)


class DataImportFault(models.Model):
    """What is wrong where: row 1 is the header, 0 the file as a whole."""

    run = models.ForeignKey(DataImport, models.CASCADE, related_name="faults")
    file = models.CharField(max_length=240)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=200, blank=True)
    expected = models.CharField(max_length=400)

    class Meta:
        ordering = ["run", "id"]

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}"
