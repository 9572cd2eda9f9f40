"""A furniture factory from a number: the same for the same size and seed, and one that can be planned.

Two plants with the same stations, every machine with its own speed, shifts and perhaps half a day of maintenance.
Orders are wardrobes, sideboards, tables and shelves in batches: parts are cut, edged, drilled, some painted and baked,
now and then in the other plant; they come together in drawers and the whole, which is assembled and packed. A few
operations have started, what led up to them is done.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aps.engine.problem import Fixed, Id, Machine, Operation, Option, Order, Problem, State, Window

DAY = 1440
NOW = 120
"""Minute 0 is Monday 06:00; it is eight o'clock."""
EARLY_AND_LATE = ((0, 180), (195, 360), (390, 480), (480, 660), (690, 840), (855, 960))
DAY_SHIFT = ((60, 180), (195, 360), (390, 570))
ROUND_THE_CLOCK = ((0, DAY),)


@dataclass(frozen=True)
class Station:
    """Machines of one kind in each plant. `run`: minutes of a batch at normal speed, at the least and at the most."""

    name: str
    machines: int
    shift: tuple[Window, ...]
    run: tuple[int, int]
    setup: int = 0
    families: tuple[str, ...] = ()
    splittable: bool = True
    rest_after: int = 0
    capacity: int = 1


DECORS = ("white", "oak", "walnut", "grey", "beech", "black")
COLOURS = ("white", "cream", "sand", "sage", "blue", "red", "brown", "black")
"""From light to dark."""
BAKES = ("45 min", "60 min", "75 min")
"""What is baked for the same time goes into an oven together."""
STATIONS = {
    one.name: one
    for one in (
        Station("saw", 3, EARLY_AND_LATE, (6, 20), 8, DECORS),
        Station("edge", 3, EARLY_AND_LATE, (8, 26), 10, DECORS, rest_after=10),
        Station("cnc", 4, EARLY_AND_LATE, (12, 40), 12, ("pockets", "hinges", "profiles", "arches")),
        Station("drill", 3, EARLY_AND_LATE, (8, 22), 6, ("32 mm", "dowel", "lock")),
        Station("sand", 2, EARLY_AND_LATE, (8, 24), 5, ("120", "180", "240")),
        Station("paint", 2, EARLY_AND_LATE, (15, 45), 15, COLOURS, splittable=False, rest_after=15),
        Station("oven", 2, ROUND_THE_CLOCK, (45, 75), 0, BAKES, splittable=False, rest_after=60, capacity=6),
        Station("assembly", 8, DAY_SHIFT, (20, 60)),
        Station("packing", 2, DAY_SHIFT, (6, 18)),
    )
}
ROUTE = (("saw", 1.0), ("edge", 0.85), ("cnc", 0.5), ("drill", 0.65))
PAINTED = ("sand", "paint", "oven")
PRODUCTS = {"wardrobe": (4, 3, 2), "sideboard": (3, 2, 2), "table": (2, 1, 0), "shelf": (2, 1, 0)}
"""Panels, doors and drawers of each."""
PLANTS = ("A", "B")
TRUCKS = {("A", "B"): 240, ("B", "A"): 240}
"""Minutes from one plant to the other."""


def generate(operations: int, seed: int = 1, *, tightness: float = 1.0) -> Problem:
    """A factory with exactly so many operations.

    `tightness` 1: the due dates ask of the busiest station what it can just do; 0.5: half of that, 2: twice.
    """
    if operations < 1 or not tightness > 0:
        raise ValueError("operations and tightness must be positive")
    return _Factory(random.Random(seed)).problem(operations, tightness)  # noqa: S311 - not a secret


