"""The board's data at 20,000 planned operations on 200 machines: bytes and server time, whole and as a delta."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import math
import time
from collections.abc import Callable, Iterator
from itertools import chain
from statistics import median
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps import services as aps
from aps.models import PlannedOperation
from aps.rows import Row
from benchmarks import Figure, figure
from benchmarks._clock import milliseconds, percentile
from benchmarks._planning_plant import CENTRES, plant_with
from benchmarks._scratch import database
from erp.models import WorkOrderOperation
from masterdata.models import Machine, Membership, User
from tests.aps.shop import Shop

OPERATIONS, MACHINES = 20_000, 200
QUICK_OPERATIONS = 2_000
TIMES, QUICK_TIMES = 20, 5
MOST_BYTES, MOST_MS = 1_000_000, 300.0


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Figure]:
    """Bytes of the whole plan and of deltas; ms from request to answer in the web process, without the network."""
    operations, times = (QUICK_OPERATIONS, QUICK_TIMES) if quick else (OPERATIONS, TIMES)
    full = not quick
    with database("bench_board_data"):
        shop = planned_plant(operations, say)
        board = Board(shop)
        board.weigh()  # who answers first loads his code
        size = board.size
        whole, cpus = [], []
        for number in range(times):
            _report(shop, number)  # nothing that was read before is of use
            began = time.process_time()
            whole.append(milliseconds(board.whole))
            cpus.append((time.process_time() - began) * 1000)
        again = [milliseconds(board.whole) for _ in range(times)]
        say(f"board data: {board.operations:,} operations, {size:,} bytes, p95 {percentile(whole, 95):.0f} ms")
        same = [milliseconds(board.delta) for _ in range(times)]
        reported, sizes = [], []
        for number in range(times):
            _report(shop, number)
            reported.append(milliseconds(board.delta))
            sizes.append(board.size)
        say(f"board data: a report, {median(sizes):,.0f} bytes, p95 {percentile(reported, 95):.0f} ms")
        _shift(shop, 100)
        moved = milliseconds(board.delta)
        moved_bytes = board.size
    return {
        "board: operations": figure(board.operations, ""),
        "board: whole plan": figure(size, "bytes", goal=MOST_BYTES, full_size=full),
        "board: whole plan, gzip": figure(board.packed, "bytes"),
        "board: whole plan, p95": figure(percentile(whole, 95), "ms", goal=MOST_MS, full_size=full),
        "board: whole plan, CPU of the web process": figure(median(cpus), "ms"),
        "board: whole plan, median": figure(median(whole), "ms"),
        "board: whole plan again, nothing written, p95": figure(percentile(again, 95), "ms"),
        "board: nothing changed, p95": figure(percentile(same, 95), "ms"),
        "board: one report, delta": figure(median(sizes), "bytes", baseline=size),
        "board: one report, p95": figure(percentile(reported, 95), "ms", goal=MOST_MS, full_size=full),
        "board: 100 operations moved, delta": figure(moved_bytes, "bytes", baseline=size),
        "board: 100 operations moved": figure(moved, "ms"),
    }


def planned_plant(operations: int, say: Callable[[str], None]) -> Shop:
    """A plant on MACHINES machines with so many operations in its published plan; statistics are there."""
    shop = plant_with(operations, "MAIN", MACHINES // CENTRES)
    now = timezone.now().replace(second=0, microsecond=0)
    aps.publish_plan(
        plant_id=shop.plant.pk, base_no=0, rows=list(one_behind_another(shop, now)), origin="insert", now=now
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    say(f"{operations:,} operations on {MACHINES} machines are planned")
    return shop


def one_behind_another(shop: Shop, now: dt.datetime) -> Iterator[Row]:
    """What is made below first, each on the next machine of its work centre as soon as that is free."""
    machines: dict[int, list[int]] = {}
    for key, centre in Machine.objects.filter(work_centre__plant=shop.plant).values_list("pk", "work_centre"):
        machines.setdefault(centre, []).append(key)
    free, ready = dict.fromkeys(chain(*machines.values()), now), dict[tuple[int, str], dt.datetime]()
    work = WorkOrderOperation.objects.filter(work_order__plant=shop.plant).select_related("work_order")
    for number, one in enumerate(sorted(work, key=lambda one: (-len(one.work_order.path), one.pk))):
        order = one.work_order
        same = machines[one.work_centre_id]
        machine = same[number % len(same)]
        made = (order.sales_order_line_id or 0, order.path)
        start = max(free[machine], ready.get(made, now))
        run = start + dt.timedelta(minutes=int(one.setup_min))
        end = run + dt.timedelta(minutes=math.ceil(one.run_min_per_unit * order.quantity))
        above = (made[0], order.path.rpartition(".")[0])
        free[machine] = ready[made] = end
        ready[above] = max(ready.get(above, now), end)
        yield Row(one.pk, machine, start, run, end, int(one.setup_min))


class Board:
    """A planner's page that asks for its data."""

    def __init__(self, shop: Shop) -> None:
        self.client = Client(SERVER_NAME="127.0.0.1")
        planner = User.objects.create(username="bench-planner")
        Membership.objects.create(user=planner, role="planner", company=shop.plant.company)
        self.client.force_login(planner)
        self.address = reverse("aps:board_data", args=[shop.plant.pk])
        self.version = ""
        self.size = self.packed = self.operations = 0

    def whole(self) -> None:
        """Everything, as at the opening of the page."""
        self._get(self.address)

    def weigh(self) -> None:
        """Count what the whole plan holds."""
        content = self._get(self.address)
        self.packed = len(gzip.compress(content, 6))
        self.operations = sum(len(part["operations"]["id"]) for part in json.loads(content)["parts"])

    def delta(self) -> None:
        """What changed since the last answer."""
        self._get(f"{self.address}?since={quote(self.version)}")

    def _get(self, address: str) -> bytes:
        content: bytes = self.client.get(address).content
        self.size = len(content)
        self.version = _version(content)
        return content


def _version(content: bytes) -> str:
    """Read from the head, so that parsing the whole is not measured."""
    found: str = json.loads(content[content.index(b'"version":') + 10 :].split(b",", 1)[0])
    return found


def _report(shop: Shop, number: int) -> None:
    """A terminal reports the first pieces of an operation."""
    waiting: Any = WorkOrderOperation.objects.filter(work_order__plant=shop.plant, started_at=None)
    first = waiting.filter(planned__isnull=False).order_by("pk")[number]
    WorkOrderOperation.objects.filter(pk=first.pk).update(
        started_at=timezone.now(), machine=first.planned.machine_id, good_qty="0.5"
    )


def _shift(shop: Shop, count: int) -> None:
    """The last operations of the plan begin a minute later."""
    rows = list(PlannedOperation.objects.filter(plant=shop.plant).order_by("-ends_at", "pk")[:count])
    minute = dt.timedelta(minutes=1)
    for row in rows:
        row.starts_at, row.runs_at, row.ends_at = row.starts_at + minute, row.runs_at + minute, row.ends_at + minute
    PlannedOperation.objects.bulk_update(rows, ["starts_at", "runs_at", "ends_at"])
