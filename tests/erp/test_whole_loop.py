"""The whole loop from capital to the closed month, each account and the order's margin worked by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.test import Client
from time_machine import TimeMachineFixture

from erp.models import MaterialValue, SalesOrder, WorkOrder
from erp.profit.selectors import profit_by
from erp.sales.selectors.listed import with_profit
from suite import audit
from tests.erp.loop import Loop, done
from tests.erp.shop import Shop

D = Decimal
MARCH = dt.date(2026, 3, 1)


def figures(report: Any, column: int) -> dict[str, Decimal]:
    """One column of a report's single lines, by account."""
    return {row["code"]: D(row["figures"][column]) for row in report["rows"] if row["level"] == ""}


def test_from_capital_to_the_closed_month(shop: Shop, time_machine: TimeMachineFixture) -> None:
    """One month of a small maker of tables, every deed by its front door, by who may do it.

    Bought: 100 legs at 4.00 and 30 boards at 10.00 = 700.00, and 20.00 freight on the legs: 4.20 each.
    Planned: a top 2 x 10.00 + (10 + 10 x 2) min / 10 at 30.00 labour + 60.00 machine + 50 % of labour = 105.00 an hour,
    52.50 / 10 = 5.25: 25.25. A table 4 x 4.20 + 25.25 + 5.25 = 47.30.
    Made: tops 200.00 + 36 min (18.00 + 36.00 + 9.00) = 263.00. Tables 168.00 + 263.00 + 18 min (9.00 + 18.00 + 4.50)
    = 462.50, of which 6 take 6 x 47.30 = 283.80; they leave before their work is closed.
    The yard asks 4.10 for the legs: 10.00 more, of which 40 of 100 are in the work: 4.00 to it, 6.00 to stock (4.30).
    16 min more (8.00 + 16.00 + 4.00): 178.70 + 4.00 + 28.00 = 210.70 for 3 tables, the fourth was split. Made again:
    a top 20.00 + 12 min 21.00 = 41.00, a table 4 x 4.30 + 41.00 + 21.00 = 79.20. The other 4 leave at 289.90.

    The order: material 220.00 + 168.00 + 4.00 + 17.20 = 409.20, labour 18 + 9 + 8 + 6 + 6 = 47.00, machine 94.00,
    overhead 23.50, freight 30.00. One of the first six comes back at 283.80 / 6 = 47.30: material 361.90, all 556.40.
    Sold: 1,500.00, deposit 450.00 + 85.50; final 1,050.00 + 199.50 = 1,249.50 less 2 % = 24.99, of it 3.99 tax; one
    credited, 150.00 + 28.50, and paid back. Earned: 1,500.00 - 150.00 - 21.00 = 1,329.00; 1,329.00 - 556.40 = 772.60.

    1000 bank             20,000.00 + 535.50 - (844.90 - 16.90) - 59.50 + 1,224.51 - 5.00 - 178.50 = 20,689.01
    1200 inventory        56 legs x 4.30 + 8 boards x 10.00 + 1 table 47.30 = 368.10
    1400 input tax        19 % of 710.00 - 2.70 (19/119 of 16.90) + 19 % of 50.00 = 141.70
    2200 tax payable      - (285.00 - 3.99 - 28.50) = - 252.51
    3010 share capital    - 20,000.00
    4000 revenue          - 1,500.00 + 150.00;  4100 discount granted 21.00
    5000 cost of goods    283.80 + 289.90 - 47.30 = 526.40
    5100, 5200, 5250      absorbed: - 47.00, - 94.00, - 23.50
    5500 freight 30.00, 5600 discount taken - (16.90 - 2.70) = - 14.20, 6100 bank charges 5.00
    1100, 1300, 2000, 2100, 2110, 2300 are zero: all is paid, made, invoiced. Sum of all: zero.
    """
    loop = Loop(shop, time_machine)
    loop.found_with("20000")
    loop.buy()
    loop.sell()
    loop.make_ten()
    loop.take_papers()
    loop.finish()
    loop.pay_suppliers()
    loop.charge()
    loop.take_one_back()
    expected = {
        "1000": D("20689.01"), "1200": D("368.10"), "1400": D("141.70"), "2200": D("-252.51"), "3010": D(-20000),
        "4000": D(-1350), "4100": D(21), "5000": D("526.40"), "5100": D(-47), "5200": D(-94), "5250": D("-23.50"),
        "5500": D(30), "5600": D("-14.20"), "6100": D(5),
    }  # fmt: skip
    trial = loop.report("trial-balance")
    assert trial["agrees"]
    closing = figures(trial, 3)
    assert {code: amount for code, amount in closing.items() if amount} == expected
    assert {"1100", "1300", "2000", "2100", "2110", "2300"} <= set(closing)
    assert sum(expected.values()) == 0
    assert not WorkOrder.objects.filter(closed_at=None).exists()
    _margin(loop)
    _reports(loop)
    loop.close_march()
    assert done(loop.ann.get("erp/periods/", state="open"))["count"] == 9
    assert loop.too_late() == "period_closed"
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def _margin(loop: Loop) -> None:
    """First estimated: material 4 x 4.20 x 10 + 200.00 = 368.00, 60 min 105.00: 473.00 of 1,500.00, 1,027.00 earned.

    Tops 36 min for 30: 6/36 of 63.00 = 10.50. Tables 34 for 30: 4/34 of 59.50 = 7.00. Made again: the table without its
    top 17.20 + 21.00 = 38.20, the top 41.00. Legs 4.00 dearer, freight 30.00. Back: 47.30. Credited 150.00, discount
    21.00. 1,027.00 - 10.50 - 7.00 - 38.20 - 41.00 - 4.00 - 30.00 + 47.30 - 150.00 - 21.00 = 772.60.
    """
    margin = done(loop.ann.get(f"erp/sales-orders/{loop.order}/margin/"))
    amounts = (margin["revenue"], margin["cost"], margin["first_margin"], margin["margin"], margin["is_final"])
    assert amounts == ("1329.0000", "556.4000", "1027.0000", "772.6000", True)
    assert sorted((step["kind"], D(step["amount"])) for step in margin["steps"]) == [
        ("again", D(-41)),
        ("again", D("-38.20")),
        ("back", D("47.30")),
        ("beside", D(-30)),
        ("credit", D(-150)),
        ("discount", D(-21)),
        ("later", D(-4)),
        ("time", D("-10.50")),
        ("time", D(-7)),
    ]
    cost = done(loop.ann.get(f"erp/sales-orders/{loop.order}/cost/"))
    assert {element: D(amount) for element, amount in cost["incurred"].items() if D(amount)} == {
        "material": D("361.90"), "labour": D(47), "machine": D(94), "overhead": D("23.50"), "freight": D(30),
    }  # fmt: skip
    listed = with_profit(SalesOrder.objects.all()).get()
    assert (listed.revenue, listed.incurred, listed.margin) == (D(1329), D("556.40"), D("772.60"))
    (earned,) = profit_by("product", company_ids=[loop.shop.company.pk], first=MARCH, last=MARCH.replace(day=31))
    assert (earned.label, earned.revenue, earned.profit) == ("TABLE Table", D(1329), D("772.60"))
    client = Client()
    client.force_login(loop.ann.user)
    page = client.get(f"/orders/{loop.order}/margin/").content.decode()
    for words in ("1,027.00", "772.60", "CN-2026-00001: Came back", "1 EA Table came back", "1,500.00 agreed"):
        assert words in page, words


