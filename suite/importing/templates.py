"""Files to fill in: a CSV with the header of each table, and a workbook with all of them and what belongs in them."""

from __future__ import annotations

import csv
import io

from suite.importing.contract import BY_NAME, FILES, File
from suite.importing.relations import WHAT as REFERENCES
from suite.importing.sheets import ABOUT

WORKBOOK = "throughline.xlsx"
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHAT = {
    "accounts": "Accounts of the company, those with a role under its own number",
    "opening_balances": "What stood on accounts when the books began; debit above zero",
    "units": "Units of measure",
    "materials": "What is bought, made, stored or sold",
    "planning_parameters": "How materials are planned in the plant: lots, safety, times",
    "unit_conversions": "Other units of a material: how many base units one of them holds",
    "boms": "Components per one base unit of the parent",
    "bom_substitutes": "What may be used instead of a BOM's component",
    "bom_byproducts": "What comes out beside one base unit of the parent",
    "work_centres": "Groups of like machines",
    "routings": "Operations of what is made, in sequence",
    "locations": "Storage places of the plant",
    "stock": "What lies where when you begin",
    "suppliers": "Whom you buy from",
    "supplier_prices": "Who sells what, at what price, how fast",
    "supplier_price_tiers": "Prices from a quantity on, for a time, with packs; fees of subcontractors",
    "customers": "Who buys",
    "sales_orders": "One row a line; the first columns repeat",
}
DATE_FORMAT, TEXT_FORMAT = "yyyy-mm-dd", "@"


def file_named(name: str) -> tuple[bytes, str] | None:
    """Content and type of a template, None when there is none of this name."""
    if name == WORKBOOK:
        return workbook(), XLSX_TYPE
    file = BY_NAME.get(name.removesuffix(".csv")) if name.endswith(".csv") else None
    return (header(file), CSV_TYPE) if file is not None else None


def header(file: File) -> bytes:
    """The header line, with a byte order mark so that a spreadsheet reads what is typed under it as UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerow([column.name for column in file.columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def workbook() -> bytes:
    """All tables as sheets. Columns of codes are text, so that Excel keeps their zeros; columns of dates are dates."""
    from openpyxl import Workbook  # a third of a second to import, and only imports and exports need it
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    about = book.active
    about.title = ABOUT
    about.append(["Sheet", "Column", "What is expected"])
    for file in FILES:
        sheet = book.create_sheet(file.name)
        sheet.append([column.name for column in file.columns])
        sheet.freeze_panes = "A2"
        about.append([file.name, "", WHAT[file.name]])
        for at, column in enumerate(file.columns, start=1):
            sheet.cell(1, at).font = Font(bold=True)
            shape = sheet.column_dimensions[get_column_letter(at)]
            shape.width = max(12, len(column.name) + 4)
            if column.kind in ("code", "text", "date"):
                shape.number_format = DATE_FORMAT if column.kind == "date" else TEXT_FORMAT
            told = f"{REFERENCES[column.refers]} of the sheet {column.refers}" if column.refers else column.expectation
            about.append([file.name, column.name, told])
    for letter, width in (("A", 20), ("B", 26), ("C", 80)):
        about.column_dimensions[letter].width = width
    for cell in about[1]:
        cell.font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
