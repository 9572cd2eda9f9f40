"""Would-be work of an exploded line as the engine's operations, and the engine's offers in the shop's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from aps import problem
from aps.engine.explain import Link
from aps.engine.offer import Offer
from aps.engine.problem import Id, Operation, Order, Placement, Plan
from aps.minutes import minute_after, minute_of, time_of
from aps.problem import Snapshot, Work
from aps.rows import Row
from aps.warm import Live
from erp import selectors as erp_now
from erp.selectors import Explosion, Make, MaterialWait
from masterdata.worktime import end_of_day, shop_time

NEW = "the new order"


def order_of(snap: Snapshot, wanted_on: dt.date | None, name: str = NEW) -> Order:
    """The asked-for order; without a wanted day it is never late."""
    plant = snap.inputs.plant
    due = minute_of(end_of_day(wanted_on, plant.time_zone)) if wanted_on else None
    return Order(name, due, 1, plant.transport_min)


def operations_of(snap: Snapshot, makes: Iterable[Make], name: str = NEW) -> list[Operation]:
    """An operation per step; it follows the step before it and the last steps of what is made for it."""
    return [one for make in makes for one in _steps(snap, make, name)]


def key_of(path: str, sequence: int) -> str:
    """What the engine calls a step that is no row yet."""
    return f"{path}#{sequence}"


def path_of(key: str) -> tuple[str, int]:
    """Path and sequence of such a step."""
    path, _, sequence = key.rpartition("#")
    return path, int(sequence)


def _steps(snap: Snapshot, make: Make, name: str) -> Iterator[Operation]:
    before: str | None = None
    for step in make.steps:
        parts = [
            key_of(need.make.path, need.make.steps[-1].sequence)
            for need in make.components
            if need.make is not None and need.operation_sequence == step.sequence
        ]
        work = Work(step.work_centre_id, step.setup_min, step.run_min_per_unit * make.quantity)
        ready = make.ready_at(step.sequence)
        key = key_of(make.path, step.sequence)
        yield Operation(
            id=key,
            order=name,
            options=problem.options_for(snap.inputs, snap.windows, work, step.name),
            predecessors=[(one, 0) for one in ([before] if before else []) + parts],
            release_min=minute_after(ready) if ready else 0,
            family=step.setup_family,
            splittable=step.is_splittable,
        )
        before = key


def new_rows(live: Live, placements: Mapping[Id, Placement]) -> list[tuple[str, int, Row]]:
    """Path, sequence and place of each new operation; its id is not known yet (0)."""
    ids = {machine.code: machine.id for machine in live.snapshot.inputs.machines.values()}
    return [(*path_of(str(key)), problem.row_of(0, ids[str(one.machine)], one)) for key, one in placements.items()]


def moved_rows(live: Live, plan: Plan) -> list[Row]:
    """Rows of the published plan that differ in `plan`."""
    known = {row.operation_id: row for row in live.snapshot.inputs.published}
    taken: dict[Id, Placement] = {key: one for key, one in plan.items() if key in known}
    rows = problem.rows_of(live.snapshot, Plan(taken))
    return [row for row in rows if known[row.operation_id] != row]


def sentence_of(live: Live, offer: Offer, explosion: Explosion) -> str:
    """Why the order is not earlier."""
    names = {key_of(make.path, step.sequence): step.name for make in explosion.work_orders for step in make.steps}
    key = str(offer.cause.operation)
    name = names.get(key, "It")
    if offer.cause.kind == "material" and key in names:
        path, sequence = path_of(key)
        wait = erp_now.material_wait(explosion, path=path, sequence=sequence)
        if wait is not None:
            return f"{name} {material_words(wait, live.snapshot.inputs.plant.time_zone)}"
    return f"{name} {worded(live.snapshot, offer.cause)}"


def material_words(wait: MaterialWait, time_zone: str) -> str:
    """How much of what it waits for, until when, and who brings it."""
    amount = f"waits for {wait.quantity.normalize():f} {wait.unit} of {wait.code} until"
    if wait.purchase_no:
        source = f"{wait.purchase_no} of {wait.supplier} brings it"
    elif wait.supplier:
        source = f"{wait.supplier} brings it when it is ordered now"
    else:
        source = "no supplier has a price for it, so its usual lead time counts"
    return f"{amount} {shop_time(wait.ready_at, time_zone)}: {source}"


def worded(snap: Snapshot, link: Link) -> str:
    """The link's sentence with its time in the plant's zone."""
    until = shop_time(time_of(link.until), snap.inputs.plant.time_zone)
    return link.sentence.replace("{until}", until)
