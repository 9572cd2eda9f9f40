"""An export says what its list shows: the same columns and all rows, numbers as numbers, days as days, no formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

from django.test import Client
from openpyxl import load_workbook

from masterdata.pages import exports

MARKUP = re.compile(r"</?[a-z]+[ >]")


def wrong_in(client: Client, url: str) -> list[str]:
    """What is wrong with the CSV and XLSX files of a list or report, in words; empty: nothing."""
    answers = {kind: client.get(url, {"export": kind}) for kind in ("csv", "xlsx")}
    for kind, answer in answers.items():
        if answer.status_code != 200 or "attachment" not in answer.get("Content-Disposition", ""):
            return [f"{url}?export={kind} answers {answer.status_code}"]
    heads, *lines = csv.reader(io.StringIO(answers["csv"].content.decode("utf-8-sig")))
    sheet = load_workbook(io.BytesIO(answers["xlsx"].content)).active
    assert sheet is not None
    first, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    found = [] if heads == [head or "" for head in first] else [f"{url}: heads {heads} and {first}"]
    found += _beside_the_page(client, url, heads, len(lines))
    if len(lines) != len(rows):
        found.append(f"{url}: {len(lines)} lines of CSV, {len(rows)} of XLSX")
    for number, (line, row) in enumerate(zip(lines, rows, strict=False)):
        for head, text, value in zip(heads, line, row, strict=False):
            if problem := _wrong(text, value):
                found.append(f"{url} row {number}, {head}: {problem}")
    return found


def _beside_the_page(client: Client, url: str, heads: list[str], count: int) -> list[str]:
    """Of a list: the columns that are shown, and as many rows as it says."""
    context = client.get(url).context
    if context is None or "page" not in context or "heads" not in context:
        return []
    shown = [str(head.column.label) for head in context["heads"] if head.column.exported]
    found = [] if heads == [exports.neutral(one) for one in shown] else [f"{url}: shows {shown}, exports {heads}"]
    there = context["page"].paginator.count
    return found if count == there else [*found, f"{url}: {there} rows, {count} exported"]


def _wrong(text: str, value: Any) -> str:
    """A cell of both files: the same value; text that could run carries an apostrophe."""
    if value is None:
        return "" if text == "" else f"{text!r} and nothing"
    if isinstance(value, bool):
        return "" if text == str(value) else f"{text!r} and {value!r}"
    if isinstance(value, (int, float)):
        return "" if abs(float(text) - value) <= abs(value) * 1e-14 else f"{text!r} and {value!r}"
    if isinstance(value, dt.datetime):
        moment = dt.datetime.fromisoformat(text)
        return "" if abs(moment - value) < dt.timedelta(seconds=1) else f"{text!r} and {value!r}"
    if text.replace("\r\n", "\n") != str(value).replace("\r\n", "\n"):
        return f"{text!r} and {value!r}"
    if exports.FORMULA.match(text):
        return f"{text!r} could run"
    if MARKUP.search(text):
        return f"{text!r} is markup"
    return f"{text!r} is a number, kept as text" if text.startswith("'-") and text[2:3].isdigit() else ""
