"""While quality holds an operation its run is shown as held everywhere; a release lets count what waited for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp.models import WorkOrderOperation
from mes import selectors
from mes import services as mes
from mes.held import shown
from mes.models import OperationRun, QualityHold, Quarantine
from mes.selectors.snapshot import snapshot
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step
from tests.mes.laboratory import plan
from tests.mes.test_check_events import checked
from tests.mes.test_pages import key


@pytest.fixture
def shop() -> Hall:
    return hall()


@pytest.fixture
def saw(shop: Hall) -> WorkOrderOperation:
    """A saw job of ten shelves that runs since nine; every piece may be checked."""
    plan(shop)
    order = shop.shelves()
    saw = step(order, 10)
    shop.tell((saw, "SAW-1", 0, 60))
    shop.start(saw, "SAW-1")
    return saw


def held(shop: Hall, saw: WorkOrderOperation, minute: int = 40) -> QualityHold:
    """A check of that minute out of tolerance."""
    mes.take(event=checked(shop, saw, minute, "402.0"), now=at(minute))
    return QualityHold.objects.get()


def late(shop: Hall, saw: WorkOrderOperation, minute: int, good: str, **more: Any) -> str:
    """A report that was queued offline; how it was answered."""
    event = shop.event(saw, "SAW-1", minute, good, kind="report", **more)
    return mes.take(event=event, now=at(minute + 20), is_late=True).status


def test_a_release_counts_what_was_reported_meanwhile(shop: Hall, saw: WorkOrderOperation) -> None:
    """Held at 40; offline 2 at 50 and 1 at 55 wait. The release at 80 books all three, as of their own time."""
    hold = held(shop, saw)
    assert [late(shop, saw, 50, "2"), late(shop, saw, 55, "1")] == ["quarantined", "quarantined"]
    assert step(saw.work_order, 10).good_qty == 0
    mes.release_hold(hold_id=hold.pk, note="Stop set anew", by=None, now=at(80))
    assert step(saw.work_order, 10).good_qty == 3
    rows = Quarantine.objects.values_list("state", "decided_by", "note")
    assert set(rows) == {("accepted", None, "Counts since quality has released the operation")}
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_what_something_else_stands_against_waits_on_with_that(shop: Hall, saw: WorkOrderOperation) -> None:
    """One piece in five is checked: 5 and 4 wait. The first counts; the second passes over the sixth piece, whose check
    nobody recorded: it waits for that, and counts with it."""
    hold = held(shop, saw)
    late(shop, saw, 50, "5")
    late(shop, saw, 55, "4")
    mes.release_hold(hold_id=hold.pk, note="Stop set anew", by=None, now=at(80))
    assert step(saw.work_order, 10).good_qty == 5
    assert list(Quarantine.objects.order_by("pk").values_list("state", "code")) == [
        ("accepted", "quality_hold"), ("open", "check_due"),
    ]  # fmt: skip
    mes.take(event=checked(shop, saw, 54, piece=6), now=at(85), is_late=True)
    assert step(saw.work_order, 10).good_qty == 9


def test_the_release_of_another_operation_lifts_nothing(shop: Hall, saw: WorkOrderOperation) -> None:
    held(shop, saw)
    late(shop, saw, 50, "2")
    other = step(shop.shelves("2"), 10)
    shop.start(other, "SAW-1", 52)
    mes.take(event=checked(shop, other, 53, "402.0"), now=at(53))
    mes.release_hold(hold_id=QualityHold.objects.get(operation=other).pk, note="Done", by=None, now=at(60))
    assert Quarantine.objects.get().state == "open"


def test_the_rule_of_what_is_shown() -> None:
    states = ["planned", "setup", "running", "paused", "finished"]
    assert [shown(one, is_held=True) for one in states] == ["held", "held", "held", "held", "finished"]
    assert [shown(one, is_held=False) for one in states] == states


def test_held_is_shown_on_lists_tablets_boards_and_over_rest(
    client: Client, shop: Hall, saw: WorkOrderOperation
) -> None:
    """The run itself is paused; everywhere it says held until the release, then paused."""
    hold = held(shop, saw)
    machine = selectors.machine_by_code("SAW-1")
    assert machine is not None
    client.force_login(shop.person("shift_lead"))
    api = "/api/v1/mes/operation-runs/"

    def said() -> list[object]:
        item = selectors.dispatch_list(machine_id=machine.pk)[0]
        midnight = at(0) - dt.timedelta(hours=9)
        job = snapshot(machine=machine, now=at(60), midnight=midnight)["jobs"][0]
        tile = selectors.tile(machine=machine, now=at(60))
        run = client.get(f"/api/v1/mes/operations/{saw.pk}/").json()["run"]
        floor = selectors.machine_now(machine_id=machine.pk).is_held
        lists = [item.shown_state, job["shown_state"], job["is_held"]]
        return [*lists, tile.shown, floor, run["state"], run["progress"]]

    assert OperationRun.objects.get().state == "paused"
    assert said() == ["held", "held", True, "held", True, "held", "paused"]
    assert [client.get(api, {"state": one}).json()["count"] for one in ("held", "paused")] == [1, 0]
    assert "Held" in client.get(reverse("mes:station", args=["SAW-1"])).content.decode()
    mes.release_hold(hold_id=hold.pk, note="Stop set anew", by=None, now=at(61))
    assert said() == ["paused", "paused", False, "stopped", False, "paused", "paused"]
    assert [client.get(api, {"state": one}).json()["count"] for one in ("held", "paused")] == [0, 1]


def test_the_release_page_says_what_it_lets_count(client: Client, shop: Hall, saw: WorkOrderOperation) -> None:
    hold = held(shop, saw)
    late(shop, saw, 50, "2")
    client.force_login(shop.person("shift_lead"))
    address = reverse("mes:release_hold", args=[hold.pk])
    assert "1 report that waits for this counts as soon as it is released." in client.get(address).content.decode()
    client.post(address, {"reason": "Stop set anew"} | key())
    assert step(saw.work_order, 10).good_qty == 2


def test_the_handover_lists_holds_and_what_waits_for_them(client: Client, shop: Hall) -> None:
    """An operation held ten minutes ago, and one report of five minutes ago that waits."""
    begin = int((timezone.now() - NOW) / dt.timedelta(minutes=1)) - 60
    plan(shop)
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1", begin)
    held(shop, saw, begin + 50)
    event = shop.event(saw, "SAW-1", begin + 55, "1", kind="report")
    mes.take(event=event, now=timezone.now(), is_late=True)
    client.force_login(shop.person("shift_lead"))
    page = client.post(reverse("mes:handover_begin", args=[shop.shop.plant.pk]), key(), follow=True)
    text = " ".join(page.content.decode().split())
    panel = text[text.index("Held by quality") : text.index("Faults and quarantine")]
    assert saw.work_order.number in panel
    assert "1 report waits for the release" in panel
    waiting = text[text.index("Faults and quarantine") : text.index("Made in this shift")]
    assert "Quality holds this operation" in waiting
    paper = client.get(page.redirect_chain[-1][0] + "pdf/")
    assert paper.status_code == 200
