"""A Gantt chart of a small furniture factory: shifts, families, setups, an oven's batches and what is late."""

from __future__ import annotations

from aps.engine.generate import COLOURS, DECORS, generate
from aps.engine.objective import objective
from aps.engine.problem import Machine, Plan, Problem
from aps.engine.solve import solve
from benchmarks._engine_svg import Drawing

OPERATIONS, SEED, MOVES, SITE = 900, 4, 200_000, "A"
DAYS = 2
LEFT, TOP, ROW, WIDTH = 96, 96, 22, 800
MORNING = 6
"""Minute 0 is six o'clock on a Monday."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FAMILIES = ("teal", "blue", "violet", "amber", "green", "ink")


def gantt() -> Drawing:
    """One plant of the factory, planned with a fixed number of moves: the same picture each time."""
    problem = generate(OPERATIONS, SEED)
    plan = solve(problem, moves=MOVES, seed=1).plan
    machines = [one for one in problem.machines if one.site == SITE and _is_used(one, plan)]
    late = objective(problem, plan).late_min
    orders = sum(order.due_min is not None for order in problem.orders)
    drawing = Drawing(
        LEFT + WIDTH + 24,
        TOP + ROW * len(machines) + 62,
        "Two days of a small furniture factory",
        f"One plant of two; {len(problem.operations)} operations, {orders} orders, {len(late)} late. "
        "Shaded: closed. Colour: setup family. Outlined: setup. Red: maintenance.",
    )
    shown = DAYS * 1440
    for number, machine in enumerate(machines):
        _lane(drawing, machine, TOP + ROW * number, shown)
    _days(drawing, TOP + ROW * len(machines))
    for number, machine in enumerate(machines):
        _work(drawing, problem, plan, machine, TOP + ROW * number)
    entries = [(decor, FAMILIES[at]) for at, decor in enumerate(DECORS)] + [("other families", "slate")]
    drawing.legend(LEFT, TOP + ROW * len(machines) + 46, entries)
    return drawing


def _is_used(machine: Machine, plan: Plan) -> bool:
    return any(place.machine == machine.id and place.start < DAYS * 1440 for place in plan.values())


def _x(minute: float) -> float:
    return LEFT + WIDTH * min(max(minute, 0), DAYS * 1440) / (DAYS * 1440)


def _lane(drawing: Drawing, machine: Machine, top: float, shown: int) -> None:
    """The closed hours grey, holes red."""
    drawing.box(LEFT, top + 1, WIDTH, ROW - 2, "line")
    for start, end in machine.windows:
        if start < shown:
            drawing.box(_x(start), top + 1, _x(end) - _x(start), ROW - 2, "paper")
    for start, end in machine.holes:
        if start < shown:
            drawing.box(_x(start), top + 1, _x(end) - _x(start), ROW - 2, "red", opacity=0.25)
    drawing.text(LEFT - 8, top + 15, str(machine.id), colour="quiet", anchor="end")


def _days(drawing: Drawing, bottom: float) -> None:
    for day in range(DAYS):
        at = _x(day * 1440)
        drawing.path([(at, TOP - 6), (at, bottom)], "quiet", width=0.75)
        for hour in (0, 6, 12, 18):
            minute = day * 1440 + hour * 60
            words = f"{WEEKDAYS[day]} {MORNING:02}:00" if hour == 0 else f"{(MORNING + hour) % 24:02}:00"
            drawing.text(_x(minute) + 3, TOP - 8, words, colour="quiet")


def _work(drawing: Drawing, problem: Problem, plan: Plan, machine: Machine, top: float) -> None:
    """Runs filled, setups outlined; what is baked together lies on top of one another."""
    capacity = machine.capacity
    together: dict[int, int] = {}
    for operation in problem.operations:
        place = plan[operation.id]
        if place.machine != machine.id or place.start >= DAYS * 1440 or place.end <= 0:
            continue
        colour, opacity = _colour(operation.family)
        if place.setup_start is not None:
            last = place.setup_start + place.setup_min
            drawing.frame(_x(place.setup_start), top + 5, _x(last) - _x(place.setup_start), ROW - 10, "blue")
        row = together.setdefault(place.start, 0)
        together[place.start] += 1
        high = (ROW - 6) / capacity
        width = max(1.0, _x(place.end) - _x(place.start) - 0.6)
        drawing.box(_x(place.start), top + 3 + high * row, width, max(1.6, high - 0.4), colour, opacity=opacity)


def _colour(family: str) -> tuple[str, float]:
    """Decors have a colour each, paints too; the other families are told apart by how strong the colour is."""
    name = family.partition(" ")[2]
    if name in DECORS:
        return FAMILIES[DECORS.index(name)], 1.0
    if name in COLOURS:
        return FAMILIES[COLOURS.index(name) % len(FAMILIES)], 0.75
    return "slate", 0.45 + 0.15 * (sum(map(ord, family)) % 4)
