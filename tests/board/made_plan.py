"""A made-up plan of any size in the columns that the board's `read` takes; the same one for the same size."""

from __future__ import annotations

import datetime as dt
from typing import Any

EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
FIRST = int((dt.datetime(2026, 11, 22, 16, tzinfo=dt.UTC) - EPOCH).total_seconds()) // 60
"""Monday 23 November 2026, midnight in Shanghai: the plan's first day."""
NOW = FIRST + 10 * 60 + 42
FROZEN = FIRST + 22 * 60
DAY, DAYS, GRACE = 1440, 40, 15
PLANTS = (("DG", "Dongguan"), ("CD", "Chengdu"))
CENTRES = (
    ("Panel sawing", "PS", "Saw panels"),
    ("Veneer press", "VP", "Press veneer"),
    ("Edge banding", "EB", "Band edges"),
    ("CNC drilling", "CN", "Drill and mill"),
    ("Paint line", "PL", "Paint"),
    ("Sanding", "SA", "Sand"),
    ("Upholstery", "UP", "Sew"),
    ("Glass", "GL", "Cut glass"),
    ("Assembly", "AS", "Assemble"),
    ("Packing", "PK", "Pack"),
)
PRODUCTS = (
    "Oslo sideboard 160",
    "Nora nightstand",
    "Vera kitchen front",
    "Kyoto desk 140",
    "Lund dresser 6",
    "Tove hall",
)
FAMILIES = ("white 19", "oak natural", "walnut", "black", "grey 16", "beech")
TWO_SHIFTS = ((6, 10), (10.5, 14), (14, 18), (18.5, 22))
THREE_SHIFTS = ((0, 24),)
SLACKS = (-300, -60, 60, 100, *range(200, 3000, 100))


