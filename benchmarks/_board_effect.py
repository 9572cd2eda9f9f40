"""The effect of a drag over HTTP at 20,000 planned operations on 200 machines: web, broker, warm worker and back.

Asked as the board asks: in a session, for a compressed answer, over one connection, one question after the other.
"""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps.minutes import minute_of
from aps.models import PlannedOperation
from benchmarks import Figure, figure
from benchmarks._board_data import planned_plant
from benchmarks._caller import Line, UnexpectedAnswerError
from benchmarks._clock import percentile
from benchmarks._scratch import database, flows_are_done, workers
from masterdata.models import Machine, Membership, User
from tests.aps.shop import Shop
from tests.crew import until

OPERATIONS, QUICK_OPERATIONS = 20_000, 1_000
TIMES, QUICK_TIMES = 200, 20
STEPS = 5
"""So many changes are in the draft on which each drag stands."""
MOST_MS = 100.0
GZIP = b"\x1f\x8b"


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Figure]:
    """Milliseconds from question to answer, as a page has them; beside them what the engine's part alone takes."""
    operations, times = (QUICK_OPERATIONS, QUICK_TIMES) if quick else (OPERATIONS, TIMES)
    with database("bench_board_effect"):
        shop = planned_plant(operations, say)
        count = PlannedOperation.objects.count()
        drags = Drags(shop)
        with workers("board-effect") as crew:
            until(flows_are_done, timeout=600, what="the plan is spread")
            board = Board(crew.address, shop)
            draft = [drags.move() for _ in range(STEPS)]
            board.ask(draft, None)  # who answers first loads his code
            found = [board.ask(draft, drags.move()) for _ in range(times)]
            steps = [board.drop(draft, drags.move()) for _ in range(times // 4)]
    outside, inside = [one[0] for one in found], [one[1] for one in found]
    say(f"effect of a drag: {count:,} operations, p95 {percentile(outside, 95):.0f} ms")
    warm = sum(one[2] == "warm" for one in found)
    return {
        "effect: operations": figure(count, ""),
        "effect of a drag over HTTP, p95": figure(percentile(outside, 95), "ms", goal=MOST_MS, full_size=not quick),
        "effect of a drag over HTTP, median": figure(median(outside), "ms"),
        "effect of a drag over HTTP, longest": figure(max(outside), "ms"),
        "effect of a drag, computing, p95": figure(percentile(inside, 95), "ms"),
        "effect of a dropped change over HTTP, p95": figure(percentile([one[0] for one in steps], 95), "ms"),
        "answered by the warm worker": figure(100 * warm / times, "%", more_is_better=True),
    }


class Drags:
    """Operations of the next days, each dragged to another time, every second one to another machine."""

    def __init__(self, shop: Shop) -> None:
        self.dice = random.Random(1)  # noqa: S311 - the same drags each time
        rows = PlannedOperation.objects.filter(plant=shop.plant).order_by("pk")
        self.rows = list(rows.values_list("operation_id", "machine_id", "machine__work_centre_id", "starts_at"))
        self.machines: dict[int, list[int]] = {}
        for key, centre in Machine.objects.filter(work_centre__plant=shop.plant).values_list("pk", "work_centre"):
            self.machines.setdefault(centre, []).append(key)
        self.first = minute_of(timezone.now())

    def move(self) -> dict[str, Any]:
        """Up to eight hours earlier or later, not before an hour from now."""
        key, machine, centre, starts_at = self.dice.choice(self.rows)
        if self.dice.random() < 0.5:
            machine = self.dice.choice(self.machines[centre])
        at = max(self.first + 60, minute_of(starts_at) + 5 * self.dice.randint(-96, 96))
        return {"do": "move", "ops": [{"id": key, "machine": machine, "at": at}], "pin": False}


class Board:
    """A planner's page that asks what changes do."""

    def __init__(self, address: str, shop: Shop) -> None:
        user = User.objects.create(username="bench-board-planner")
        Membership.objects.create(user=user, role="planner", company=shop.plant.company)
        client = Client()
        client.force_login(user)
        session, token = client.cookies[settings.SESSION_COOKIE_NAME].value, "b" * 32
        self.address, self.line = reverse("suite:board_effect", args=[shop.plant.pk]), Line(address)
        self.headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
            "X-CSRFToken": token,
        }

    def drop(self, edits: list[Any], trial: Any) -> tuple[float, float, str]:
        """The same of what is dropped where it was tried last."""
        self.ask(edits, trial)
        return self.ask([*edits, trial], None)

    def ask(self, edits: list[Any], trial: Any) -> tuple[float, float, str]:
        """Milliseconds outside and inside, and who answered. A trial comes without the draft's places."""
        body = json.dumps({"edits": edits, "trial": trial, "places": trial is None})
        began = time.perf_counter()
        status, answer = self.line.send("POST", self.address, body, self.headers)
        outside = (time.perf_counter() - began) * 1000
        answer = gzip.decompress(answer) if answer.startswith(GZIP) else answer
        if status != 200:
            raise UnexpectedAnswerError(f"effect: {status} {answer[:600]!r}")
        told = json.loads(answer)
        return outside, float(told["ms"]), str(told["source"])
