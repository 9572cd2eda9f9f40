"""Available to promise: how much of each line there is when, and from where, by one query an order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Lot, SalesOrder, WorkOrderMaterial
from masterdata import services as masters
from masterdata.models import Material, MaterialPlant, Partner
from tests.erp.planning.test_run import day, for_stock, plan
from tests.erp.shop import NOW, Shop
from tests.pages.counting import assert_query_count

D = Decimal


def promise(order: SalesOrder) -> list[list[tuple[str, Decimal, dt.date | None]]]:
    """Per line: source, quantity, day."""
    with assert_query_count("available to promise", 1):
        lines = erp_now.available_to_promise(order_id=order.pk, now=NOW)
    return [
        [(part.source, part.quantity, part.at.date() if part.at else None) for part in line.parts] for line in lines
    ]


def test_a_draft_takes_stock_above_safety_then_what_comes_by_day_then_the_lead_time(shop: Shop) -> None:
    """10 in stock, 4 for safety; 5 come in 3 days, 5 in 9. Lines of 8 and 12, 7 days to buy.

    The first: 6 free, 2 of the first delivery. The second: 3 of it, 5 of the next, 4 by the lead time.
    """
    board = shop.buy("BOARD")
    shop.price(board, days=7)
    for_stock(shop, board, safety_stock=D(4))
    shop.stock(board, "10")
    for days in (9, 3):
        erp.create_purchase_order(
            plant=shop.plant,
            supplier=shop.supplier,
            lines=[erp.PurchaseLineInput(board.pk, D(5), D(1), NOW + dt.timedelta(days=days))],
            now=NOW,
        )
    draft = shop.draft((board, "8"), (board, "12"))
    assert promise(draft) == [
        [("free_stock", D(6), day(0)), ("purchase", D(2), day(3))],
        [("purchase", D(3), day(3)), ("lead_time", D(4), day(7)), ("purchase", D(5), day(9))],
    ]
    erp.confirm_order(order_id=draft.pk, now=NOW)
    plan(shop)
    assert promise(draft) == [
        [("stock", D(6), day(0)), ("purchase", D(2), day(3))],
        [("purchase", D(3), day(3)), ("purchase", D(5), day(9)), ("planned", D(4), day(18))],
    ]


def test_what_is_made_for_stock_or_for_the_order_is_told_by_its_work_orders(shop: Shop) -> None:
    """A stool for stock is planned for the end of the 20th; a table made to order waits for its plan."""
    stool, table = shop.make("STOOL"), shop.make("TABLE")
    for_stock(shop, stool, lead_time_days=2)
    order = shop.order((stool, "3"), (table, "2"))
    plan(shop)
    assert promise(order) == [[("work_order", D(3), dt.date(2026, 3, 21))], [("work_order", D(2), None)]]


def test_what_nobody_makes_yet_takes_the_days_of_all_levels(shop: Shop) -> None:
    """A table takes 3 days to make, of frames that take 2, of rails that are bought in 5; the shop works every day.

    Nothing there: 5 + 2 + 3 days, at the end of the 10th day from today. 4 frames free: 2 tables take 3 days, and 3
    tables, for which the frames do not suffice, 10 again. The faster supplier is not the usual one: 5 days, not 1.
    """
    table, frame, rail = shop.make("TABLE"), shop.make("FRAME"), shop.buy("RAIL")
    shop.bom(frame, (rail, "4"))
    shop.bom(table, (frame, "2"))
    shop.price(rail, "1", days=5)
    quick = Partner.objects.create(code="S2", name="Quick", is_supplier=True)
    shop.price(rail, "3", days=1, supplier=quick)
    for material, days in ((table, 3), (frame, 2)):
        MaterialPlant.objects.create(material=material, plant=shop.plant, lead_time_days=days)
    assert promise(shop.draft((table, "2"))) == [[("lead_time", D(2), day(11))]]
    shop.stock(frame, "4")
    assert promise(shop.draft((table, "2"))) == [[("lead_time", D(2), day(4))]]
    assert promise(shop.draft((table, "3"))) == [[("lead_time", D(3), day(11))]]


def test_no_day_is_invented_for_what_is_made_to_order_without_a_lead_time(shop: Shop) -> None:
    assert promise(shop.draft((shop.make("TABLE"), "1"))) == [[("lead_time", D(1), None)]]


def test_a_lot_that_has_expired_is_not_free(shop: Shop) -> None:
    """3 of a lot that could be used until yesterday: none of them counts, 7 days to buy."""
    glue = shop.buy("GLUE")
    shop.price(glue, days=7)
    erp.set_tracking(material_id=glue.pk, tracking="lot", is_dimensioned=False)
    lot = erp.ensure_lot(material=Material.objects.get(pk=glue.pk), number="L1", now=NOW)
    Lot.objects.filter(pk=lot.pk).update(expires_on=day(-1))
    erp.receive_opening(rows=[erp.OpeningStock(glue.pk, shop.shelf.pk, D(3), D(1), lot.pk)], now=NOW)
    assert promise(shop.draft((glue, "2"))) == [[("lead_time", D(2), day(7))]]


def test_a_component_that_lacks_names_what_is_free_and_may_be_used(shop: Shop) -> None:
    """4 tables of 2 oak, bought in 20 days, or 3 beech for 2 oak: 12 are free, above 2 for safety.

    The draft says so, and what it takes without asking: 20 days and 2 to make. Confirmed, the component can be named;
    used, nothing lacks any more.
    """
    table, oak, beech = shop.make("TABLE"), shop.buy("OAK"), shop.buy("BEECH")
    shop.price(oak, days=20)
    line = masters.BomLineInput(oak.pk, D(2), substitutes=[masters.SubstituteInput(beech.pk, D("1.5"))])
    masters.freeze_bom(bom_id=masters.write_bom(material_id=table.pk, lines=[line]).pk, now=NOW)
    MaterialPlant.objects.create(material=table, plant=shop.plant, lead_time_days=2)
    shop.stock(beech, "13")
    shop.safety(beech, "2")
    order = shop.draft((table, "4"))
    assert instead(order) == []
    shop.stock(beech, "1")
    assert promise(order) == [[("lead_time", D(4), day(23))]]
    assert instead(order) == [("OAK", "BEECH", D(12), "EA", False)]
    erp.confirm_order(order_id=order.pk, now=NOW)
    assert instead(order) == [("OAK", "BEECH", D(12), "EA", True)]
    need = WorkOrderMaterial.objects.get()
    erp.use_substitute(need_id=need.pk, material_id=beech.pk, now=NOW)
    assert instead(order) == []


def test_what_is_used_without_asking_shortens_the_lead_time(shop: Shop) -> None:
    """The same with beech that may be used by itself: only the 2 days to make are left, and nobody is asked."""
    table, oak, beech = shop.make("TABLE"), shop.buy("OAK"), shop.buy("BEECH")
    shop.price(oak, days=20)
    instead_of_oak = [masters.SubstituteInput(beech.pk, D("1.5"), by_itself=True)]
    line = masters.BomLineInput(oak.pk, D(2), substitutes=instead_of_oak)
    masters.freeze_bom(bom_id=masters.write_bom(material_id=table.pk, lines=[line]).pk, now=NOW)
    MaterialPlant.objects.create(material=table, plant=shop.plant, lead_time_days=2)
    order = shop.draft((table, "4"))
    assert promise(order) == [[("lead_time", D(4), day(23))]]
    shop.stock(beech, "12")
    assert promise(order) == [[("lead_time", D(4), day(3))]]
    assert instead(order) == []


def instead(order: SalesOrder) -> list[tuple[str, str, Decimal, str, bool]]:
    """What lacks, what may be used, how much, and whether somebody can say so already."""
    (line,) = erp_now.available_to_promise(order_id=order.pk, now=NOW)
    return [(one.component, one.substitute, one.quantity, one.unit, one.need_id is not None) for one in line.instead]


def test_by_products_of_work_for_others_are_free_until_the_line_has_to_leave(shop: Shop) -> None:
    """2 shelves of day 5 bring 4 offcuts, when they have to leave: at 10 pm, two hours before the day ends.

    A draft of 5 for day 10 takes 4 of them and buys one in 7 days; one for day 4 buys all. Confirmed, they are its own.
    """
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    shop.price(off, days=7)
    shop.stock(board, "10")
    out = [masters.ByproductInput(off.pk, D(2))]
    draft = masters.write_bom(material_id=shelf.pk, lines=[masters.BomLineInput(board.pk, D(1))], byproducts=out)
    masters.freeze_bom(bom_id=draft.pk, now=NOW)
    shelves = shop.draft((shelf, "2"))
    shelves.lines.update(wanted_on=day(5))
    erp.confirm_order(order_id=shelves.pk, now=NOW)
    early, order = shop.draft((off, "5")), shop.draft((off, "5"))
    early.lines.update(wanted_on=day(4))
    order.lines.update(wanted_on=day(10))
    assert promise(early) == [[("lead_time", D(5), day(7))]]
    assert promise(order) == [[("work_order", D(4), day(5)), ("lead_time", D(1), day(7))]]
    erp.confirm_order(order_id=order.pk, now=NOW)
    assert promise(order) == [[("work_order", D(4), day(5)), ("purchase", D(1), day(7))]]
    assert promise(early) == [[("lead_time", D(5), day(7))]]


def test_what_comes_beside_work_for_stock_takes_nothing_from_its_pieces(shop: Shop) -> None:
    """Firm work of 5 shelves for stock, of which 2 are spoken for, brings 10 offcuts, all spoken for: 3 are free."""
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    shop.stock(board, "10")
    out = [masters.ByproductInput(off.pk, D(2))]
    draft = masters.write_bom(material_id=shelf.pk, lines=[masters.BomLineInput(board.pk, D(1))], byproducts=out)
    masters.freeze_bom(bom_id=draft.pk, now=NOW)
    for_stock(shop, shelf, lead_time_days=2, lot_rule="minimum", lot_qty=D(5), planning_fence_days=30)
    two, rest = shop.draft((shelf, "2")), shop.draft((shelf, "4"))
    two.lines.update(wanted_on=day(5))
    erp.confirm_order(order_id=two.pk, now=NOW)
    plan(shop)
    offcuts = shop.draft((off, "10"))
    offcuts.lines.update(wanted_on=day(9))
    erp.confirm_order(order_id=offcuts.pk, now=NOW)
    assert promise(offcuts) == [[("work_order", D(10), day(6))]]
    assert ("work_order", D(3), day(6)) in promise(rest)[0]
