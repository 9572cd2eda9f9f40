"""Planning beside everybody else: real connections, real commits. Nobody deadlocks, nothing is planned or bought twice,
and when all is quiet a run finds nothing more to write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from itertools import count

import pytest
from django.db.models import F, Sum

from erp import services as erp
from erp.models import (
    MaterialChange,
    PlannedOrder,
    PurchaseOrder,
    PurchaseOrderLine,
    Reservation,
    SalesOrder,
    WorkOrder,
    WorkOrderMaterial,
)
from erp.sales.services.keeping import NeedsNoMore
from masterdata import services as masters
from masterdata.models import Material, MaterialPlant
from suite import audit
from tests.erp.crowd import at_once, beside
from tests.erp.planning.test_run import for_stock, plan, regenerate
from tests.erp.shop import NOW, Shop

ROUNDS = 12
D = Decimal


class Factory(Shop):
    """Tables of 4 legs and a board, legs of 2 rods: tables and legs for stock, rods and boards bought for stock.

    Work that begins within 12 days is firm, so that runs keep stock for it. A stool takes a board too and is made to
    order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.table, self.leg, self.stool = self.make("TABLE"), self.make("LEG"), self.make("STOOL")
        self.rod, self.board = self.buy("ROD"), self.buy("BOARD")
        self.price(self.rod, days=3)
        self.price(self.board, days=4)
        self.bom(self.leg, (self.rod, "2"))
        self.bom(self.table, (self.leg, "4"), (self.board, "1"))
        self.bom(self.stool, (self.board, "1"))
        for_stock(self, self.table, lead_time_days=5, planning_fence_days=12)
        for_stock(self, self.leg, lead_time_days=3, planning_fence_days=12)
        for_stock(self, self.rod)
        for_stock(self, self.board)

    def wanted(self, material: Material, quantity: str, days: int = 18) -> SalesOrder:
        """A draft for a day so many days from now."""
        order = self.draft((material, quantity))
        order.lines.update(wanted_on=NOW.date() + dt.timedelta(days=days))
        return order

    def ordered(self, material: Material, quantity: str, days: int = 18) -> SalesOrder:
        return erp.confirm_order(order_id=self.wanted(material, quantity, days).pk, now=NOW)

    def purchase(self, material: Material, quantity: str, days: int = 4) -> PurchaseOrder:
        line = erp.PurchaseLineInput(material.pk, D(quantity), D(1), NOW + dt.timedelta(days=days))
        return erp.create_purchase_order(plant=self.plant, supplier=self.supplier, lines=[line], now=NOW)


@pytest.fixture
def factory(committed: None) -> Factory:
    """A factory that other connections see."""
    return Factory()


def planning(shop: Shop) -> Callable[[], object]:
    return lambda: plan(shop)


def settled(shop: Shop) -> None:
    """After the next run all is quiet: no rule is broken, and planning everything finds nothing to write."""
    plan(shop)
    assert not MaterialChange.objects.filter(plant=shop.plant).exists()
    assert regenerate(shop).changes == 0
    assert [(one.invariant.name, one.rows) for one in audit.findings() if not one.holds] == []


def supplied(material: Material) -> Decimal:
    """What is on order or planned of it."""
    lines = PurchaseOrderLine.objects.filter(material=material)
    rows = PlannedOrder.objects.filter(material=material, closed_at=None)
    bought = lines.aggregate(total=Sum(F("quantity") - F("received_qty")))["total"] or D(0)
    return bought + (rows.aggregate(total=Sum("quantity"))["total"] or D(0))


def test_runs_at_once_write_one_plan(factory: Factory) -> None:
    """Each round one more table is ordered and three runs begin: one writes, the others find nothing left to do.

    12 tables in the end, of 48 legs, 96 rods and 12 boards, and not one more.
    """
    for _ in range(ROUNDS):
        factory.ordered(factory.table, "1", 40)
        found: list[erp.Planned] = []
        run = lambda found=found: found.append(plan(factory))  # noqa: E731
        assert at_once([run, run, lambda: regenerate(factory)]) == []
        assert len([one for one in found if one.changes]) <= 1
    made = WorkOrder.objects.values_list("material__code").annotate(total=Sum("quantity")).order_by("material__code")
    assert list(made) == [("LEG", D(48)), ("TABLE", D(12))]
    assert (supplied(factory.rod), supplied(factory.board)) == (96, 12)
    settled(factory)


def test_an_order_that_takes_the_same_boards_and_a_run_share_them(factory: Factory) -> None:
    """Each round 3 boards come onto the shelf and 2 are on order for nobody; tables of 2 boards are in planning while
    two orders of 2 stools, which take boards by themselves, are confirmed. Nobody takes the same board as another."""
    for _ in range(ROUNDS):
        factory.stock(factory.board, "3")
        factory.purchase(factory.board, "2")
        factory.ordered(factory.table, "2", 8)
        stools = [factory.wanted(factory.stool, "2"), factory.wanted(factory.stool, "2")]
        confirm = [lambda pk=one.pk: erp.confirm_order(order_id=pk, now=NOW) for one in stools]
        assert at_once([planning(factory), *confirm, planning(factory)]) == []
    settled(factory)


