"""The tablet and the floor page through the front door: taps move pieces, refusals are sentences."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp.models import WorkOrderOperation
from erp.production.traveller import operation_code
from masterdata.models import Calendar, Machine, Plant, WorkCentre
from masterdata.shown import clock_day
from mes import services as mes
from mes.models import Alarm, Downtime, ExecutionEvent, OperationRun
from tests.mes.hall import Hall, hall, step
from tests.pages.counting import assert_query_count


@pytest.fixture
def shop() -> Hall:
    """Three jobs told to SAW-1 in the plan's order, one to PACK-1; Li Wei is the operator's employee."""
    shop = hall()
    first, second, third = (shop.shelves() for _ in range(3))
    shop.tell(
        (step(second, 10), "SAW-1", 60, 120),
        (step(first, 10), "SAW-1", 0, 60),
        (step(third, 10), "SAW-1", 120, 180),
        (step(first, 20), "PACK-1", 60, 80),
    )
    return shop


@pytest.fixture
def tablet(client: Client, shop: Hall) -> Client:
    """An operator at the tablet, who is the employee Li Wei."""
    shop.operator.user = shop.person("operator")
    shop.operator.save()
    client.force_login(shop.operator.user)
    return client


def first_job(shop: Hall) -> WorkOrderOperation:
    return WorkOrderOperation.objects.filter(dispatch__machine_id=shop.machine("SAW-1")).order_by(
        "dispatch__planned_start_at"
    )[0]


def url(name: str, operation: WorkOrderOperation, machine: str = "SAW-1") -> str:
    return reverse(f"mes:{name}", args=[machine, operation.pk])


def key() -> dict[str, str]:
    """The hidden event id of a form."""
    return {"idempotency_key": uuid.uuid4().hex}


def text(page: str) -> str:
    """The page as one reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def shown(page: str) -> str:
    """The page without the templates that scripts draw from."""
    return re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)


def test_the_list_is_in_the_plans_order_and_only_this_machines(tablet: Client, shop: Hall) -> None:
    page = tablet.get(reverse("mes:station", args=["SAW-1"])).content.decode()
    told = WorkOrderOperation.objects.filter(dispatch__machine_id=shop.machine("SAW-1"))
    numbers = [row.work_order.number for row in told.order_by("dispatch__planned_start_at")]
    places = [page.index(number) for number in numbers]
    assert places == sorted(places)
    assert "Next in plan" in page
    assert "START" in page
    packing = tablet.get(reverse("mes:station", args=["PACK-1"])).content.decode()
    assert numbers[0] in packing
    assert numbers[1] not in packing
    assert "After Saw" in text(packing)


def test_start_report_pause_go_on_and_finish_move_quantities(tablet: Client, shop: Hall) -> None:
    """10 to saw: 4 good and 1 scrap, pause, go on, 5 good: finished, 9 good and 1 scrap."""
    job = first_job(shop)
    assert tablet.post(url("start", job), key()).url == url("job", job)
    assert OperationRun.objects.get().operator == shop.operator
    scrap = shop.reasons["S-CHIP"].pk
    answer = tablet.post(url("report", job), {**key(), "good": "4", "scrap": "1", "reason": scrap})
    assert answer.url == url("job", job)
    page = text(tablet.get(answer.url).content.decode())
    assert "4 of 10 good" in page
    assert "5 pc to go now" in page
    tablet.post(url("pause", job), {**key(), "reason": shop.reasons["P-BREAK"].pk})
    run = OperationRun.objects.get()
    assert (run.state, run.pause_reason) == ("paused", shop.reasons["P-BREAK"])
    tablet.post(url("resume", job), key())
    answer = tablet.post(url("report", job), {**key(), "good": "5", "scrap": ""})
    assert answer.url == reverse("mes:station", args=["SAW-1"])
    assert "The job is finished" in tablet.get(answer.url).content.decode()
    job.refresh_from_db()
    assert (job.good_qty, job.scrap_qty, job.finished_at is not None) == (9, 1, True)
    assert ExecutionEvent.objects.get(scrap_qty=1).reason_id == scrap


def test_a_double_tap_is_one_event(tablet: Client, shop: Hall) -> None:
    job = first_job(shop)
    started = key()
    assert [tablet.post(url("start", job), started).url for _ in range(2)] == [url("job", job)] * 2
    saved = {**key(), "good": "4"}
    assert [tablet.post(url("report", job), saved).status_code for _ in range(2)] == [302, 302]
    other = tablet.post(url("report", job), {**saved, "good": "5"})
    assert other.status_code == 422
    assert "already sent with other values" in other.content.decode()
    assert OperationRun.objects.get().good_qty == 4
    assert list(ExecutionEvent.objects.values_list("kind", flat=True)) == ["start", "report"]
    assert set(ExecutionEvent.objects.values_list("pk", flat=True)) == {
        uuid.UUID(started["idempotency_key"]),
        uuid.UUID(saved["idempotency_key"]),
    }


