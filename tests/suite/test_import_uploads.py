"""Uploaded files: checked by a worker, imported by one click, all or nothing, cancelled at any time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.utils import IntegrityError, ProgrammingError

from erp.models import SalesOrder, StockBalance
from masterdata.errors import InvalidInput, NotAllowed, StaleVersion
from masterdata.models import DataImport, DataImportChunk, Material
from suite.importing import uploads, worker
from suite.importing.beat import Beat
from tests.suite import uploading
from tests.suite.desks import FILES, NOW
from tests.suite.uploading import csv_files, found, imported, uploaded

pytestmark = pytest.mark.django_db
State = DataImport.State


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are the worker."""
    monkeypatch.setattr(uploads, "send", lambda import_id: True)


@pytest.fixture
def shop() -> tuple[Any, Any]:
    plant = uploading.plant()
    return uploading.person(plant), plant


def test_what_was_checked_is_imported_by_one_click(shop: tuple[Any, Any]) -> None:
    """Twelve files: 2 units, 4 materials, 2 BOMs, one order. Checking writes nothing, importing what was shown."""
    by, plant = shop
    run = uploaded(by, plant, *csv_files())
    assert (run.state, run.fault_count, Material.objects.count()) == (State.READY, 0, 0)
    shown = {one.entity: (one.created, one.changed, one.unchanged) for one in run.counts.all()}
    assert (shown["units"], shown["materials"], shown["boms"]) == ((2, 0, 0), (4, 0, 0), (2, 0, 0))
    table = run.tables.get(name="boms")
    assert (table.source, table.rows) == ("boms.csv", 3)
    assert table.sample[1] == ["DESK", "TOP", "1", "EA"]
    run = imported(run, by)
    assert (run.state, run.imported_by, run.asked_at) == (State.DONE, by, NOW)
    assert {one.entity: (one.created, one.changed, one.unchanged) for one in run.counts.all()} == shown
    assert SalesOrder.objects.get().number == "SO1"
    assert sum(StockBalance.objects.values_list("on_hand", flat=True)) == Decimal("15.5")
    assert not DataImportChunk.objects.exists()
    again = uploaded(by, plant, *csv_files())
    assert {(one.created, one.changed) for one in again.counts.all()} == {(0, 0)}


