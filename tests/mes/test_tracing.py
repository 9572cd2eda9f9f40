"""Genealogy through every level: what a report uses and makes, receipts, remnants, shipments, returns; and recalls."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import Lot, SalesOrder, StockBalance, StockMove, WorkOrder
from masterdata import accounts
from masterdata.errors import InvalidInput
from masterdata.models import Material, User
from mes import services as mes
from mes.models import GenealogyEdge
from mes.selectors import tracing
from mes.selectors.jobs import lots_of
from mes.services.events import FloorEvent
from mes.services.tracing import NothingToBlock, UnknownLot
from tests.erp.shop import NOW, Shop

D = Decimal
LOT, SERIAL, NONE = Material.Tracking.LOT, Material.Tracking.SERIAL, Material.Tracking.NONE


class Chain:
    """Glue in lots A (5) and B (3, expires first), one to a panel; two panels to a table; tables are ordered."""

    def __init__(self, panel: str = LOT, table: str = SERIAL, tables: str = "2") -> None:
        self.shop = Shop()
        self.table, self.panel = self.shop.make("TABLE"), self.shop.make("PANEL")
        self.glue = self.shop.buy("GLUE")
        self.shop.bom(self.panel, (self.glue, "1"))
        self.shop.bom(self.table, (self.panel, "2"))
        for material, tracking in ((self.glue, LOT), (self.panel, panel), (self.table, table)):
            if tracking != NONE:
                erp.set_tracking(material_id=material.pk, tracking=tracking)
        self.glue.refresh_from_db()
        for number, pieces, month in (("A", 5, 9), ("B", 3, 8)):
            lot = erp.ensure_lot(material=self.glue, number=number, expires_on=dt.date(2026, month, 1), now=NOW)
            row = erp.OpeningStock(self.glue.pk, self.shop.shelf.pk, D(pieces), D(1), lot.pk)
            erp.receive_opening(rows=[row], now=NOW)
        self.shop.order((self.table, tables))
        self.order = SalesOrder.objects.get()
        self.panels = WorkOrder.objects.get(material=self.panel)
        self.tables = WorkOrder.objects.get(material=self.table)

    def report(self, order: WorkOrder, good: str, lot: str = "", *consumed: tuple[str, str]) -> None:
        """Report good pieces at its only operation; `consumed` are lots of glue with quantities."""
        parts = [
            erp.Consumed(material_id=self.glue.pk, lot_id=self.lot(number).pk, quantity=D(quantity))
            for number, quantity in consumed
        ]
        erp.report_operation(
            operation_id=order.operations.get().pk, good_qty=D(good), scrap_qty=D(0), worked_min=D(0), now=NOW,
            lot_number=lot, consumed=parts,
        )  # fmt: skip

    def lot(self, number: str) -> Lot:
        return Lot.objects.get(number=number)

    def ship(self) -> None:
        erp.ship(shipment_id=erp.pack_shipment(order_id=self.order.pk, now=NOW).pk, now=NOW)

    def quality(self, role: str = "quality") -> User:
        return accounts.create_user(username=role, roles=[accounts.Role(role, self.shop.company)])


@pytest.fixture
def chain(db: None) -> Chain:
    return Chain()


def on_hand(number: str) -> Decimal:
    return sum((row.on_hand for row in StockBalance.objects.filter(lot__number=number)), D(0))


def numbers(nodes: list[int]) -> set[str]:
    lots = Lot.objects.filter(pk__in=[node for node in nodes if node > 0]).values_list("number", flat=True)
    orders = WorkOrder.objects.filter(pk__in=[-node for node in nodes if node < 0]).values_list("number", flat=True)
    return {*lots, *orders}


@transaction.atomic
def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def edges(**chosen: object) -> list[tuple[str | None, str | None, Decimal]]:
    """(parent, child, quantity) by number."""
    found = []
    for edge in GenealogyEdge.objects.filter(**chosen).order_by("pk"):
        parent, child = edge.parent_lot or edge.parent_work_order, edge.child_lot or edge.child_work_order
        found.append((parent and parent.number, child and child.number, edge.quantity))
    return found


def test_what_a_report_uses_goes_into_the_lots_that_it_makes(chain: Chain) -> None:
    """3 panels into P1 take 3 of B, the fourth into P2 takes 1 of A: B is in P1 alone, A in P2 alone."""
    chain.report(chain.panels, "3", "P1")
    chain.report(chain.panels, "1", "P2")
    assert edges(kind="consumed") == [("B", "P1", 3), ("A", "P2", 1)]
    assert edges(kind="made") == [(chain.panels.number, "P1", 3), (chain.panels.number, "P2", 1)]
    reached = tracing.reached(nodes=[chain.lot("B").pk], direction=tracing.FORWARD)
    assert numbers(reached) == {"B", "P1"}


def test_several_serials_of_one_report_share_what_it_used_to_the_last_digit(chain: Chain) -> None:
    """4 panels are in P1; 2 tables of 2 panels each, reported at once: each serial has 2."""
    chain.report(chain.panels, "4", "P1")
    chain.report(chain.tables, "2")
    made = f"{chain.tables.number}-001", f"{chain.tables.number}-002"
    assert edges(kind="consumed", parent_lot__number="P1") == [("P1", made[0], 2), ("P1", made[1], 2)]


def test_a_scanned_lot_is_taken_instead_of_the_one_that_expires_first(chain: Chain) -> None:
    """2 panels need 2 glue: 2 of A were scanned, though B expires first. B stays at 3."""
    chain.report(chain.panels, "2", "P1", ("A", "2"))
    assert (on_hand("A"), on_hand("B")) == (3, 3)
    assert edges(kind="consumed") == [("A", "P1", 1), ("A", "P1", 1)]  # one was kept for the work order, one was free


def test_more_was_used_than_planned_and_the_next_report_takes_less(chain: Chain) -> None:
    """1 panel used 2 of A by scan; the next one's share is issued already: 4 panels, 4 glue in all."""
    chain.report(chain.panels, "1", "P1", ("A", "2"))
    chain.report(chain.panels, "1", "P1")
    assert (on_hand("A"), on_hand("B")) == (3, 3)


