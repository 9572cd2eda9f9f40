"""Non-conformances: from the floor, of a supplier, of a customer; every decision with what it really does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import ReceiptLine, ReturnReceipt, StockBalance, StockMove, SupplierReturn, WorkOrderOperation
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from mes import selectors
from mes import services as mes
from mes.models import Disposition, EventPhoto, ExecutionEvent, NonConformance, OperationRun, QualityHold
from mes.services.disposing import DEEDS, CannotDispose, _deed
from mes.services.nonconformances import WrongState
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step
from tests.mes.laboratory import D, decide, fault, quarantine_reason


def working(quantity: str = "10", *, is_ordered: bool = False) -> tuple[Hall, WorkOrderOperation]:
    """A hall whose saw has made four good pieces until half past nine."""
    shop = hall()
    saw = step(shop.shelves(quantity, is_ordered=is_ordered), 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 30, "4")
    return shop, saw


def planing(shop: Hall) -> mes.Rework:
    """Fifteen minutes a piece at a saw."""
    return mes.Rework(name="Plane", work_centre_id=shop.shop.centres["SAW"].pk, run_min_per_unit=D(15))


def test_scrap_is_reported_at_the_operation_and_valued() -> None:
    """Of ten shelves two are scrapped at minute 40, after four good ones at 30.

    Boards 2 x 3.00 each: 6 pieces 36.00. 40 minutes at 60 + 30 an hour: 60.00. 96.00 for 6 pieces, 16.00 each: 32.00.
    """
    shop, saw = working()
    row = fault(shop, saw, "2", 35)
    assert row.number == "NC-2026-00001"
    made = decide(row, "scrap", "2", 40)
    row.refresh_from_db()
    assert (row.state, made.value) == ("decided", 32)
    assert (step(saw.work_order, 10).scrap_qty, OperationRun.objects.get().scrap_qty) == (2, 2)
    assert ExecutionEvent.objects.get(pk=made.event_id).reason == shop.reasons["S-CHIP"]
    cost = selectors.costs_of([row.pk])[row.pk]
    assert (cost.scrap, cost.rework, cost.total) == (32, 0, 32)


def test_rework_makes_a_step_and_costs_what_is_booked_there() -> None:
    """One piece to rework: a step at the other saw, 20 minutes. The machine at 60 an hour costs 20.00; whoever tends
    both saws at once gives each half of the time, at 30 an hour 5.00. 25.00, to the order that it is for."""
    shop, saw = working(is_ordered=True)
    row = fault(shop, saw, "1", 35)
    work = planing(shop)
    made = decide(row, "rework", "1", 40, rework=work)
    assert (made.rework_step.mends, made.rework_step.quantity) == (saw, 1)
    assert step(saw.work_order, 10).rework_qty == 1
    shop.start(made.rework_step, "SAW-2", 50)
    shop.report(made.rework_step, "SAW-2", 70, "1")
    assert step(saw.work_order, 10).good_qty == 5
    assert selectors.costs_of([row.pk])[row.pk].rework == 25
    assert row.sales_order is not None
    assert selectors.cost_of_order(row.sales_order_id).total == 25


def test_used_as_is_releases_the_hold_that_it_made() -> None:
    shop, saw = working()
    row = fault(shop, saw, "2", 35)
    mes.hold_operation(operation_id=saw.pk, reason="Look at it.", at=at(35), nonconformance_id=row.pk)
    with pytest.raises(Refusal, match="Look at it"):
        shop.report(saw, "SAW-1", 36, "1")
    decide(row, "use", "1", 40)
    assert QualityHold.objects.filter(released_at=None).count() == 1
    decide(row, "use", "1", 41)
    assert QualityHold.objects.filter(released_at=None).count() == 0
    shop.report(saw, "SAW-1", 50, "6")
    assert step(saw.work_order, 10).good_qty == 10


def test_a_decision_goes_past_the_hold_that_waited_for_it() -> None:
    """Three pieces, held: one is scrapped, one used, one reworked; the hold stays until somebody releases it."""
    shop, saw = working()
    row = fault(shop, saw, "3", 35)
    mes.hold_operation(operation_id=saw.pk, reason="Look at it.", at=at(35), nonconformance_id=row.pk)
    decide(row, "scrap", "1", 40)
    decide(row, "use", "1", 40)
    work = planing(shop)
    decide(row, "rework", "1", 41, rework=work)
    row.refresh_from_db()
    assert row.state == "decided"
    assert QualityHold.objects.filter(released_at=None).count() == 1


def test_scrap_that_was_reported_already_is_only_valued() -> None:
    """One scrapped at 30 of five reported: boards 30.00 and 30 minutes 45.00 over five pieces: 15.00."""
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 30, "4", "1")
    with pytest.raises(InvalidInput, match="1 pieces are reported as scrap"):
        fault(shop, saw, "2", 31, is_scrapped=True)
    row = fault(shop, saw, "1", 31, is_scrapped=True)
    assert decide(row, "scrap", "1", 40).value == 15
    assert step(saw.work_order, 10).scrap_qty == 1


def test_no_more_is_decided_than_there_is() -> None:
    shop, saw = working()
    row = fault(shop, saw, "2", 35)
    decide(row, "use", "1", 40)
    with pytest.raises(InvalidInput, match="1 of NC-2026-00001 wait for a decision"):
        decide(row, "use", "2", 41)
    with pytest.raises(StaleVersion):
        mes.dispose(
            nonconformance_id=row.pk, decision=mes.Decision(kind="use", quantity=D(1)), by=None, now=at(42),
            expected_version=1,
        )  # fmt: skip


def receipt(shop: Hall, quantity: str = "20") -> ReceiptLine:
    """Boards from the supplier at 3.00."""
    order = erp.create_purchase_order(
        plant=shop.shop.plant, supplier=shop.shop.supplier,
        lines=[erp.PurchaseLineInput(shop.shop.materials["BOARD"].pk, D(quantity), D(3), at(0))], now=NOW,
    )  # fmt: skip
    erp.receive_purchase(purchase_order_id=order.pk, lines=None, now=NOW)
    return ReceiptLine.objects.get()


def apart(shop: Hall) -> Decimal:
    """Boards in quarantine."""
    rows = StockBalance.objects.filter(material=shop.shop.materials["BOARD"], location__kind="quarantine")
    return sum((row.on_hand for row in rows), D(0))


def test_goods_of_a_supplier_are_put_apart_used_scrapped_and_sent_back() -> None:
    """20 boards of 3.00 came, six are bad: three go back (9.00), two are scrapped (6.00), one is used.

    6 of 20 are 300,000 of a million.
    """
    shop = hall()
    quarantine_reason()
    line = receipt(shop)
    row = mes.raise_supplier_nonconformance(receipt_line_id=line.pk, quantity=D(6), now=at(5), text="Bent")
    assert (apart(shop), row.partner) == (6, shop.shop.supplier)
    with pytest.raises(InvalidInput, match="14 of BOARD came with"):
        mes.raise_supplier_nonconformance(receipt_line_id=line.pk, quantity=D(15), now=at(6), text="Bent")
    back = decide(row, "return", "3", 10)
    assert (back.value, SupplierReturn.objects.get()) == (9, back.supplier_return)
    with pytest.raises(InvalidInput, match="Choose the defect"):
        decide(row, "scrap", "2", 11)
    scrapped = decide(row, "scrap", "2", 11, defect_id=shop.reasons["S-CHIP"].pk)
    assert (scrapped.value, scrapped.move.kind) == (6, StockMove.Kind.SCRAP)
    decide(row, "use", "1", 12)
    assert apart(shop) == 0
    row.refresh_from_db()
    assert row.state == "decided"
    cost = selectors.costs_of([row.pk])[row.pk]
    assert (cost.scrap, cost.returned, cost.total) == (6, 9, 6)
    (found,) = selectors.supplier_quality(plant_ids=[shop.shop.plant.pk], since_at=NOW, until_at=at(600))
    assert (found.received, found.refused, found.ppm) == (20, 6, 300_000)


def test_what_pieces_cannot_become_is_refused_with_what_they_can() -> None:
    """Every place with every decision: what is not in the table is refused, and nothing is written."""
    shop, saw = working()
    row = fault(shop, saw, "1", 35)
    for place in NonConformance.Place:
        for kind in Disposition.Kind:
            if (place, kind) in DEEDS:
                continue
            row.place = place
            with pytest.raises(CannotDispose) as refused:
                _deed(row, mes.Decision(kind=kind, quantity=D(1)))
            assert refused.value.sentence.endswith(".")
    with pytest.raises(CannotDispose):
        decide(row, "return", "1", 40)
    assert Disposition.objects.count() == 0


STATES = NonConformance.State
ALLOWED = {
    ("dispose", STATES.OPEN): STATES.DECIDED,
    ("withdraw", STATES.OPEN): STATES.WITHDRAWN,
    ("close", STATES.DECIDED): STATES.CLOSED,
    ("photo", STATES.OPEN): None,
    ("photo", STATES.DECIDED): None,
}


@pytest.mark.parametrize("state", STATES.values)
@pytest.mark.parametrize("deed", ["dispose", "withdraw", "close", "photo"])
def test_the_whole_table_of_transitions(deed: str, state: str) -> None:
    """What is not allowed is a refusal that leaves the row as it was; a photo that is not there is another one."""
    shop, saw = working()
    row = fault(shop, saw, "1", 35)
    if state in (STATES.DECIDED, STATES.CLOSED):
        decide(row, "use", "1", 40)
    if state == STATES.CLOSED:
        mes.close_nonconformance(nonconformance_id=row.pk, cause="Blade", corrective_action="New", by=None, now=at(41))
    if state == STATES.WITHDRAWN:
        mes.withdraw_nonconformance(nonconformance_id=row.pk, reason="Was good", by=None, now=at(41))
    row.refresh_from_db()
    before = (row.state, row.version)
    pk, late = row.pk, {"by": None, "now": at(50)}
    do: Callable[[], object] = {
        "dispose": lambda: decide(row, "use", "1", 50),
        "withdraw": lambda: mes.withdraw_nonconformance(nonconformance_id=pk, reason="Was good", **late),
        "close": lambda: mes.close_nonconformance(nonconformance_id=pk, cause="A", corrective_action="B", **late),
        "photo": lambda: mes.add_photo(nonconformance_id=pk, photo_id=row_photo(shop)),
    }[deed]
    if (deed, state) in ALLOWED:
        do()
        row.refresh_from_db()
        assert row.state == (ALLOWED[deed, NonConformance.State(state)] or state)
        return
    with pytest.raises(WrongState):
        do()
    row.refresh_from_db()
    assert (row.state, row.version) == before


def row_photo(shop: Hall) -> object:
    """A photo of the plant."""
    return EventPhoto.objects.create(plant=shop.shop.plant, content=b"x", content_type="image/png", sha256="0").pk


def test_closing_asks_why_and_what_was_done() -> None:
    shop, saw = working()
    row = fault(shop, saw, "1", 35)
    decide(row, "use", "1", 40)
    for given, field in (({"cause": ""}, "cause"), ({"corrective_action": " "}, "corrective_action")):
        with pytest.raises(InvalidInput) as refused:
            mes.close_nonconformance(
                nonconformance_id=row.pk, by=None, now=at(41), **({"cause": "a", "corrective_action": "b"} | given)
            )
        assert refused.value.field == field
    with pytest.raises(InvalidInput, match="Choose the defect, or say"):
        fault(shop, saw, "1", 45, defect_id=None)


def test_the_dearest_defect_stands_first() -> None:
    """32.00 of chipped edges, nothing yet of what is only told: 100 % and 0 %."""
    shop, saw = working()
    decide(fault(shop, saw, "2", 35), "scrap", "2", 40)
    fault(shop, saw, "1", 41, defect_id=None, text="Colour differs")
    span = {"plant_ids": [shop.shop.plant.pk], "since_at": NOW, "until_at": at(600)}
    bars = selectors.pareto("defect", **span)
    assert [(one.words, one.number, one.pieces, one.cost.total, one.share, one.so_far) for one in bars] == [
        ("Edge chipped", 1, 2, 32, 100, 100),
        ("", 1, 1, 0, 0, 100),
    ]
    for by, key in (("material", "SHELF"), ("machine", "SAW-1"), ("month", "2026-11"), ("order", "")):
        assert [one.key for one in selectors.pareto(by, **span)] == [key]


def shipped(shop: Hall) -> tuple[object, ReturnReceipt]:
    """One board of two that were sold came back: its order, and what came."""
    board = shop.shop.materials["BOARD"]
    board.is_sellable = True
    board.save(update_fields=["is_sellable"])
    given = erp.OrderLineInput(
        plant_id=shop.shop.plant.pk, material_id=board.pk, quantity=D(2), unit_price=D(5), wanted_on=NOW.date()
    )
    order = erp.create_order(
        company=shop.shop.company, customer=shop.shop.customer, currency=shop.shop.company.currency, lines=[given],
        now=NOW,
    )  # fmt: skip
    erp.confirm_order(order_id=order.pk, now=NOW)
    line = order.lines.get()
    shipment = erp.pack_shipment(order_id=line.order_id, lines=None, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    back = erp.authorise_return(
        order_id=line.order_id, lines=[(shipment.lines.get().pk, D(1))], reason="faulty", now=NOW
    )
    return line, erp.receive_return(return_id=back.pk, line_id=back.lines.get().pk, quantity=D(1), now=NOW)


@pytest.mark.parametrize(("kind", "outcome"), [("use", "restock"), ("scrap", "scrap"), ("rework", "rework")])
def test_a_complaint_decides_what_came_back(kind: str, outcome: str) -> None:
    """A board of 3.00: scrapped it cost the order 3.00; mended it has a work order of its own."""
    shop = hall()
    _line, came = shipped(shop)
    row = mes.raise_complaint(return_receipt_id=came.pk, now=at(5), text="Scratched")
    assert (row.quantity, row.partner, row.place) == (1, shop.shop.customer, "returned")
    with pytest.raises(InvalidInput, match="named in a non-conformance already"):
        mes.raise_complaint(return_receipt_id=came.pk, now=at(5), text="Scratched")
    more = {
        "scrap": {"defect_id": shop.reasons["S-CHIP"].pk},
        "rework": {"rework": planing(shop)},
    }.get(kind, {})  # fmt: skip
    made = decide(row, kind, "1", 10, **more)
    came.refresh_from_db()
    assert came.outcome == outcome
    assert made.rework_order == came.reworked_by
    assert made.value == (3 if kind == "scrap" else 0)


def test_a_complaint_of_goods_that_are_still_away() -> None:
    shop = hall()
    line, _ = shipped(shop)
    with pytest.raises(InvalidInput, match="2 of this line were shipped"):
        mes.raise_complaint(order_line_id=line.pk, quantity=D(3), now=at(5), text="Wrong colour")
    row = mes.raise_complaint(order_line_id=line.pk, quantity=D(1), now=at(5), text="Wrong colour")
    with pytest.raises(CannotDispose, match="authorise a return first"):
        decide(row, "scrap", "1", 10)
    decide(row, "use", "1", 10)
