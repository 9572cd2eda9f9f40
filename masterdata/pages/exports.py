"""Lists as files: CSV and XLSX, with cells that no spreadsheet will run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

MOST_ROWS = 200_000
"""So many rows a list puts into a file; a longer one says in its last line that it was cut off."""
AT_ONCE = 2_000
"""So many rows are in memory at a time, beside the file itself."""
FORMULA = re.compile(r"^[\s]*[=+\-@]|^[\t\r\n]")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def neutral(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers and dates stay."""
    if value is None or isinstance(value, (int, Decimal, date)):
        return value
    text = UNPRINTABLE.sub("", str(value))
    return f"'{text}" if FORMULA.match(text) else text


def as_csv(name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """UTF-8 with a byte order mark, so that a spreadsheet reads names as they are."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([neutral(head) for head in heads])
    writer.writerows([_for_csv(neutral(cell)) for cell in row] for row in rows)
    return _file(f"{name}.csv", "text/csv; charset=utf-8", ("\ufeff" + text.getvalue()).encode())


def as_xlsx(name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    from openpyxl import Workbook  # a third of a second to import, and only exports need it
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    bold = [_text_cell(sheet, str(head)) for head in heads]
    for cell in bold:
        cell.font = Font(bold=True)
    sheet.append(bold)
    for row in rows:
        sheet.append([_text_cell(sheet, cell) if isinstance(cell, str) else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return _file(f"{name}.xlsx", XLSX, out.getvalue())


def _text_cell(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=neutral(text))
    cell.data_type = "s"
    return cell


def _for_csv(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _file(name: str, content_type: str, content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
