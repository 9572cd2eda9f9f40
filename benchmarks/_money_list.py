"""The list of work orders: 80 of 10,000, as the browser gets it by HTTP, with its size on the wire."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.db import connection
from django.utils import timezone

from benchmarks import Figure, _threelevel, figure
from benchmarks._clock import milliseconds, percentile
from benchmarks._scratch import database
from erp import services as erp
from erp.models import WorkOrder
from masterdata import accounts
from masterdata.models import Company
from suite.stack import places
from tests.crew import Crew

P95, BYTES = 25.0, 25_000
"""Goals. Open suites took 311 ms and 62 kB for such a list on such a machine."""
ROWS = 10_000
TIMES = 200
PASSWORD = "bench-list-password"  # noqa: S105 (of a scratch database)

_COPY = """
    INSERT INTO erp_workorder (number, plant_id, material_id, bom_id, routing_id, sales_order_line_id, path, state,
        quantity, good_qty, scrap_qty, planned_unit_cost, needed_on, start_by_on, planned_start_at, planned_end_at,
        released_at, closed_at, made_at, version)
    SELECT 'WB-' || n || '-' || w.id, plant_id, material_id, bom_id, routing_id, sales_order_line_id, path, state,
        quantity, good_qty, scrap_qty, planned_unit_cost, needed_on, start_by_on, planned_start_at, planned_end_at,
        released_at, closed_at, made_at, version
    FROM erp_workorder w, generate_series(1, %s) n
"""
_OPERATIONS = """
    INSERT INTO erp_workorderoperation (work_order_id, sequence, name, work_centre_id, setup_min, run_min_per_unit,
        setup_family, is_splittable, is_last, good_qty, scrap_qty, worked_min)
    SELECT c.id, o.sequence, o.name, o.work_centre_id, o.setup_min, o.run_min_per_unit, o.setup_family,
        o.is_splittable, o.is_last, 0, 0, 0
    FROM erp_workorder c JOIN erp_workorderoperation o ON o.work_order_id = split_part(c.number, '-', 3)::bigint
    WHERE c.number LIKE 'WB-%%'
"""


class Browser:
    """One who is logged in, over one connection, and takes compressed answers as browsers do."""

    def __init__(self, address: str, name: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        self.cookies: dict[str, str] = {}
        text = self.get("/login/")[1].decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        body = urlencode({"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token[1] if token else ""})
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"{address}/login/"}
        status = self._send("POST", "/login/", body, kind)[0]
        if status != 302:
            raise RuntimeError(f"the log-in was answered with {status}")

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Bytes on the wire of the answer's body, and the body."""
        status, wire = self._send("GET", path, None, headers)
        if status != 200:
            raise RuntimeError(f"{path} was answered with {status}")
        return len(wire), gzip.decompress(wire) if wire[:2] == b"\x1f\x8b" else wire

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body, {"Cookie": cookies, "Accept-Encoding": "gzip"} | headers)
        answer = self.connection.getresponse()
        wire = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        return answer.status, wire


def run(folder: Path, say: Callable[[str], None]) -> dict[str, Figure]:
    """The rows as they are fetched while one works (search, page, live), the part with its views, the whole page."""
    with database("bench_list"):
        _fill(folder)
        user = accounts.create_user(
            username="bench-list", password=PASSWORD, roles=[accounts.Role("planner", Company.objects.get())]
        )
        crew = Crew(places.var_dir() / "logs" / "money-list")
        try:
            crew.start("web")
            browser = Browser(crew.address, user.username)
            url = f"/work-orders/?{urlencode({'rows': 80})}"
            part = {"HX-Request": "true"}
            asked = part | {"HX-Target": "list-rows"}
            for _ in range(20):
                size, body = browser.get(url, **asked)
            took = [milliseconds(partial(browser.get, url, **asked)) for _ in range(TIMES)]
            part_took = [milliseconds(partial(browser.get, url, **part)) for _ in range(TIMES // 4)]
            page_size, page = browser.get(url)
            page_took = [milliseconds(partial(browser.get, url)) for _ in range(TIMES // 4)]
        finally:
            crew.end()
    rows = body.count(b"<tr")
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"list of 80 of {ROWS} work orders: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {size} bytes for {rows - 1} rows")
    return {
        "list of 80 of 10,000 work orders, p95": figure(p95, "ms", goal=P95, baseline=311.0, full_size=rows > 80),
        "list of 80 of 10,000 work orders, p50": figure(p50, "ms"),
        "list of 80 of 10,000 work orders, on the wire": figure(size, "bytes", goal=BYTES, baseline=62_000),
        "list of 80 of 10,000 work orders, unpacked": figure(len(body), "bytes"),
        "the same with views and filters (sorting), p95": figure(percentile(part_took, 95), "ms"),
        "its whole page, p95": figure(percentile(page_took, 95), "ms"),
        "its whole page, on the wire": figure(page_size, "bytes"),
        "its whole page, unpacked": figure(len(page), "bytes"),
    }


def _fill(folder: Path) -> None:
    """Work of 40 real orders, copied until there are 10,000 work orders with their operations."""
    plant = _threelevel.loaded(folder)
    for order in _threelevel.drafts(plant, 40):
        erp.confirm_order(order_id=order.pk, now=timezone.now())
    times = -(-ROWS // WorkOrder.objects.count()) - 1
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [times])
        cursor.execute(_OPERATIONS)
        cursor.execute("ANALYZE")
    if WorkOrder.objects.count() < ROWS:
        raise RuntimeError(f"only {WorkOrder.objects.count()} work orders")
