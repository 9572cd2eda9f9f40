"""How sure a date is: from what was observed of work and of suppliers, worked by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import selectors as crm_now
from crm import services as crm
from crm.models import ObservedSpread, Promise, PromiseOutlook
from crm.selectors.confidence import Goods, Spread, Work
from erp.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    ReceiptLine,
    WorkOrderOperation,
)
from masterdata.causes import Cause
from masterdata.models import Partner, WorkCentre
from tests.crm.orders import NOW, at, confirmed, line_of, plan
from tests.flows.workshop import Workshop

D = Decimal
EVEN = (0.8, 0.85, 0.9, 1.0, 1.1, 1.2, 1.5, 1.6, 2.0)
"""Minutes worked for a minute planned at levels 0, 5, 10, 25, 50, 75, 90, 95, 100."""
LATE = (0.0, 0.0, 0.0, 0.0, 60.0, 300.0, 360.0, 600.0, 900.0)
"""Minutes late, at the same levels."""


def test_one_piece_of_work_scales_with_what_was_observed() -> None:
    """100 planned minutes round the clock: P50 is 100 * (1.1 - 1) = 10 minutes later, P90 10 + 100 * 0.4 = 50.

    Due 35 minutes after the expected end, 15 of them grace from 20: between level 75 (10 + 10 = 20 minutes) and level
    90 (50) lies 35: 75 + 15 * 15 / 30 = 82.5, so 82 per cent.
    """
    spread = Spread(NOW, works=(Work(100.0, 100.0**2, EVEN),))
    assert spread.p50(at(24, 12)) == at(24, 12, 10)
    assert spread.p90(at(24, 12)) == at(24, 12, 50)
    assert spread.sure(at(24, 12), at(24, 12, 20)) == 82


def test_many_operations_even_out() -> None:
    """Four operations of 25 minutes: the medians add to 10, the rest by the root of 4 * 25² = 50 * 0.4 = 20: P90 30."""
    spread = Spread(NOW, works=(Work(100.0, 4 * 25.0**2, EVEN),))
    assert spread.p90(at(24, 12)) == at(24, 12, 30)


def test_minutes_of_shift_become_minutes_of_the_calendar() -> None:
    """One shift of eight hours: a minute of work takes three."""
    spread = Spread(NOW, 3.0, works=(Work(100.0, 100.0**2, EVEN),))
    assert spread.p50(at(24, 12)) == at(24, 12, 30)


def test_goods_and_work_combine_as_independent_sources() -> None:
    """Goods come 60 minutes before they are needed: 60 - 60 = 0 late at the median, 360 - 60 = 300 at level 90.

    400 planned minutes: 40 at the median, 160 more at level 90. Together 40, and 40 + root(160² + 300²) = 40 + 340.
    """
    spread = Spread(NOW, works=(Work(400.0, 400.0**2, EVEN),), goods=(Goods(60.0, LATE),))
    assert spread.p50(at(24, 12)) == at(24, 12, 40)
    assert spread.p90(at(24, 12)) == at(24, 12) + dt.timedelta(minutes=380)


def test_nothing_left_to_do_is_as_sure_as_it_gets() -> None:
    spread = Spread(NOW, works=())
    assert spread.p90(at(24, 12)) == at(24, 12)
    assert spread.sure(at(24, 12), at(24, 12)) == 99
    assert spread.sure(at(24, 12), at(24, 11)) == 1


def test_what_is_unknown_is_not_made_up() -> None:
    spread = Spread(NOW, why_unknown="Only 3 finished operations")
    assert (spread.p50(NOW), spread.p90(NOW), spread.sure(NOW, NOW)) == (None, None, None)


def finish(shop: Workshop, worked: list[int], ended: dt.datetime = NOW) -> None:
    """One finished assembly of one stool (60 minutes planned) for each of these minutes worked, the last the newest."""
    order = confirmed(shop, 1)
    pattern = WorkOrderOperation.objects.get(work_order__sales_order_line__order=order)
    rows = [
        WorkOrderOperation(
            work_order_id=pattern.work_order_id,
            sequence=1000 + number,
            name="Assemble",
            work_centre_id=pattern.work_centre_id,
            run_min_per_unit=60,
            good_qty=1,
            worked_min=minutes,
            machine=shop.machines["ASM-01"],
            started_at=ended - dt.timedelta(days=2),
            finished_at=ended - dt.timedelta(minutes=len(worked) - number),
        )
        for number, minutes in enumerate(worked)
    ]
    WorkOrderOperation.objects.bulk_create(rows)


def test_gathers_minutes_worked_for_minutes_planned(shop: Workshop) -> None:
    """21 operations of 60, 63, ... 120 minutes for 60 planned: ratios 1.00, 1.05, ... 2.00.

    Level p lies at the (1 + 20 p / 100)-th: the median at the 11th, 1.50; P90 at the 19th, 1.90; P25 at the 6th, 1.25.
    """
    finish(shop, [60 + 3 * n for n in range(21)])
    assert crm.gather_spreads(now=NOW) == 2
    row = ObservedSpread.objects.get(work_centre__code="ASM")
    assert (row.samples, row.mean_min, row.p0, row.p25, row.p50, row.p90, row.p100) == (
        21,
        D(60),
        D(1),
        D("1.25"),
        D("1.5"),
        D("1.9"),
        D(2),
    )
    assert ObservedSpread.objects.get(work_centre=None).p50 == D("1.5")


def test_only_the_newest_two_hundred_count(shop: Workshop) -> None:
    """200 at 60 minutes after 50 at 600: what was is forgotten. Older than a year: nothing is left."""
    finish(shop, [600] * 50 + [60] * 200)
    crm.gather_spreads(now=NOW)
    row = ObservedSpread.objects.get(work_centre__code="ASM")
    assert (row.samples, row.p100) == (200, D(1))
    assert crm.gather_spreads(now=NOW + dt.timedelta(days=366)) == 0


def deliver(shop: Workshop, days_late: list[int], code: str = "TIMBER") -> Partner:
    """One whole delivery of legs for each of these days after the day confirmed at first."""
    supplier = Partner.objects.get(code=code)
    for number, days in enumerate(days_late):
        order = PurchaseOrder.objects.create(number=f"PO-S-{number}", plant=shop.plant, supplier=supplier)
        line = PurchaseOrderLine.objects.create(
            order=order,
            line_no=1,
            material=shop.materials["LEG"],
            quantity=1,
            unit_price=1,
            due_at=NOW,
            confirmed_at=NOW,
            first_confirmed_at=NOW - dt.timedelta(days=20),
            received_qty=1,
        )
        came = line.first_confirmed_at + dt.timedelta(days=days) if line.first_confirmed_at else NOW
        receipt = Receipt.objects.create(number=f"GR-S-{number}", order=order, received_at=came)
        ReceiptLine.objects.create(receipt=receipt, order_line=line, quantity=1, value=1)
    return supplier


def test_gathers_how_late_suppliers_come(shop: Workshop) -> None:
    """0, 1, ... 10 days after the day confirmed at first: the median 5 days, P90 9 days; 1,440 minutes each."""
    supplier = deliver(shop, list(range(11)))
    crm.gather_spreads(now=NOW)
    row = ObservedSpread.objects.get(supplier=supplier)
    assert (row.samples, row.p50, row.p90) == (11, D(5 * 1440), D(9 * 1440))


@pytest.mark.parametrize(("count", "is_known"), [(19, False), (20, True)])
def test_fewer_than_twenty_operations_say_nothing(shop: Workshop, count: int, is_known: bool) -> None:
    finish(shop, [60] * count)
    crm.gather_spreads(now=NOW)
    spread = crm_now.spread_of([shop.plant.pk], now=NOW)
    assert (spread.sure(at(24, 12), at(24, 13)) is not None) is is_known
    assert spread.why_unknown == ("" if is_known else "Only 19 finished operations with time were seen, 20 are needed.")


def test_an_offer_counts_all_until_its_date_as_work(shop: Workshop) -> None:
    """Ratios 1.00 to 2.00: in 24 h of round-the-clock work 1,440 minutes: half of it, 12 h, later at the median.

    24 operations of an hour: P90 adds root(1440 * 60) * 0.4 = 293.94 * 0.4 = 117.6, so 118 minutes.
    """
    finish(shop, [60 + 3 * n for n in range(21)])
    crm.gather_spreads(now=NOW)
    spread = crm_now.spread_of([shop.plant.pk], now=NOW)
    assert spread.p50(NOW + dt.timedelta(days=1)) == NOW + dt.timedelta(days=1, hours=12)
    assert spread.p90(NOW + dt.timedelta(days=1)) == NOW + dt.timedelta(days=1, hours=12, minutes=118)


def renewed(shop: Workshop, plan_no: int) -> list[Promise]:
    return crm.renew_promises(plant_id=shop.plant.pk, plan_no=plan_no, cause=Cause("order", "Order"), now=NOW)


def test_a_promise_keeps_how_sure_it_was(shop: Workshop) -> None:
    """Two stools are 120 minutes of assembly, nothing before them. Ratios 1.00 to 2.00: 60 minutes later at the
    median, 48 more at level 90; they end Tue 12:00 and arrive 13:00. Promised for 13:00 with 15 minutes of grace: level
    0 lies at 60 - 60 = 0 minutes, 5 at 6, 10 at 12, 25 at 30: 15 minutes are 10 + 15 * 3 / 18 = 12.5.
    """
    finish(shop, [60 + 3 * n for n in range(21)])
    crm.gather_spreads(now=NOW)
    order = confirmed(shop, 2)
    plan(shop, 1, {order: at(24, 12)})
    promise = next(one for one in renewed(shop, 1) if one.order_line_id == line_of(order).pk)
    assert (promise.p50_at, promise.p90_at, promise.sure_percent) == (at(24, 14), at(24, 14, 48), 12)


def test_the_first_outlook_looks_at_the_day_that_is_promised(shop: Workshop) -> None:
    """Expected Tue 24 Nov 13:00, promised as wanted for the end of the 27th: later than all that was ever seen."""
    finish(shop, [60 + 3 * n for n in range(21)])
    crm.gather_spreads(now=NOW)
    order = confirmed(shop, 2, wanted=dt.date(2026, 11, 27))
    plan(shop, 1, {order: at(24, 12)})
    renewed(shop, 1)
    assert PromiseOutlook.objects.get(order_line=line_of(order)).sure_percent == 99


def test_the_queue_before_a_line_makes_it_less_sure(shop: Workshop) -> None:
    """Another's four stools, 240 minutes, stand before two on the machine: 360 minutes, so 180 later at the median."""
    finish(shop, [60 + 3 * n for n in range(21)])
    crm.gather_spreads(now=NOW)
    first, second = confirmed(shop, 4), confirmed(shop, 2, other=True)
    plan(shop, 1, {first: at(24, 9), second: at(24, 12)})
    found = {one.order_line_id: one for one in renewed(shop, 1)}
    assert found[line_of(second).pk].p50_at == at(24, 16)
    assert found[line_of(first).pk].p50_at == at(24, 12)