def _reports(loop: Loop) -> None:
    """Result: 1,329.00 - (526.40 - 164.50 + 30.00 - 14.20 + 5.00 = 382.70) = 946.30. Owned: 20,689.01 + 368.10 + 141.70
    = 21,198.81 = tax 252.51 + capital 20,000.00 + result 946.30. The subledgers say what their accounts say.

    Taxed: sold 1,329.00; bought 710.00 - 14.20 + 50.00 = 745.80.
    """
    earned, owned = loop.report("profit-and-loss"), loop.report("balance-sheet")
    assert earned["rows"][-1]["figures"][0] == "946.3000"
    assert owned["rows"][-1]["figures"] == ["0.0000", "21198.8100", "21198.8100"]  # before March, in it, after it
    for name in ("profit-and-loss", "balance-sheet", "valuation", "received-not-invoiced"):
        assert loop.report(name)["agrees"], name
    taxes = [(D(row["figures"][0]), D(row["figures"][1])) for row in loop.report("taxes")["rows"] if row["code"]]
    assert taxes == [(D(1329), D("252.51")), (D("745.80"), D("141.70"))]
    for side in ("receivables", "payables"):
        assert done(loop.ann.get(f"erp/open-items/{loop.shop.company.pk}/{side}/", on="2026-03-31")) == []
    stock = {row.material.code: (row.quantity, row.value) for row in MaterialValue.objects.exclude(quantity=0)}
    assert stock == {"LEG": (56, D("240.80")), "BOARD": (8, D(80)), "TABLE": (1, D("47.30"))}
