"""Money: a report with its postings, the list of work orders, the trial balance, a PDF, closing a period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import _money_ledger, _money_list, _money_pdf, _money_report
from suite.stack import places

DATA = places.ROOT.parent / "shared" / "data"


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Parts whose data does not lie beside the project are left out and say so."""
    figures: dict[str, Any] = {}
    left_out: list[str] = []
    figures |= _money_pdf.run(say, times=20 if quick else 100)
    figures |= _money_ledger.run(say, quick=quick)
    if not (DATA / "threelevel").is_dir():
        return figures | {"left_out": [f"reports and the list: {DATA / 'threelevel'} is not there"]}
    figures |= _money_report.run(DATA / "threelevel", say, reports=40 if quick else 300)
    if quick:
        return figures | {"left_out": ["the list of 10,000 work orders: too long for --quick"]}
    figures |= _money_list.run(DATA / "threelevel", say)
    return figures | {"left_out": left_out}
