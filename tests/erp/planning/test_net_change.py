"""Whatever happens: net change ends where planning everything ends, a run again changes nothing, audit clean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from erp import services as erp
from erp.invariants import INVARIANTS
from erp.models import (
    MaterialChange,
    Peg,
    PlannedOrder,
    PurchaseOrderLine,
    Reservation,
    SalesOrder,
    SalesOrderLine,
    WorkOrder,
    WorkOrderMaterial,
)
from masterdata import services as masters
from masterdata.models import Material, MaterialPlant
from tests.erp.planning.test_run import for_stock
from tests.erp.shop import NOW, Shop

D = Decimal
FORGET = (
    """UPDATE erp_purchaseorderline l SET pegged_qty = pegged_qty - coalesce((SELECT sum(p.quantity - p.received_qty)
    FROM erp_peg p WHERE p.purchase_order_line_id = l.id AND p.is_planned), 0)""",
    "DELETE FROM erp_peg WHERE is_planned AND received_qty = 0",
    "UPDATE erp_peg SET quantity = received_qty WHERE is_planned AND received_qty > 0",
    "DELETE FROM erp_actionmessage",
    "DELETE FROM erp_plannedorder WHERE NOT is_firm AND closed_at IS NULL",
    "DELETE FROM erp_workordermaterial WHERE work_order_id IN (SELECT id FROM erp_workorder WHERE state = 'proposed')",
    "DELETE FROM erp_workorderoperation WHERE work_order_id IN (SELECT id FROM erp_workorder WHERE state = 'proposed')",
    "DELETE FROM erp_workorder WHERE state = 'proposed'",
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["order", "order", "order", "stock", "spare", "buy", "receive", "cancel", "wish", "date",
                         "firm", "parameter", "plan", "own", "version"]),
        st.integers(0, 5),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


class World:
    """A table of two parts, of which one has a part itself and leaves some of the other; all for stock.

    A crate of board and offcuts is made to order; offcuts come beside the legs too.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.table, self.leg, self.rod, self.board = (
            shop.make("TABLE"), shop.make("LEG"), shop.buy("ROD"), shop.buy("BOARD", shop.kilo),
        )  # fmt: skip
        self.bar, self.offcut, self.crate = shop.buy("BAR"), shop.buy("OFFCUT"), shop.make("CRATE")
        shop.price(self.bar, days=3)
        shop.price(self.rod, days=4, least="3")
        shop.price(self.board, days=6)
        shop.price(self.offcut, days=2)
        self._version(0, 1)
        instead = [masters.SubstituteInput(self.bar.pk, D(2))]
        rows = [
            masters.BomLineInput(self.offcut.pk, D(3)),
            masters.BomLineInput(self.rod.pk, D(1), substitutes=instead),
        ]
        masters.freeze_bom(bom_id=masters.write_bom(material_id=self.crate.pk, lines=rows).pk, now=NOW)
        shop.bom(self.table, (self.leg, "4"), (self.board, "2.5"))
        for_stock(shop, self.table, lead_time_days=2, scrap_percent=D(5))
        for_stock(shop, self.leg, lead_time_days=3, lot_rule="multiple", lot_qty=D(6), safety_stock=D(2))
        for_stock(shop, self.bar)
        for_stock(shop, self.rod, lot_rule="period", period_days=5, max_lot=D(40))
        for_stock(shop, self.board, lot_rule="minimum", lot_qty=D(4), safety_time_days=1)
        self.materials: list[Material] = [self.table, self.leg, self.rod, self.board]

    def _version(self, which: int, amount: int) -> None:
        """A leg of two rods, or of bars instead, leaves half a kilogram of board and an offcut; or of bars, nothing."""
        instead = [masters.SubstituteInput(self.bar.pk, D("1.5"))]
        line = masters.BomLineInput(self.rod.pk, D(2), scrap_percent=D(10), substitutes=instead)
        out = [masters.ByproductInput(self.board.pk, D("0.5")), masters.ByproductInput(self.offcut.pk, D(1))]
        if which % 2:
            line, out = masters.BomLineInput(self.bar.pk, D(amount)), out[: which // 2]
        draft = masters.write_bom(material_id=self.leg.pk, lines=[line], byproducts=out)
        masters.freeze_bom(bom_id=draft.pk, now=NOW)

    def _own(self, which: int, amount: int) -> None:
        draft = self.shop.draft((self.crate, str(amount)))
        draft.lines.update(wanted_on=NOW.date() + dt.timedelta(days=5 + 6 * which))
        erp.confirm_order(order_id=draft.pk, now=NOW)

    def do(self, deed: str, which: int, amount: int) -> None:
        """One step; what is not possible just now changes nothing."""
        getattr(self, f"_{deed}")(which, amount)

    def _order(self, which: int, amount: int) -> None:
        draft = self.shop.draft((self.materials[which % 4], str(amount)))
        draft.lines.update(wanted_on=NOW.date() + dt.timedelta(days=20 + 3 * which))
        erp.confirm_order(order_id=draft.pk, now=NOW)

    def _stock(self, which: int, amount: int) -> None:
        self.shop.stock(self.materials[which % 4], str(amount))

    def _spare(self, which: int, amount: int) -> None:
        self.shop.stock(self.bar, str(amount * 5))

    def _buy(self, which: int, amount: int) -> None:
        material = [self.rod, self.board][which % 2]
        line = erp.PurchaseLineInput(material.pk, D(amount * 3), D(1), NOW + dt.timedelta(days=5 * which))
        erp.create_purchase_order(plant=self.shop.plant, supplier=self.shop.supplier, lines=[line], now=NOW)

    def _receive(self, which: int, amount: int) -> None:
        open_lines = [line for line in PurchaseOrderLine.objects.order_by("pk") if line.received_qty < line.quantity]
        if open_lines:
            line = open_lines[which % len(open_lines)]
            part = min(D(amount), line.quantity - line.received_qty)
            erp.receive_purchase(
                purchase_order_id=line.order_id, lines=[erp.Delivered(line_id=line.pk, quantity=part)], now=NOW
            )

    def _cancel(self, which: int, amount: int) -> None:
        """Only of orders for which nothing is kept: letting go of stock is another deed."""
        kept = Reservation.objects.filter(quantity__gt=0).values("sales_order_line__order")
        orders = SalesOrder.objects.filter(cancelled_at=None).exclude(pk__in=kept).order_by("pk")
        if orders:
            SalesOrder.objects.filter(pk=orders[which % len(orders)].pk).update(cancelled_at=NOW)

    def _wish(self, which: int, amount: int) -> None:
        lines = list(SalesOrderLine.objects.order_by("pk"))
        if lines:
            pk = lines[which % len(lines)].pk
            SalesOrderLine.objects.filter(pk=pk).update(wanted_on=NOW.date() + dt.timedelta(days=25 + amount))

    def _date(self, which: int, amount: int) -> None:
        lines = list(PurchaseOrderLine.objects.order_by("pk"))
        if lines:
            at = NOW + dt.timedelta(days=3 * amount)
            erp.confirm_purchase_date(line_id=lines[which % len(lines)].pk, confirmed_at=at)

    def _firm(self, which: int, amount: int) -> None:
        found = list(WorkOrder.objects.filter(state="proposed").order_by("pk"))
        if found:
            erp.firm_work_order(work_order_id=found[which % len(found)].pk, now=NOW)

    def _parameter(self, which: int, amount: int) -> None:
        MaterialPlant.objects.filter(material=self.materials[which % 4]).update(
            safety_stock=D(amount), lead_time_days=which
        )

    def _plan(self, which: int, amount: int) -> None:
        erp.plan_changes(plant_id=self.shop.plant.pk, now=NOW)

    def picture(self) -> list[tuple[Any, ...]]:
        """What planning wants: all that is not an identity."""
        work = WorkOrder.objects.filter(state="proposed")
        needs = WorkOrderMaterial.objects.filter(work_order__state="proposed")
        bought = PlannedOrder.objects.filter(closed_at=None, is_firm=False)
        pegs = Peg.objects.filter(is_planned=True).exclude(quantity=0)
        return [
            *sorted(work.values_list("material", "quantity", "needed_on", "start_by_on")),
            *sorted(needs.values_list("material", "quantity", "work_order__start_by_on")),
            *sorted((*row[:2], row[2].date(), row[3]) for row in bought.values_list(
                "material", "quantity", "due_at", "order_by_on")),
            sum((peg.quantity - peg.received_qty for peg in pegs), D(0)),
        ]  # fmt: skip


def in_a_world(shop: Shop, story: Callable[[], None]) -> None:
    """The story leaves nothing behind."""
    with transaction.atomic():
        story()
        transaction.set_rollback(True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
@example(steps=[("order", 0, 1), ("order", 0, 1), ("plan", 0, 1), ("order", 0, 6), ("buy", 0, 5), ("firm", 1, 1)])
@example(steps=[("order", 1, 5), ("plan", 0, 1), ("firm", 0, 1), ("own", 4, 1), ("version", 3, 2), ("plan", 0, 1)])
@example(steps=[("spare", 0, 4), ("plan", 0, 1), ("spare", 0, 1), ("buy", 0, 1), ("receive", 0, 1)])
def test_net_change_ends_where_planning_everything_ends(shop: Shop, steps: list[tuple[str, int, int]]) -> None:
    def story() -> None:
        world = World(shop)
        for step in steps:
            world.do(*step)
        erp.plan_changes(plant_id=shop.plant.pk, now=NOW)
        assert not MaterialChange.objects.exists()
        assert erp.plan_materials(plant_id=shop.plant.pk, now=NOW).changes == 0
        wanted = world.picture()
        with connection.cursor() as cursor:
            for invariant in INVARIANTS:
                cursor.execute(invariant.sql)
                assert (invariant.name, cursor.fetchall()) == (invariant.name, [])
            cursor.execute("SELECT set_config('throughline.planning', 'on', true)")
            for statement in FORGET:
                cursor.execute(statement)
            cursor.execute("SELECT set_config('throughline.planning', '', true)")
        erp.plan_materials(plant_id=shop.plant.pk, now=NOW)
        assert world.picture() == wanted

    in_a_world(shop, story)
