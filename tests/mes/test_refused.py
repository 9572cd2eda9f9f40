"""What can't be over sync and REST: a number used twice, a machine that can't do the work, a message without an id."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from erp import services as erp
from erp.models import Lot, StockMove, WorkOrderOperation
from mes import services as mes
from mes.models import Device, ExecutionEvent, OperationRun, Quarantine
from tests.mes.hall import Hall, at, hall, step


class Tablet:
    """A tablet that numbers what it says and sends it over REST."""

    def __init__(self, client: Client, shop: Hall) -> None:
        self.client, self.shop, self.uid, self.number = client, shop, str(uuid.uuid4()), 0
        client.force_login(shop.person("operator"))

    def say(self, kind: str, minutes_ago: float, **more: Any) -> dict[str, Any]:
        """The next thing that it has to say."""
        self.number += 1
        happened = timezone.now() - dt.timedelta(minutes=minutes_ago)
        return {"id": str(uuid.uuid4()), "seq": self.number, "kind": kind, "at": happened.isoformat(), **more}

    def send(self, *events: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
        """Status and code of each."""
        body: dict[str, Any] = {
            "device": self.uid,
            "plant": self.shop.shop.plant.pk,
            "sent_at": timezone.now().isoformat(),
        }
        body["oldest"] = events[0]["seq"]
        answer = self.client.post("/api/v1/mes/sync/", body | {"events": events} | more, "application/json")
        assert answer.status_code == 200, answer.content
        return [(one["status"], one["code"]) for one in answer.json()["answers"]]

    def job(self, operation: WorkOrderOperation, machine: str = "SAW-1") -> dict[str, Any]:
        return {"operation": operation.pk, "machine": self.shop.machine(machine), "operator": self.shop.operator.pk}


@pytest.fixture
def shop() -> Hall:
    return hall()


@pytest.fixture
def tablet(client: Client, shop: Hall) -> Tablet:
    return Tablet(client, shop)


def rebuilt(shop: Hall) -> list[object]:
    """What differs when everything is folded again."""
    states = mes.rebuild_states(plant_ids=[shop.shop.plant.pk], fix=False)
    return [*mes.rebuild(plant_ids=[shop.shop.plant.pk]), *states]


def packing(shop: Hall, tablet: Tablet) -> dict[str, Any]:
    """A shelf of a new order that is sawn and waits to be packed; the job of packing it."""
    order = shop.shelves("1")
    assert (
        tablet.send(
            tablet.say("start", 30, **tablet.job(step(order, 10))),
            tablet.say("report", 20, good="1", **tablet.job(step(order, 10))),
            tablet.say("start", 15, **tablet.job(step(order, 20), "PACK-1")),
        )
        == [("applied", "")] * 3
    )
    return tablet.job(step(order, 20), "PACK-1")


def test_a_serial_number_is_made_once(shop: Hall, tablet: Tablet) -> None:
    """S-1 is made by one order. Another that makes S-1 is refused online and kept offline, by the list of numbers and
    as the lot of one piece; S-2 counts. Taken back, S-1 is free, and made by a third order."""
    erp.set_tracking(material_id=shop.shelves("1").material_id, tracking="serial")
    first = tablet.say("report", 10, good="1", payload={"serials": ["S-1"]}, **packing(shop, tablet))
    assert tablet.send(first) == [("applied", "")]
    second = packing(shop, tablet)
    for how in ({"payload": {"serials": ["S-1"]}}, {"payload": {"serials": ["s-1"]}}, {"lot": "S-1"}):
        assert tablet.send(tablet.say("report", 5, good="1", is_online=True, **how, **second)) == [
            ("rejected", "serial_used")
        ]
        assert tablet.send(tablet.say("report", 5, good="1", **how, **second)) == [("quarantined", "serial_used")]
    assert "S-1 already" in Quarantine.objects.earliest("pk").sentence
    made = StockMove.objects.filter(kind="output", lot__number="S-1")
    assert made.count() == 1
    assert tablet.send(tablet.say("report", 4, good="1", lot="S-2", **second)) == [("applied", "")]
    lead = shop.person("shift_lead")
    mes.correct(
        event_id=uuid.UUID(first["id"]), by=lead, reason="Wrong", now=timezone.now(), correction_id=uuid.uuid4()
    )
    again = tablet.say("report", 3, good="1", payload={"serials": ["S-1"]}, **packing(shop, tablet))
    assert tablet.send(again) == [("applied", "")]
    assert (Lot.objects.filter(number="S-1").count(), made.filter(reversed_by=None).count()) == (1, 1)
    assert rebuilt(shop) == []


def test_pieces_are_not_reported_at_a_machine_that_cannot_do_the_work(
    client: Client, shop: Hall, tablet: Tablet
) -> None:
    """A saw job runs on SAW-1. PACK-1 reports none of it: online refused, offline kept, one by one and several
    together. SAW-2 could do it."""
    saw = step(shop.shelves(), 10)
    assert tablet.send(tablet.say("start", 30, **tablet.job(saw))) == [("applied", "")]
    wrong = tablet.job(saw, "PACK-1")
    for kind in ("report", "pause", "finish"):
        pieces = {"good": "1"} if kind == "report" else {}
        assert tablet.send(tablet.say(kind, 20, is_online=True, **pieces, **wrong)) == [("rejected", "wrong_machine")]
    assert (
        tablet.send(*(tablet.say("report", ago, good="1", **wrong) for ago in (19, 18, 17)))
        == [("quarantined", "wrong_machine")] * 3
    )
    body = {"event_id": str(uuid.uuid4()), "machine": wrong["machine"], "happened_at": timezone.now().isoformat()}
    url = f"/api/v1/mes/operations/{saw.pk}/report/"
    answer = client.post(url, body | {"good_qty": "1"}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_machine")
    assert step(saw.work_order, 10).good_qty == 0
    assert tablet.send(tablet.say("report", 10, good="1", **tablet.job(saw, "SAW-2"))) == [("applied", "")]
    assert rebuilt(shop) == []


def test_what_follows_an_event_that_cannot_be_kept_is_not_held_up(shop: Hall, tablet: Tablet) -> None:
    """A note, something with a broken id, a clock-in: the clock-in counts at once, and so does what comes next."""
    saw = step(shop.shelves(), 10)
    machine = {"machine": shop.machine("SAW-1"), "operator": shop.operator.pk}
    events = [tablet.say(kind, ago, **machine) for kind, ago in (("note", 10), ("note", 9), ("clock_in", 8))]
    events[1]["id"] = "no id"
    assert [status for status, _ in tablet.send(*events, oldest=None)] == ["applied", "rejected", "applied"]
    assert not Quarantine.objects.filter(state="open").exists()
    assert shop.operator.attendances.count() == 1
    assert tablet.send(tablet.say("start", 5, **tablet.job(saw))) == [("applied", "")]
    assert OperationRun.objects.get().state == "running"
    assert Device.objects.get().told_seq == 4
    assert rebuilt(shop) == []


def test_what_a_tablet_has_no_more_lets_all_go_on_that_waited_for_it(shop: Hall, tablet: Tablet) -> None:
    """Number 1 came, 2 is lost, 3 and 4 wait; the next message says that 5 is the oldest: 3 and 4 count, then 5."""
    saw = step(shop.shelves(), 10)
    job = tablet.job(saw)
    said = [tablet.say("report", 20 - n, good="1", **job) if n else tablet.say("start", 30, **job) for n in range(5)]
    assert tablet.send(said[0]) == [("applied", "")]
    assert tablet.send(said[2], said[3], oldest=2) == [("applied", "waits_for_earlier")] * 2
    assert step(saw.work_order, 10).good_qty == 0
    assert tablet.send(said[4], oldest=5) == [("applied", "")]
    assert step(saw.work_order, 10).good_qty == 3
    assert not Quarantine.objects.filter(state="open").exists()
    assert rebuilt(shop) == []


def test_what_names_nothing_is_told_in_words(shop: Hall, tablet: Tablet) -> None:
    tablet.send(tablet.say("report", 5, operation=10**9), tablet.say("report", 4, machine=10**9))
    assert [one.sentence for one in Quarantine.objects.order_by("pk")] == [
        "It names an operation that is not there (any more).",
        "It names a machine that is not there (any more).",
    ]


@pytest.mark.parametrize("table", ["mes_executionevent", "mes_eventphoto"])
def test_the_log_is_never_emptied(shop: Hall, table: str) -> None:
    """By the owner of the tables and past the services: the database itself refuses it."""
    shop.start(step(shop.shelves(), 10), "SAW-1")
    truncate = f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE"
    with pytest.raises(DatabaseError, match="Cannot truncate"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(truncate)
    assert ExecutionEvent.objects.filter(corrected_at=at(0)).count() == 1
