"""An administrator with a plant, and files as a browser sends them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from masterdata.models import DataImport, Membership, Plant, User
from suite.importing import masters, uploads, worker
from tests.crew import until as until
from tests.suite.desks import FILES, NOW


def plant(code: str = "MAIN") -> Plant:
    """A plant with books and places, as the importer makes one."""
    return masters.target(code, {NOW.year - 1, NOW.year, NOW.year + 1}).plant


def person(where: Plant, role: str = "admin", name: str = "ada") -> User:
    """Somebody with that role in the plant's company."""
    user = User.objects.create_user(name, password="a-long-password")
    Membership.objects.create(user=user, role=role, company=where.company)
    return user


def csv_files(files: Mapping[str, str] = FILES) -> list[SimpleUploadedFile]:
    """CSV files by table."""
    return [SimpleUploadedFile(f"{name}.csv", text.encode()) for name, text in files.items()]


def packed(files: Mapping[str, bytes | str], name: str = "all.zip") -> SimpleUploadedFile:
    """A ZIP of files by their name in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for inside, content in files.items():
            pack.writestr(inside, content)
    return SimpleUploadedFile(name, out.getvalue())


def book(sheets: Mapping[str, list[list[Any]]], name: str = "shop.xlsx") -> SimpleUploadedFile:
    """A workbook of sheets by title; a cell may be a value or (value, number format)."""
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for at, row in enumerate(rows, start=1):
            for no, value in enumerate(row, start=1):
                cell = sheet.cell(at, no)
                cell.value = value[0] if isinstance(value, tuple) else value
                if isinstance(value, tuple):
                    cell.number_format = value[1]
    out = io.BytesIO()
    made.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def typed(text: str) -> list[list[Any]]:
    """The rows of a CSV as somebody types them into a sheet: numbers are numbers, dates are dates."""
    return [[_typed(cell) for cell in line.split(",")] for line in text.splitlines()]


def _typed(cell: str) -> Any:
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        pass
    try:
        return float(cell) if cell.strip() else None
    except ValueError:
        return cell


def uploaded(by: User, where: Plant, *files: Any, now: dt.datetime = NOW) -> DataImport:
    """Upload and have the worker check."""
    run = uploads.upload_files(plant=where, files=list(files), by=by, now=now)
    worker.work(import_id=run.pk, now=now)
    run.refresh_from_db()
    return run


def found(run: DataImport) -> list[tuple[str, int, str, str, str]]:
    """Its faults."""
    return list(run.faults.values_list("file", "row", "column", "value", "expected"))


def imported(run: DataImport, by: User, now: dt.datetime = NOW) -> DataImport:
    """One click, and the worker's part."""
    uploads.import_files(import_id=run.pk, by=by, now=now)
    worker.work(import_id=run.pk, now=now)
    run.refresh_from_db()
    return run