def test_pieces_are_booked_though_the_scanned_lot_holds_less_and_the_rest_is_owed(chain: Chain) -> None:
    """4 panels of lot B, which has 3: 3 are taken, 1 is owed; nothing is taken from A behind anybody's back."""
    chain.report(chain.panels, "4", "P1", ("B", "4"))
    assert (on_hand("A"), on_hand("B")) == (5, 0)
    need = chain.panels.materials.get()
    assert (need.issued_qty, need.owed_issues.get().quantity) == (4, 1)


@pytest.mark.parametrize(("state", "said"), [("blocked", "is blocked (recall)"), ("expired", "expired on 2026-02-01")])
def test_a_lot_that_may_not_be_used_is_refused_with_what_to_do(chain: Chain, state: str, said: str) -> None:
    if state == "blocked":
        erp.block_lot(lot_id=chain.lot("B").pk, because="recall", now=NOW)
    else:
        Lot.objects.filter(number="B").update(expires_on=dt.date(2026, 2, 1))
    with pytest.raises(erp.LotUnusable) as refused:
        chain.report(chain.panels, "1", "P1", ("B", "1"))
    assert said in refused.value.sentence
    assert "scan another one" in refused.value.sentence
    assert not StockMove.objects.filter(work_order=chain.panels).exists()


def test_a_lot_that_is_used_up_or_of_another_material_is_refused(chain: Chain) -> None:
    chain.report(chain.panels, "3", "P1")
    with pytest.raises(erp.LotUnusable, match="is not on hand here"):
        chain.report(chain.panels, "1", "P1", ("B", "1"))
    with pytest.raises(erp.WrongMaterial, match=r"does not use GLUE\. It uses PANEL"):
        chain.report(chain.tables, "1", "", ("A", "1"))


