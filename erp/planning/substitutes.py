"""Substitutes in planning: when a component would come too late and enough of another is free, that is used instead.

What may stand in for each other lies on one level and is settled together, before it is planned: a pure function of
what is there and needed, so that net change ends where planning everything ends. What planning replaced in proposed
work is decided anew by each run; in firm work a replacement stays. A person's decision is never changed.

For a customer's own work "too late" is later than the customer's day asks for: its plan waits for what is bought.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from erp.planning.rows import NEED, WORK, Demand, Item, Message, Outcome, Substitute, Supply
from masterdata.numbers import ZERO, round_up

Substitutes = dict[tuple[int, int], list[Substitute]]  # BOM and line number -> what may be used, the first choice first

SUBSTITUTES = """
    SELECT l.bom_id, l.line_no, s.material_id, s.ratio, s.valid_from, s.valid_until, s.by_itself
    FROM masterdata_bomsubstitute s JOIN masterdata_bomline l ON l.id = s.line_id
    WHERE l.component_id = ANY(%(ids)s) AND s.material_id = ANY(%(ids)s)
        AND (s.plant_id IS NULL OR s.plant_id = %(plant)s)
    ORDER BY l.bom_id, l.line_no, s.priority, s.id
"""


def substitutes_in(rows: list[tuple]) -> Substitutes:
    """What may be used in the plant instead of these materials, by BOM line."""
    found: Substitutes = defaultdict(list)
    for bom_id, line_no, *row in rows:
        found[bom_id, line_no].append(Substitute(*row))
    return found


def need_of(row: tuple, items: Collection[int], today: dt.date) -> Demand:
    """A work order's need as a demand; what planning replaced in proposed work is a need of the component again."""
    pk, material_id, quantity, missing, on, work_order_id, line_no, state, bom_id, main_id, main_qty, choice, *more = (
        row
    )
    kept, at, is_order_work = more
    demand = Demand(
        NEED, pk, material_id, quantity, missing, on or today, work_order_id, line_no,
        is_proposed=state == "proposed",
        is_released=state == "released",
        bom_id=bom_id,
        written=(material_id, quantity),
        may_swap=not choice and state in ("proposed", "firm") and missing + kept == quantity,
        is_stock_work=state == "proposed",
        is_order_work=is_order_work,
        is_undecided=not choice and state == "firm",
        kept=kept,
        at=at,
    )  # fmt: skip
    if main_id is None:
        return demand
    if choice == "planned" and state == "proposed" and main_id in items:
        demand.material_id, demand.may_swap = main_id, True
        demand.quantity = demand.open = main_qty
    elif choice == "planned":
        demand.main = main_id, main_qty
    return demand


@dataclass(slots=True)
class Settling:
    """One family of materials that may stand in for each other: `settle` moves demands from one to another."""

    items: Mapping[int, Item]
    stock: Mapping[int, Decimal]
    demands: dict[int, list[Demand]]
    substitutes: Substitutes
    look: Callable[[Item], Outcome]  # what planning would want of a material as things stand
    members: list[Item]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    asked: list[Message] = field(default_factory=list)

    def settle(self) -> None:
        """The first needed is served first; each need is looked at once."""
        tried: set[int] = set()
        while late := self._first_late(tried):
            tried.add(id(late))
            self._replace(late)

    def _outcome(self, item: Item) -> Outcome:
        if item.material_id not in self.outcomes:
            self.outcomes[item.material_id] = self.look(item)
        return self.outcomes[item.material_id]

    def _first_late(self, tried: set[int]) -> Demand | None:
        coming = [(demand, day) for item in self.members for demand, day in self._coming(item)]
        found = [
            demand
            for demand, day in coming
            if demand.may_swap
            and id(demand) not in tried
            and (demand.bom_id or 0, demand.line_no) in self.substitutes
            and day > (demand.asked_on or demand.on)
        ]
        return min(found, key=lambda one: one.key, default=None)

    def _coming(self, item: Item) -> list[tuple[Demand, dt.date]]:
        """What is needed of a material and comes on a day: by planning, or bought for it for good."""
        pegs = self._outcome(item).pegs
        planned = [(demand, one.on if isinstance(one, Supply) else one.due_on) for one, demand, _ in pegs]
        demands = self.demands.get(item.material_id, ())
        return planned + [(demand, demand.bought[1]) for demand in demands if demand.bought]

    def _replace(self, demand: Demand) -> None:
        for one in self.substitutes[demand.bom_id or 0, demand.line_no]:
            if not one.is_valid(demand.asked_on or demand.on) or one.material_id == demand.material_id:
                continue
            quantity = round_up(demand.quantity * one.ratio, self.items[one.material_id].step)
            if self._spare(self.items[one.material_id]) < quantity:
                continue
            is_untouched = demand.open == demand.quantity  # of what is kept for it a person decides
            if is_untouched and (demand.is_stock_work or one.by_itself):
                self._move(demand, one.material_id, quantity)
            else:
                self._ask(demand, one.material_id)
            return

    def _spare(self, item: Item) -> Decimal:
        """What of its stock nobody takes, above the safety stock."""
        outcome = self._outcome(item)
        taken = sum((part for _, part in outcome.reserved), ZERO) + sum(outcome.from_stock.values(), ZERO)
        return max(ZERO, self.stock.get(item.material_id, ZERO) - item.safety_stock) - taken

    def _move(self, demand: Demand, material_id: int, quantity: Decimal) -> None:
        self.demands[demand.material_id].remove(demand)
        for changed in (demand.material_id, material_id):
            self.outcomes.pop(changed, None)
        demand.main = demand.material_id, demand.quantity
        demand.material_id, demand.may_swap = material_id, False
        demand.quantity = demand.open = quantity
        self.demands[material_id].append(demand)

    def _ask(self, demand: Demand, material_id: int) -> None:
        self.asked.append(_message("substitute", demand, demand.material_id, demand.quantity, material_id))

    def messages(self) -> list[Message]:
        """Use it, for what waits for a click; it is used, for what planning replaced."""
        used = [
            _message("substituted", demand, *demand.main, demand.material_id)
            for item in self.members
            for demand in self.demands.get(item.material_id, ())
            if demand.main is not None and not demand.is_released
        ]
        return [*self.asked, *used]

    def changed(self) -> list[Demand]:
        """Needs whose written row says something else."""
        return [
            demand
            for item in self.members
            for demand in self.demands.get(item.material_id, ())
            if demand.written is not None and demand.written != (demand.material_id, demand.quantity)
        ]


def _message(kind: str, demand: Demand, main_id: int, main_qty: Decimal, substitute_id: int) -> Message:
    work = WORK, demand.parent_id or 0
    return Message(main_id, kind, main_qty, demand.asked_on or demand.on, None, work, demand.id, substitute_id)
