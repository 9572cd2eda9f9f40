"""Promises kept and broken, of six delivered lines: the figures worked by hand, by REST and on the page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm import services as crm
from erp import services as erp
from erp.models import SalesOrder, WorkOrderOperation
from masterdata import facts
from masterdata.causes import Cause
from masterdata.models import User
from tests.crm.test_notices import down
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

D = Decimal
DAY = dt.timedelta(days=1)
BREAKDOWN, MATERIAL = "breakdown", "material"


def morning(days: int) -> dt.datetime:
    """08:00 so many days after the day that all six were promised for at first, nine days ago."""
    today = timezone.now().replace(hour=8, minute=0, second=0, microsecond=0)
    return today - 9 * DAY + days * DAY


def sold(shop: Workshop, by: User, code: str, *, other: bool = False) -> SalesOrder:
    """One piece, wanted long before it could come, so that it is promised for when it is planned."""
    now = morning(-10)
    with facts.acting(by, "test"):
        order = erp.create_order(
            company=shop.company,
            customer=shop.other_customer if other else shop.customer,
            currency=shop.company.currency,
            lines=[
                erp.OrderLineInput(
                    plant_id=shop.plant.pk,
                    material_id=shop.materials[code].pk,
                    quantity=D(1),
                    unit_price=D(100),
                    wanted_on=now.date() - 5 * DAY,
                )
            ],
            now=now - 6 * DAY,
        )
        return erp.confirm_order(order_id=order.pk, now=now)


def planned(shop: Workshop, order: SalesOrder, end: dt.datetime, plan_no: int, cause: Cause) -> None:
    """All its work ends then; it is at the customer an hour later."""
    machines = {machine.work_centre_id: machine for machine in shop.machines.values()}
    erp.apply_plan(
        plant_id=shop.plant.pk,
        plan_no=plan_no,
        placements=[
            erp.Placement(one.pk, machines[one.work_centre_id].pk, end - dt.timedelta(hours=1), end)
            for one in WorkOrderOperation.objects.filter(work_order__sales_order_line__order=order)
        ],
    )
    crm.renew_promises(plant_id=shop.plant.pk, plan_no=plan_no, cause=cause, now=morning(-9))


def delivered(order: SalesOrder, now: dt.datetime) -> None:
    """Made, packed and shipped, the deepest work order first."""
    work = WorkOrderOperation.objects.filter(work_order__sales_order_line__order=order)
    for one in work.select_related("work_order", "work_centre").order_by("-work_order__path", "sequence"):
        machine = one.work_centre.machines.first()
        erp.start_operation(operation_id=one.pk, machine_id=machine.pk, now=morning(-1))
        erp.report_operation(
            operation_id=one.pk,
            machine_id=machine.pk,
            good_qty=one.work_order.quantity,
            scrap_qty=D(0),
            worked_min=D(10),
            now=morning(-1),
        )
    shipment = erp.pack_shipment(order_id=order.pk, now=now)
    erp.ship(shipment_id=shipment.pk, now=now)


@pytest.fixture
def six(shop: Workshop, sara: Client) -> dict[str, SalesOrder]:
    """All promised for day 0 at first.

    | | customer | product | confirmed by | went past day 0 because of | delivered |
    |---|---|---|---|---|---|
    | a | Nordhaus | Stool | sara | - | day 0: kept |
    | b | Nordhaus | Stool | tom | - | day 0: kept |
    | c | Harbour | Stool | tom | breakdown, then material | day 4 |
    | d | Nordhaus | Table | sara | material | day 2 |
    | e | Harbour | Stool | sara | nothing: it left late | day 1 |
    | f | Harbour | Table | sara | breakdown | day 0 all the same: kept |
    """
    shop.quantity("BOARD", 20)
    users = {"sara": User.objects.get(username="sara"), "tom": person("tom", "sales", shop.plant)}
    User.objects.filter(username="tom").update(first_name="Tom")
    rows = {
        "a": ("sara", "STOOL", False, [], 0),
        "b": ("tom", "STOOL", False, [], 0),
        "c": ("tom", "STOOL", True, [(2, BREAKDOWN), (4, MATERIAL)], 4),
        "d": ("sara", "TABLE", False, [(2, MATERIAL)], 2),
        "e": ("sara", "STOOL", True, [], 1),
        "f": ("sara", "TABLE", True, [(1, BREAKDOWN)], 0),
    }
    causes = {BREAKDOWN: down(shop), MATERIAL: Cause("material", "Legs come later")}
    made, plan_no = {}, 0
    for name, (by, code, other, moves, day) in rows.items():
        order = made[name] = sold(shop, users[by], code, other=other)
        for at, cause in [(0, Cause("order", "Order")), *((at, causes[reason]) for at, reason in moves)]:
            plan_no += 1
            planned(shop, order, morning(at), plan_no, cause)
        delivered(order, morning(day))
    return made


def told(client: Client, by: str, **more: Any) -> Any:
    answer = client.get("/api/v1/crm/reliability/", {"by": by, **more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def groups(client: Client, by: str) -> list[tuple[str, int, int, str]]:
    return [(one["label"], one["delivered"], one["kept"], one["percent"]) for one in told(client, by)["groups"]]


def test_three_of_six_were_kept(sara: Client, six: dict[str, SalesOrder], shop: Workshop) -> None:
    """a, b and f: 3 of 6 are 50 %. An open order says nothing yet, and is named."""
    sold(shop, User.objects.get(username="sara"), "STOOL")
    whole = told(sara, "cause")
    assert (whole["delivered"], whole["kept"], whole["broken"], whole["percent"]) == (6, 3, 3, "50.0")
    assert whole["left_out"] == {"open": 1, "overdue": 1, "cancelled": 0}


def test_each_broken_one_is_owed_to_what_broke_it_first(sara: Client, six: dict[str, SalesOrder]) -> None:
    """c went past its day by the breakdown: what came after does not count. e left late."""
    assert groups(sara, "cause") == [
        ("Left late, no promise moved", 1, 0, "0.0"),
        ("Machine breakdown", 1, 0, "0.0"),
        ("Material", 1, 0, "0.0"),
        ("Kept", 3, 3, "100.0"),
    ]


def test_by_sales_person_product_customer_and_month(sara: Client, six: dict[str, SalesOrder]) -> None:
    """Sara has a, d, e, f: 2 of 4; Tom b, c: 1 of 2. Stools a, b, c, e: 2 of 4; tables d, f: 1 of 2.

    Harbour has c, e, f: 1 of 3 are 33.3 %; Nordhaus a, b, d: 2 of 3 are 66.7 %.
    """
    assert groups(sara, "person") == [("Sara Lang", 4, 2, "50.0"), ("Tom Lang", 2, 1, "50.0")]
    assert groups(sara, "product") == [("Stool Rive", 4, 2, "50.0"), ("Table Rive", 2, 1, "50.0")]
    assert groups(sara, "customer") == [("Harbour Homes", 3, 1, "33.3"), ("Nordhaus", 3, 2, "66.7")]
    months = groups(sara, "month")
    assert (sum(one[1] for one in months), sum(one[2] for one in months)) == (6, 3)


def test_the_page_says_it_and_leads_to_the_lines(sara: Client, six: dict[str, SalesOrder]) -> None:
    page = sara.get("/promises/reliability/?by=cause").content.decode()
    assert "Machine breakdown" in page
    lines = sara.get("/promises/reliability/lines/?by=cause&key=material").content.decode()
    assert six["d"].number in lines
    assert all(six[name].number not in lines for name in "abcef")


def test_parameters_are_checked(sara: Client, shop: Workshop) -> None:
    assert told(sara, "cause", plant=shop.plant.pk, months=1)["groups"] == []
    for wrong in ({"by": "weather"}, {"months": "0"}, {"plant": "999999"}, {"of": "1"}):
        assert sara.get("/api/v1/crm/reliability/", wrong).status_code == 400
