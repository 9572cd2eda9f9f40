"""Many hands in one warehouse: real connections, real commits."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from erp import services as erp
from erp.models import CustomerReturn, PackageContent, PickLine, StockBalance, StockMove
from suite import audit
from tests.erp.crowd import at_once, beside
from tests.erp.fulfilment.yard import D, pick_list, put, shelf
from tests.erp.sales.test_races import open_shop  # noqa: F401 (a fixture)
from tests.erp.shop import NOW, Shop


def unsound() -> list[str]:
    return [finding.invariant.name for finding in audit.findings() if not finding.holds]


def test_two_pickers_on_one_list(open_shop: Shop) -> None:  # noqa: F811
    """A line of 6 lamps: 4 people take 2 each at once. 3 of them get theirs, the fourth is refused."""
    lamp = open_shop.buy("LAMP")
    put(open_shop, lamp, "10", shelf(open_shop, "A1"))
    line = pick_list(open_shop, open_shop.order((lamp, "6"))).lines.get()
    failed = at_once([lambda: erp.confirm_pick(line_id=line.pk, quantity=D(2), now=NOW)] * 4)
    assert len(failed) == 1
    assert isinstance(failed[0], erp.OverPick | erp.PickListClosed)
    line.refresh_from_db()
    assert line.picked_qty == 6
    assert StockBalance.objects.get(location__code="SHIPPING").reserved == 6
    assert unsound() == []


def test_one_order_is_listed_once(open_shop: Shop) -> None:  # noqa: F811
    """3 people write a list for the same order at once: one list, 5 pieces."""
    lamp = open_shop.buy("LAMP")
    put(open_shop, lamp, "10", shelf(open_shop, "A1"))
    order = open_shop.order((lamp, "5"))
    failed = at_once([lambda: pick_list(open_shop, order)] * 3)
    assert [type(error) for error in failed] == [erp.NothingToPick] * 2
    assert PickLine.objects.aggregate(total=Sum("quantity"))["total"] == 5


def test_picking_against_a_count(open_shop: Shop) -> None:  # noqa: F811
    """5 of 5 are to be picked while a count posts that 2 are there. Either the picked goods were gone before the count
    was posted (nothing is lost of what was not there any more), or 3 are cut and only 2 can be picked."""
    for turn in range(3):
        lamp = open_shop.buy(f"LAMP{turn}")
        open_shop.price(lamp)
        place = shelf(open_shop, f"A{turn}")
        put(open_shop, lamp, "5", place)
        line = pick_list(open_shop, open_shop.order((lamp, "5"))).lines.get()
        sheet = erp.make_count_sheet(plant=open_shop.plant, location=place, material=lamp, now=NOW)
        erp.enter_count(line_id=sheet.lines.get().pk, quantity=D(2), by=None, now=NOW)
        failed = beside(
            lambda line=line: erp.confirm_pick(line_id=line.pk, quantity=D(5), now=NOW),  # type: ignore[misc]
            lambda sheet=sheet: erp.post_count(sheet_id=sheet.pk, now=NOW, by=None),  # type: ignore[misc]
            turn,
        )
        line.refresh_from_db()
        if line.picked_qty:
            assert failed == []
        else:
            assert [type(error) for error in failed] == [erp.OverPick]
    assert unsound() == []


def test_a_shipment_leaves_once(open_shop: Shop) -> None:  # noqa: F811
    """4 people ship it at once: 2 lamps leave once."""
    lamp = open_shop.buy("LAMP")
    put(open_shop, lamp, "10", shelf(open_shop, "A1"))
    order = open_shop.order((lamp, "2"))
    shipment = erp.pack_shipment(order_id=order.pk, now=NOW)
    failed = at_once([lambda: erp.ship(shipment_id=shipment.pk, now=NOW)] * 4)
    assert [type(error) for error in failed] == [erp.AlreadyShipped] * 3
    assert StockMove.objects.filter(kind="shipment").aggregate(total=Sum("quantity"))["total"] == 2
    assert unsound() == []


def test_the_last_piece_is_packed_once(open_shop: Shop) -> None:  # noqa: F811
    """3 lamps, 5 people scan one each into two cartons: 3 go in."""
    lamp = open_shop.buy("LAMP")
    put(open_shop, lamp, "10", shelf(open_shop, "A1"))
    order = open_shop.order((lamp, "3"))
    shipment = erp.start_packing(order_id=order.pk, plant=open_shop.plant, now=NOW)
    cartons = [erp.add_package(shipment_id=shipment.pk) for _ in range(2)]
    scan = [lambda carton=cartons[n % 2]: erp.pack_into(package_id=carton.pk, goods="LAMP") for n in range(5)]
    failed = at_once(scan)
    assert [type(error) for error in failed] == [erp.NotOfThisOrder] * 2
    assert PackageContent.objects.aggregate(total=Sum("quantity"))["total"] == Decimal(3)
    assert unsound() == []


def test_a_return_comes_in_once(open_shop: Shop) -> None:  # noqa: F811
    """2 may come back; 3 people take in 1 each, and 2 more returns are asked for: 2 come in, none is allowed beside."""
    lamp = open_shop.buy("LAMP")
    put(open_shop, lamp, "2", shelf(open_shop, "A1"))
    order = open_shop.order((lamp, "2"))
    shipment = erp.pack_shipment(order_id=order.pk, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    sent = shipment.lines.get()

    def allow() -> CustomerReturn:
        return erp.authorise_return(order_id=order.pk, lines=[(sent.pk, D(2))], reason="surplus", now=NOW)

    row = allow()
    line = row.lines.get()
    receive = [lambda: erp.receive_return(return_id=row.pk, line_id=line.pk, quantity=D(1), now=NOW)] * 3
    failed = at_once([*receive, allow, allow])
    assert [type(error) for error in failed] == [erp.NotReturnable] * 3
    assert order.lines.get().returned_qty == 2
    assert unsound() == []
