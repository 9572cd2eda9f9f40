"""Reports from the floor: pieces, components, minutes and output move in one commit, within what came in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, CostEntry, Reservation, StockMove, WorkOrder
from erp.production.services.floor import EarlierOperationOpen, OverReport
from erp.production.services.keeping import WorkOrderEnded
from erp.production.services.release import OperationFinished, WrongMachine
from masterdata.errors import InvalidInput
from masterdata.models import FactRecord
from tests.erp.workbench import balance, make, order_line, report, spec, step, wip, worth
from tests.factories import NOW, Factory, centre, factory, material, stock

pytestmark = pytest.mark.django_db

Role = Account.Role
SAW_AND_PACK = [("SAW", "10", "5"), ("PACK", "0", "2")]


def shop_with_boards(boards: str = "40", unit_cost: str = "3") -> Factory:
    """SAW costs 60 the machine hour and 30 the labour hour, PACK 24 the labour hour; BOARD is in stock."""
    shop = factory()
    material(shop, "BOARD", standard_cost="3.50")
    material(shop, "SHELF", supply="make")
    centre(shop, "SAW", machine_rate="60", labour_rate="30")
    centre(shop, "PACK", labour_rate="24")
    if boards != "0":
        stock(shop, "BOARD", boards, unit_cost)
    return shop


def ten_shelves(shop: Factory, *, unit_cost: str | None = None) -> WorkOrder:
    """10 shelves of 2 boards each, sawn, then packed; for no order."""
    return make(spec(shop, "SHELF", "10", SAW_AND_PACK, [("BOARD", "20", 10)], unit_cost=unit_cost))[0]


def test_the_planned_unit_cost_is_components_and_minutes() -> None:
    """20 boards x 3.00 = 60.00; saw 10 + 50 min at 90/h = 90.00; pack 20 min at 24/h = 8.00: 158.00 / 10 = 15.80."""
    shop = shop_with_boards()
    order = ten_shelves(shop)
    assert order.planned_unit_cost == Decimal("15.80")
    assert order.number.startswith("WO-2026-")
    assert [(row.sequence, row.is_last) for row in order.operations.order_by("sequence")] == [(10, False), (20, True)]


def test_a_report_takes_components_in_proportion_and_books_minutes() -> None:
    """4 good + 1 scrap of 10: half the 20 boards, 30.00; 30 min: labour 15.00, machine 30.00. In WIP: 75.00."""
    shop = shop_with_boards()
    order = ten_shelves(shop)
    answer = report(order, 10, "4", "1", "30")
    assert (answer.remaining_qty, answer.is_finished, answer.is_closed) == (5, False, False)
    assert order.materials.get().issued_qty == 10
    assert order.materials.get().issued_value == 30
    assert worth(shop, "BOARD") == (30, 90)
    costs = {row.element: (row.amount, row.quantity) for row in CostEntry.objects.filter(work_order=order)}
    assert costs == {"material": (30, 10), "labour": (15, 30), "machine": (30, 30)}
    assert erp_now.account_balance(shop.company, Role.WIP, work_order_id=order.pk) == 75
    assert erp_now.account_balance(shop.company, Role.LABOUR_ABSORBED) == -15
    assert erp_now.account_balance(shop.company, Role.MACHINE_ABSORBED) == -30


def test_the_first_report_releases_and_the_fact_is_stated() -> None:
    shop = shop_with_boards()
    order = ten_shelves(shop)
    report(order, 10, "1")
    order.refresh_from_db()
    assert (order.state, order.released_at) == ("released", NOW)
    assert Reservation.objects.get(work_order_material__work_order=order).quantity == 18
    fact = FactRecord.objects.get(kind="OperationReported")
    assert (fact.payload["good_qty"], fact.payload["plant_id"]) == ("1", shop.plant.pk)


def test_a_part_goes_out_at_planned_cost_and_the_last_takes_the_rest() -> None:
    """Saw all 10 with 60 min (60.00 boards + 90.00), then pack 4 with 10 min (4.00): WIP 154.00.

    4 pieces go out at 4 x 15.80 = 63.20. Pack 6 with 15 min (6.00): the last take 154.00 - 63.20 + 6.00 = 96.80.
    All that went in, 160.00, is in stock; WIP is empty and the work order closed.
    """
    shop = shop_with_boards()
    order = ten_shelves(shop)
    assert report(order, 10, "10", minutes="60").is_finished
    assert report(order, 20, "4", minutes="10").output_value == Decimal("63.20")
    last = report(order, 20, "6", minutes="15")
    assert (last.output_value, last.is_closed) == (Decimal("96.80"), True)
    assert worth(shop, "SHELF") == (10, 160)
    assert wip(order) == 0
    order.refresh_from_db()
    assert (order.state, order.good_qty, order.closed_at) == ("closed", 10, NOW)


def test_a_part_never_takes_more_than_is_in_wip() -> None:
    """Planned at 50.00 a piece, but sawing without minutes has put in only 60.00 of boards: 4 pieces take 60.00."""
    shop = shop_with_boards()
    order = ten_shelves(shop, unit_cost="50")
    report(order, 10, "10")
    assert report(order, 20, "4").output_value == 60
    assert report(order, 20, "6").output_value == 0
    assert worth(shop, "SHELF") == (10, 60)


def test_scrap_is_paid_by_the_good_ones() -> None:
    """10 sawn at 60.00 + 90.00, 2 scrapped in packing: 8 shelves cost 150.00, 18.75 each."""
    shop = shop_with_boards()
    order = ten_shelves(shop)
    report(order, 10, "10", minutes="60")
    last = report(order, 20, "8", "2")
    assert (last.is_closed, last.output_value) == (True, 150)
    assert worth(shop, "SHELF") == (8, 150)


def test_scrap_of_the_first_operation_does_not_reach_the_second() -> None:
    """8 of 10 come out of the saw: packing 9 is refused, packing 8 finishes everything."""
    shop = shop_with_boards()
    order = ten_shelves(shop)
    report(order, 10, "8", "2")
    with pytest.raises(OverReport) as refused:
        report(order, 20, "9")
    assert refused.value.values["remaining"] == "8.000000"
    assert report(order, 20, "8").is_closed


def test_nothing_good_at_all_is_a_variance_and_closes() -> None:
    """All 10 scrapped at the saw after 60.00 of boards and 90.00 of minutes: 150.00 production variance."""
    shop = shop_with_boards()
    order = ten_shelves(shop)
    answer = report(order, 10, "0", "10", "60")
    assert answer.is_closed
    assert wip(order) == 0
    assert erp_now.account_balance(shop.company, Role.PRODUCTION_VARIANCE) == 150
    assert not StockMove.objects.filter(kind="output").exists()
    assert order.operations.filter(finished_at=None).count() == 0


def test_more_than_came_in_is_refused_with_what_remains() -> None:
    shop = shop_with_boards()
    order = ten_shelves(shop)
    report(order, 10, "7", "1")
    with pytest.raises(OverReport) as refused:
        report(order, 10, "2", "1")
    assert refused.value.code == "over_report"
    assert refused.value.values["remaining"] == "2.000000"
    assert step(order, 10).good_qty == 7
    with pytest.raises(OverReport):
        report(order, 20, "8")


def test_finishing_short_lets_reservations_go_and_takes_no_boards_for_pieces_not_made() -> None:
    """6 of 10 sawn (12 boards) and packed, then ended: 8 boards are free again, the value is in the 6 shelves."""
    shop = shop_with_boards("20")
    order = ten_shelves(shop)
    report(order, 10, "6")
    with pytest.raises(EarlierOperationOpen):
        report(order, 20, "6", finish=True)
    report(order, 10, finish=True)
    assert report(order, 20, "6").is_closed
    assert worth(shop, "SHELF") == (6, 36)
    assert (balance(shop, "BOARD").on_hand, balance(shop, "BOARD").reserved) == (8, 0)


def test_late_minutes_of_a_finished_output_go_to_variance() -> None:
    """6 of 10 packed at planned cost 5.00, then ended without a piece but with 30 min (12.00): WIP 30.00 + 36.00 left.

    Boards for 10: 60.00. Output 6 x 5.00 = 30.00, so 30.00 is left; with 12.00 of labour 42.00 have no piece to go to.
    """
    shop = shop_with_boards()
    order = ten_shelves(shop, unit_cost="5")
    report(order, 10, "10")
    assert report(order, 20, "6").output_value == 30
    assert report(order, 20, minutes="30", finish=True).is_closed
    assert erp_now.account_balance(shop.company, Role.PRODUCTION_VARIANCE) == 42
    assert wip(order) == 0


def test_refusals_of_what_can_not_be_meant() -> None:
    shop = shop_with_boards()
    order = ten_shelves(shop)
    for good, scrap, minutes in (("-1", "0", "0"), ("0", "-1", "0"), ("1", "0", "-1"), ("0", "0", "0")):
        with pytest.raises(InvalidInput):
            report(order, 10, good, scrap, minutes)
    with pytest.raises(WrongMachine):
        erp.start_operation(operation_id=step(order, 10).pk, machine_id=shop.machines["PACK-1"].pk, now=NOW)
    report(order, 10, "10")
    with pytest.raises(OperationFinished):
        report(order, 10, minutes="5")
    report(order, 20, "10")
    with pytest.raises(WorkOrderEnded):
        report(order, 20, minutes="5")


def test_starting_releases_and_keeps_the_first_start() -> None:
    shop = shop_with_boards()
    order = ten_shelves(shop)
    machine = shop.machines["SAW-1"]
    first = erp.start_operation(operation_id=step(order, 10).pk, machine_id=machine.pk, now=NOW)
    again = erp.start_operation(operation_id=step(order, 10).pk, machine_id=machine.pk, now=NOW.replace(hour=11))
    assert first.started_at == again.started_at == NOW
    order.refresh_from_db()
    assert order.state == "released"
    assert balance(shop, "BOARD").reserved == 20


def test_pieces_for_an_order_go_into_its_own_stock() -> None:
    shop = shop_with_boards()
    line = order_line(shop, "SHELF", "10")
    order = make(spec(shop, "SHELF", "10", [("PACK", "0", "0")], [("BOARD", "20", 10)], line=line))[0]
    report(order, 10, "10")
    assert worth(shop, "SHELF", line.order_id) == (10, 60)
    assert worth(shop, "SHELF") == (0, 0)


def test_whole_sheets_are_taken_by_the_piece_that_opens_them() -> None:
    """3 boards for 10 shelves, 0.3 each: after 1, 3, 4 and 10 shelves 1 (0.3), 1 (0.9), 2 (1.2) and 3 are taken."""
    shop = shop_with_boards()
    order = make(spec(shop, "SHELF", "10", [("PACK", "0", "0")], [("BOARD", "3", 10)]))[0]
    taken = []
    for good in ("1", "2", "1", "6"):
        report(order, 10, good)
        taken.append(order.materials.get().issued_qty)
    assert taken == [1, 1, 2, 3]
