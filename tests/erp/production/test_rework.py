"""Rework: pieces that are neither good nor lost, mended by a step of their own whose cost stands as rework."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from erp import selectors as erp_now
from erp import services as erp
from erp.models import CostEntry, CostEstimate, WorkOrder, WorkOrderOperation
from erp.production.selectors.yields import YIELD
from erp.production.services.floor import OverReport
from erp.production.services.keeping import WorkOrderEnded
from masterdata import statements
from masterdata.causes import Cause
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import FactRecord
from tests.erp.production.test_reports import shop_with_boards, ten_shelves
from tests.erp.shop import NOW as SHOP_NOW
from tests.erp.shop import Shop
from tests.erp.workbench import report, step, wip, worth
from tests.factories import NOW, Factory
from tests.pages.conftest import person

pytestmark = pytest.mark.django_db

D = Decimal


def to_rework(order: WorkOrder, sequence: int, pieces: str, *, good: str = "0", minutes: str = "0") -> erp.Report:
    return erp.report_operation(
        operation_id=step(order, sequence).pk,
        good_qty=D(good),
        scrap_qty=D(0),
        rework_qty=D(pieces),
        worked_min=D(minutes),
        now=NOW,
    )


def mend(order: WorkOrder, sequence: int, pieces: str, centre_id: int, minutes: str = "4") -> WorkOrderOperation:
    return erp.add_rework_step(
        work_order_id=order.pk,
        operation_id=step(order, sequence).pk,
        name="Sand again",
        work_centre_id=centre_id,
        quantity=D(pieces),
        setup_min=D(5),
        run_min_per_unit=D(minutes),
        now=NOW,
    )


def spent(order: WorkOrder) -> dict[str, Decimal]:
    rows = CostEntry.objects.filter(work_order=order, kind="incurred")
    return dict(rows.values_list("element").annotate(Sum("amount")))


def still_good(order: WorkOrder) -> Decimal:
    sql = f"SELECT y.quantity FROM erp_workorder w JOIN LATERAL ({YIELD}) y ON true WHERE w.id = %s"
    return statements.run(sql, [order.pk])[0][0]


@pytest.fixture
def shop() -> Factory:
    return shop_with_boards()


def test_what_is_mended_goes_on_and_its_cost_is_rework(shop: Factory) -> None:
    """Saw all 10 in 60 min, 8 good and 2 to rework: boards 60.00, labour 30.00, machine 60.00.

    The step mends one of the two in 12 min at 90 an hour: 18.00 of rework; the other is scrap. Packing 9 in 20 min at
    24 an hour: 8.00. The nine take 60 + 30 + 60 + 18 + 8 = 176.00.
    """
    order = ten_shelves(shop)
    said = to_rework(order, 10, "2", good="8", minutes="60")
    assert (said.remaining_qty, said.is_finished, said.in_rework_qty, said.is_all_reported) == (0, False, 2, True)
    assert order.materials.get().issued_qty == 20  # what is in rework has used its boards
    assert still_good(order) == 10
    with pytest.raises(OverReport):
        report(order, 20, "9")
    sand = mend(order, 10, "2", shop.centres["SAW"].pk)
    assert (sand.sequence, sand.is_last, str(sand)) == (11, False, "11 Sand again")
    done = report(order, 11, "1", "1", "12")
    assert (done.is_finished, done.in_rework_qty) == (True, 0)
    saw = step(order, 10)
    assert (saw.good_qty, saw.scrap_qty, saw.rework_qty, saw.finished_at, saw.worked_min) == (9, 1, 0, NOW, 60)
    assert still_good(order) == 9
    assert report(order, 20, "9", minutes="20").is_closed
    assert worth(shop, "SHELF") == (9, 176)
    assert spent(order) == {"material": 60, "labour": 38, "machine": 60, "rework": 18}
    assert wip(order) == 0
    entry = CostEntry.objects.filter(work_order=order, element="rework").order_by("-amount").first()
    assert entry is not None
    assert (entry.amount, entry.quantity, entry.rate, entry.operation) == (12, 12, 60, sand)


def test_a_plan_has_the_step_and_packing_waits_for_it(shop: Factory) -> None:
    """2 pieces x 4 min and 5 min of setup are to be planned; after packing 6 of the 8 good ones 2 are left there."""
    order = ten_shelves(shop)
    to_rework(order, 10, "2", good="8")
    sand = mend(order, 10, "2", shop.centres["SAW"].pk)
    report(order, 20, "6")
    saw, planned, pack = sorted(erp_now.open_operations(shop.plant.pk, now=NOW), key=lambda one: one.sequence)
    assert (planned.operation_id, planned.remaining_qty, planned.remaining_min, planned.setup_min) == (sand.pk, 2, 8, 5)
    assert planned.predecessor_ids == ()
    assert (saw.remaining_qty, pack.remaining_qty) == (0, 4)
    assert pack.predecessor_ids == (saw.operation_id, sand.pk)
    assert pack.is_last
    assert not planned.is_last
    fact = FactRecord.objects.get(kind="SupplyPlanned")
    assert fact.payload["work_order_ids"] == [order.pk]
    told = FactRecord.objects.get(kind="WorkOrderChanged", payload__what="rework")
    assert told.payload["text"] == "2 pc of Saw: Sand again"


def test_the_last_pieces_take_what_their_rework_cost(shop: Factory) -> None:
    """Planned 15.80 a piece. Sawn: 150.00; packing 7 of 10 in 20 min adds 8.00: the seven take 7 x 15.80 = 110.60.

    Three are mended in 10 min at 24 an hour: 4.00. They take 158.00 - 110.60 + 4.00 = 51.40.
    """
    order = ten_shelves(shop)
    report(order, 10, "10", minutes="60")
    to_rework(order, 20, "3", good="7", minutes="20")
    assert worth(shop, "SHELF") == (7, D("110.60"))
    mend(order, 20, "3", shop.centres["PACK"].pk)
    assert report(order, 21, "3", minutes="10").is_closed
    assert worth(shop, "SHELF") == (10, 162)
    order.refresh_from_db()
    assert (order.state, order.good_qty, order.scrap_qty) == ("closed", 10, 0)
    assert spent(order)["rework"] == 4


def test_a_second_step_takes_what_the_first_gave_back(shop: Factory) -> None:
    order = ten_shelves(shop)
    to_rework(order, 10, "3", good="7")
    mend(order, 10, "3", shop.centres["SAW"].pk)
    said = to_rework(order, 11, "1", good="2", minutes="3")
    assert (said.is_finished, said.in_rework_qty, step(order, 10).good_qty) == (True, 1, 9)
    again = mend(order, 10, "1", shop.centres["PACK"].pk)
    assert again.sequence == 12
    report(order, 12, "1")
    assert step(order, 10).finished_at == NOW


def test_a_step_that_ends_early_loses_nothing(shop: Factory) -> None:
    order = ten_shelves(shop)
    to_rework(order, 10, "3", good="7")
    mend(order, 10, "3", shop.centres["SAW"].pk)
    said = report(order, 11, "1", finish=True)
    assert (said.is_finished, said.in_rework_qty) == (True, 2)
    assert mend(order, 10, "2", shop.centres["SAW"].pk).sequence == 12


def test_no_more_is_mended_than_waits_and_nothing_ends_before(shop: Factory) -> None:
    order = ten_shelves(shop)
    saw_id = shop.centres["SAW"].pk
    with pytest.raises(WorkOrderEnded, match="firm"):
        mend(order, 10, "1", saw_id)
    to_rework(order, 10, "3", good="5")
    with pytest.raises(erp.NothingToRework, match="3 pc wait") as refused:
        mend(order, 10, "4", saw_id)
    assert Decimal(refused.value.values["waiting"]) == 3
    mend(order, 10, "3", saw_id)
    with pytest.raises(erp.NothingToRework, match="Nothing waits"):
        mend(order, 10, "1", saw_id)
    with pytest.raises(OverReport, match="Only 3 pc that Sand again mends"):
        report(order, 11, "4")
    with pytest.raises(erp.StillInRework, match="3 pc of Saw are in rework"):
        report(order, 10, "2", finish=True)
    with pytest.raises(InvalidInput):
        erp.add_rework_step(
            work_order_id=order.pk, operation_id=step(order, 10).pk, name=" ", work_centre_id=saw_id,
            quantity=D(1), run_min_per_unit=D(1), now=NOW,
        )  # fmt: skip
    order.refresh_from_db()
    with pytest.raises(StaleVersion):
        erp.add_rework_step(
            work_order_id=order.pk, operation_id=step(order, 10).pk, name="Sand", work_centre_id=saw_id,
            quantity=D(1), run_min_per_unit=D(1), now=NOW, expected_version=order.version - 1,
        )  # fmt: skip


def test_closed_short_what_is_in_rework_is_scrap(shop: Factory) -> None:
    """7 good, 3 to rework, one of these at a step: nothing is packed, the three are scrap, nothing is left in work."""
    order = ten_shelves(shop)
    to_rework(order, 10, "3", good="7", minutes="60")
    mend(order, 10, "1", shop.centres["SAW"].pk)
    with transaction.atomic():
        assert erp.close_short(work_order_id=order.pk, reason="The model ends", now=NOW).state == "closed"
    saw = step(order, 10)
    assert (saw.good_qty, saw.scrap_qty, saw.rework_qty) == (7, 3, 0)
    assert wip(order) == 0


def test_an_order_waits_for_rework_and_gets_what_was_scrapped_there_anew(db: None) -> None:
    """5 tables ordered, 4 good and 1 to rework: nothing is lost yet. The step is estimated at 6 min x 90 an hour = 9.00
    of rework; in 4 min it costs 6.00, the table is scrap, and one table is made again.
    """
    shop = Shop()
    table, top = shop.make("TABLE"), shop.buy("TOP", cost="3")
    shop.price(top, "3")
    shop.bom(table, (top, "1"))
    shop.stock(top, "6", "3")
    sold = shop.order((table, "5", "100"))
    work = WorkOrder.objects.get()
    operation = work.operations.get()
    given = {"operation_id": operation.pk, "now": SHOP_NOW, "scrap_qty": D(0)}
    erp.report_operation(good_qty=D(4), rework_qty=D(1), worked_min=D(20), **given)
    assert not FactRecord.objects.filter(kind="PiecesLost").exists()
    sand = erp.add_rework_step(
        work_order_id=work.pk, operation_id=operation.pk, name="Sand", work_centre_id=shop.saw.pk, quantity=D(1),
        run_min_per_unit=D(6), now=SHOP_NOW,
    )  # fmt: skip
    erp.estimate_orders(order_ids=[sold.pk], cause=Cause("rework", "Rework"), now=SHOP_NOW)
    assert CostEstimate.objects.filter(sales_order=sold).order_by("-version_no")[0].rework == 9
    erp.report_operation(operation_id=sand.pk, good_qty=D(0), scrap_qty=D(1), worked_min=D(4), now=SHOP_NOW)
    assert CostEntry.objects.filter(sales_order=sold, element="rework").aggregate(sum=Sum("amount"))["sum"] == 6
    assert WorkOrder.objects.exclude(pk=work.pk).get().quantity == 1
    assert CostEstimate.objects.filter(sales_order=sold).order_by("-version_no")[0].rework == 6


def test_production_control_plans_it_on_the_work_orders_page(shop: Factory, client: Client) -> None:
    """The form offers the pieces that wait, at their own work centre; a second time there is nothing to plan."""
    client.force_login(person("pia", "planner", shop.plant))
    order = ten_shelves(shop)
    to_rework(order, 10, "2", good="8")
    page, url = reverse("erp:work_order", args=[order.pk]), reverse("erp:work_order_rework", args=[order.pk])
    assert url in client.get(page).content.decode()
    form = client.get(url).context["form"]
    assert (form["quantity"].value(), form["work_centre"].value()) == ("2", shop.centres["SAW"].pk)
    given = {"operation": step(order, 10).pk, "work_centre": shop.centres["PACK"].pk, "name": "Sand", "quantity": "2"}
    wrong = client.post(url, given | {"setup_min": "0", "run_min_per_unit": "3", "quantity": "3"})
    assert "2 pc wait for rework" in wrong.content.decode()
    assert client.post(url, given | {"setup_min": "0", "run_min_per_unit": "3"}).status_code == 302
    assert (step(order, 11).name, step(order, 11).quantity) == ("Sand", 2)
    shown = client.get(page).content.decode()
    assert url not in shown
    assert "mends 2 of 10 Saw" in shown
