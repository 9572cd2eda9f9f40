"""Memory of an import: what is uploaded and read never stands in memory as a whole."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from masterdata.models import DataImportChunk
from suite.importing import uploads, worker
from suite.stack import places
from tests.suite import uploading
from tests.suite.desks import NOW

MEGABYTE = 1024 * 1024
CHILD = """
import resource, sys
from pathlib import Path
from suite.importing.reading import read_folder, read_sources
from suite.importing.sheets import sheet_sources
from suite.importing.staging import Staged
path = Path(sys.argv[1])
if path.is_dir():
    staged = read_folder(path)
else:
    staged = Staged()
    read_sources(sheet_sources(path, path.name, staged.faults), staged)
    assert path.stat().st_size
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, len(staged.rows["boms"]), len(staged.faults))
"""


def peak(path: Path) -> tuple[int, int, int]:
    """Peak memory in MB of a process that reads it, how many rows it keeps, how many faults it finds."""
    command = [sys.executable, "-c", CHILD, str(path)]
    out = subprocess.run(command, cwd=places.ROOT, capture_output=True, text=True, check=True).stdout
    memory, rows, faults = out.split()
    return int(memory), int(rows), int(faults)


def boms(folder: Path, rows: int) -> Path:
    """A folder with a BOM file of so many rows."""
    folder.mkdir()
    with open(folder / "boms.csv", "w", encoding="utf-8") as file:
        file.write("parent_code,component_code,quantity,unit\n")
        for no in range(rows):
            file.write(f"PARENT-{no // 20:08d},COMPONENT-{no % 5000:08d},{no % 97 + 1}.25,EA\n")
    return folder


@pytest.mark.long
def test_a_large_file_is_read_line_by_line(tmp_path: Path) -> None:
    """300,000 rows are 13 MB. Each kept row costs two small objects and its key, under 400 bytes: 120 MB."""
    small, _rows, _faults = peak(boms(tmp_path / "small", 1000))
    large, rows, faults = peak(boms(tmp_path / "large", 300_000))
    assert (rows, faults) == (300_000, 0)
    assert large - small < 300_000 * 400 / MEGABYTE


def test_a_file_of_more_than_a_hundred_megabytes_is_refused_unread(tmp_path: Path) -> None:
    """It is all hole: a hundred and twenty megabytes that take no room."""
    small, _rows, _faults = peak(boms(tmp_path / "small", 1000))
    giant = tmp_path / "giant"
    giant.mkdir()
    with open(giant / "boms.csv", "wb") as file:
        file.truncate(120 * MEGABYTE)
    memory, rows, faults = peak(giant)
    assert (rows, faults) == (0, 1)
    assert memory <= small + 2


def test_a_line_without_an_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Eighty megabytes of zeros in one line: one megabyte of it is looked at."""
    small, _rows, _faults = peak(boms(tmp_path / "small", 1000))
    endless = tmp_path / "endless"
    endless.mkdir()
    with open(endless / "boms.csv", "wb") as file:
        file.write(b"parent_code,component_code,quantity,unit\n")
        file.truncate(80 * MEGABYTE)
    memory, _rows, faults = peak(endless)
    assert faults == 1
    assert memory <= small + 8


@pytest.mark.django_db
def test_an_upload_passes_through_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty megabytes come and go to the database and to the worker's disk; a few at a time are in memory."""
    monkeypatch.setattr(uploads, "send", lambda import_id: True)
    plant = uploading.plant()
    by = uploading.person(plant)

    class Long:
        name, size = "boms.csv", 30 * MEGABYTE

        def chunks(self, chunk_size: int) -> Iterator[bytes]:
            yield from (b"a" * min(chunk_size, MEGABYTE) for _ in range(30))

    files: list[Any] = [Long()]
    tracemalloc.start()
    run = uploads.upload_files(plant=plant, files=files, by=by, now=NOW)
    _now, uploading_peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    state = worker.work(import_id=run.pk, now=NOW)
    _now, working_peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert state == "faulty"
    assert DataImportChunk.objects.count() == 30
    assert uploading_peak < 12 * MEGABYTE
    assert working_peak < 20 * MEGABYTE
