"""ZIP files and workbooks: what is in them, what cannot be meant, and what would be too much."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from masterdata.models import DataImport
from suite.importing import packs, templates, uploads
from suite.importing.contract import BY_NAME, FILES
from suite.importing.reading import read_folder, read_sources
from suite.importing.sheets import sheet_sources
from suite.importing.sources import csv_files
from suite.importing.staging import Fault, Staged
from tests.suite import desks, uploading
from tests.suite.uploading import book, packed, typed, uploaded


def read(upload: Any, tmp_path: Path) -> Staged:
    """A workbook or a ZIP as the worker reads it."""
    path = tmp_path / upload.name
    path.write_bytes(upload.read())
    staged = Staged()
    if path.suffix == ".xlsx":
        sources = sheet_sources(path, upload.name, staged.faults)
    else:
        into = tmp_path / "unpacked"
        into.mkdir()
        sources = packs.zip_sources(path, upload.name, into, staged.faults)
    read_sources(sources, staged)
    return staged


def told(staged: Staged) -> list[tuple[int, str, str, str]]:
    return [(fault.row, fault.column, fault.value, fault.expected) for fault in staged.faults]


def test_a_workbook_as_people_type_it_reads_like_the_files(tmp_path: Path) -> None:
    """Numbers are numbers (199.005, not 199.00499999999999), dates are dates, "Unit conversions" is a sheet's name."""
    sheets = {name.replace("_", " ").capitalize(): typed(text) for name, text in desks.FILES.items()}
    staged = read(book({"About": [["anything", "goes"]], **sheets, "Sheet1": []}), tmp_path)
    (tmp_path / "files").mkdir()
    files = desks.write(tmp_path / "files")
    plain = read_folder(files)
    assert staged.faults == plain.faults == []
    for file in FILES:
        rows = [[row[column.name] for column in file.columns] for row in staged.rows[file.name]]
        assert rows == [[row[column.name] for column in file.columns] for row in plain.rows[file.name]], file.name
    assert staged.rows["sales_orders"][0]["unit_price"] == Decimal("199.005")
    assert staged.shown["sales_orders.csv"] == "shop.xlsx, sheet Sales orders"


def test_cells_without_a_value_that_could_be_meant(tmp_path: Path) -> None:
    """46054 days after 30 December 1899 are 1 February 2026."""
    head = typed(desks.FILES["sales_orders"])[0]
    rows = [
        ["SO1", "C1", 46054, dt.date(2026, 3, 20), 1, "DESK", 2, 199],
        [
            "SO2",
            "C1",
            dt.datetime(2026, 3, 1, 14, 30),  # noqa: DTZ001 (a workbook knows no zones)
            dt.date(2026, 3, 20),
            1,
            "DESK",
            "=1+1",
            199,
        ],
        ["SO3", "C1", dt.date(2026, 3, 1), dt.date(2026, 3, 20), 1, dt.date(2026, 3, 1), 2.5, "#REF!"],
    ]
    sheet = [head, *rows]
    found = told(read(book({"sales_orders": sheet}), tmp_path))
    assert found == [
        (2, "ordered_on", "46054", "a date; 46054 is how Excel stores 2026-02-01: format the column as a date"),
        (3, "ordered_on", "2026-03-01 14:30:00", "a date without a time of day"),
        (3, "quantity", "=1+1", "a value, not a formula: copy the column and paste it as values"),
        (
            4,
            "material_code",
            "2026-03-01 00:00:00",
            "text of 1 to 40 characters; Excel has made a date of it: format the column as text and type it again",
        ),
        (4, "unit_price", "#REF!", "a value; this cell shows an error of Excel"),
    ]