def test_what_was_scanned_is_read_from_the_event(chain: Chain) -> None:
    part = {"material": chain.glue.pk, "lot": "a", "quantity": "1.5"}
    assert mes.consumed_of({"consumed": [part]}) == [
        erp.Consumed(material_id=chain.glue.pk, lot_id=chain.lot("A").pk, quantity=D("1.5"))
    ]
    with pytest.raises(UnknownLot, match="There is no lot X of GLUE"):
        mes.consumed_of({"consumed": [part | {"lot": "X"}]})
    with pytest.raises(InvalidInput):
        mes.consumed_of({"consumed": [{"lot": "A"}]})


def test_a_lot_is_followed_through_all_levels_to_the_customer_and_back(chain: Chain) -> None:
    chain.report(chain.panels, "4", "P1")
    chain.report(chain.tables, "1", "T1")
    chain.report(chain.tables, "1", "T2")
    chain.ship()
    forward = tracing.reached(nodes=[chain.lot("A").pk], direction=tracing.FORWARD)
    assert numbers(forward) == {"A", "P1", "T1", "T2"}
    backward = tracing.reached(nodes=[chain.lot("T1").pk], direction=tracing.BACKWARD)
    assert numbers(backward) == {"T1", "P1", "A", "B", chain.tables.number, chain.panels.number}
    recall = tracing.recall_of(lots=[chain.lot("A")], user=chain.quality())
    assert [(row.customer.code, row.lot_no, row.quantity) for row in recall.shipped] == [
        ("C1", "T1", 1),
        ("C1", "T2", 1),
    ]
    assert [(row.lot.number, row.on_hand) for row in recall.on_hand if row.lot] == [("A", 4)]


def test_goods_without_lots_that_an_order_made_for_itself_are_followed_by_the_order() -> None:
    """Glue in lots, panels and tables by quantity: A reaches the panels' work order, the tables', and the customer."""
    chain = Chain(panel=NONE, table=NONE)
    chain.report(chain.panels, "4")
    chain.report(chain.tables, "2")
    chain.ship()
    forward = tracing.reached(nodes=[chain.lot("A").pk], direction=tracing.FORWARD)
    assert numbers(forward) == {"A", chain.panels.number, chain.tables.number}
    recall = tracing.recall_of(lots=[chain.lot("A")], user=chain.quality())
    assert [(row.customer.code, row.lot_no, row.quantity) for row in recall.shipped] == [("C1", "", 2)]
    backward = tracing.reached(nodes=[-chain.tables.pk], direction=tracing.BACKWARD)
    assert numbers(backward) == {chain.tables.number, chain.panels.number, "A", "B"}


def test_a_reversed_move_is_followed_no_more(chain: Chain) -> None:
    erp.issue_material(
        work_order_id=chain.panels.pk, material_id=chain.glue.pk, quantity=D(2), lot_id=chain.lot("A").pk, now=NOW
    )
    start = [chain.lot("A").pk]
    assert chain.panels.number in numbers(tracing.reached(nodes=start, direction=tracing.FORWARD))
    erp.return_material(
        work_order_id=chain.panels.pk, material_id=chain.glue.pk, quantity=D(2), reason="wrong",
        lot_id=chain.lot("A").pk, now=NOW,
    )  # fmt: skip
    assert numbers(tracing.reached(nodes=start, direction=tracing.FORWARD)) == {"A"}


def test_edges_are_never_changed_or_deleted(chain: Chain) -> None:
    chain.report(chain.panels, "1", "P1")
    for statement in ("DELETE FROM mes_genealogyedge", "UPDATE mes_genealogyedge SET quantity = 7"):
        with pytest.raises(DatabaseError, match="pgtrigger"):
            run(statement)


