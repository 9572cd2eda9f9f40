"""A machine says that it is down; the time until its tablet shows another plan."""

from __future__ import annotations

import datetime as dt
import re
import time
import uuid
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import F
from django.utils import timezone

from aps.models import PlantPlanning
from benchmarks._caller import Caller, Line, UnexpectedAnswerError
from benchmarks._scratch import flows_are_done
from masterdata.models import Company, User
from mes.models import Dispatch
from tests.crew import until

LOOK_EVERY_S = 0.05
PATIENCE_S = 60
BLOCKED_FOR = dt.timedelta(hours=4)  # what planning assumes of a machine whose return nobody has estimated
_JOB = re.compile(r"/jobs/(\d+)/")
_TAG = re.compile(r"<[^>]*>|\s+")


class Tablet:
    """A tablet at a machine, logged in: what its page lists, a text per job."""

    def __init__(self, address: str, user: User, code: str) -> None:
        self.line = Line(address)
        self.code = code
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session.save()
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}", "HX-Request": "true"}

    def jobs(self) -> dict[int, str]:
        """Operation to what the page says from its name to the next job's: time, quantity, readiness."""
        status, page = self.line.send("GET", f"/tablet/{self.code}/", None, self.headers)
        if status != 200:
            raise UnexpectedAnswerError(f"the tablet of {self.code} answers with {status}")
        parts = _JOB.split(page.decode())
        found: dict[int, str] = {}
        for operation, text in zip(parts[1::2], parts[2::2], strict=True):
            found[int(operation)] = found.get(int(operation), "") + " ".join(_TAG.sub(" ", text).split())
        return found


def fresh_id() -> str:
    """An event id as a tablet makes it."""
    return str(uuid.uuid4())


def run(address: str, times: int, say: Callable[[str], None]) -> list[float]:
    """Seconds from the machine's message to the tablet's new list, one machine after the other.

    A machine whose next job begins too late to be touched by four hours of standing still (at night, at a weekend) is
    reported down with an estimate until the end of that job instead.
    """
    company = Company.objects.get()
    gateway = Caller(address, company, "integration")
    took = []
    for machine_id, code, plant_id in _machines(times):
        _settle(plant_id)
        affected = _next_job(machine_id)
        if affected is None:
            continue
        tablet = Tablet(address, User.objects.get(username="liwei" if plant_id == _home() else "pavel"), code)
        if affected.operation_id not in tablet.jobs():
            continue
        took.append(_down(gateway, tablet, affected))
        say(f"{code} down: new dispatch on its tablet after {took[-1]:.2f} s")
        _send(gateway, code, "idle")
    return took


def _down(gateway: Caller, tablet: Tablet, affected: Dispatch) -> float:
    before = tablet.jobs()[affected.operation_id]
    now = timezone.now()
    began = time.perf_counter()
    if affected.planned_start_at < now + BLOCKED_FOR:
        _send(gateway, tablet.code, "fault")
    else:
        estimate = {"since_at": now.isoformat(), "estimated_until_at": affected.planned_end_at.isoformat()}
        gateway.post(f"mes/machines/{affected.machine_id}/report-down/", estimate)
    while tablet.jobs().get(affected.operation_id) == before:
        if time.perf_counter() - began > PATIENCE_S:
            raise RuntimeError(f"{tablet.code} has been down for {PATIENCE_S} s and its tablet shows the old plan")
        time.sleep(LOOK_EVERY_S)
    return time.perf_counter() - began


def _send(gateway: Caller, code: str, state: str) -> None:
    message: dict[str, Any] = {"id": fresh_id(), "machine": code, "state": state, "time": timezone.now().isoformat()}
    gateway.post("mes/machine-events/", message)


def _machines(times: int) -> list[tuple[int, str, int]]:
    """Machines with work ahead, the most loaded first, in turn of their work centres."""
    rows = Dispatch.objects.filter(operation__started_at=None, machine__downtimes__until_at=None)
    codes = rows.values_list("machine_id", "machine__code", "plant_id").order_by("planned_start_at", "machine_id")
    return list(dict.fromkeys(codes))[:times]


def _next_job(machine_id: int) -> Dispatch | None:
    """The machine's next job but one that nobody has begun: it stands as a row of the tablet's list."""
    rows = Dispatch.objects.filter(machine=machine_id, operation__started_at=None, operation__finished_at=None)
    found = list(rows.order_by("planned_start_at", "operation_id")[:2])
    return found[-1] if found else None


def _settle(plant_id: int) -> None:
    """The plan covers every wish and has reached the floor."""

    def settled() -> bool:
        planned = PlantPlanning.objects.filter(plant=plant_id, planned_version=F("wanted_version"))
        return planned.exists() and flows_are_done()

    until(settled, timeout=120, what="the plant is planned")


def _home() -> int:
    return int(User.objects.get(username="liwei").memberships.get().plant_id or 0)
