"""A machine is down in a plant of 5,000 operations: from the message to the live hint and to the tablet's new list."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from aps import services as aps
from aps.models import PlanRun, PlantPlanning
from benchmarks import Figure, figure
from benchmarks._breakdown import BLOCKED_FOR, Tablet, fresh_id
from benchmarks._caller import Caller
from benchmarks._clock import percentile
from benchmarks._planning_plant import plant_with, want
from benchmarks._scratch import database, flows_are_done, workers
from masterdata import accounts, live
from masterdata.models import Machine
from mes.models import Dispatch
from tests.aps.shop import Shop
from tests.crew import until

OPERATIONS, QUICK_OPERATIONS = 5_000, 1_000
TIMES, QUICK_TIMES = 20, 4
SEARCHED_FOR_S = 30
PATIENCE_S = 60
LOOK_EVERY_S = 0.02
GOAL = 1.0


def measure(quick: bool, say: Callable[[str], None]) -> dict[str, Figure]:
    """Alarms in a plant at rest, and while a search of 30 s goes on: p95 and the longest, in seconds."""
    operations = QUICK_OPERATIONS if quick else OPERATIONS
    times = QUICK_TIMES if quick else TIMES
    figures: dict[str, Figure] = {}
    with database("bench_alarm"):
        shop = plant_with(operations, "MAIN")
        with workers("alarm") as crew:
            want(shop)
            _settle(shop)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # what autovacuum does in its first minute
            alarms = Alarms(crew.address, shop)
            alarms.one(searching=False)  # whoever answers first loads his code
            for searching in (False, True):
                what = "while it is searched" if searching else "at rest"
                took = [alarms.one(searching=searching) for _ in range(times)]
                hints, shown = [one[0] for one in took], [one[1] for one in took]
                say(f"{operations:,} operations, {what}: tablets " + " ".join(f"{one:.2f}" for one in shown))
                name = f"alarm to tablet, {operations:,} operations, {what}"
                full = not quick
                figures[f"{name}, p95"] = figure(percentile(shown, 95), "s", goal=GOAL, full_size=full)
                figures[f"{name}, longest"] = figure(max(shown), "s")
                figures[f"{name}, live hint p95"] = figure(percentile(hints, 95), "s", goal=GOAL, full_size=full)
    return figures


class Alarms:
    """Machines of the shop go down and come back, one after the other."""

    def __init__(self, address: str, shop: Shop) -> None:
        self.address, self.shop = address, shop
        self.gateway = Caller(address, shop.plant.company, "integration")
        self.operator = accounts.create_user(
            username="bench-operator", roles=[accounts.Role("operator", shop.plant.company, shop.plant)]
        )
        self.machines = list(Machine.objects.filter(work_centre__plant=shop.plant).order_by("code"))
        self.at = 0

    def one(self, *, searching: bool) -> tuple[float, float]:
        """Seconds until the live hint about the machine's list came, and until its tablet showed another one."""
        _settle(self.shop)
        affected, code = self._next()
        tablet = Tablet(self.address, self.operator, code)
        before = tablet.jobs()[affected.operation_id]
        if searching:
            self._search()
        with redis.Redis.from_url(django_settings.REDIS_URL) as broker:
            hints = broker.pubsub(ignore_subscribe_messages=True)
            hints.subscribe(live.CHANNEL)
            hints.get_message(timeout=1)
            began = time.perf_counter()
            self._send(code, "fault")
            told = _told(hints, affected.machine_id, began)
            while tablet.jobs().get(affected.operation_id) == before:
                if time.perf_counter() - began > PATIENCE_S:
                    raise RuntimeError(f"{code} is down and its tablet shows the old plan")
                time.sleep(LOOK_EVERY_S)
            shown = time.perf_counter() - began
            hints.close()
        self._send(code, "idle")
        return told, shown

    def _next(self) -> tuple[Dispatch, str]:
        """The next machine that has a job in the next hours, and the second one of its list."""
        until_at = timezone.now() + BLOCKED_FOR
        for _ in self.machines:
            machine = self.machines[self.at % len(self.machines)]
            self.at += 1
            rows = Dispatch.objects.filter(machine=machine, operation__started_at=None, operation__finished_at=None)
            found = list(rows.order_by("planned_start_at", "operation_id")[:2])
            if len(found) == 2 and found[1].planned_start_at < until_at - dt.timedelta(minutes=15):
                return found[1], machine.code
        raise RuntimeError("no machine of the plant has work in the next hours")

    def _search(self) -> None:
        aps.optimise_plant(
            plant_id=self.shop.plant.pk, by=self.operator, text="Search for long", seconds=SEARCHED_FOR_S
        )
        rows = PlanRun.objects.filter(plant=self.shop.plant, state=PlanRun.State.RUNNING, moves__gt=0)
        until(rows.exists, timeout=PATIENCE_S, what="a search")

    def _send(self, code: str, state: str) -> None:
        message: dict[str, Any] = {"id": fresh_id(), "machine": code, "state": state}
        self.gateway.post("mes/machine-events/", message | {"time": timezone.now().isoformat()})


def _told(hints: Any, machine_id: int, began: float) -> float:
    while time.perf_counter() - began < PATIENCE_S:
        message = hints.get_message(timeout=1)
        hint = json.loads(message["data"]) if message else {}
        if (hint.get("topic"), hint.get("id")) == ("dispatch", str(machine_id)) and hint["version"]:
            return time.perf_counter() - began
    raise RuntimeError("nobody has told the machine's tablet anything")


def _settle(shop: Shop) -> None:
    """The plan covers every wish and has reached the floor."""

    def settled() -> bool:
        planned = PlantPlanning.objects.filter(plant=shop.plant, planned_version=F("wanted_version"), lease_until=None)
        return planned.exists() and flows_are_done()

    until(settled, timeout=180, what="the plant is planned")