def test_one_deed_blocks_all_that_a_lot_reached_and_one_opens_it(chain: Chain) -> None:
    """A is in P1, of which 4 are on hand: A and P1 are blocked, B stays; P1 had another reason and stays blocked."""
    chain.report(chain.panels, "4", "P1", ("A", "4"))
    start = [chain.lot("A").pk]
    blocked = mes.block_recall(lot_ids=start, because="Supplier's notice 7", now=NOW)
    assert {lot.number for lot in blocked} == {"A", "P1"}
    with pytest.raises(NothingToBlock):
        mes.block_recall(lot_ids=start, because="again", now=NOW)
    Lot.objects.filter(number="P1").update(blocked_because="Scratched")
    with pytest.raises(NothingToBlock, match="“Supplier's notice 7”: name one of these"):
        mes.unblock_recall(lot_ids=start, because="Notice 8", now=NOW)
    opened = mes.unblock_recall(lot_ids=start, because=" supplier's  notice 7", now=NOW)
    assert [lot.number for lot in opened] == ["A"]
    assert chain.lot("P1").is_blocked


def test_over_rest_a_recall_is_opened_without_its_words(chain: Chain, client: Client) -> None:
    """Without a reason that of the lot itself counts: A and P1 were blocked together and are opened together."""
    chain.report(chain.panels, "4", "P1", ("A", "4"))
    mes.block_recall(lot_ids=[chain.lot("A").pk], because="Supplier's notice 7", now=NOW)
    client.force_login(chain.quality())
    address = f"/api/v1/mes/traced-lots/{chain.lot('A').pk}/unblock-recall/"
    answer = client.post(address, {}, content_type="application/json", headers={"Idempotency-Key": "open-1"})
    assert answer.status_code == 200, answer.content
    assert sorted(answer.json()["lots"]) == ["A", "P1"]


def test_the_pages_show_graph_table_and_recall(chain: Chain, client: Client) -> None:
    chain.report(chain.panels, "4", "P1")
    chain.report(chain.tables, "2")
    chain.ship()
    client.force_login(chain.quality())
    start = chain.lot("A")
    found = client.get(reverse("mes:trace"), {"q": "a"})
    assert found.headers["Location"] == reverse("mes:trace_lot", args=[start.pk])
    page = client.get(found.headers["Location"]).content.decode()
    assert page.count('class="way"') == 5  # A to P1, P1 to 2 tables, these to the shipment
    for number in ("P1", chain.tables.number, "Corner shop"):
        assert number in page
    recall = client.get(reverse("mes:recall", args=[start.pk]))
    assert "Corner shop" in recall.content.decode()
    lines = client.get(reverse("mes:recall", args=[start.pk]), {"csv": 1}).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("C1,Corner shop,")


def test_blocking_by_page_and_who_may_not(chain: Chain, client: Client) -> None:
    chain.report(chain.panels, "4", "P1", ("A", "4"))
    start = chain.lot("A")
    client.force_login(chain.quality("sales"))
    assert client.post(reverse("mes:block_recall", args=[start.pk]), {"because": "x"}).status_code == 403
    client.force_login(chain.quality())
    answer = client.post(reverse("mes:block_recall", args=[start.pk]), {"because": "Notice 7"})
    assert answer.status_code == 302, answer.content.decode()
    assert Lot.objects.filter(is_blocked=True).count() == 2
    page = client.get(reverse("mes:recall", args=[start.pk])).content.decode()
    assert "Notice 7" in page


def test_serial_numbers_of_a_report_are_given_one_for_each_piece(chain: Chain) -> None:
    chain.report(chain.panels, "4", "P1")
    given = {"operation_id": chain.tables.operations.get().pk, "good_qty": D(2), "scrap_qty": D(0), "worked_min": D(0)}
    with pytest.raises(InvalidInput, match="2 good pieces need as many"):
        erp.report_operation(now=NOW, serials=["S1"], **given)  # type: ignore[arg-type]
    erp.report_operation(now=NOW, serials=["S7", "S3"], **given)  # type: ignore[arg-type]
    assert edges(kind="made", child_lot__material=chain.table) == [
        (chain.tables.number, "S7", 1),
        (chain.tables.number, "S3", 1),
    ]