class _Factory:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.speed = {
            f"{name}-{plant}{number}": dice.choice((85, 95, 100, 100, 110, 125))
            for plant in PLANTS
            for name, station in STATIONS.items()
            for number in range(1, station.machines + 1)
        }
        self.names = {
            (plant, name): [f"{name}-{plant}{number}" for number in range(1, station.machines + 1)]
            for plant in PLANTS
            for name, station in STATIONS.items()
        }
        self.operations: list[Operation] = []
        self.orders: list[Order] = []
        self.load: dict[tuple[str, str], int] = {}
        self.left = 0

    def problem(self, count: int, tightness: float) -> Problem:
        self.left = count
        ends: list[str] = []
        while self.left:
            ends.append(self.order(len(ends) + 1))
        days = self.busiest_days()
        self.promise(set(ends), days, tightness)
        self.supply(days)
        self.begin()
        horizon = int(days * 3) + 60
        machines = tuple(
            self.machine(plant, name, one, horizon) for (plant, name) in self.names for one in self.names[plant, name]
        )
        return Problem(machines, tuple(self.operations), tuple(self.orders), NOW, setups=_setups(), transports=TRUCKS)

    def order(self, number: int) -> str:
        """One customer order of all its levels, or of as many operations as are left; the id of its final order."""
        plant = self.dice.choice(PLANTS)
        key = f"F{number:05}"
        panels, doors, drawers = PRODUCTS[self.dice.choice(tuple(PRODUCTS))]
        decor, colour = self.dice.choice(DECORS), COLOURS[min(int(self.dice.expovariate(0.4)), len(COLOURS) - 1)]
        parts: list[tuple[str, int]] = []
        for at in range(panels):
            parts += self.part(f"{key}/panel{at + 1}", plant, decor, "")
        for at in range(doors):
            there = self.dice.choice(PLANTS) if self.dice.random() < 0.2 else plant
            parts += self.part(f"{key}/door{at + 1}", there, decor, colour)
        for at in range(drawers):
            below = self.part(f"{key}/drawer{at + 1}/box", plant, decor, "")
            parts += self.step_list(f"{key}/drawer{at + 1}", plant, [("assembly", "")], below)
        self.step_list(key, plant, [("assembly", ""), ("packing", "")], parts, at_least_one=True)
        return key

    def part(self, order: str, plant: str, decor: str, colour: str) -> list[tuple[str, int]]:
        """The steps of a panel, a door or a drawer's box; painted when it has a colour."""
        steps = []
        for name, share in ROUTE:
            if self.dice.random() < share:
                families = STATIONS[name].families
                own = decor if decor in families else self.dice.choice(families)
                steps.append((name, f"{name} {own}"))
        if colour and self.dice.random() < 0.8:
            steps += [("sand", f"sand {self.dice.choice(STATIONS['sand'].families)}"), ("paint", f"paint {colour}")]
            steps.append(("oven", f"oven {self.dice.choice(BAKES)}"))
        return self.step_list(order, plant, steps, [])

    def step_list(
        self,
        order: str,
        plant: str,
        steps: Sequence[tuple[str, str]],
        below: list[tuple[str, int]],
        *,
        at_least_one: bool = False,
    ) -> list[tuple[str, int]]:
        """Operations one behind the other on top of `below`, as many as are left; what the next has to wait for."""
        room = self.left - (0 if at_least_one else 1)
        chosen = list(steps)[: max(0, room)]
        if not chosen:
            return below
        self.orders.append(Order(order))
        before = below
        for number, (name, family) in enumerate(chosen, 1):
            station = STATIONS[name]
            key = f"{order}.{number}"
            options = self.options(plant, name, family)
            self.operations.append(Operation(key, order, options, tuple(before), 0, family, station.splittable))
            self.load[plant, name] = self.load.get((plant, name), 0) + options[0].run_min
            before = [(key, station.rest_after)]
        self.left -= len(chosen)
        return before

    def options(self, plant: str, name: str, family: str) -> tuple[Option, ...]:
        """Two to four of the station's machines, the minutes by their speed; drilling is also done on a CNC."""
        station, names = STATIONS[name], self.names[plant, name]
        if station.capacity > 1:
            return tuple(Option(one, station.setup, int(family.split()[1])) for one in names)
        base = round(self.dice.triangular(*station.run))
        chosen = sorted(self.dice.sample(names, min(len(names), self.dice.randint(2, 4))))
        found = [Option(one, station.setup, max(1, base * self.speed[one] // 100)) for one in chosen]
        if name == "drill" and self.dice.random() < 0.3:
            one = self.dice.choice(self.names[plant, "cnc"])
            found.append(Option(one, STATIONS["cnc"].setup, base * self.speed[one] * 14 // 1000))
        return tuple(found)

    def busiest_days(self) -> float:
        """Calendar days of work at the busiest station, setups estimated at a fifth."""
        worst = 1.0
        for (_, name), minutes in self.load.items():
            station = STATIONS[name]
            daily = sum(end - start for start, end in station.shift) * station.machines * station.capacity * 5 / 7
            worst = max(worst, 1.2 * minutes / daily)
        return worst

    def promise(self, ends: set[str], days: float, tightness: float) -> None:
        """Due dates at the end of a day shift, one order after the other, those of later numbers mostly later."""
        count = max(1, len(ends))
        found, at = [], 0
        for order in self.orders:
            if order.id in ends:
                at += 1
                day = 1.5 + days / tightness * (0.7 * at / count + self.dice.uniform(0, 0.35))
                due = _workday(int(day)) * DAY + DAY_SHIFT[-1][1]
                weight = self.dice.choice((1, 1, 1, 2, 2, 3, 5))
                order = replace(order, due_min=due, weight=weight, transport_min=self.dice.choice((0, 0, 120, 480)))
            found.append(order)
        self.orders = found

    def supply(self, days: float) -> None:
        """A fifth of what begins a part waits for its boards, which come in the morning."""
        found = []
        for operation in self.operations:
            if not operation.predecessors and self.dice.random() < 0.2:
                day = _workday(int(self.dice.uniform(0, 0.4 * days)) + 1)
                operation = replace(operation, release_min=day * DAY + NOW)
            found.append(operation)
        self.operations = found

    def begin(self) -> None:
        """One operation in fifty, at most a dozen, runs on a machine of its own; what leads up to it is done."""
        position = {operation.id: at for at, operation in enumerate(self.operations)}
        busy: set[Id] = set()
        for _ in range(min(12, len(self.operations) // 50)):
            at = self.dice.randrange(max(1, len(self.operations) // 10))
            one = self.operations[at]
            machine = next((option for option in one.options if option.machine not in busy), None)
            if (
                machine is None
                or one.state is not State.FREE
                or not str(machine.machine).startswith(("saw", "edge", "cnc"))
            ):
                continue
            busy.add(machine.machine)
            start = NOW - self.dice.randint(5, 60)
            fixed = Fixed(machine.machine, start, remaining_min=self.dice.randint(1, machine.run_min))
            self.operations[at] = replace(one, state=State.STARTED, fixed=fixed, release_min=0)
            self.finish(one, start, position)

    def finish(self, after: Operation, until: int, position: dict[Id, int]) -> None:
        """What `after` waits for was done before, one behind the other."""
        for key, lag in after.predecessors:
            one = self.operations[position[key]]
            option = one.options[0]
            end = until - lag - self.dice.randint(0, 30)
            fixed = Fixed(option.machine, end - option.run_min, end)
            self.operations[position[key]] = replace(one, state=State.DONE, fixed=fixed, release_min=0)
            self.finish(one, end - option.run_min, position)

    def machine(self, plant: str, name: str, key: str, days: int) -> Machine:
        """A machine with the shifts of its station on workdays, and perhaps a maintenance of half a shift."""
        station = STATIONS[name]
        windows = _joined(
            [(day * DAY + start, day * DAY + end) for day in range(days) if day % 7 < 5 for start, end in station.shift]
        )
        holes: tuple[Window, ...] = ()
        if self.dice.random() < 0.2:
            start = _workday(self.dice.randint(1, 9)) * DAY + 195
            holes = ((start, start + 240),)
        family = f"{name} {self.dice.choice(station.families)}" if station.families else ""
        return Machine(key, windows, holes, family, station.capacity, site=plant)


def _workday(day: int) -> int:
    """The day, or the Monday after it."""
    return day if day % 7 < 5 else day + 7 - day % 7


def _joined(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Windows that touch are one."""
    found: list[Window] = []
    for start, end in windows:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple(found)


def _setups() -> dict[tuple[str, str], int]:
    """Painting: darker is a rinse, lighter a cleaning, the longer the further."""
    return {
        (f"paint {old}", f"paint {new}"): 6 + at - was if at > was else 20 + 4 * (was - at)
        for was, old in enumerate(COLOURS)
        for at, new in enumerate(COLOURS)
        if old != new
    }
