"""Stock, reservations and planning by chance: whatever people do in whatever order, a plain model says the same.

The model knows what lies where, what was ordered, shipped, bought and made, as plain numbers. It is compared with the
rows after every step; after each example the whole audit holds.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from erp import services as erp
from erp.models import (
    OwedIssue,
    PlannedOrder,
    PurchaseOrderLine,
    Reservation,
    SalesOrderLine,
    StockBalance,
    WorkOrder,
    WorkOrderMaterial,
)
from masterdata import facts
from masterdata.errors import Refusal
from masterdata.models import Location, MaterialPlant, ReasonCode
from suite import audit
from tests.erp.shop import NOW, Shop
from tests.erp.stock.test_transit import second_plant
from tests.erp.travelling import CODES, Travelling, codes, few

D = Decimal
SAFETY = {"STOOL": 2, "LEG": 0, "BOLT": 10}
PARTS = {"STOOL": {"LEG": 3, "BOLT": 2}, "LEG": {"BOLT": 1}, "TABLE": {"LEG": 4, "BOLT": 6}}
OPEN_WORK = ["proposed", "firm", "released"]


def founded() -> dict[str, Any]:
    """A shop that makes stools and legs for stock, tables to order, and buys bolts."""
    shop = Shop()
    made = {code: shop.make(code) for code in ("STOOL", "LEG", "TABLE")}
    of = {**made, "BOLT": shop.buy("BOLT")}
    shop.price(of["BOLT"], days=3)
    for parent in ("LEG", "STOOL", "TABLE"):
        shop.bom(of[parent], *((of[code], str(count)) for code, count in PARTS[parent].items()))
    for code in CODES:
        MaterialPlant.objects.create(
            material=of[code],
            plant=shop.plant,
            policy=MaterialPlant.Policy.TO_STOCK,
            safety_stock=SAFETY[code],
            lead_time_days=2,
        )
    rack = Location.objects.create(
        plant=shop.plant, warehouse=shop.shelf.warehouse, code="RACK", name="Rack", kind="stock"
    )
    quarantine = Location.objects.get(plant=shop.plant, kind="quarantine")
    return {
        "shop": shop,
        "of": of,
        "place": {"shelf": shop.shelf, "rack": rack, "quarantine": quarantine},
        "other": second_plant(shop),
        "reason": ReasonCode.objects.create(code="DMG", name="Damaged", kind=ReasonCode.Kind.QUARANTINE),
    }


class Material(Travelling):
    """The shop, with everything that people may do there."""

    base: dict[str, Any]
    place: dict[str, Location]
    reason: ReasonCode

    def __init__(self) -> None:
        super().__init__()
        self.mark = transaction.atomic()
        self.mark.__enter__()
        self.quiet = facts.waking_nobody()
        self.quiet.__enter__()
        self.now = NOW
        self.there: dict[tuple[str, str], int] = defaultdict(int)
        self.ordered: dict[int, int] = {}
        self.shipped: dict[int, int] = defaultdict(int)
        self.planned_at = False

    @initialize()
    def found(self) -> None:
        """What `founded` has made, as good as new: each example takes back what it did."""
        vars(self).update(deepcopy(self.base))

    def _row(self, code: str, place: str) -> StockBalance | None:
        return StockBalance.objects.filter(
            material=self.of[code], location=self.place[place], sales_order=None, lot=None
        ).first()

    def _again(self) -> None:
        """What planning has not seen yet."""
        self.planned_at = False

    @rule(code=codes, count=few, place=st.sampled_from(["shelf", "rack"]))
    def find(self, code: str, count: int, place: str) -> None:
        rows = [erp.OpeningStock(self.of[code].pk, self.place[place].pk, D(count), D(2))]
        erp.receive_opening(rows=rows, now=self.now)
        self.there[code, place] += count
        self._again()

    @rule(code=codes, count=few, way=st.sampled_from([("shelf", "rack"), ("rack", "shelf")]))
    def move(self, code: str, count: int, way: tuple[str, str]) -> None:
        """Reserved pieces move with their reservations: only what is not there is refused."""
        row = self._row(code, way[0])
        if row is None:
            return
        pieces = [erp.Piece(row.pk, D(count))]
        try:
            erp.transfer_stock(pieces=pieces, target_id=self.place[way[1]].pk, now=self.now)
        except Refusal:
            assert count > self.there[code, way[0]]
        else:
            self.there[code, way[0]] -= count
            self.there[code, way[1]] += count
        self._again()

    @rule(code=codes, count=few)
    def lock_away(self, code: str, count: int) -> None:
        row = self._row(code, "shelf")
        if row is None:
            return
        try:
            erp.quarantine_stock(balance_id=row.pk, quantity=D(count), reason_id=self.reason.pk, now=self.now)
        except Refusal:
            assert count > self.there[code, "shelf"]
        else:
            self.there[code, "shelf"] -= count
            self.there[code, "quarantine"] += count
        self._again()

    @rule(code=codes, count=few)
    def let_out(self, code: str, count: int) -> None:
        row = self._row(code, "quarantine")
        if row is None:
            return
        try:
            erp.set_free(balance_id=row.pk, quantity=D(count), target_id=None, now=self.now)
        except Refusal:
            assert count > self.there[code, "quarantine"]
        else:
            self.there[code, "quarantine"] -= count
            self.there[code, "shelf"] += count
        self._again()

    @rule(code=codes, place=st.sampled_from(["shelf", "rack"]), found=st.integers(0, 15))
    def count(self, code: str, place: str, found: int) -> None:
        """Whatever is found is what there is, also below what was reserved."""
        if self._row(code, place) is None:
            return
        try:
            sheet = erp.make_count_sheet(
                plant=self.shop.plant, material=self.of[code], location=self.place[place], now=self.now
            )
        except Refusal:
            assert not self.there[code, place]
            return
        for line in sheet.lines.filter(sales_order=None):
            erp.enter_count(line_id=line.pk, quantity=D(found), by=None, now=self.now)
        for line in sheet.lines.exclude(sales_order=None):
            erp.enter_count(line_id=line.pk, quantity=line.book_qty or D(0), by=None, now=self.now)
        erp.post_count(sheet_id=sheet.pk, now=self.now, by=None)
        self.there[code, place] = found
        self._again()

    @rule(code=st.sampled_from([*CODES, "TABLE"]), count=few)
    def sell(self, code: str, count: int) -> None:
        line = self.shop.order((self.of[code], str(count))).lines.get()
        self.ordered[line.pk] = count
        self._again()

    @rule(pick=st.integers(0, 20), count=few)
    def keep(self, pick: int, count: int) -> None:
        """By hand for an order line: all of it, or a sentence and nothing."""
        lines = [pk for pk in self.ordered if self.shipped[pk] < self.ordered[pk]]
        if not lines:
            return
        before = self._kept()
        try:
            erp.keep_pieces(quantity=D(count), sales_order_line_id=lines[pick % len(lines)], now=self.now)
        except Refusal:
            assert self._kept() == before
        else:
            assert self._kept() == before + count
        self._again()

    @rule(pick=st.integers(0, 20))
    def let_go(self, pick: int) -> None:
        rows = list(Reservation.objects.filter(quantity__gt=0).order_by("pk"))
        if rows:
            erp.let_pieces_go(reservation_id=rows[pick % len(rows)].pk, now=self.now)
            self._again()

    @rule(days=st.integers(0, 2))
    def plan(self, days: int) -> None:
        self.now += dt.timedelta(days=days)
        erp.plan_changes(plant_id=self.shop.plant.pk, now=self.now)
        again = erp.plan_materials(plant_id=self.shop.plant.pk, now=self.now)
        assert again.changes == 0, "planning everything found what planning the changes had not"
        self.planned_at = True

    @rule()
    def buy(self) -> None:
        ids = list(PlannedOrder.objects.filter(closed_at=None, kind="buy").values_list("pk", flat=True))
        answer = erp.order_planned_together(planned_order_ids=ids, now=self.now)
        assert not answer.left
        self._again()

    @rule(share=st.integers(1, 3))
    def receive(self, share: int) -> None:
        line = PurchaseOrderLine.objects.filter(received_qty__lt=F("quantity")).order_by("pk").first()
        if line is None:
            return
        part = max(1, int(line.quantity - line.received_qty) // share)
        owed = self._owed("BOLT")
        erp.receive_purchase(purchase_order_id=line.order_id, lines=[(line.pk, D(part))], now=self.now)
        self._settle("BOLT", part, owed)
        self._again()

    @rule()
    def cancel_purchase(self) -> None:
        line = PurchaseOrderLine.objects.filter(received_qty__lt=F("quantity")).order_by("pk").last()
        if line is not None:
            erp.cancel_purchase(order_id=line.order_id, now=self.now)
            self._again()

    @rule(pick=st.integers(0, 20), good=st.integers(0, 6), scrap=st.integers(0, 2))
    def make(self, pick: int, good: int, scrap: int) -> None:
        """Components go for every piece, good or not; those that are not booked are owed and taken when they come."""
        waiting = list(WorkOrder.objects.filter(state__in=["firm", "released"]).order_by("pk"))
        if not waiting:
            return
        work = waiting[pick % len(waiting)]
        code = work.material.code
        erp.release_work_order(work_order_id=work.pk, despite_shortage=True, reason="Urgent", now=self.now)
        step = work.operations.get()
        left = int(work.quantity - step.good_qty - step.scrap_qty)
        good, scrap = min(good, left), max(0, min(scrap, left - good))
        if not good + scrap:
            return
        before = {part: self._owed(part) for part in [*PARTS[code], code]}
        taken = {need.material.code: need.issued_qty for need in work.materials.select_related("material")}
        erp.report_operation(operation_id=step.pk, good_qty=D(good), scrap_qty=D(scrap), worked_min=D(1), now=self.now)
        for need in work.materials.select_related("material"):
            part = need.material.code
            used = int(need.issued_qty - taken[part])
            assert used == PARTS[code][part] * (good + scrap)
            self._settle(part, -used, before[part])
        if work.sales_order_line_id is None:
            self._settle(code, good, before[code])
        self._again()

    @rule(pick=st.integers(0, 20))
    def send(self, pick: int) -> None:
        lines = [pk for pk in self.ordered if self.shipped[pk] < self.ordered[pk]]
        if not lines:
            return
        line = SalesOrderLine.objects.get(pk=lines[pick % len(lines)])
        try:
            shipment = erp.pack_shipment(order_id=line.order_id, now=self.now)
        except Refusal:
            return
        erp.ship(shipment_id=shipment.pk, now=self.now)
        part = int(shipment.lines.get().quantity)
        self.shipped[line.pk] += part
        assert self.shipped[line.pk] <= self.ordered[line.pk]
        if line.material.code != "TABLE":
            self._settle(line.material.code, -part, self._owed(line.material.code))
        self._again()

    def _kept(self) -> int:
        return int(Reservation.objects.aggregate(sum=Sum("quantity"))["sum"] or 0)

    def _owed(self, code: str) -> int:
        rows = OwedIssue.objects.filter(work_order_material__material=self.of[code])
        return int(rows.aggregate(sum=Sum(F("quantity") - F("settled_qty")))["sum"] or 0)

    def _settle(self, code: str, came: int, owed_before: int) -> None:
        """So many came (or went); what is owed less is taken from it, what is owed more was not there to take.

        Which place it came to or went from is the suite's choice: the sum has to be right.
        """
        change = came + self._owed(code) - owed_before
        places = ("shelf", "rack")
        before = sum(self.there[code, place] for place in places)
        for place in places:
            row = self._row(code, place)
            self.there[code, place] = int(row.on_hand) if row else 0
        assert sum(self.there[code, place] for place in places) == before + change, code

    @invariant()
    def everything_lies_where_the_model_has_it(self) -> None:
        rows = StockBalance.objects.filter(sales_order=None, material__code__in=CODES, plant=self.shop.plant)
        found = {
            (row.material.code, self._name(row.location)): int(row.on_hand)
            for row in rows.select_related("material", "location")
        }
        assert {key: count for key, count in found.items() if count} == {
            key: count for key, count in self.there.items() if count
        }

    def _name(self, location: Location) -> str:
        return next(name for name, place in self.place.items() if place.pk == location.pk)

    @invariant()
    def kept_is_what_reservations_sum_to(self) -> None:
        sums: dict[int, Any] = {
            row["balance"]: row["sum"] for row in Reservation.objects.values("balance").annotate(sum=Sum("quantity"))
        }
        for row in StockBalance.objects.select_related("location"):
            assert row.reserved == sums.get(row.pk, 0)
            assert 0 <= row.reserved <= row.on_hand
            assert row.location.kind == "stock" or not row.reserved

    @precondition(lambda self: self.planned_at)
    @invariant()
    def planning_wants_just_what_is_missing(self) -> None:
        """Lot for lot: what is proposed is all that is needed and safety, less all that is there and firmly coming."""
        for code in CODES:
            assert self._proposed(code) == max(0, self._needed(code) - self._coming(code)), code

    def _needed(self, code: str) -> int:
        lines = SalesOrderLine.objects.filter(pk__in=self.ordered, material=self.of[code])
        sold = sum(self.ordered[line.pk] - self.shipped[line.pk] for line in lines)
        parts = WorkOrderMaterial.objects.filter(material=self.of[code], work_order__state__in=OPEN_WORK)
        used = parts.aggregate(sum=Sum(F("quantity") - F("issued_qty")))["sum"] or 0
        return sold + int(used) + self._owed(code) + SAFETY[code]

    def _coming(self, code: str) -> int:
        firm = WorkOrder.objects.filter(
            material=self.of[code], sales_order_line=None, state__in=["firm", "released"]
        ).aggregate(sum=Sum(F("quantity") - F("good_qty") - F("scrap_qty")))
        lines = PurchaseOrderLine.objects.filter(material=self.of[code])
        bought = lines.aggregate(sum=Sum(F("quantity") - F("received_qty")))
        there = self.there[code, "shelf"] + self.there[code, "rack"]
        return there + self.on_the_way[code] + int(firm["sum"] or 0) + int(bought["sum"] or 0)

    def _proposed(self, code: str) -> int:
        work = WorkOrder.objects.filter(material=self.of[code], state="proposed").aggregate(sum=Sum("quantity"))
        planned = PlannedOrder.objects.filter(material=self.of[code], closed_at=None, transfer_line=None)
        orders = planned.aggregate(sum=Sum("quantity"))
        return int(work["sum"] or 0) + int(orders["sum"] or 0)

    def teardown(self) -> None:
        try:
            if hasattr(self, "shop"):
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                broken = [finding for finding in audit.findings() if not finding.holds]
                assert not broken, [(finding.invariant.name, finding) for finding in broken]
        finally:
            self.quiet.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.mark.__exit__(None, None, None)


@pytest.mark.long
@pytest.mark.django_db
def test_whatever_people_do_stock_and_planning_are_right() -> None:
    with facts.waking_nobody():
        Material.base = founded()
    run_state_machine_as_test(
        Material,
        settings=settings(
            max_examples=200,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            report_multiple_bugs=False,
        ),
    )
