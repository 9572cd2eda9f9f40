"""Live quotations over HTTP in a plant of 10,000 planned operations, and one click from there to the schedule and back.

Beside a whole quotation stand its lines asked one by one; beside one click stand accepting and waiting for the planner.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aps.models import PlannedOperation
from benchmarks import Figure, figure
from benchmarks._caller import Caller, UnexpectedAnswerError, until_answered
from benchmarks._clock import percentile
from benchmarks._sales_shop import OPERATIONS, QUICK_OPERATIONS, full_plant, is_settled, line, plan
from benchmarks._scratch import database, flows_are_done, workers
from masterdata.models import Material
from tests.aps.shop import Shop
from tests.crew import until

TIMES, QUICK_TIMES = 100, 8
CLICKS, QUICK_CLICKS = 20, 2
WHOLE = 8
LIVE_MS, CLICK_S = 300.0, 1.0
PATIENCE_S = 60.0
Say = Callable[[str], None]


def measure(quick: bool, say: Say = print) -> dict[str, Figure]:
    """Milliseconds from question to answer, for one line and for eight; seconds from click to answer."""
    full = not quick
    with database("bench_sales_quote"):
        shop, products = full_plant(quick)
        with workers("sales-quote") as crew:
            plan(shop)
            sales = Caller(crew.address, shop.plant.company, "sales")
            sight = Sight(sales, shop, products, say)
            sight.warm()
            live = sight.questions(QUICK_TIMES if quick else TIMES)
            clicks = sight.clicks(QUICK_CLICKS if quick else CLICKS)
    size = f"{QUICK_OPERATIONS if quick else OPERATIONS:,} operations"
    one, whole, single, singles = (live[name] for name in ("one", "whole", "single", "singles"))
    told = {
        f"live quote, one line, {size}, p95": figure(
            percentile(one, 95), "ms", goal=LIVE_MS, baseline=percentile(single, 95), full_size=full
        ),
        f"live quote, {WHOLE} lines, {size}, p95": figure(
            percentile(whole, 95), "ms", goal=LIVE_MS, baseline=percentile(singles, 95), full_size=full
        ),
        f"live quote, {WHOLE} lines, {size}, longest": figure(max(whole), "ms", baseline=max(singles)),
        f"live quote, {WHOLE} lines, median": figure(percentile(whole, 50), "ms", baseline=percentile(singles, 50)),
        f"accept and schedule, {size}, p95": figure(
            percentile(clicks["click"], 95),
            "s",
            goal=CLICK_S,
            baseline=percentile(clicks["planner"], 95) if clicks["planner"] else None,
            full_size=full,
        ),
        f"undo, {size}, p95": figure(percentile(clicks["undo"], 95), "s", goal=CLICK_S, full_size=full),
        "live quote right after a new plan, p95": figure(percentile(clicks["after"], 95), "ms"),
    }
    say(f"one click: placed at once {clicks['placed'][0]:.0f} of {len(clicks['click'])}")
    return told


class Sight:
    """What a sales person does over REST, timed."""

    def __init__(self, sales: Caller, shop: Shop, products: list[Material], say: Say) -> None:
        self.sales, self.shop, self.products, self.say = sales, shop, products, say

    def lines(self, count: int, number: int) -> list[dict[str, object]]:
        return [line(self.shop, self.products[at % len(self.products)], number + at) for at in range(count)]

    def warm(self) -> None:
        """Who answers first loads his code."""
        for count in (1, WHOLE):
            self.ask(count, 0)
            self.one_by_one(count, 0)

    def questions(self, times: int) -> dict[str, list[float]]:
        """The whole quotation and its lines one by one, in turns so that both meet the same minutes."""
        found: dict[str, list[float]] = {"one": [], "whole": [], "single": [], "singles": []}
        for number in range(times):
            found["one"].append(self.ask(1, number))
            found["whole"].append(self.ask(WHOLE, number))
            found["single"].append(self.one_by_one(1, number))
            found["singles"].append(self.one_by_one(WHOLE, number))
        self.say(f"live quote: one line p95 {percentile(found['one'], 95):.0f} ms, "
                 f"{WHOLE} lines p95 {percentile(found['whole'], 95):.0f} ms")  # fmt: skip
        return found

    def ask(self, count: int, number: int) -> float:
        """Milliseconds until all lines have their date."""
        began = time.perf_counter()
        self.answer(self.lines(count, number))
        return (time.perf_counter() - began) * 1000

    def answer(self, lines: list[dict[str, object]]) -> Any:
        body = {"customer": self.shop.customer.pk, "lines": lines}
        status, answer = self.sales.post("asks/quote/", body)
        while status == 202:
            time.sleep(0.02)
            status, answer = self.sales.post(answer["url"], body)
        if any(one["deliver_at"] is None for one in answer["lines"]):
            raise UnexpectedAnswerError(f"a line without a date: {answer}")
        return answer

    def one_by_one(self, count: int, number: int) -> float:
        """Milliseconds for the same lines, each asked as an offer of its own: they know nothing of each other."""
        began = time.perf_counter()
        for one in self.lines(count, number):
            until_answered(self.sales, "aps/offers/", one)
        return (time.perf_counter() - began) * 1000

    def clicks(self, times: int) -> dict[str, list[float]]:
        """One click and back again, and in between accepting one and waiting for its place in the planner's plan."""
        found: dict[str, list[float]] = {"click": [], "undo": [], "after": [], "planner": [], "placed": [0.0]}
        for number in range(times):
            quotation = self.quotation(number)
            began = time.perf_counter()
            _, done = self.sales.post(f"crm/quotations/{quotation}/schedule/")
            found["click"].append(time.perf_counter() - began)
            found["placed"][0] += done["is_placed"]
            found["after"].append(self.ask(1, number))
            until(flows_are_done, timeout=60, what="the lines are told")
            began = time.perf_counter()
            self.sales.post(f"erp/sales-orders/{done['order']}/undo-schedule/")
            found["undo"].append(time.perf_counter() - began)
            self.rest()
        for number in range(max(1, times // 4)):
            found["planner"].append(self.planned_by_planner(number))
            self.rest()
        return found

    def quotation(self, number: int) -> int:
        """Written with the dates that were answered."""
        lines = self.lines(2, number)
        told = self.answer(lines)
        for given, one in zip(lines, told["lines"], strict=True):
            given["offer"] = one["offer"]
        _, written = self.sales.post("crm/quotations/", {"customer": self.shop.customer.pk, "lines": lines})
        return int(written["id"])

    def planned_by_planner(self, number: int) -> float:
        """Seconds from the yes until the order stands in the plan that the planning worker makes."""
        quotation = self.quotation(number)
        began = time.perf_counter()
        _, accepted = self.sales.post(f"crm/quotations/{quotation}/accept/")
        own = PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=accepted["order"])
        until(own.exists, timeout=PATIENCE_S, what="the order is planned")
        return time.perf_counter() - began

    def rest(self) -> None:
        """Until planning and the flows have come to rest."""
        until(lambda: is_settled(self.shop), timeout=PATIENCE_S, what="everybody knows")