def test_a_report_of_the_floor_names_its_event_and_taken_back_its_edges_are_undone(chain: Chain) -> None:
    """The event's lot is taken; after the correction neither edge is followed any more."""
    event = FloorEvent(
        event_id=uuid.uuid4(),
        operation_id=chain.panels.operations.get().pk,
        machine_id=chain.shop.saw_one.pk,
        operator_id=None,
        happened_at=NOW,
    )
    mes.start(event=event, now=NOW)
    part = {"material": chain.glue.pk, "lot": "A", "quantity": "2"}
    report = replace(event, event_id=uuid.uuid4(), good_qty=D(2), lot_number="P1", payload={"consumed": [part]})
    mes.report(event=report, now=NOW)
    assert {edge.event_id for edge in GenealogyEdge.objects.all()} == {report.event_id}
    assert on_hand("A") == 3
    lead = chain.quality("shift_lead")
    mes.correct(event_id=report.event_id, by=lead, reason="wrong job", now=NOW, correction_id=uuid.uuid4())
    assert not GenealogyEdge.objects.filter(undone_by=None).exists()
    assert numbers(tracing.reached(nodes=[chain.lot("A").pk], direction=tracing.FORWARD)) == {"A"}
    assert on_hand("A") == 5


def test_over_rest_forward_backward_recall_and_block(chain: Chain, client: Client) -> None:
    chain.report(chain.panels, "4", "P1")
    chain.report(chain.tables, "2", "T")
    chain.ship()
    client.force_login(chain.quality())
    found = client.get("/api/v1/mes/traced-lots/", {"number": "A"}).json()
    pk = found["results"][0]["id"]
    forward = client.get(f"/api/v1/mes/traced-lots/{pk}/forward/").json()
    assert {node["title"] for node in forward["nodes"]} >= {"A", "P1", "T-001", "T-002"}
    first = next(link for link in forward["links"] if link["from_node"] == f"lot-{pk}")
    assert (first["to_node"], first["quantity"]) == (f"lot-{chain.lot('P1').pk}", "1.000000")
    back = client.get(f"/api/v1/mes/traced-lots/{chain.lot('T-001').pk}/backward/").json()
    assert {node["title"] for node in back["nodes"]} >= {"A", "B", "P1", chain.panels.number}
    recall = client.get(f"/api/v1/mes/traced-lots/{pk}/recall/").json()
    assert [(row["customer"], row["lot"], row["quantity"]) for row in recall["shipped"]] == [
        ("C1", "T-001", "1.000000"),
        ("C1", "T-002", "1.000000"),
    ]
    url = f"/api/v1/mes/traced-lots/{pk}/block-recall/"
    blocked = client.post(url, {"because": "x"}, "application/json", headers={"Idempotency-Key": "k1"})
    assert sorted(blocked.json()["lots"]) == ["A", "P1", "T-001", "T-002"]
    assert client.get("/api/v1/mes/genealogy-edges/", {"kind": "consumed"}).json()["results"]


def test_a_tablet_knows_the_lots_that_still_lie_in_the_plant(chain: Chain) -> None:
    """Glue lies in A and B; three panels use the 3 of B up."""
    plant_id = chain.shop.plant.pk
    assert lots_of(plant_id=plant_id, material_ids=[chain.glue.pk]) == {chain.glue.pk: ["A", "B"]}
    chain.report(chain.panels, "3", "P-1", ("B", "3"))
    assert lots_of(plant_id=plant_id, material_ids=[chain.glue.pk, chain.table.pk]) == {chain.glue.pk: ["A"]}