def test_a_line_that_waits_for_a_late_supplier_has_its_spread(shop: Workshop) -> None:
    """Work takes just what is planned. 600 stools need 1,800 legs, more than are there: some are bought, of a supplier
    who comes 0 to 10 days late. They are counted on when the work begins: P50 is 5 days later, P90 is 9.
    """
    finish(shop, [60] * 20)
    deliver(shop, list(range(11)))
    crm.gather_spreads(now=NOW)
    order = confirmed(shop, 600)
    legs = PurchaseOrderLine.objects.filter(received_qty=0).get(material__code="LEG")
    plan(shop, 1, {order: legs.due_at + dt.timedelta(hours=1)})
    promise = next(one for one in renewed(shop, 1) if one.order_line_id == line_of(order).pk)
    expected = line_of(order).expected_at
    assert expected is not None
    assert promise.p50_at == expected + dt.timedelta(days=5)
    assert promise.p90_at == expected + dt.timedelta(days=9)


def test_queries_do_not_grow_with_the_lines(shop: Workshop) -> None:
    orders = [confirmed(shop) for _ in range(3)]
    plan(shop, 1, {order: at(24, 8 + number) for number, order in enumerate(orders)})
    lines = [line_of(order) for order in orders]
    counts = []
    for some in (lines[:1], lines):
        with CaptureQueriesContext(connection) as captured:
            crm_now.spreads_of_lines(some, now=NOW)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_work_centre_with_too_little_takes_that_of_its_plant(shop: Workshop) -> None:
    finish(shop, [60] * 25)
    crm.gather_spreads(now=NOW)
    saw = WorkCentre.objects.get(code="SAW")
    known = crm_now.observed([shop.plant.pk], NOW)
    row = known.work(shop.plant.pk, saw.pk)
    assert row is not None
    assert row.work_centre_id is None