def test_numbers_keep_what_excel_keeps_and_codes_their_zeros(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.30000000000000004 in a workbook's bits and 0.3 on its screen. A code 7 formatted 0000 is 0007."""
    head = ["parent_code", "component_code", "quantity", "unit"]
    rows = [[(7, "0000"), 10023, 0.1 + 0.2, "EA"], ["A", (7, "General"), 1e-6, True]]
    staged = read(book({"boms": [head, *rows]}), tmp_path)
    assert [[row[name] for name in head] for row in staged.rows["boms"]] == [
        ["0007", "10023", Decimal("0.3"), "EA"],
        ["A", "7", Decimal("0.000001"), "yes"],
    ]


def test_rows_keep_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    """A line above the header, an empty row, a cell too many: rows are counted as the sheet counts them."""
    sheet = [[None], ["code", "name"], ["EA", "Each"], [None, None], ["KG"], ["L", "Litre", "too many"]]
    staged = read(book({"units": sheet}), tmp_path)
    assert [row.no for row in staged.rows["units"]] == [3, 5]
    assert told(staged) == [
        (5, "name", "", "text of 1 to 60 characters"),
        (6, "", "L,Litre,too many", "2 values as in the header, found 3"),
    ]


@pytest.mark.parametrize(
    ("sheets", "expected"),
    [
        ({"Prices": [["a"], ["b"]]}, "a sheet named after what it holds: accounts, opening_balances, units"),
        ({"units": [], "Sheet1": []}, "a workbook with rows in at least one sheet, under its header"),
        ({"units": [["code", "name"]]}, "a workbook with rows in at least one sheet, under its header"),
        ({"units": [["EA", "Each"]]}, "only the columns code, name"),
        ({"units": [["code", "name"], ["A", "B"]], "UNITS ": [["code", "name"], ["C", "D"]]}, "one sheet for units"),
    ],
)
def test_sheets_that_are_empty_twice_or_unknown(tmp_path: Path, sheets: dict[str, Any], expected: str) -> None:
    assert expected in told(read(book(sheets), tmp_path))[0][3]


def test_a_template_that_was_not_filled_in_names_no_table(tmp_path: Path) -> None:
    """Only the sheet with a row under its header counts: an empty BOM sheet must not mean that there are no BOMs."""
    path = tmp_path / templates.WORKBOOK
    path.write_bytes(templates.workbook())
    made = load_workbook(path)
    made["units"].append(["EA", "Each"])
    made.save(path)
    staged = Staged()
    read_sources(sheet_sources(path, path.name, staged.faults), staged)
    assert (staged.faults, staged.present) == ([], {"units"})


def test_templates_have_the_columns_of_the_contract() -> None:
    for file in FILES:
        content, _kind = templates.file_named(file.file_name) or (b"", "")
        assert content.decode("utf-8-sig").strip().split(",") == [column.name for column in file.columns]
        assert templates.WHAT[file.name]
    assert set(templates.WHAT) == set(BY_NAME)
    assert templates.file_named("secrets.csv") is None


def test_a_zip_may_have_a_folder_and_what_a_mac_puts_beside_it(tmp_path: Path) -> None:
    inside = {
        "data/units.csv": desks.FILES["units"],
        "__MACOSX/data/._units.csv": "x",
        "data/.DS_Store": "x",
    }
    staged = read(packed(inside), tmp_path)
    assert (staged.faults, [row["code"] for row in staged.rows["units"]]) == ([], ["EA", "KG"])
    assert staged.shown == {"units.csv": "all.zip, units.csv"}


def test_a_zip_packed_in_an_unknown_way_says_how_to_pack_it(tmp_path: Path) -> None:
    """Method 99, which nobody knows, in the file's own head (bytes 8 and 9) and in the directory (10 and 11)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("units.csv", "code,name\nEA,Each\n")
    data = bytearray(out.getvalue())
    at = data.rindex(b"PK\x01\x02")
    data[8:10] = data[at + 10 : at + 12] = (99).to_bytes(2, "little")
    staged = read(uploading.SimpleUploadedFile("odd.zip", bytes(data)), tmp_path)
    assert "packed in the usual way (deflated or stored); pack it again" in told(staged)[0][3]


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [(6, 99, "a ZIP or XLSX file that opens"), (8, 0x20, "packed in the usual way")],
)
def test_a_zip_of_a_kind_that_cannot_be_read_is_a_fault(tmp_path: Path, at: int, value: int, said: str) -> None:
    """Version 9.9 is needed to read it; it holds a patch of another file: bytes 6 and 8 of the directory's entry."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("units.csv", "code,name\nEA,Each\n")
    data = bytearray(out.getvalue())
    data[data.rindex(b"PK\x01\x02") + at] = value
    staged = read(uploading.SimpleUploadedFile("odd.zip", bytes(data)), tmp_path)
    assert said in told(staged)[0][3]


def test_a_zip_leads_nowhere_else(tmp_path: Path) -> None:
    staged = read(packed({"../../units.csv": desks.FILES["units"]}), tmp_path)
    assert staged.faults == []
    assert {path.name for path in (tmp_path / "unpacked").iterdir()} == {"0-units.csv"}


@pytest.mark.parametrize(
    ("upload", "expected"),
    [
        (packed({"notes.txt": "x"}), "a file of the contract"),
        (packed({"a/units.csv": "code,name\n", "b/units.csv": "code,name\n"}), "units.csv once in the ZIP"),
        (packed({}), "a ZIP with at least one file of the import contract"),
        (packed({f"{no}.csv": "" for no in range(201)}), "at most 200 files in it"),
        (packed({"stock.csv": b"0" * 30_000_000}), "200 MB and 200 times its size"),
        (uploading.SimpleUploadedFile("torn.zip", b"PK\x03\x04torn"), "a ZIP or XLSX file that opens"),
        (uploading.SimpleUploadedFile("torn.xlsx", b"PK\x03\x04torn"), "a ZIP or XLSX file that opens"),
        (packed({"[Content_Types].xml": "<x/>"}, "other.xlsx"), "an Excel workbook (.xlsx) that opens"),
        (packed({"xl/sharedStrings.xml": b"0" * (50 * 2**20 + 1)}, "b.xlsx"), "at most 50 MB of text"),
    ],
)
def test_packs_that_are_broken_bombs_or_something_else(upload: Any, expected: str, tmp_path: Path) -> None:
    upload.seek(0)
    assert expected in told(read(upload, tmp_path))[0][3]


def test_a_pack_that_says_it_is_small_is_read_no_further_than_it_says(tmp_path: Path) -> None:
    """The directory says ten bytes, the content is a megabyte: the checksum tells, after ten bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("units.csv", b"0" * 1_000_000)
    data = bytearray(out.getvalue())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    staged = read(uploading.SimpleUploadedFile("liar.zip", bytes(data)), tmp_path)
    assert "that can be unpacked" in told(staged)[0][3]
    assert (tmp_path / "unpacked" / "0-units.csv").stat().st_size <= 10


def test_a_workbook_whose_xml_expands_is_refused(tmp_path: Path) -> None:
    """A billion laughs: entities that name entities. What reads XML stops it, or nothing is found; it never grows."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 100}">' for n in range(10))
    upload = book({"units": [["code", "name"], ["EA", "Each"]]})
    out = io.BytesIO()
    with zipfile.ZipFile(upload) as good, zipfile.ZipFile(out, "w") as bad:
        for item in good.infolist():
            text = good.read(item)
            if item.filename.endswith("sheet1.xml"):
                start = text.index(b"<worksheet")
                text = (
                    text[:start]
                    + f"<!DOCTYPE worksheet [{laughs}]>".encode()
                    + text[start:].replace(b">EA<", b">&l9;<")
                )
            if item.filename == "xl/sharedStrings.xml":
                start = text.index(b"<sst")
                text = text[:start] + f"<!DOCTYPE sst [{laughs}]>".encode() + text[start:].replace(b">EA<", b">&l9;<")
            bad.writestr(item, text)
    staged = read(uploading.SimpleUploadedFile("laughs.xlsx", out.getvalue()), tmp_path)
    assert staged.faults
    assert all(len(row["name"]) <= 60 for row in staged.reading("units", "name"))


def test_csv_with_semicolons_or_tabs_says_so(tmp_path: Path) -> None:
    for sign, word in ((";", "semicolons"), ("\t", "tabs")):
        folder = tmp_path / word
        folder.mkdir()
        staged = read(packed({"units.csv": f"code{sign}name\nEA{sign}Each\n"}), folder)
        assert told(staged) == [(1, "", f"code{sign}name", f"commas between the columns; this file has {word}")]


def test_a_file_with_very_many_faults_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Every row lacks its name: at 50,000 faults reading stops, and the last fault says so."""
    rows = "".join(f"U{no},\n" for no in range(60_000))
    staged = read(packed({"units.csv": f"code,name\n{rows}"}), tmp_path)
    assert len(staged.faults) == 50_001
    assert staged.faults[-1] == Fault(
        "units.csv", 50_002, "", "", "fewer than 50000 faults in a file; it was not read on"
    )


def test_all_files_together_have_a_limit_where_one_is_set(tmp_path: Path) -> None:
    """Three rows of BOMs, one customer, one location: with room for five rows nothing more is read."""
    staged = Staged(most=5)
    read_sources(csv_files(desks.write(tmp_path), staged.faults), staged)
    assert sum(len(rows) for rows in staged.rows.values()) == 5
    limits = {fault.expected for fault in staged.faults}
    assert limits == {"fewer rows in all files together; import the rest by another upload"}


@pytest.mark.django_db
def test_one_table_in_two_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "send", lambda import_id: True)
    plant = uploading.plant()
    by = uploading.person(plant)
    workbook = book({"units": typed(desks.FILES["units"])})
    copy = uploading.SimpleUploadedFile("Units (1).csv", desks.FILES["units"].encode())
    run = uploaded(by, plant, workbook, copy)
    assert run.state == DataImport.State.FAULTY
    assert uploading.found(run) == [
        ("Units (1).csv", 0, "", "", "units in one file; it is in shop.xlsx, sheet units already")
    ]