def test_faults_are_told_with_place_value_and_what_was_expected(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    files = {**FILES, "boms": FILES["boms"].replace("TOP,BOARD,2,EA", "TOP,PLANK,-2,EA")}
    run = uploaded(by, plant, *csv_files(files))
    assert (run.state, run.fault_count) == (State.FAULTY, 2)
    assert found(run) == [
        ("boms.csv", 3, "quantity", "-2", "a number with up to 6 decimals above 0 and at most 999999999999"),
        ("boms.csv", 3, "component_code", "PLANK", "a material that stands in materials.csv or exists already"),
    ]
    with pytest.raises(uploads.ImportNotReady) as refused:
        uploads.import_files(import_id=run.pk, by=by, now=NOW)
    assert refused.value.values == {"state": "faulty", "faults": 2}


def test_what_changed_since_the_check_is_found_when_it_is_imported(shop: tuple[Any, Any]) -> None:
    """Between check and click somebody opens another quantity of the same stock: it is a fault, nothing is written."""
    by, plant = shop
    run = uploaded(by, plant, *csv_files({**FILES, "stock": FILES["stock"].replace("A-1,10", "A-1,11")}))
    imported(uploaded(by, plant, *csv_files()), by)
    run = imported(run, by)
    assert run.state == State.FAULTY
    assert [(file, row, value) for file, row, _c, value, _e in found(run)] == [("stock.csv", 2, "11")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("materials.csv", b"", "is empty"),
        ("materials.xls", b"\xd0\xcf\x11\xe0", "save it as an Excel workbook (.xlsx)"),
        ("materials.pdf", b"%PDF", "upload .csv, .zip or .xlsx"),
        ("materials.csv", b"PK\x03\x04rest", "is a ZIP or a workbook, not text"),
        ("book.xlsx", b"code,name\n", "holds something else"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_at_once(
    shop: tuple[Any, Any], name: str, content: bytes, says: str
) -> None:
    by, plant = shop
    with pytest.raises(uploads.UnusableFile, match=says.replace("(", r"\(").replace(")", r"\)")):
        uploads.upload_files(plant=plant, files=[uploading.SimpleUploadedFile(name, content)], by=by, now=NOW)
    assert not DataImport.objects.exists()


def test_more_than_a_hundred_megabytes_are_refused_by_their_size_alone(shop: tuple[Any, Any]) -> None:
    """Nothing of the file is read: its `chunks` would fail."""
    by, plant = shop

    class Huge:
        name, size = "stock.csv", uploads.LARGEST_UPLOAD + 1

        def chunks(self, chunk_size: int) -> Any:
            raise AssertionError

    with pytest.raises(uploads.UploadTooLarge, match="at most 100 MB"):
        uploads.upload_files(plant=plant, files=[Huge()], by=by, now=NOW)


def test_files_and_days_that_cannot_be_meant(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    twice = csv_files({"units": FILES["units"]}) * 2
    with pytest.raises(uploads.UnusableFile, match="chosen twice"):
        uploads.upload_files(plant=plant, files=twice, by=by, now=NOW)
    with pytest.raises(uploads.UnusableFile, match="at least one file"):
        uploads.upload_files(plant=plant, files=[], by=by, now=NOW)
    with pytest.raises(InvalidInput, match="from -36500 to 36500"):
        uploads.upload_files(plant=plant, files=twice[:1], by=by, now=NOW, shift_days=40_000)


def test_only_who_imports_data_there_may(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    elsewhere = uploading.person(uploading.plant("ELSEWHERE"), name="elsa")
    buyer = uploading.person(plant, "buyer", "bert")
    run = uploaded(by, plant, *csv_files())
    for user in (elsewhere, buyer):
        with pytest.raises(NotAllowed):
            uploads.upload_files(plant=plant, files=csv_files(), by=user, now=NOW)
        with pytest.raises(NotAllowed):
            uploads.import_files(import_id=run.pk, by=user, now=NOW)


def test_a_click_on_what_somebody_else_changed_is_told(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    run = uploaded(by, plant, *csv_files())
    with pytest.raises(StaleVersion):
        uploads.import_files(import_id=run.pk, by=by, now=NOW, expected_version=run.version - 1)
    first = uploads.import_files(import_id=run.pk, by=by, now=NOW, expected_version=run.version)
    second = uploads.import_files(import_id=run.pk, by=by, now=NOW, expected_version=run.version)
    assert (first.state, second.version) == (State.IMPORTING, first.version)


def test_cancelled_before_a_worker_took_it_nothing_stays(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    run = uploads.upload_files(plant=plant, files=csv_files(), by=by, now=NOW)
    assert DataImportChunk.objects.count() == 12
    run = uploads.cancel_import(import_id=run.pk, by=by, now=NOW)
    assert (run.state, run.cancel_requested_by, DataImportChunk.objects.count()) == (State.CANCELLED, by, 0)
    assert worker.work(import_id=run.pk, now=NOW) == "nothing"
    assert uploads.cancel_import(import_id=run.pk, by=by, now=NOW).version == run.version


def test_an_import_that_is_done_stays_as_it_is(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    run = imported(uploaded(by, plant, *csv_files()), by)
    with pytest.raises(uploads.ImportIsOver):
        uploads.cancel_import(import_id=run.pk, by=by, now=NOW)
    with pytest.raises(ProgrammingError, match="Cannot update"):
        DataImport.objects.filter(pk=run.pk).update(note="other")


def test_every_transition_is_allowed_or_not(shop: tuple[Any, Any]) -> None:
    """The table whole: what is done or cancelled is over, and only what is ready becomes an import."""
    assert {state: sorted(after) for state, after in uploads.TRANSITIONS.items()} == {
        "checking": ["cancelled", "failed", "faulty", "ready"],
        "faulty": ["cancelled"],
        "ready": ["cancelled", "importing"],
        "importing": ["cancelled", "done", "failed", "faulty"],
        "failed": ["cancelled", "checking"],
        "done": [],
        "cancelled": [],
    }
    by, plant = shop
    run = uploaded(by, plant, *csv_files())
    with pytest.raises(AssertionError):
        uploads.go(run, State.DONE, NOW)
    with pytest.raises(IntegrityError):
        DataImport.objects.filter(pk=run.pk).update(state=State.IMPORTING)


def test_a_worker_that_fails_or_vanishes_loses_nothing(shop: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed: checked again. Vanished: after 30 s the next one takes it, after three it is given up."""
    by, plant = shop
    run = uploads.upload_files(plant=plant, files=csv_files(), by=by, now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(worker, "read_sources", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            worker.work(import_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.note) == (State.FAILED, "Unexpected, and logged: ZeroDivisionError")
    uploads.check_again(import_id=run.pk, by=by, now=NOW)
    later = NOW
    for _ in range(worker.MOST_TRIES):
        assert worker._take(run.pk, later) is not None
        assert worker._take(run.pk, later + dt.timedelta(seconds=29)) is None
        assert uploads.wake_waiting_imports(now=later + dt.timedelta(seconds=29)) == 0
        later += dt.timedelta(seconds=31)
        assert uploads.wake_waiting_imports(now=later) == 1
    assert worker._take(run.pk, later) is None
    run.refresh_from_db()
    assert run.state == State.FAILED


def test_what_nobody_imports_within_a_week_goes(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    run = uploaded(by, plant, *csv_files())
    assert uploads.forget_uploads(now=NOW + dt.timedelta(days=7)) == 0
    assert uploads.forget_uploads(now=NOW + dt.timedelta(days=7, seconds=1)) == 1
    run.refresh_from_db()
    assert (run.state, run.note) == (State.CANCELLED, "Nobody imported it within 7 days")
    assert not DataImportChunk.objects.exists()


def test_a_beat_tells_how_far_it_is(shop: tuple[Any, Any]) -> None:
    by, plant = shop
    run = uploads.upload_files(plant=plant, files=csv_files(), by=by, now=NOW)
    taken = worker._take(run.pk, NOW)
    assert taken is not None
    beat = Beat(taken)
    beat.say("writing:boms", 5, 20)
    beat._look()
    run.refresh_from_db()
    assert (run.stage, run.done, run.total, run.percent) == ("writing:boms", 5, 20, 25)