def test_refusals_are_sentences_and_what_was_typed_stays(tablet: Client, shop: Hall) -> None:
    job = first_job(shop)
    early = tablet.post(url("report", job), {**key(), "good": "4"})
    assert (early.status_code, "Press Start first" in early.content.decode()) == (409, True)
    tablet.post(url("start", job), key())
    much = tablet.post(url("report", job), {**key(), "good": "11"})
    assert much.status_code == 409
    assert "Only 10 pc" in much.content.decode()
    assert 'value="11"' in much.content.decode()
    half = tablet.post(url("report", job), {**key(), "good": "1.5"})
    assert "is counted in steps of 1 pc: enter 1 or 2." in half.content.decode()
    reasonless = tablet.post(url("report", job), {**key(), "good": "3", "scrap": "1"})
    assert reasonless.status_code == 422
    assert "Choose why pieces were scrapped" in reasonless.content.decode()
    second = shop.shelves()
    shop.tell((step(second, 10), "SAW-1", 200, 240), (job, "SAW-1", 0, 60), plan_no=2)
    busy = tablet.post(url("start", step(second, 10)), key())
    assert busy.status_code == 409
    assert "Pause or finish that first" in busy.content.decode()
    assert WorkOrderOperation.objects.get(pk=job.pk).good_qty == 0


def test_nobody_chosen_is_asked_for_first_and_a_badge_chooses(client: Client, shop: Hall) -> None:
    client.force_login(shop.person("operator"))
    job = first_job(shop)
    refused = client.post(url("start", job), key())
    assert "Choose at the top who works here" in refused.content.decode()
    client.post(reverse("mes:scan", args=["SAW-1"]), {"code": "B-1001", "next": url("job", job)})
    assert client.post(url("start", job), key()).status_code == 302
    assert OperationRun.objects.get().operator == shop.operator


def test_scanning_opens_jobs_and_machines(tablet: Client, shop: Hall) -> None:
    scan = reverse("mes:scan", args=["SAW-1"])
    job = first_job(shop)
    assert tablet.post(scan, {"code": job.work_order.number.lower()}).url == url("job", job)
    assert tablet.post(scan, {"code": operation_code(job.work_order, job.sequence)}).url == url("job", job)
    assert "Nothing here" in tablet.post(scan, {"code": f"{job.work_order.number}/99"}, follow=True).content.decode()
    assert tablet.post(scan, {"code": "SAW-2"}).url == reverse("mes:station", args=["SAW-2"])
    answer = tablet.post(scan, {"code": "X-9"}, follow=True)
    assert "Nothing here has the code X-9" in answer.content.decode()


def test_the_machine_is_remembered_until_one_asks_for_another(tablet: Client) -> None:
    assert "SAW-2" in tablet.get(reverse("mes:tablet")).content.decode()
    tablet.get(reverse("mes:station", args=["SAW-2"]))
    assert tablet.get(reverse("mes:tablet")).url == reverse("mes:station", args=["SAW-2"])
    assert tablet.get(reverse("mes:tablet") + "?choose=1").status_code == 200
    assert tablet.get(reverse("mes:tablet") + "?choose=1&code=pack-1").url == reverse("mes:station", args=["PACK-1"])


def test_down_and_up_from_the_tablet(tablet: Client, shop: Hall) -> None:
    job = first_job(shop)
    tablet.post(url("start", job), key())
    stop = reverse("mes:stop", args=["SAW-1"])
    assert "Mechanical fault" in tablet.get(stop).content.decode()
    sent = {**key(), "reason": shop.reasons["D-MECH"].pk, "estimate": "120"}
    assert [tablet.post(stop, sent).status_code for _ in range(2)] == [302, 302]
    downtime = Downtime.objects.get()
    assert (downtime.reason, downtime.reported_by) == (shop.reasons["D-MECH"], shop.operator)
    assert (downtime.estimated_until_at - downtime.since_at).total_seconds() == 120 * 60
    assert OperationRun.objects.get().state == "paused"
    page = shown(tablet.get(reverse("mes:station", args=["SAW-1"])).content.decode())
    assert "SAW-1 is down" in page
    assert "RUNS AGAIN" in page
    assert "GO ON" not in page
    strip = reverse("mes:alarm_strip", args=[shop.shop.plant.pk])
    assert "SAW-1 SAW-1 is down" in tablet.get(strip).content.decode()
    again = tablet.post(url("resume", job), key())
    assert "SAW-1 is down. Report it as running again first" in again.content.decode()
    tablet.post(reverse("mes:up", args=["SAW-1"]), key())
    assert Alarm.objects.get().state == "cleared"
    assert "is down" not in tablet.get(strip).content.decode()
    refused = tablet.post(reverse("mes:up", args=["SAW-1"]), key())
    assert "SAW-1 is not reported down" in refused.content.decode()


