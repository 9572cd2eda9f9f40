"""Material is issued by scan, over the plan with a reason, settles what was owed, and goes back at its value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, CostEntry, OwedIssue, Reservation, WorkOrder
from erp.production.selectors.scanned import scanned
from erp.stock.book import NotEnoughStock
from masterdata.errors import InvalidInput
from masterdata.models import Bom, BomLine, BomSubstitute
from tests.erp.workbench import balance, make, report, spec, wip, worth
from tests.factories import NOW, Factory, centre, factory, material, stock

pytestmark = pytest.mark.django_db

Role = Account.Role


def shop_with_boards(boards: str = "40") -> Factory:
    """Boards at 3.00, planks at 1.00 that stand in for one board by two."""
    shop = factory()
    material(shop, "BOARD", standard_cost="3")
    material(shop, "PLANK", standard_cost="1")
    material(shop, "SHELF", supply="make")
    centre(shop, "SAW")
    if boards != "0":
        stock(shop, "BOARD", boards, "3")
    return shop


def ten_shelves(shop: Factory, *, by_scan: bool = True) -> WorkOrder:
    """10 shelves of 20 boards in two operations, the boards issued by scan."""
    steps = [("SAW", "0", "5"), ("SAW", "0", "1")]
    one = spec(shop, "SHELF", "10", steps, [("BOARD", "20", 10)])
    order = make(one)[0]
    order.materials.update(is_scanned=by_scan)
    return order


def _with_planks(shop: Factory) -> Bom:
    """A shelf is two boards; two planks may be used for one."""
    row = Bom.objects.create(material=shop.materials["SHELF"])
    board = shop.materials["BOARD"]
    line = BomLine.objects.create(bom=row, line_no=1, component=board, quantity=2, unit=board.unit)
    BomSubstitute.objects.create(line=line, material=shop.materials["PLANK"], ratio=2, priority=1)
    row.state, row.frozen_at = "frozen", NOW
    row.save()
    return row


def issue(shop: Factory, order: WorkOrder, quantity: str, code: str = "BOARD", reason: str = "") -> erp.Issue:
    return erp.issue_material(
        work_order_id=order.pk,
        material_id=shop.materials[code].pk,
        quantity=Decimal(quantity),
        reason=reason,
        now=NOW,
    )


def give_back(shop: Factory, order: WorkOrder, quantity: str) -> erp.Issue:
    return erp.return_material(
        work_order_id=order.pk,
        material_id=shop.materials["BOARD"].pk,
        quantity=Decimal(quantity),
        reason="Not used",
        now=NOW,
    )


def test_an_issue_takes_what_is_kept_and_costs_the_work_order() -> None:
    """12 of 20 boards at 3.00: 36.00 in work; 8 stay kept. Overhead of 10 % on material: 3.60."""
    shop = shop_with_boards()
    erp.set_overhead(basis="material", value=Decimal(10), company=shop.company, valid_from=NOW.date())
    order = ten_shelves(shop)
    erp.release_work_order(work_order_id=order.pk, now=NOW)
    done = issue(shop, order, "12")
    assert (done.value, done.settled_qty) == (36, 0)
    need = order.materials.get()
    assert (need.issued_qty, need.issued_value) == (12, 36)
    assert wip(order) == Decimal("39.60")
    assert balance(shop, "BOARD").reserved == 8
    assert Reservation.objects.get(quantity__gt=0).quantity == 8


def test_more_than_planned_needs_a_reason() -> None:
    shop = shop_with_boards()
    order = ten_shelves(shop)
    issue(shop, order, "18")
    with pytest.raises(erp.OverIssue) as refused:
        issue(shop, order, "4")
    assert refused.value.values["remaining"] == "2.000000"
    issue(shop, order, "4", reason="Two were split")
    assert order.materials.get().issued_qty == 22


def test_a_wrong_material_is_refused_unless_it_stands_in() -> None:
    """Planks stand in two for one: 6 planks count for 3 boards, which are no longer kept."""
    shop = shop_with_boards()
    stock(shop, "PLANK", "50", "1")
    frozen = _with_planks(shop)
    order = ten_shelves(shop)
    erp.release_work_order(work_order_id=order.pk, now=NOW)
    with pytest.raises(erp.WrongMaterial) as refused:
        issue(shop, order, "6", "PLANK")
    assert refused.value.values["uses"] == ["BOARD"]
    WorkOrder.objects.filter(pk=order.pk).update(bom=frozen)
    assert issue(shop, order, "6", "PLANK").value == 6
    need = order.materials.get()
    assert (need.issued_qty, need.issued_value) == (3, 6)
    assert balance(shop, "BOARD").reserved == 17


def test_more_than_there_is_says_how_much_there_is() -> None:
    shop = shop_with_boards("5")
    order = ten_shelves(shop)
    with pytest.raises(NotEnoughStock) as refused:
        issue(shop, order, "6")
    assert refused.value.values["available"] == "5.000000"
    assert order.materials.get().issued_qty == 0


def test_backflush_takes_only_what_was_not_issued() -> None:
    """12 of 20 boards were scanned for 10 shelves by mistake of the plan; the report of 8 takes 4 more."""
    shop = shop_with_boards()
    order = ten_shelves(shop, by_scan=False)
    issue(shop, order, "12")
    report(order, 10, "5")
    assert order.materials.get().issued_qty == 12
    report(order, 10, "3")
    assert order.materials.get().issued_qty == 16


def test_what_nobody_scanned_is_owed_when_the_operation_ends_and_settled_by_the_scan() -> None:
    """10 shelves sawn, 14 of 20 boards scanned: 6 are owed at 3.00. Scanning 6 settles them, and the work can close."""
    shop = shop_with_boards()
    order = ten_shelves(shop)
    issue(shop, order, "14")
    assert report(order, 10, "4").owed_material_ids == ()
    assert report(order, 10, "6").owed_material_ids == (shop.materials["BOARD"].pk,)
    owed = OwedIssue.objects.get()
    assert (owed.quantity, owed.value) == (6, 18)
    report(order, 20, "10")
    order.refresh_from_db()
    assert order.state == "released"
    done = issue(shop, order, "6")
    assert done.settled_qty == 6
    assert erp_now.account_balance(shop.company, Role.OWED_ISSUE) == 0
    assert worth(shop, "BOARD") == (20, 60)
    order.refresh_from_db()
    assert order.state == "closed"


def test_what_goes_back_takes_its_share_and_the_last_takes_the_rest() -> None:
    """10 boards at 3.00 and 5 at 3.10 average: 10 issued at 30.33; 4 go back at 12.13, the other 6 at 18.20."""
    shop = shop_with_boards("10")
    stock(shop, "BOARD", "5", "3.10")
    order = ten_shelves(shop)
    erp.set_overhead(basis="material", value=Decimal(10), company=shop.company, valid_from=NOW.date())
    assert issue(shop, order, "10").value == Decimal("30.33")
    assert give_back(shop, order, "4").value == Decimal("12.13")
    assert worth(shop, "BOARD") == (9, Decimal("27.30"))
    with pytest.raises(InvalidInput):
        give_back(shop, order, "7")
    give_back(shop, order, "6")
    assert wip(order) == 0
    assert worth(shop, "BOARD") == (15, Decimal("45.50"))
    by_element = CostEntry.objects.filter(work_order=order, element="overhead").values_list("amount", flat=True)
    assert sum(by_element) == 0


def test_nothing_goes_in_or_out_after_the_last_piece() -> None:
    shop = shop_with_boards()
    order = ten_shelves(shop)
    issue(shop, order, "20")
    report(order, 10, "10")
    report(order, 20, "10")
    with pytest.raises(erp.NotOpenForIssue):
        issue(shop, order, "1", reason="Late")
    with pytest.raises(erp.NotOpenForIssue):
        give_back(shop, order, "1")


def test_a_scan_is_a_lot_of_what_is_used_or_a_material() -> None:
    shop = shop_with_boards("0")
    order = ten_shelves(shop)
    board = shop.materials["BOARD"]
    board.tracking = "lot"
    board.save()
    lot = erp.ensure_lot(material=board, number="L-77", now=NOW)
    assert scanned(order=order, text="l-77", now=NOW) == (board.pk, lot.pk)
    assert scanned(order=order, text=" board ", now=NOW) == (shop.materials["BOARD"].pk, None)
    assert scanned(order=order, text="nothing", now=NOW + dt.timedelta(hours=1)) == (None, None)
