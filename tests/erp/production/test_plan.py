"""What planning reads of production, and what a published plan writes back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Peg, PlannedOrder, SalesOrderLine, WorkOrder
from tests.erp.workbench import make, order_line, report, spec, step
from tests.factories import NOW, Factory, centre, factory, material, stock

pytestmark = pytest.mark.django_db


def hours(number: int) -> dt.datetime:
    return NOW + dt.timedelta(hours=number)


def two_levels() -> tuple[Factory, SalesOrderLine, WorkOrder, WorkOrder]:
    """5 shelves of 2 sides for an order, wanted on 1 December in Berlin, 90 min from the dock; boards are bought."""
    shop = factory(time_zone="Europe/Berlin", transport_min=90)
    material(shop, "BOARD")
    for code in ("SIDE", "SHELF"):
        material(shop, code, supply="make")
    centre(shop, "SAW", machines=2)
    centre(shop, "PACK")
    line = order_line(shop, "SHELF", "5")
    shelf, side = make(
        spec(shop, "SHELF", "5", [("SAW", "0", "1"), ("PACK", "3", "2")], [("SIDE", "10", 20)], line=line),
        spec(shop, "SIDE", "10", [("SAW", "0", "1")], [("BOARD", "4", 10)], line=line, path="1.1"),
    )
    Peg.objects.create(work_order=side, work_order_material=shelf.materials.get(), quantity=10)
    return shop, line, shelf, side


def test_open_operations_know_what_they_wait_for() -> None:
    """Packing waits for its own sawing and for the sides. Due: the end of 1 December in Berlin, 23:00 UTC, less 90."""
    shop, line, shelf, side = two_levels()
    rows = {row.operation_id: row for row in erp_now.open_operations(shop.plant.pk, now=NOW)}
    assert len(rows) == 3
    sawing, packing, sides = (rows[step(*which).pk] for which in ((shelf, 10), (shelf, 20), (side, 10)))
    assert sawing.predecessor_ids == ()
    assert set(packing.predecessor_ids) == {sawing.operation_id, sides.operation_id}
    assert packing.due_at == dt.datetime(2026, 12, 1, 21, 30, tzinfo=dt.UTC)
    assert (packing.remaining_qty, packing.remaining_min, packing.setup_min) == (5, 10, 3)
    assert (packing.is_last, sawing.is_last, sides.is_last) == (True, False, True)
    assert (packing.line_id, packing.order_id, sides.path) == (line.pk, line.order_id, "1.1")


def test_progress_shows_in_what_remains() -> None:
    """2 good and 1 scrapped of 5: sawing has 2 left, packing can expect 4. A finished operation is gone."""
    shop, _, shelf, side = two_levels()
    stock(shop, "BOARD", "4", "1")
    report(shelf, 10, "2", "1")
    report(side, 10, "10")
    rows = {row.operation_id: row for row in erp_now.open_operations(shop.plant.pk, now=NOW)}
    assert step(side, 10).pk not in rows
    assert rows[step(shelf, 10).pk].remaining_qty == 2
    packing = rows[step(shelf, 20).pk]
    assert packing.remaining_qty == 4
    assert packing.predecessor_ids == (step(shelf, 10).pk,)


def test_material_is_ready_when_the_last_of_it_comes() -> None:
    """4 boards: nothing on order, so today + 3 days; 3 or all 4 pegged to come in 5 days: then; reserved: ready."""
    shop, _, _, side = two_levels()
    need = side.materials.get()
    shop.materials["BOARD"].plants.create(plant=shop.plant, lead_time_days=3)

    def ready() -> dt.datetime | None:
        rows = {row.operation_id: row for row in erp_now.open_operations(shop.plant.pk, now=NOW)}
        return rows[step(side, 10).pk].material_ready_at

    assert ready() == NOW + dt.timedelta(days=3)
    coming = PlannedOrder.objects.create(
        plant=shop.plant, material=need.material, quantity=4, due_at=NOW + dt.timedelta(days=5)
    )
    peg = Peg.objects.create(planned_order=coming, work_order_material=need, quantity=3)
    assert ready() == NOW + dt.timedelta(days=5)
    peg.quantity = Decimal(4)
    peg.save()
    assert ready() == NOW + dt.timedelta(days=5)
    peg.delete()
    stock(shop, "BOARD", "4", "1")
    erp.reserve(
        demands=[
            erp.StockDemand(
                plant_id=shop.plant.pk,
                material_id=need.material_id,
                quantity=Decimal(4),
                work_order_material_id=need.pk,
            )
        ],
        now=NOW,
    )
    assert ready() is None


def test_the_questions_are_few_whatever_the_size(django_assert_max_num_queries: object) -> None:
    shop, *_ = two_levels()
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        erp_now.open_operations(shop.plant.pk, now=NOW)


def plan(shop: Factory, number: int, *rows: tuple[WorkOrder, int, str, int, int]) -> int:
    return erp.apply_plan(
        plant_id=shop.plant.pk,
        plan_no=number,
        placements=[
            erp.Placement(step(order, sequence).pk, shop.machines[machine].pk, hours(starts), hours(ends))
            for order, sequence, machine, starts, ends in rows
        ],
    )


def test_a_plan_dates_operations_work_orders_and_the_line() -> None:
    """The shelf runs from hour 0 to 9; with 90 min of transport the line is expected at 10:30 after 09:00, 19:30."""
    shop, line, shelf, side = two_levels()
    rows = ((side, 10, "SAW-2", 0, 4), (shelf, 10, "SAW-1", 0, 2), (shelf, 20, "PACK-1", 4, 9))
    assert plan(shop, 1, *rows) == 3
    shelf.refresh_from_db()
    line.refresh_from_db()
    assert (shelf.planned_start_at, shelf.planned_end_at) == (hours(0), hours(9))
    assert line.expected_at == hours(10) + dt.timedelta(minutes=30)
    packing = step(shelf, 20)
    assert (packing.planned_machine_id, packing.plan_no) == (shop.machines["PACK-1"].pk, 1)


def test_only_what_moved_is_written_and_the_same_plan_again_changes_nothing() -> None:
    shop, line, shelf, side = two_levels()
    rows = [(side, 10, "SAW-2", 0, 4), (shelf, 10, "SAW-1", 0, 2), (shelf, 20, "PACK-1", 4, 9)]
    plan(shop, 1, *rows)
    assert plan(shop, 1, *rows) == 0
    rows[2] = (shelf, 20, "PACK-1", 5, 10)
    assert plan(shop, 2, *rows) == 1
    assert (step(shelf, 10).plan_no, step(shelf, 20).plan_no) == (1, 2)
    line.refresh_from_db()
    assert line.expected_at == hours(11) + dt.timedelta(minutes=30)


def test_an_older_plan_changes_nothing_even_when_the_newer_one_moved_nothing() -> None:
    """Plan 1 places, plan 3 repeats plan 1, plan 2 arrives late with another hour."""
    shop, _, _, side = two_levels()
    plan(shop, 1, (side, 10, "SAW-1", 0, 4))
    plan(shop, 3, (side, 10, "SAW-1", 0, 4))
    assert plan(shop, 2, (side, 10, "SAW-1", 7, 11)) == 0
    assert step(side, 10).planned_start_at == hours(0)


def test_a_plan_that_changes_nothing_is_known_all_the_same() -> None:
    """Plan 1 places, plan 3 brings no placement because nothing differs; plan 2 arrives late with another hour."""
    shop, _, _, side = two_levels()
    plan(shop, 1, (side, 10, "SAW-1", 0, 4))
    assert plan(shop, 3) == 0
    assert step(side, 10).plan_no == 3
    assert plan(shop, 2, (side, 10, "SAW-1", 7, 11)) == 0
    assert step(side, 10).planned_start_at == hours(0)