def test_a_count_that_finds_less_and_a_run_agree_on_what_is_there(factory: Factory) -> None:
    """Each round 6 boards come in, 4 tables are wanted soon, and a count finds two boards less than the book says
    while the run keeps boards for the tables."""
    for turn in range(ROUNDS):
        factory.stock(factory.board, "6")
        factory.ordered(factory.table, "4", 8)
        sheet = erp.make_count_sheet(plant=factory.plant, material=factory.board, location=factory.shelf, now=NOW)
        for line in sheet.lines.all():
            found = (line.book_qty or D(0)) - 2
            erp.enter_count(line_id=line.pk, quantity=max(found, D(0)), by=None, now=NOW)
        counted = lambda pk=sheet.pk: erp.post_count(sheet_id=pk, now=NOW, by=None)  # noqa: E731
        assert beside(planning(factory), counted, turn) == []
    settled(factory)


@pytest.mark.parametrize("deed", ["confirm", "receive", "cancel"])
def test_what_happens_to_a_purchase_is_seen_by_a_run_before_or_after_it(factory: Factory, deed: str) -> None:
    """Each round 3 boards are on order for nobody and 2 tables need boards: their day is confirmed, or they come, or
    they are cancelled, while a run pegs them."""
    deeds: dict[str, Callable[[PurchaseOrder], object]] = {
        "confirm": lambda order: erp.confirm_purchase_date(
            line_id=order.lines.get().pk, confirmed_at=NOW + dt.timedelta(days=9)
        ),
        "receive": lambda order: erp.receive_purchase(
            purchase_order_id=order.pk, lines=[erp.Delivered(line_id=order.lines.get().pk, quantity=D(2))], now=NOW
        ),
        "cancel": lambda order: erp.cancel_purchase(order_id=order.pk, now=NOW),
    }
    for turn in range(ROUNDS):
        order = factory.purchase(factory.board, "3")
        factory.ordered(factory.table, "2", 8)
        assert beside(planning(factory), lambda order=order: deeds[deed](order), turn) == []
    settled(factory)


def test_a_claim_of_netting_and_a_run_do_not_peg_the_same_pieces(factory: Factory) -> None:
    """Each round 5 boards are on order for nobody: 3 stools claim theirs by netting while a run pegs 4 for tables."""
    for turn in range(ROUNDS):
        factory.purchase(factory.board, "5")
        factory.ordered(factory.table, "4", 8)
        stool = factory.wanted(factory.stool, "3")
        confirm = lambda pk=stool.pk: erp.confirm_order(order_id=pk, now=NOW)  # noqa: E731
        assert beside(planning(factory), confirm, turn) == []
    settled(factory)


def test_a_planned_order_is_bought_or_changed_never_both(factory: Factory) -> None:
    """Each round a buyer orders what is planned of boards while more are wanted: what he orders is what stands there
    when he orders it, and the run plans the rest. 3 + 2 boards a round are bought or planned, and no more."""
    for at in range(1, ROUNDS + 1):
        factory.ordered(factory.table, "3", 40)
        plan(factory)
        open_ids = list(
            PlannedOrder.objects.filter(material=factory.board, closed_at=None).values_list("pk", flat=True)
        )
        factory.ordered(factory.table, "2", 40)
        buy = lambda ids=open_ids: erp.order_planned_together(planned_order_ids=ids, now=NOW)  # noqa: E731
        assert beside(planning(factory), buy, at) == []
        plan(factory)
        assert supplied(factory.board) == 5 * at
    settled(factory)


def test_what_planning_takes_back_is_ordered_or_refused(factory: Factory) -> None:
    """Each round 2 boards are planned, then come from elsewhere: the buyer orders them, or is told that planning took
    them back; never both, never neither."""
    for turn in range(ROUNDS):
        factory.ordered(factory.table, "2", 40)
        plan(factory)
        planned = PlannedOrder.objects.get(material=factory.board, closed_at=None)
        factory.stock(factory.board, "2")
        before = PurchaseOrderLine.objects.count()
        answers: list[erp.Ordered] = []
        order = lambda pk: erp.order_planned_together(planned_order_ids=[pk], now=NOW)  # noqa: E731
        buy = lambda pk=planned.pk, answers=answers, order=order: answers.append(order(pk))  # noqa: E731
        assert beside(planning(factory), buy, turn) == []
        bought = PurchaseOrderLine.objects.count() - before
        assert bought == len(answers[0].orders)
        assert bought + len(answers[0].left) == 1
        if bought:
            erp.cancel_purchase(order_id=answers[0].orders[0].pk, now=NOW)
        plan(factory)
    settled(factory)


