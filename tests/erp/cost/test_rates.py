"""What an hour costs from which day on: of the work centre, the machine, the worker's grade; and overhead on top."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, CostEntry, HourRate, SalesOrder
from masterdata.causes import Cause
from masterdata.errors import InvalidInput
from masterdata.models import Employee, LabourGrade
from tests.erp.workbench import make, order_line, report, spec, step, wip
from tests.factories import NOW, Factory, bom, centre, factory, material, routing, stock

pytestmark = pytest.mark.django_db

Role = Account.Role
TODAY = NOW.date()
TOMORROW = TODAY + dt.timedelta(days=1)


def sawmill() -> Factory:
    """SAW with two machines: 60.00 the machine hour, 30.00 the labour hour; 40 boards at 3.00."""
    shop = factory()
    material(shop, "BOARD", standard_cost="3")
    material(shop, "SHELF", supply="make")
    centre(shop, "SAW", machine_rate="60", labour_rate="30", machines=2)
    stock(shop, "BOARD", "40", "3")
    return shop


def costs(order) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in CostEntry.objects.filter(work_order=order, kind="incurred"):
        found[row.element] = found.get(row.element, Decimal(0)) + row.amount
    return found


def test_a_rate_holds_from_its_day_until_the_next() -> None:
    """From today 36.00, from tomorrow 48.00 an hour: 10 min cost 6.00 today and 8.00 tomorrow."""
    shop = sawmill()
    order = make(spec(shop, "SHELF", "10", [("SAW", "0", "5")]))[0]
    for day, rate in ((TODAY, "36"), (TOMORROW, "48")):
        erp.set_hour_rate(kind="labour", work_centre=shop.centres["SAW"], per_hour=Decimal(rate), valid_from=day)
    assert [row.valid_until for row in HourRate.objects.order_by("valid_from")] == [TODAY, None]
    report(order, 10, "1", minutes="10")
    report(order, 10, "1", minutes="10", now=NOW + dt.timedelta(days=1))
    labour = CostEntry.objects.filter(element="labour").order_by("id")
    assert [(row.amount, row.quantity, row.rate) for row in labour] == [(6, 10, 36), (8, 10, 48)]


def test_a_rate_between_two_ends_before_the_later_one() -> None:
    shop = sawmill()
    saw, later = shop.centres["SAW"], TODAY + dt.timedelta(days=30)
    for day, rate in ((TODAY, "36"), (later, "48"), (TOMORROW, "40")):
        erp.set_hour_rate(kind="labour", work_centre=saw, per_hour=Decimal(rate), valid_from=day)
    assert list(HourRate.objects.order_by("valid_from").values_list("per_hour", "valid_until")) == [
        (36, TODAY),
        (40, later - dt.timedelta(days=1)),
        (48, None),
    ]


def test_the_day_is_the_plants() -> None:
    """23:30 in London is 08:30 of the next day in Tokyo: there the new rate holds."""
    shop = sawmill()
    shop.plant.time_zone = "Asia/Tokyo"
    shop.plant.save()
    erp.set_hour_rate(kind="labour", work_centre=shop.centres["SAW"], per_hour=Decimal(48), valid_from=TOMORROW)
    order = make(spec(shop, "SHELF", "10", [("SAW", "0", "5")]))[0]
    report(order, 10, "1", minutes="10", now=dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.UTC))
    assert costs(order)["labour"] == 8


def test_the_machine_that_runs_and_the_grade_that_works_have_rates_of_their_own() -> None:
    """SAW-2 costs 90.00, a master 42.00 an hour: 20 min are 30.00 and 14.00. Without a worker 10.00 labour."""
    shop = sawmill()
    master = LabourGrade.objects.create(code="M", name="Master")
    anna = Employee.objects.create(code="A", name="Anna", badge="A", plant=shop.plant, grade=master)
    erp.set_hour_rate(kind="machine", machine=shop.machines["SAW-2"], per_hour=Decimal(90), valid_from=TODAY)
    erp.set_hour_rate(kind="labour", grade=master, plant=shop.plant, per_hour=Decimal(42), valid_from=TODAY)
    order = make(spec(shop, "SHELF", "10", [("SAW", "0", "5")]))[0]
    erp.report_operation(
        operation_id=step(order, 10).pk,
        good_qty=Decimal(1),
        scrap_qty=Decimal(0),
        worked_min=Decimal(20),
        machine_id=shop.machines["SAW-2"].pk,
        worker_id=anna.pk,
        now=NOW,
    )
    assert costs(order) == {"labour": 14, "machine": 30}
    entry = CostEntry.objects.get(element="labour")
    assert (entry.grade, entry.rate, entry.quantity) == (master, 42, 20)
    assert set(CostEntry.objects.values_list("worker", flat=True)) == {anna.pk}
    report(order, 10, "1", minutes="20")
    assert costs(order)["labour"] == 24


def test_overhead_comes_on_top_and_the_narrowest_rule_holds() -> None:
    """2 of 10 shelves: 4 boards 12.00; 20 min: labour 10.00, machine 20.00.

    Company 50 % of labour, but SAW 80 %: 8.00. Plant 10 % of material: 1.20. Company 25 % of machine: 5.00. An hour
    3.00: 1.00. Overhead 15.20; in work 57.20.
    """
    shop = sawmill()
    saw = shop.centres["SAW"]
    for basis, value, where in (
        ("labour", "50", {}),
        ("labour", "80", {"work_centre": saw}),
        ("material", "10", {"plant": shop.plant}),
        ("machine", "25", {}),
        ("hour", "3", {}),
    ):
        erp.set_overhead(basis=basis, value=Decimal(value), company=shop.company, valid_from=TODAY, **where)
    order = make(spec(shop, "SHELF", "10", [("SAW", "0", "5"), ("SAW", "0", "1")], [("BOARD", "20", 10)]))[0]
    report(order, 10, "2", minutes="20")
    assert costs(order) == {"material": 12, "labour": 10, "machine": 20, "overhead": Decimal("15.20")}
    assert wip(order) == Decimal("57.20")
    assert erp_now.account_balance(shop.company, Role.OVERHEAD_ABSORBED) == Decimal("-15.20")
    told = {row.basis: (row.quantity, row.rate, row.amount) for row in CostEntry.objects.filter(element="overhead")}
    assert told == {
        "labour": (10, 80, 8),
        "material": (12, 10, Decimal("1.20")),
        "machine": (20, 25, 5),
        "hour": (20, 3, 1),
    }


def test_planned_cost_price_and_estimate_bear_the_same_overhead() -> None:
    """10 shelves: 20 boards 60.00; 50 min: labour 25.00, machine 50.00; 80 % of labour 20.00, 10 % of material 6.00.

    161.00, 16.10 each: as the work order's plan, as the price of ten, as the order's estimate.
    """
    shop = sawmill()
    bom(shop, "SHELF", [("BOARD", "2")])
    routing(shop, "SHELF", [("SAW", "0", "5")])
    erp.set_overhead(basis="labour", value=Decimal(80), company=shop.company, valid_from=TODAY)
    erp.set_overhead(basis="material", value=Decimal(10), company=shop.company, valid_from=TODAY)
    line = order_line(shop, "SHELF", "10")
    order = make(spec(shop, "SHELF", "10", [("SAW", "0", "5")], [("BOARD", "20", 10)], line=line))[0]
    assert order.planned_unit_cost == Decimal("16.10")
    price = erp_now.price_of(
        plant_id=shop.plant.pk, material_id=shop.materials["SHELF"].pk, quantity=Decimal(10), at=NOW
    )
    assert (price.material, price.labour, price.machine, price.overhead, price.total) == (60, 25, 50, 26, 161)
    (estimate,) = erp.estimate_orders(order_ids=[line.order_id], cause=Cause("order", "Confirmed"), now=NOW)
    assert (estimate.overhead, estimate.total) == (26, 161)


def test_a_plan_that_moves_work_to_a_dearer_machine_writes_an_estimate_with_its_cause() -> None:
    """50 min at 90.00 instead of 60.00 the hour: 25.00 more than 25.00 + 50.00."""
    shop = sawmill()
    erp.set_hour_rate(kind="machine", machine=shop.machines["SAW-2"], per_hour=Decimal(90), valid_from=TODAY)
    line = order_line(shop, "SHELF", "10")
    order = make(spec(shop, "SHELF", "10", [("SAW", "0", "5")], line=line))[0]
    SalesOrder.objects.filter(pk=line.order_id).update(confirmed_at=NOW)
    assert erp.estimate_orders(order_ids=[line.order_id], cause=Cause("order", "Confirmed"), now=NOW)[0].total == 75
    where = erp.Placement(step(order, 10).pk, shop.machines["SAW-2"].pk, NOW, NOW.replace(hour=12))
    erp.apply_plan(plant_id=shop.plant.pk, plan_no=1, placements=[where])
    cause = Cause("breakdown", "Machine SAW-1 is down since Mon 23 Nov, 09:14")
    (written,) = erp.reestimate_costs(plant_id=shop.plant.pk, cause=cause, now=NOW)
    assert (written.machine, written.total, written.cause) == (75, 100, cause.text)


def test_a_rate_is_of_one_thing() -> None:
    shop = sawmill()
    saw, machine = shop.centres["SAW"], shop.machines["SAW-1"]
    for wrong in (
        {"kind": "labour"},
        {"kind": "machine", "work_centre": saw, "machine": machine},
        {"kind": "labour", "machine": machine},
        {"kind": "labour", "grade": LabourGrade.objects.create(code="H", name="Helper")},
    ):
        with pytest.raises(InvalidInput):
            erp.set_hour_rate(per_hour=Decimal(1), valid_from=TODAY, **wrong)
    with pytest.raises(InvalidInput):
        erp.set_overhead(basis="labour", value=Decimal(-1), company=shop.company, valid_from=TODAY)


def test_what_is_planned_stays_when_a_rate_of_that_day_changes() -> None:
    """10 shelves: 20 boards at 3.00, 50 min of labour at 30.00 and machine at 60.00 an hour. A machine rate of 500.00
    that is back-dated, one of the very day, an overhead and the centre's own figures change only what is made then:
    50 min at 600.00 are 500.00, at 90.00 they are 75.00, 50 % overhead of it 37.50.
    """
    shop = sawmill()
    saw = shop.centres["SAW"]
    one = spec(shop, "SHELF", "10", [("SAW", "0", "5")], [("BOARD", "20", 10)])
    order = make(one)[0]
    planned = {"material": 60, "labour": 25, "machine": 50, "overhead": 0}
    assert erp_now.job_cost(order.pk).planned == planned
    for day, rate in ((TODAY - dt.timedelta(days=30), "500"), (TODAY, "600")):
        erp.set_hour_rate(kind="machine", work_centre=saw, per_hour=Decimal(rate), valid_from=day)
    erp.set_overhead(basis="labour", value=Decimal(50), valid_from=TODAY, company=shop.company)
    saw.labour_rate = Decimal(90)
    saw.save()
    assert erp_now.job_cost(order.pk).planned == planned
    later = make(one)[0]
    assert erp_now.job_cost(later.pk).planned == {
        "material": 60,
        "labour": 75,
        "machine": 500,
        "overhead": Decimal("37.50"),
    }
