"""Imports one after the other, though two connections want to."""

from __future__ import annotations

import threading

from django.db import connection

from masterdata.models import DataImport, Material
from suite.importing import uploads, worker
from suite.importing.load import LOCK
from tests.suite import uploading
from tests.suite.desks import NOW
from tests.suite.uploading import csv_files, uploaded

State = DataImport.State


def test_an_import_that_waits_for_another_one_says_so_and_can_be_cancelled(committed: None) -> None:
    """Another connection holds the lock of imports. The worker waits, is cancelled in its wait, and wrote nothing."""
    plant = uploading.plant()
    by = uploading.person(plant)
    run = uploaded(by, plant, *csv_files())
    uploads.import_files(import_id=run.pk, by=by, now=NOW)
    ended: list[str] = []

    def work() -> None:
        try:
            ended.append(worker.work(import_id=run.pk, now=NOW))
        finally:
            connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    thread = threading.Thread(target=work)
    thread.start()
    try:
        uploading.until(lambda: DataImport.objects.get(pk=run.pk).stage == "waiting")
        uploads.cancel_import(import_id=run.pk, by=by, now=NOW)
        thread.join(30)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        thread.join()
    assert ended == [State.CANCELLED]
    assert not Material.objects.exists()
    assert DataImport.objects.get(pk=run.pk).state == State.CANCELLED