def test_pieces_kept_by_hand_are_not_kept_again_by_a_run(factory: Factory) -> None:
    """Each round an order waits for 2 tables, 5 come in, and somebody keeps 2 for it while the run would keep 2."""
    for turn in range(ROUNDS):
        line = factory.ordered(factory.table, "2", 40).lines.get()
        plan(factory)
        factory.stock(factory.table, "5")
        keep = lambda pk=line.pk: erp.keep_pieces(sales_order_line_id=pk, quantity=D(2), now=NOW)  # noqa: E731
        failed = beside(planning(factory), keep, turn)
        assert {type(one) for one in failed} <= {NeedsNoMore}
        plan(factory)
        kept = Reservation.objects.filter(sales_order_line=line).aggregate(total=Sum("quantity"))["total"]
        assert kept == 2
        factory.ordered(factory.table, "3", 40)
        plan(factory)
    settled(factory)


def test_a_person_who_replaces_a_component_has_the_last_word(factory: Factory) -> None:
    """Each round a firm shelf lacks a plank; the run would use a lath by itself, a person chooses a batten."""
    shelf, plank, lath, batten = factory.make("SHELF"), factory.buy("PLANK"), factory.buy("LATH"), factory.buy("BATTEN")
    factory.price(plank, days=30)
    instead = [
        masters.SubstituteInput(lath.pk, D(1), priority=1, by_itself=True),
        masters.SubstituteInput(batten.pk, D(2), priority=2),
    ]
    draft = masters.write_bom(material_id=shelf.pk, lines=[masters.BomLineInput(plank.pk, D(3), substitutes=instead)])
    masters.freeze_bom(bom_id=draft.pk, now=NOW)
    for material in (plank, lath, batten):
        for_stock(factory, material)
    for turn in range(ROUNDS):
        order = factory.ordered(shelf, "1", 8)
        need = WorkOrderMaterial.objects.get(work_order__sales_order_line__order=order)
        plan(factory)
        factory.stock(lath, "3")
        factory.stock(batten, "6")
        use = lambda pk=need.pk: erp.use_substitute(need_id=pk, material_id=batten.pk, now=NOW)  # noqa: E731
        failed = beside(planning(factory), use, turn)
        assert {type(one) for one in failed} <= {erp.NotReplaceable}
        plan(factory)
        need.refresh_from_db()
        assert (need.material_id, need.quantity) == ((lath.pk, D(3)) if failed else (batten.pk, D(6)))
        kept = Reservation.objects.filter(work_order_material=need, quantity__gt=0)
        assert {one.balance.material_id for one in kept} == {need.material_id}
    settled(factory)


def test_two_plants_with_a_transfer_between_are_planned_at_once(factory: Factory) -> None:
    """The second plant takes its tables from the first. Each round 2 are ordered there, or what is there suffices and
    the transfer goes again, while both plants are planned and the first one's own orders come."""
    other = type(factory.plant).objects.create(
        company=factory.company, code="P2", name="Second plant", calendar=factory.plant.calendar, transport_min=120
    )
    warehouse = factory.shelf.warehouse
    warehouse = type(warehouse).objects.create(plant=other, code="W2", name="Second", is_main=True)
    for kind in ("stock", "loss"):
        inside = warehouse if kind == "stock" else None
        type(factory.shelf).objects.create(
            plant=other, warehouse=inside, code=f"P2-{kind}", name=kind, kind=kind, is_default=True
        )
    shelf = type(factory.shelf).objects.get(plant=other, kind="stock")
    MaterialPlant.objects.create(
        material=factory.table, plant=other, policy="to_stock", source_plant=factory.plant, lead_time_days=2
    )
    both = [planning(factory), lambda: erp.plan_changes(plant_id=other.pk, now=NOW)]
    numbers = count()
    for _ in range(ROUNDS):
        order = factory.wanted(factory.table, "2", 30)
        order.lines.update(plant=other)
        erp.confirm_order(order_id=order.pk, now=NOW)
        factory.ordered(factory.table, "1", 9)
        assert at_once([*both, *both]) == []
        if next(numbers) % 2:
            erp.receive_opening(rows=[erp.OpeningStock(factory.table.pk, shelf.pk, D(4), D(1))], now=NOW)
            assert at_once([*both, *both]) == []
    for run in (*both, *both):
        run()
    settled(factory)
    assert erp.plan_materials(plant_id=other.pk, now=NOW).changes == 0
    moving = PlannedOrder.objects.filter(kind="transfer", closed_at=None)
    pegs = [(one.quantity, one.outgoing_pegs.aggregate(total=Sum("quantity"))["total"]) for one in moving]
    assert all(wanted == pegged for wanted, pegged in pegs)