def test_a_job_that_moved_or_ended_leads_back_to_the_list(tablet: Client, shop: Hall) -> None:
    job = first_job(shop)
    shop.tell((job, "SAW-2", 0, 60), plan_no=2)
    assert tablet.get(url("job", job)).url == reverse("mes:station", args=["SAW-1"])
    part = tablet.get(url("job", job), headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == reverse("mes:station", args=["SAW-1"])


def test_other_plants_and_other_roles_stay_outside(client: Client, shop: Hall) -> None:
    elsewhere = Plant.objects.create(
        company=shop.shop.company, code="P2", name="Elsewhere", calendar=Calendar.objects.all()[0]
    )
    other = WorkCentre.objects.create(plant=elsewhere, code="X", name="X", calendar=Calendar.objects.all()[0])
    Machine.objects.create(work_centre=other, code="X-1", name="X-1")
    client.force_login(shop.person("operator"))
    assert client.get(reverse("mes:station", args=["X-1"])).status_code == 404
    assert client.get(reverse("mes:alarm_strip", args=[elsewhere.pk])).status_code == 404
    assert "X-1" not in client.get(reverse("mes:tablet") + "?choose=1").content.decode()
    client.force_login(shop.person("buyer"))
    assert client.get(reverse("mes:station", args=["SAW-1"])).status_code == 403
    client.force_login(shop.person("planner"))
    assert "START" not in shown(client.get(reverse("mes:station", args=["SAW-1"])).content.decode())
    assert client.post(url("start", first_job(shop)), key()).status_code == 403
    assert not OperationRun.objects.exists()


def test_the_floor_shows_what_stands_and_takes_an_acknowledgement(client: Client, shop: Hall) -> None:
    now = timezone.now()
    back = now + dt.timedelta(hours=2)
    mes.report_machine_down(machine_id=shop.machine("SAW-1"), since_at=now, now=now, estimated_until_at=back)
    lead = shop.person("shift_lead")
    client.force_login(lead)
    page = text(client.get(reverse("mes:floor")).content.decode())
    assert "1 machine is down" in page
    assert f"back about {clock_day(back, now)}" in page
    assert "Nobody yet" in page
    client.post(reverse("mes:acknowledge", args=[Alarm.objects.get().pk]), key())
    assert Alarm.objects.get().acknowledged_by == lead
    assert f"{lead} takes care" in text(client.get(reverse("mes:floor")).content.decode())
    client.post(reverse("mes:report_up", args=[shop.machine("SAW-1")]), key())
    assert "No machine is down" in text(client.get(reverse("mes:floor")).content.decode())
    answer = client.post(reverse("mes:report_down", args=[shop.machine("SAW-2")]), {**key(), "estimate": "60"})
    assert answer.url == reverse("mes:floor")
    again = client.post(reverse("mes:report_down", args=[shop.machine("SAW-2")]), {**key(), "estimate": "60"})
    assert again.status_code == 422
    assert "already reported down" in again.content.decode()
    assert client.get(reverse("mes:alarms")).content.decode().count("<tr") == 3


def test_pages_take_their_pinned_queries(tablet: Client, shop: Hall) -> None:
    """Session, user, memberships and plants are 5; the rest is the page's own, however long the list."""
    job = first_job(shop)
    tablet.post(url("start", job), key())
    tablet.post(url("report", job), {**key(), "good": "1"})
    for name, address in {
        "mes:station": reverse("mes:station", args=["SAW-1"]),
        "mes:job": url("job", job),
        "mes:report": url("report", job),
        "mes:floor": reverse("mes:floor"),
        "mes:tablet": reverse("mes:tablet") + "?choose=1",
    }.items():
        with assert_query_count(name):
            tablet.get(address)
    assert WorkOrderOperation.objects.get(pk=job.pk).good_qty == Decimal(1)
