"""Documents of eight lines posted by four clients at once, and forty who want ten pieces."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from benchmarks import _threelevel, figure
from benchmarks._caller import Caller
from benchmarks._clock import cpu_of
from benchmarks._material_client import WARM_UP
from benchmarks._scratch import backends_of, database
from erp import services as erp
from erp.sales.services.keeping import NotEnoughFree
from masterdata.models import Location, Material, Partner, Plant
from suite.stack import places
from tests.crew import Crew, database_url

CLIENTS, LINES = 4, 8
PER_SECOND = 100.0
WANTING, THERE = 40, 10


def run(folder: Path, say: Callable[[str], None], *, documents: int) -> dict[str, Any]:
    """`documents` per client, each a delivery of eight of the sixty bought materials in an order of its own."""
    with database("bench_posting"):
        plant = _threelevel.loaded(folder)
        by_service = _through_services(plant, documents)
        by_http = _through_http(plant, documents)
        granted = _forty_for_ten(plant)
    figures: dict[str, Any] = {}
    for how, (rate, deadlocks, client, server) in (("services", by_service), ("HTTP", by_http)):
        name = f"{LINES}-line documents by {CLIENTS} clients through {how}"
        say(f"{name}: {rate:.0f}/s, {deadlocks:.0f} deadlocks; CPU each {client:.1f} ms, database {server:.1f} ms")
        figures |= {
            name: figure(rate, "/s", goal=PER_SECOND, more_is_better=True),
            f"{name}, deadlocks": figure(deadlocks, "", goal=0),
            f"{name}, CPU of one in Python": figure(client, "ms"),
            f"{name}, CPU of one in the database": figure(server, "ms"),
        }
    say(f"{WANTING} want {THERE} pieces: {dict(granted)}")
    figures[f"{WANTING} parallel reservations of {THERE} pieces, granted"] = figure(granted["granted"], "pieces")
    figures["difference to what there is"] = figure(abs(granted["granted"] - THERE), "pieces", goal=0)
    figures["told what is left"] = figure(granted["refused"], "requests", goal=WANTING - THERE, more_is_better=True)
    return figures


Rate = tuple[float, float, float, float]
"""Documents a second, deadlocks, CPU milliseconds of one document in Python and in the database."""


def _through_services(plant: Plant, documents: int) -> Rate:
    """Four processes, each with a connection of its own."""
    shares = [_orders(plant, WARM_UP + documents, seed) for seed in range(CLIENTS)]
    before = _deadlocks()
    clients = [_client(share) for share in shares]
    for client in clients:
        _said(client)
    backends = [pid for client in clients for pid in backends_of(client.pid)]
    server, began = sum(map(cpu_of, backends)), time.perf_counter()
    for client in clients:
        assert client.stdin
        client.stdin.write("go\n")
        client.stdin.flush()
    spent = [json.loads(_said(client)) for client in clients]
    seconds = time.perf_counter() - began
    server = sum(cpu_of(pid) for pid in backends) - server
    for client in clients:
        client.communicate("end\n")
    deadlocks = _deadlocks() - before + sum(one["deadlocks"] for one in spent)
    count = CLIENTS * documents
    return count / seconds, deadlocks, sum(one["cpu"] for one in spent) / count * 1000, server / count * 1000


def _client(ids: list[int]) -> subprocess.Popen[str]:
    environment = os.environ | {"DATABASE_URL": database_url(), "THROUGHLINE_READY": "1"}
    command = [sys.executable, "-m", "benchmarks._material_client", *map(str, ids)]
    return subprocess.Popen(
        command, env=environment, cwd=places.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _said(client: subprocess.Popen[str]) -> str:
    assert client.stdout
    line = client.stdout.readline()
    if not line:
        raise RuntimeError(f"a client ended with {client.wait()}")
    return line


def _through_http(plant: Plant, documents: int) -> Rate:
    """Four callers of one web server; nothing else runs."""
    shares = [_orders(plant, WARM_UP + documents, seed) for seed in range(CLIENTS)]
    crew = Crew(places.var_dir() / "logs" / "material-posting")
    crew.start("web")
    before = _deadlocks()
    try:
        callers = [Caller(crew.address, plant.company, "warehouse") for _ in shares]
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(_receive, callers, [share[:WARM_UP] for share in shares]))
            web, backends = crew.pid("web"), backends_of(crew.pid("web"))
            client, server, began = cpu_of(web), sum(map(cpu_of, backends)), time.perf_counter()
            list(pool.map(_receive, callers, [share[WARM_UP:] for share in shares]))
            seconds = time.perf_counter() - began
        client, server = cpu_of(web) - client, sum(map(cpu_of, backends)) - server
    finally:
        crew.end()
    count = CLIENTS * documents
    return count / seconds, _deadlocks() - before, client / count * 1000, server / count * 1000


def _receive(caller: Caller, ids: list[int]) -> None:
    for purchase_order_id in ids:
        caller.post(f"erp/purchase-orders/{purchase_order_id}/receive/", {})


def _orders(plant: Plant, count: int, seed: int) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 (the same orders in every run)
    bought = list(Material.objects.filter(supply=Material.Supply.BUY).order_by("pk"))
    supplier = Partner.objects.filter(is_supplier=True).order_by("pk")[0]
    now = timezone.now()
    ids = []
    for _ in range(count):
        lines = [
            erp.PurchaseLineInput(material.pk, Decimal(10), Decimal("2.50"), now + dt.timedelta(days=5))
            for material in chance.sample(bought, LINES)
        ]
        ids.append(erp.create_purchase_order(plant=plant, supplier=supplier, lines=lines, now=now).pk)
    return ids


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _forty_for_ten(plant: Plant) -> Counter[str]:
    """Each wants one piece for an order line of its own, all at the same moment, each on a connection of its own."""
    material = Material.objects.filter(code="F000").get()
    store = Location.objects.get(plant=plant, kind=Location.Kind.STOCK, is_default=True)
    erp.receive_opening(rows=[erp.OpeningStock(material.pk, store.pk, Decimal(THERE), Decimal(1))], now=timezone.now())
    lines = [order.lines.get().pk for order in _threelevel.drafts(plant, WANTING, of_one=True)]
    at_once = threading.Barrier(WANTING)
    outcome: Counter[str] = Counter()

    def want(line_id: int) -> None:
        try:
            connection.ensure_connection()
            at_once.wait(60)
            erp.keep_pieces(quantity=Decimal(1), now=timezone.now(), sales_order_line_id=line_id)
            outcome["granted"] += 1
        except NotEnoughFree as refusal:
            outcome["refused" if refusal.values["available"] == "0" else "misled"] += 1
        finally:
            connection.close()

    with ThreadPoolExecutor(WANTING) as pool:
        list(pool.map(want, lines))
    return outcome
