"""A release keeps everything for the work order or says what lacks; what is released stays as it was copied."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from erp import services as erp
from erp.models import Reservation, WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata.errors import InvalidInput, StaleVersion
from tests.erp.workbench import make, order_line, report, spec
from tests.factories import NOW, Factory, centre, factory, material, stock

pytestmark = pytest.mark.django_db


def shop_with(boards: str, screws: str) -> Factory:
    shop = factory()
    for code, there in (("BOARD", boards), ("SCREW", screws)):
        material(shop, code, standard_cost="1")
        if there != "0":
            stock(shop, code, there, "1")
    material(shop, "SHELF", supply="make")
    centre(shop, "SAW")
    return shop


def ten_shelves(shop: Factory) -> WorkOrder:
    """10 shelves of 20 boards and 80 screws."""
    return make(spec(shop, "SHELF", "10", [("SAW", "0", "5")], [("BOARD", "20", 10), ("SCREW", "80", 10)]))[0]


def kept(order: WorkOrder) -> dict[str, Decimal]:
    rows = Reservation.objects.filter(work_order_material__work_order=order, quantity__gt=0, kind="hard")
    return {row.work_order_material.material.code: row.quantity for row in rows}


def test_everything_is_kept_or_nothing_and_the_list_says_what_lacks() -> None:
    """15 of 20 boards and 80 of 80 screws: 5 boards lack, so the screws are not kept either."""
    shop = shop_with("15", "80")
    order = ten_shelves(shop)
    with pytest.raises(erp.MaterialShort) as refused, transaction.atomic():
        erp.release_work_order(work_order_id=order.pk, now=NOW)
    assert "5 pc of BOARD, nothing is on its way" in refused.value.sentence
    assert [(one["code"], one["missing"]) for one in refused.value.values["shortages"]] == [("BOARD", "5.000000")]
    assert kept(order) == {}
    order.refresh_from_db()
    assert order.state == "firm"
    stock(shop, "BOARD", "5", "1")
    erp.release_work_order(work_order_id=order.pk, now=NOW)
    assert kept(order) == {"BOARD": 15 + 5, "SCREW": 80}


def test_with_a_reason_it_is_released_with_what_there_is() -> None:
    shop = shop_with("15", "0")
    order = ten_shelves(shop)
    with pytest.raises(InvalidInput), transaction.atomic():
        erp.release_work_order(work_order_id=order.pk, now=NOW, despite_shortage=True)
    erp.release_work_order(work_order_id=order.pk, now=NOW, despite_shortage=True, reason="The truck is at the gate")
    order.refresh_from_db()
    assert (order.state, order.short_reason) == ("released", "The truck is at the gate")
    assert kept(order) == {"BOARD": 15}


def test_the_floor_is_never_refused_for_what_lacks() -> None:
    order = ten_shelves(shop_with("0", "0"))
    report(order, 10, "1")
    order.refresh_from_db()
    assert (order.state, order.short_reason) == ("released", "Begun on the floor")


def test_parts_that_the_order_makes_itself_are_no_shortage() -> None:
    shop = shop_with("0", "0")
    material(shop, "CABINET", supply="make")
    line = order_line(shop, "CABINET", "5")
    cabinet, _ = make(
        spec(shop, "CABINET", "5", [("SAW", "0", "5")], [("SHELF", "10", 10)], line=line),
        spec(shop, "SHELF", "10", [("SAW", "0", "5")], line=line, path="1.1"),
    )
    assert erp.release_work_order(work_order_id=cabinet.pk, now=NOW).state == "released"


def test_a_release_is_taken_back_while_nothing_has_begun() -> None:
    shop = shop_with("20", "80")
    order = ten_shelves(shop)
    version = erp.release_work_order(work_order_id=order.pk, now=NOW).version
    with pytest.raises(StaleVersion):
        erp.unrelease_work_order(work_order_id=order.pk, now=NOW, expected_version=version - 1)
    erp.unrelease_work_order(work_order_id=order.pk, now=NOW, expected_version=version)
    order.refresh_from_db()
    assert (order.state, order.released_at) == ("firm", None)
    assert set(Reservation.objects.values_list("kind", flat=True)) == {"soft"}
    report(order, 10, "1")
    with pytest.raises(erp.AlreadyBegun):
        erp.unrelease_work_order(work_order_id=order.pk, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda order: WorkOrderMaterial.objects.filter(work_order=order, line_no=1).update(quantity=21),
        lambda order: WorkOrderMaterial.objects.filter(work_order=order)._raw_delete("default"),
        lambda order: WorkOrderOperation.objects.filter(work_order=order).update(run_min_per_unit=6),
        lambda order: WorkOrderOperation.objects.create(
            work_order=order, sequence=20, name="More", work_centre_id=order.operations.get().work_centre_id,
            run_min_per_unit=1,
        ),
    ],
)  # fmt: skip
def test_what_is_released_stays_as_it_was_copied(change) -> None:
    shop = shop_with("20", "80")
    order = ten_shelves(shop)
    erp.release_work_order(work_order_id=order.pk, now=NOW)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        change(order)
    report(order, 10, "1")
