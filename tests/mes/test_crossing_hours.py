"""Late hours over several operations lock them in one order, before the people: posts that cross wait, none dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection, transaction

from erp.models import SalesOrder, WorkOrderOperation
from masterdata.models import Employee
from mes import services as mes
from mes.models import LabourBooking
from mes.services.events import FloorEvent
from tests.crew import until
from tests.erp.workbench import make, order_line, spec
from tests.mes.hall import Hall, at, hall, step

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def jobs(shop: Hall) -> tuple[WorkOrderOperation, WorkOrderOperation]:
    """A sawing of the first sales order and one of the second, whose work order was made before: by their own ids they
    stand the other way round."""
    first, second = order_line(shop.shop, "SHELF", "10"), order_line(shop.shop, "SHELF", "10")
    made = [make(spec(shop.shop, "SHELF", "10", [("SAW", "0", "5")], [("BOARD", "20", 10)], line=line))[0]
            for line in (second, first)]  # fmt: skip
    later, earlier = step(made[1], 10), step(made[0], 10)
    assert earlier.pk < later.pk
    return later, earlier


@pytest.mark.usefixtures("committed")
def test_two_posts_of_late_hours_that_cross_wait_in_one_order() -> None:
    """Li and Wang tend both saws from 0, each is reported at 60. Late comes that Li left the one at 20 and Wang the
    other at 25: both posts change both jobs. While somebody holds the first sales order they wait for it, and hold
    neither the second nor a person: whoever reports there needs these."""
    shop = hall(boards="200")
    wang = Employee.objects.create(code="E2", name="Wang Fang", badge="B-1002", plant=shop.shop.plant)
    one, two = jobs(shop)
    for job, machine in ((one, "SAW-1"), (two, "SAW-2")):
        shop.start(job, machine)
        joins = shop.event(job, machine, 1, kind="join")
        mes.take(event=replaced(joins, wang), now=at(1))
        shop.report(job, machine, 60, "5")
    leaves = [shop.event(one, "SAW-1", 20, kind="leave"), replaced(shop.event(two, "SAW-2", 25, kind="leave"), wang)]
    orders = [job.work_order.sales_order_line.order_id for job in (one, two)]
    assert orders == sorted(orders)

    def post(number: int) -> str:
        try:
            return mes.take(event=leaves[number], now=at(90), is_late=True).status
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            hold(SalesOrder, orders[0])
            posts = [pool.submit(post, number) for number in range(2)]
            until(lambda: waiting() == 2 or any(one.done() for one in posts), what="both posts wait")
            assert [one.result() for one in posts if one.done()] == []
            hold(SalesOrder, orders[1])
            hold(Employee, shop.operator.pk)
            hold(Employee, wang.pk)
        assert [one.result(timeout=60) for one in posts] == ["applied", "applied"]
    ended = LabourBooking.objects.filter(until_at__isnull=False).values_list("person", "operation", "until_at")
    assert {(shop.operator.pk, one.pk, at(20)), (wang.pk, two.pk, at(25))} <= set(ended)
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def replaced(event: FloorEvent, person: Employee) -> FloorEvent:
    """The event as somebody else says it."""
    return replace(event, operator_id=person.pk)


def hold(model: type[SalesOrder] | type[Employee], pk: int) -> None:
    """Lock the row at once, or fail because somebody has it."""
    model.objects.select_for_update(nowait=True, no_key=True, of=("self",)).order_by("pk").get(pk=pk)


def waiting() -> int:
    """Sessions that wait for a lock now, not when the transaction looked first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(WAITING)
        found: int = cursor.fetchone()[0]
        return found