class Dice:
    """Numbers that look random and are the same in every version of Python."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, number: int) -> int:
        """The next one, from 0 to `number` - 1."""
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 8) % number


class Made:
    """Orders placed one after the other, each operation on the machine of its work centre that is free first."""

    def __init__(self, operations: int, machines: int, plants: int) -> None:
        self.dice = Dice(operations)
        self.centres = [(plant, *centre) for plant in range(plants) for centre in CENTRES]
        self.calendars = [_windows(TWO_SHIFTS, {5, 6}), _windows(THREE_SHIFTS, {6})]
        self.of = [at * len(self.centres) // machines for at in range(machines)]
        self.free = [NOW - self.dice.below(240) for _ in range(machines)]
        self.rows: list[list[dict[str, int]]] = [[] for _ in range(machines)]
        self.orders: list[dict[str, Any]] = []
        placed = 0
        while placed < operations:
            placed += self.order(len(self.orders) % plants, operations - placed, placed)

    def order(self, plant: int, most: int, placed: int) -> int:
        """One more order; how many operations it has."""
        dice = self.dice
        route = [step for step in range(len(CENTRES)) if dice.below(10) < 6][:most] or [0]
        order: dict[str, Any] = {"family": dice.below(len(FAMILIES)), "product": dice.below(len(PRODUCTS))}
        ready, before = NOW - 240, 0
        for step in route:
            mine = [at for at, centre in enumerate(self.of) if centre == plant * len(CENTRES) + step]
            at = min(mine, key=lambda one: self.free[one])
            placed += 1
            one = {"id": 1000 + placed, "order": len(self.orders), "step": step, "before": before}
            one |= self.times(at, max(self.free[at], ready))
            self.rows[at].append(one)
            self.free[at] = ready = one["end"]
            before = one["id"]
        self.orders.append(order | {"end": ready, "due": ready + SLACKS[dice.below(len(SLACKS))]})
        return len(route)

    def times(self, machine: int, earliest: int) -> dict[str, int]:
        """When the next operation starts, runs and ends there."""
        windows = self.calendar(machine)
        setup, work = 5 * self.dice.below(5), 30 + self.dice.below(100)
        start = worked(windows, earliest, 0)
        return {
            "start": start,
            "run": worked(windows, start, setup) if setup else start,
            "end": worked(windows, start, setup + work),
        }

    def calendar(self, machine: int) -> list[list[int]]:
        """The open windows of the machine: the paint line works at night too."""
        return self.calendars[int(self.of[machine] % len(CENTRES) == 4)]


def plan(operations: int, machines: int, plants: int = 1) -> dict[str, Any]:
    """A plant's or several plants' data. A machine's `calendar` is a position in `calendars`: its `windows`."""
    made = Made(operations, machines, plants)
    until = max(row[-1]["end"] for row in made.rows if row)
    heads = [
        {"id": at + 1, "code": code, "name": name, "zone": "Asia/Shanghai", "frozen_until": FROZEN}
        for at, (code, name) in enumerate(PLANTS[:plants])
    ]
    return {
        "plant": heads[0],
        "plants": heads,
        "plan": {"no": 317, "is_final": True, "published_at": EPOCH.isoformat(), "cause": "", "setup_min": 6480},
        "epoch": EPOCH.isoformat(),
        "now": NOW,
        "from": FIRST - DAY,
        "until": -(-(until - FIRST) // DAY) * DAY + FIRST,
        "frozen_until": FROZEN,
        "calendars": made.calendars,
        "work_centres": [{"id": at + 1, "name": one[1], "plant": one[0]} for at, one in enumerate(made.centres)],
        "machines": [_machine(made, at) for at in range(machines)],
        "orders": [
            {"id": 10 + at, "number": f"SO-2026-{1700 + at:05d}", "customer": "Nordhaus Interiors", "is_rush": False}
            for at in range(len(made.orders))
        ],
        "work_orders": [],
        "operations": _columns([_operation(made, at, one) for at, row in enumerate(made.rows) for one in row]),
    }


def _machine(made: Made, at: int) -> dict[str, Any]:
    plant, _name, code, _step = made.centres[made.of[at]]
    return {
        "id": 500 + at,
        "code": f"{code}-{at + 1:02d}",
        "name": "Nesting" if at % 2 else "Through-feed",
        "work_centre": made.of[at] + 1,
        "plant": plant,
        "calendar": int(made.of[at] % len(CENTRES) == 4),
        "blocks": [{"start": NOW - 44, "end": NOW + 180, "cause": "Fault", "is_open": True}] if at == 1 else [],
    }


def _windows(shifts: tuple[tuple[float, float], ...], closed: set[int]) -> list[list[int]]:
    days = [FIRST + day * DAY for day in range(-2, DAYS) if day % 7 not in closed]
    return [[int(day + start * 60), int(day + end * 60)] for day in days for start, end in shifts]


def worked(windows: list[list[int]], time: int, minutes: int) -> int:
    """The minute at which so many minutes of open time have passed since `time`; with 0 the next open one."""
    left = minutes
    for start, end in windows:
        begin = max(start, time)
        if end <= begin:
            continue
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return windows[-1][1] + left


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _operation(made: Made, machine: int, one: dict[str, int]) -> dict[str, Any]:
    order = made.orders[one["order"]]
    late = order["end"] - order["due"]
    is_running = one["start"] <= NOW < one["end"]
    return {
        "id": one["id"],
        "machine": machine,
        "start": one["start"],
        "run": one["run"],
        "end": one["end"],
        "order": one["order"],
        "work": one["order"],
        "line": 10,
        "line_id": one["order"],
        "work_order": f"WO-{1700 + one['order']:05d}",
        "step": 10 * one["step"],
        "name": CENTRES[one["step"]][2],
        "material": f"FG-{order['product']}",
        "title": PRODUCTS[order["product"]],
        "quantity": str(4 + one["order"] % 20),
        "family": FAMILIES[order["family"]],
        "state": "running" if is_running else "planned",
        "late": late if late >= GRACE else 0,
        "due": order["due"],
        "promised": order["due"],
        "ready": one["start"] - 30 * (one["id"] % 9) if one["id"] % 7 == 0 else None,
        "done": 40 if is_running else 0,
        "pinned": one["id"] % 41 == 0,
        "frozen": NOW < one["start"] < FROZEN,
        "splittable": True,
        "before": [one["before"]] if one["before"] else [],
    }
