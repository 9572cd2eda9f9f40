"""Through free stock that is kept by quantity the genealogy goes on as "any of these", until the stock is used up."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import Lot, WorkOrder
from masterdata import accounts
from masterdata.models import Material, User
from mes.selectors import tracing
from tests.erp import workbench
from tests.erp.shop import NOW, Shop

D = Decimal


class Stream:
    """Glue in lots goes into panels, kept by quantity; two panels into a table, in lots; all of it made for stock.

    First: glue A into 4 panels (P1), two tables T1 and T2 take 2 each: no panel is left. Then glue B into 4 panels
    (P2), table T3 takes 2, and one is sold.
    """

    def __init__(self) -> None:
        self.shop, self.keys = Shop(), dict[str, uuid.UUID]()
        self.table, self.panel = self.shop.make("TABLE"), self.shop.make("PANEL")
        self.glue = self.shop.buy("GLUE")
        for material in (self.glue, self.table):
            erp.set_tracking(material_id=material.pk, tracking=Material.Tracking.LOT)
            material.refresh_from_db()
        self.glued("A")
        self.work = {"P1": self.made(self.panel, "4", self.glue, "4")}
        for name in ("T1", "T2"):
            self.work[name] = self.made(self.table, "1", self.panel, "2", name)
        self.glued("B")
        self.work["P2"] = self.made(self.panel, "4", self.glue, "4")
        self.work["T3"] = self.made(self.table, "1", self.panel, "2", "T3")
        order = self.shop.order((self.panel, "1"))
        erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
        self.order = order

    def glued(self, number: str) -> None:
        """Four of glue in a lot."""
        lot = erp.ensure_lot(material=self.glue, number=number, expires_on=dt.date(2027, 1, 1), now=NOW)
        row = erp.OpeningStock(self.glue.pk, self.shop.shelf.pk, D(4), D(1), lot.pk)
        erp.receive_opening(rows=[row], now=NOW)

    def made(self, material: Material, quantity: str, part: Material, need: str, lot: str = "") -> WorkOrder:
        """A work order for stock, made at once."""
        step = erp.OperationSpec(
            sequence=10, name="Saw", work_centre_id=self.shop.saw.pk, setup_min=D(0), run_min_per_unit=D(1)
        )
        needs = erp.MaterialSpec(
            line_no=1, material_id=part.pk, unit_id=part.unit_id, operation_sequence=10, quantity=D(need)
        )
        spec = erp.WorkOrderSpec(
            plant=self.shop.plant, material_id=material.pk, quantity=D(quantity), operations=[step], materials=[needs]
        )
        order = workbench.make(spec)[0]
        self.keys[lot] = uuid.uuid4()
        erp.report_operation(
            operation_id=order.operations.get().pk, good_qty=D(quantity), scrap_qty=D(0), worked_min=D(0), now=NOW,
            lot_number=lot, key=self.keys[lot],
        )  # fmt: skip
        return order

    def lot(self, number: str) -> Lot:
        return Lot.objects.get(number=number)

    def quality(self) -> User:
        return accounts.create_user(username="quality", roles=[accounts.Role("quality", self.shop.company)])

    def names(self, nodes: set[int]) -> set[str]:
        """Lots by number, work orders by the names of the stream."""
        work = {order.pk: name for name, order in self.work.items()}
        lots = dict(Lot.objects.values_list("pk", "number"))
        return {lots[node] if node > 0 else f"work {work[-node]}" for node in nodes}


@pytest.fixture
def stream(db: None) -> Stream:
    return Stream()


def perhaps(stream: Stream, node: int, way: str) -> tracing.Perhaps:
    return tracing.perhaps_reached(nodes=tracing.reached(nodes=[node], direction=way), direction=way)


def test_forward_any_that_took_from_the_stock_until_it_was_used_up(stream: Stream) -> None:
    """A is in P1 for certain, perhaps in T1 and T2; in T3 not: no panel of P1 was left. B perhaps in T3 and sold."""
    certain = tracing.reached(nodes=[stream.lot("A").pk], direction=tracing.FORWARD)
    assert stream.names(set(certain)) == {"A", "work P1"}
    of_a = perhaps(stream, stream.lot("A").pk, tracing.FORWARD)
    assert stream.names(of_a.nodes) == {"work T1", "work T2", "T1", "T2"}
    assert of_a.shipments == {}
    of_b = perhaps(stream, stream.lot("B").pk, tracing.FORWARD)
    assert stream.names(of_b.nodes) == {"work T3", "T3"}
    assert list(of_b.shipments.values()) == [-stream.work["P2"].pk]


def test_backward_any_that_had_put_in_since_it_was_empty(stream: Stream) -> None:
    assert stream.names(perhaps(stream, stream.lot("T2").pk, tracing.BACKWARD).nodes) == {"work P1", "A"}
    assert stream.names(perhaps(stream, stream.lot("T3").pk, tracing.BACKWARD).nodes) == {"work P2", "B"}


def test_a_recall_says_what_is_only_perhaps(stream: Stream) -> None:
    """Of B one panel went to the customer, perhaps; table T3 lies here, perhaps. For certain nothing but its panels."""
    found = tracing.recall_of(lots=[stream.lot("B")], user=stream.quality())
    assert (found.shipped, found.on_hand, [lot.number for lot in found.lots]) == ([], [], ["B"])
    assert found.perhaps is not None
    sold = [(row.customer.code, row.order_id, row.quantity, row.lot_no) for row in found.perhaps.shipped]
    assert sold == [("C1", stream.order.pk, 1, "")]
    assert [(row.lot.number, row.on_hand) for row in found.perhaps.on_hand] == [("T3", 1)]
    assert found.open_lots == []


def test_what_never_was_took_nothing(stream: Stream) -> None:
    """The third table is taken back: B is perhaps in what was sold, and in nothing else."""
    erp.take_back_report(key=stream.keys["T3"], reason="Never was", now=NOW)
    of_b = perhaps(stream, stream.lot("B").pk, tracing.FORWARD)
    assert (of_b.nodes, len(of_b.shipments)) == (set(), 1)


def test_pages_and_rest_mark_it(stream: Stream, client: Client) -> None:
    client.force_login(stream.quality())
    lot = stream.lot("B")
    page = client.get(reverse("mes:trace_lot", args=[lot.pk])).content.decode()
    assert "way is-perhaps" in page
    assert "any of what lay there" in page
    recall = " ".join(client.get(reverse("mes:recall", args=[lot.pk])).content.decode().split())
    assert "Perhaps reached" in recall
    assert "T3" in recall[recall.index("Perhaps reached") :]
    told = client.get(f"/api/v1/mes/traced-lots/{lot.pk}/forward/").json()
    assert {link["is_perhaps"] for link in told["links"]} == {True, False}
