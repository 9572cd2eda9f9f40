"""What comes late or twice, or can't be: the log folded again says the same, and nobody is left at a job that ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from mes import services as mes
from mes.models import LabourBooking, MachineState, OperationRun, Quarantine
from mes.services.log import Said
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_log import numbered, send, statuses, tablet
from tests.mes.test_pages import key


def rebuilt(shop: Hall) -> list[object]:
    """What differs when everything is folded again: projections and machine states."""
    states = mes.rebuild_states(plant_ids=[shop.shop.plant.pk], fix=False)
    return [*mes.rebuild(plant_ids=[shop.shop.plant.pk]), *states]


def state_of(shop: Hall, machine: str) -> str:
    """What the machine does now."""
    return MachineState.objects.get(machine_id=shop.machine(machine), until_at=None).state


def test_all_pieces_reported_before_the_start_end_the_job_with_its_start() -> None:
    """Started online at 30; a tablet says of minute 20 that all 10 are made: ten minutes, ended at 30, nobody at it."""
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1", 30)
    report = numbered([replace(shop.event(saw, "SAW-1", 20, "10"), kind="report")])
    assert statuses(send(tablet(shop), *report)) == ["applied"]
    run = OperationRun.objects.get()
    assert (run.state, run.started_at, run.finished_at) == ("finished", at(20), at(30))
    assert step(saw.work_order, 10).finished_at == at(30)
    assert state_of(shop, "SAW-1") == "idle"
    assert not LabourBooking.objects.filter(until_at=None).exists()
    assert rebuilt(shop) == []


def test_a_late_report_that_completes_a_job_ends_it_with_the_last_that_was_told() -> None:
    """5 at 40 are known when 5 of minute 20 come: the job ended at 40, as when they had come in turn; 40 minutes."""
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 40, "5")
    late = numbered([replace(shop.event(saw, "SAW-1", 20, "5"), kind="report")])
    assert statuses(send(tablet(shop), *late)) == ["applied"]
    run = OperationRun.objects.get()
    assert (run.finished_at, run.booked_sec, run.unbooked_sec) == (at(40), 40 * 60, 0)
    assert (step(saw.work_order, 10).finished_at, step(saw.work_order, 10).worked_min) == (at(40), 40)
    assert rebuilt(shop) == []


def test_a_later_step_that_ends_with_an_earlier_one_ends_no_sooner_than_it_went_on() -> None:
    """Packing has packed all 5 and went on at 60 when a tablet says that sawing ended at 50: it ends at 60."""
    shop = hall()
    order = shop.shelves()
    saw, pack = step(order, 10), step(order, 20)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 20, "5")
    shop.start(pack, "PACK-1", 25)
    shop.report(pack, "PACK-1", 35, "5")
    mes.pause(event=shop.event(pack, "PACK-1", 40), now=at(40))
    mes.resume(event=shop.event(pack, "PACK-1", 60), now=at(60))
    assert statuses(send(tablet(shop), *numbered([replace(shop.event(saw, "SAW-1", 50), kind="finish")]))) == [
        "applied"
    ]
    assert OperationRun.objects.get(operation=saw).finished_at == at(50)
    assert OperationRun.objects.get(operation=pack).finished_at == at(60)
    assert state_of(shop, "PACK-1") == "idle"
    assert not LabourBooking.objects.filter(until_at=None).exists()
    assert rebuilt(shop) == []


@pytest.mark.parametrize(("kind", "minute"), [("finish", 20), ("pause", 80), ("resume", 80)])
def test_an_end_before_the_start_and_what_follows_the_end_wait_for_the_shift_lead(kind: str, minute: int) -> None:
    """Ended at 20 what began at 30; or paused, or taken up, at 80 what had ended at 70: nothing moves until somebody
    has looked, and the machine does not stand still with a job that it has not."""
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1", 30)
    if kind != "finish":
        shop.report(saw, "SAW-1", 70, "10")
    answers = send(tablet(shop), *numbered([replace(shop.event(saw, "SAW-1", minute), kind=kind)]))
    assert [(one.status, one.code) for one in answers] == [("quarantined", "not_running")]
    assert OperationRun.objects.get().state == ("running" if kind == "finish" else "finished")
    assert state_of(shop, "SAW-1") == ("producing" if kind == "finish" else "idle")
    assert rebuilt(shop) == []


def test_a_report_with_a_time_that_cannot_be_is_not_booked_before_somebody_says_when(client: Client) -> None:
    """Eight days ago, says a tablet. The page offers to correct it, not to accept it; accepted all the same, over page
    or REST, it stays where it is. Corrected to ten minutes after the start, ten minutes are booked, and nobody is at
    the job, which has ended."""
    shop = hall()
    saw, now = step(shop.shelves(), 10), timezone.now().replace(second=0, microsecond=0)
    tap = shop.event(saw, "SAW-1", 0, kind="start")
    mes.take(event=replace(tap, happened_at=now - dt.timedelta(minutes=30)), now=now)
    early = replace(shop.event(saw, "SAW-1", 0, "10"), kind="report", happened_at=now - dt.timedelta(days=8))
    said = [Said(event) for event in numbered([early])]
    answers = mes.take_batch(device=tablet(shop), said=said, sent_at=now, now=now)[1]
    assert [(one.status, one.code) for one in answers] == [("quarantined", "wrong_time")]
    row = Quarantine.objects.get()
    client.force_login(shop.person("shift_lead"))
    page = f"/floor/quarantine/{row.pk}/"
    assert f"{page}accept/" not in client.get(page).content.decode()
    assert "say when it happened" in client.post(f"{page}accept/", key(), follow=True).content.decode()
    api, headers = f"/api/v1/mes/quarantine/{row.pk}/", {"HTTP_IDEMPOTENCY_KEY": "1"}
    refused = client.post(f"{api}accept/", {}, "application/json", **headers)  # type: ignore[arg-type]
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_time")
    assert OperationRun.objects.get().good_qty == 0
    right = {"note": "Asked Li Wei", "happened_at": (now - dt.timedelta(minutes=20)).isoformat()}
    headers = {"HTTP_IDEMPOTENCY_KEY": "2"}
    assert client.post(f"{api}correct/", right, "application/json", **headers).status_code == 200  # type: ignore[arg-type]
    run = OperationRun.objects.get()
    assert (run.state, run.good_qty, step(saw.work_order, 10).worked_min) == ("finished", 10, 10)
    assert not LabourBooking.objects.filter(until_at=None).exists()
    assert rebuilt(shop) == []


def test_what_waited_for_its_turn_with_a_time_that_cannot_be_waits_on() -> None:
    """Number 2 of eight days ago comes before number 1: its turn makes it no better."""
    shop = hall()
    saw, device = step(shop.shelves(), 10), tablet(shop)
    start, report = numbered(
        [
            replace(shop.event(saw, "SAW-1", 0), kind="start"),
            replace(shop.event(saw, "SAW-1", -8 * 24 * 60, "10"), kind="report"),
        ]
    )
    assert statuses(send(device, report)) == ["applied"]
    assert statuses(send(device, start)) == ["applied"]
    assert Quarantine.objects.get().code == "wrong_time"
    assert (OperationRun.objects.get().good_qty, rebuilt(shop)) == (0, [])
