"""Taking back what was told, as the shift lead does it over REST: again, with another content, after a failed undo."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from erp.models import WorkOrderOperation
from masterdata.models import User
from mes import services as mes
from mes.models import ExecutionEvent, OperationRun, Quarantine
from mes.services.events import FloorEvent
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_log import numbered, send, statuses, tablet

Correct = Callable[..., Any]


@pytest.fixture
def shop() -> Hall:
    return hall()


@pytest.fixture
def saw(shop: Hall) -> WorkOrderOperation:
    """A saw job of ten shelves that runs since nine."""
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    return saw


@pytest.fixture
def lead(shop: Hall) -> User:
    return shop.person("shift_lead")


@pytest.fixture
def correct(client: Client, lead: User) -> Correct:
    """Take the event back over REST."""
    client.force_login(lead)

    def post(event_id: uuid.UUID, reason: str = "Counted wrong", correction_id: uuid.UUID | None = None) -> Any:
        body = {"id": str(correction_id or uuid.uuid4()), "reason": reason}
        return client.post(f"/api/v1/mes/events/{event_id}/correct/", body, "application/json")

    return post


def undo(shop: Hall, saw: WorkOrderOperation, of: FloorEvent, minute: int) -> FloorEvent:
    """What UNDO on a tablet says."""
    return replace(shop.event(saw, "SAW-1", minute), kind="correction", payload={"corrects": str(of.event_id)})


def test_after_an_undo_that_came_too_late_the_shift_lead_takes_it_back(
    shop: Hall, saw: WorkOrderOperation, lead: User, correct: Correct
) -> None:
    """4 good at 30, undone at the tablet at 40, which is too late and waits. The shift lead's correction counts, and
    the one that waited is answered by it. A second correction has nothing to take back."""
    report = replace(shop.event(saw, "SAW-1", 30, "4"), kind="report")
    said = numbered([report, undo(shop, saw, report, 40)])
    assert statuses(send(tablet(shop), *said)) == ["applied", "quarantined"]
    assert Quarantine.objects.get().code == "too_late_to_undo"
    assert correct(report.event_id).status_code == 200
    assert (step(saw.work_order, 10).good_qty, OperationRun.objects.get().good_qty) == (0, 0)
    waited = Quarantine.objects.get()
    assert (waited.state, waited.decided_by, waited.note) == (
        "dismissed", lead, "Taken back meanwhile: Counted wrong",
    )  # fmt: skip
    again = correct(report.event_id)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_correct")
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_a_dismissed_undo_stands_in_nobodys_way(
    shop: Hall, saw: WorkOrderOperation, lead: User, correct: Correct
) -> None:
    report = replace(shop.event(saw, "SAW-1", 30, "4"), kind="report")
    send(tablet(shop), *numbered([report, undo(shop, saw, report, 40)]))
    url = f"/api/v1/mes/quarantine/{Quarantine.objects.get().pk}/dismiss/"
    client = Client()
    client.force_login(lead)
    headers = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    answer = client.post(url, {"note": "It was right"}, "application/json", **headers)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert step(saw.work_order, 10).good_qty == 4
    assert correct(report.event_id, "It was wrong after all").status_code == 200
    assert step(saw.work_order, 10).good_qty == 0
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_the_same_correction_again_is_answered_again(shop: Hall, saw: WorkOrderOperation, correct: Correct) -> None:
    """Sent twice: one correction, the same answer. The same id for another reason, or of another event, is refused."""
    report, other = shop.report(saw, "SAW-1", 30, "4"), shop.report(saw, "SAW-1", 40, "1")
    mine = uuid.uuid4()
    answers = [correct(report.event_id, correction_id=mine) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert ExecutionEvent.objects.filter(kind="correction").count() == 1
    for event, reason in ((report, "Another reason"), (other, "Counted wrong")):
        refused = correct(event.event_id, reason, mine)
        assert (refused.status_code, refused.json()["code"]) == (422, "reused_event_id")
    assert step(saw.work_order, 10).good_qty == 1
    used = correct(report.event_id, correction_id=other.event_id)
    assert (used.status_code, used.json()["code"]) == (422, "reused_event_id")


def test_who_took_back_what_waits_stands_at_it(
    shop: Hall, saw: WorkOrderOperation, lead: User, client: Client, correct: Correct
) -> None:
    """12 of 10 wait. Taken back by the shift lead: her name and reason stand there, not "whoever said it"."""
    report = replace(shop.event(saw, "SAW-1", 30, "12"), kind="report")
    assert statuses(send(tablet(shop), *numbered([report]))) == ["quarantined"]
    assert correct(report.event_id, "Said for the wrong job").status_code == 200
    page = client.get(f"/floor/quarantine/{Quarantine.objects.get().pk}/").content.decode()
    assert "Taken back: Said for the wrong job" in page
    assert "Li Wei" in page
    assert "By itself" not in page


def test_what_is_undone_at_the_tablet_while_it_waits_says_so(
    shop: Hall, saw: WorkOrderOperation, lead: User, client: Client
) -> None:
    report = replace(shop.event(saw, "SAW-1", 30, "12"), kind="report")
    assert statuses(send(tablet(shop), *numbered([report, undo(shop, saw, report, 30)]))) == ["quarantined", "applied"]
    client.force_login(lead)
    page = client.get(f"/floor/quarantine/{Quarantine.objects.get().pk}/").content.decode()
    assert "Taken back at the tablet where it was said" in page
    assert "By itself" not in page


def test_the_last_report_is_taken_back_while_the_machine_runs_its_next_job(
    shop: Hall, saw: WorkOrderOperation, correct: Correct
) -> None:
    """All ten at 60, the next job from 70: the ten are taken back, the first job waits and the machine goes on."""
    report = shop.report(saw, "SAW-1", 60, "10")
    following = step(shop.shelves(), 10)
    shop.start(following, "SAW-1", 70)
    answer = correct(report.event_id)
    assert answer.status_code == 200, answer.content
    found = dict(OperationRun.objects.values_list("operation", "state"))
    assert found == {saw.pk: "paused", following.pk: "running"}
    saw.refresh_from_db()
    assert (saw.good_qty, saw.finished_at) == (0, None)
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_a_tablet_undoes_its_last_report_though_the_next_job_runs(shop: Hall, saw: WorkOrderOperation) -> None:
    """Said at 60, the next job begun at 60 and a half, undone within the minute."""
    device = tablet(shop)
    following = step(shop.shelves(), 10)
    report, start, undo = numbered(
        [
            replace(shop.event(saw, "SAW-1", 60, "10"), kind="report"),
            replace(shop.event(following, "SAW-1", 60), kind="start"),
            replace(shop.event(saw, "SAW-1", 60), kind="correction"),
        ]
    )
    half = dt.timedelta(seconds=30)
    start = replace(start, happened_at=report.happened_at + half)
    undo = replace(undo, happened_at=report.happened_at + 1.5 * half, payload={"corrects": str(report.event_id)})
    for event in (report, start, undo):
        assert statuses(send(device, event, minute=61)) == ["applied"]
    found = dict(OperationRun.objects.values_list("operation", "state"))
    assert found == {saw.pk: "paused", following.pk: "running"}
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_a_good_piece_of_a_finished_job_is_scrapped_while_the_next_one_runs(
    shop: Hall, saw: WorkOrderOperation
) -> None:
    """Ten are good and the job is done; one of them is scrapped by a decision, the machine's next job goes on."""
    shop.report(saw, "SAW-1", 60, "10")
    following = step(shop.shelves(), 10)
    shop.start(following, "SAW-1", 70)
    raised = mes.raise_nonconformance(
        operation_id=saw.pk, quantity=Decimal(1), at=at(75), defect_id=shop.reasons["S-CHIP"].pk, is_reported=True
    )
    mes.dispose(
        nonconformance_id=raised.pk, decision=mes.Decision(kind="scrap", quantity=Decimal(1)),
        by=shop.person("quality"), now=at(80),
    )  # fmt: skip
    saw.refresh_from_db()
    assert (saw.good_qty, saw.scrap_qty) == (9, 1)
    found = dict(OperationRun.objects.values_list("operation", "state"))
    assert found == {saw.pk: "finished", following.pk: "running"}
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []
