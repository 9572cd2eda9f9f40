"""What work at standard cost cost too much, split by cause to the cent; and what shipped before its work closed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, VarianceCause, VarianceEntry, WorkOrder
from tests.erp.workbench import make, order_line, report, spec, wip, worth
from tests.factories import NOW, Factory, centre, factory, material, stock

pytestmark = pytest.mark.django_db

Role = Account.Role
D = Decimal
TOMORROW = NOW + dt.timedelta(days=1)


def standard_shop() -> Factory:
    """Shelves at a standard of 16.50; boards at a standard of 3.00, in stock at 3.20 moving average.

    SAW: labour 30.00, machine 60.00 an hour, overhead 50 % of labour. From tomorrow labour costs 36.00.
    """
    shop = factory()
    shop.category.valuation = "standard"
    shop.category.save()
    material(shop, "SHELF", supply="make", standard_cost="16.50")
    board = material(shop, "BOARD", standard_cost="3")
    board.category = type(shop.category).objects.create(code="RAW", name="Raw", valuation="moving_average")
    board.save()
    centre(shop, "SAW", machine_rate="60", labour_rate="30")
    stock(shop, "BOARD", "100", "3.20")
    erp.set_overhead(basis="labour", value=D(50), company=shop.company, valid_from=NOW.date())
    erp.set_hour_rate(kind="labour", work_centre=shop.centres["SAW"], per_hour=D(36), valid_from=TOMORROW.date())
    return shop


def ten_shelves(shop: Factory) -> WorkOrder:
    """20 boards; 10 + 10 x 5 = 60 min at SAW. Planned 60.00 + 30.00 + 60.00 + 15.00 = 165.00, 16.50 each."""
    return make(spec(shop, "SHELF", "10", [("SAW", "10", "5")], [("BOARD", "20", 10)]))[0]


def amounts(order: WorkOrder) -> dict[str, Decimal]:
    return dict(VarianceEntry.objects.filter(work_order=order).values_list("kind", "amount"))


def test_a_job_with_every_variance() -> None:
    """22 boards are issued; tomorrow 8 good and 2 scrapped shelves are reported with 70 min.

    In: boards 22 x 3.20 = 70.40, labour 70 min x 36/h = 42.00, machine 70.00, overhead 21.00: 203.40.
    Out: 8 x 16.50 = 132.00. Left 71.40:
    price     22 x (3.20 - 3.00)                         =  4.40
    usage     (22 - 20) x 3.00                           =  6.00
    rate      70 min x (36 - 30) / 60                    =  7.00
    labour    (70 - 60) min x 30 / 60                    =  5.00
    machine   (70 - 60) min x 60 / 60                    = 10.00
    overhead  21.00 - 60 min x 15 / 60                   =  6.00
    yield     4 of 20 boards 12.00 + 12 of 60 min at 105.00 an hour 21.00 = 33.00
    """
    shop = standard_shop()
    order = ten_shelves(shop)
    erp.issue_material(
        work_order_id=order.pk, material_id=shop.materials["BOARD"].pk, quantity=D(22), reason="Two split", now=NOW
    )
    assert report(order, 10, "8", "2", "70", now=TOMORROW).output_value == 132
    assert amounts(order) == {
        "price": D("4.40"),
        "usage": 6,
        "rate": 7,
        "labour": 5,
        "machine": 10,
        "overhead": 6,
        "yield": 33,
    }
    assert wip(order) == 0
    assert worth(shop, "SHELF") == (8, 132)
    for role, amount in (
        (Role.PRICE_VARIANCE, D("4.40")),
        (Role.USAGE_VARIANCE, 6),
        (Role.RATE_VARIANCE, 7),
        (Role.LABOUR_EFFICIENCY, 5),
        (Role.MACHINE_EFFICIENCY, 10),
        (Role.OVERHEAD_VARIANCE, 6),
        (Role.YIELD_VARIANCE, 33),
        (Role.PRODUCTION_VARIANCE, 0),
    ):
        assert erp_now.account_balance(shop.company, role) == amount
    job = erp_now.job_cost(order.pk)
    assert (job.live_total, job.taken, job.wip, job.is_final) == (D("203.40"), D("203.40"), 0, True)
    assert job.planned == {
        "material": 64,
        "labour": 30,
        "machine": 60,
        "overhead": 15,
    }
    usage = VarianceCause.objects.get(variance__kind="usage")
    assert (usage.material.code, usage.planned_qty, usage.actual_qty) == ("BOARD", 20, 22)
    labour = VarianceCause.objects.get(variance__kind="labour")
    assert (labour.operation.name, labour.planned_qty, labour.actual_qty) == ("Saw", 60, 70)


def test_work_as_planned_has_no_variance_but_the_price() -> None:
    """10 good with 60 min today: boards 64.00, 30.00, 60.00, 15.00 = 169.00 for 165.00: 20 x 0.20 = 4.00 price."""
    shop = standard_shop()
    order = ten_shelves(shop)
    report(order, 10, "4", minutes="30")
    assert report(order, 10, "6", minutes="30").output_value == 99
    assert amounts(order) == {"price": 4}
    assert worth(shop, "SHELF") == (10, 165)


def test_a_rate_of_the_day_set_after_the_work_was_made_is_a_rate_variance() -> None:
    """Labour at 42.00 from the same day on: 60 min cost 42.00 for 30.00 planned, overhead 21.00 for 15.00."""
    shop = standard_shop()
    order = ten_shelves(shop)
    saw = shop.centres["SAW"]
    erp.set_hour_rate(kind="labour", work_centre=saw, per_hour=D(42), valid_from=NOW.date() - dt.timedelta(days=9))
    report(order, 10, "10", minutes="60")
    assert amounts(order) == {"price": 4, "rate": 12, "overhead": 6}


def test_a_standard_that_the_plan_does_not_give_is_other() -> None:
    """A standard of 17.00: 170.00 for what cost 169.00, 4.00 of it price: 5.00 less than the standard says."""
    shop = standard_shop()
    shelf = shop.materials["SHELF"]
    shelf.standard_cost = D(17)
    shelf.save()
    order = ten_shelves(shop)
    report(order, 10, "10", minutes="60")
    assert amounts(order) == {"price": 4, "other": -5}
    assert erp_now.account_balance(shop.company, Role.PRODUCTION_VARIANCE) == -5


def test_nothing_good_is_yield_and_what_else_was_wrong() -> None:
    """All 10 scrapped as planned: boards 64.00 (4.00 price), and 60.00 + 105.00 that yielded nothing: 165.00."""
    shop = standard_shop()
    order = ten_shelves(shop)
    report(order, 10, "0", "10", "60")
    assert amounts(order) == {"price": 4, "yield": 165}
    assert wip(order) == 0


def test_moving_average_work_keeps_its_rule() -> None:
    """The last piece takes what is left: no variance."""
    shop = standard_shop()
    shop.category.valuation = "moving_average"
    shop.category.save()
    order = ten_shelves(shop)
    report(order, 10, "8", "2", "70")
    assert not VarianceEntry.objects.exists()
    assert worth(shop, "SHELF")[0] == 8


def test_what_shipped_before_its_work_closed_is_trued_up_to_its_order() -> None:
    """4 shelves of 8 boards for an order at 100.00; planned 8 x 3.20 + 30 min x 105/h = 25.60 + 52.50 = 78.10, 19.525.

    2 good with 15 min: in 12.80 + 26.25 = 39.05; out at 2 x 19.525 = 39.05, shipped at that. Then 2 scrapped with
    45 min: 12.80 + 78.75 = 91.55 that no piece can take. All of it is the order's: cost of goods 39.05 + 91.55 =
    130.60, what it incurred.
    """
    shop = standard_shop()
    line = order_line(shop, "SHELF", "4")
    order = make(spec(shop, "SHELF", "4", [("SAW", "10", "5")], [("BOARD", "8", 10)], line=line))[0]
    first = report(order, 10, "2", minutes="15")
    assert first.output_value == D("39.05")
    erp.ship(shipment_id=erp.pack_shipment(order_id=line.order_id, lines=None, now=NOW).pk, now=NOW)
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=line.order_id) == D("39.05")
    report(order, 10, "0", "2", "45")
    assert wip(order) == 0
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=line.order_id) == D("130.60")
    cost = erp_now.order_cost(line.order_id)
    assert cost.incurred_total == D("130.60")
