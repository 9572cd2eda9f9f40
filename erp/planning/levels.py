"""A planning run in memory: level by level, a material at a time; what changes of its work goes down to its components.

Lots find the proposals that were written before: first the one of the same day and quantity, then of the same day, then
the next. So a proposal keeps its number as long as something like it is wanted.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from erp.planning import material
from erp.planning.beside import bring_beside
from erp.planning.reading import Ground
from erp.planning.rows import (
    NEED,
    NEW,
    PLANNED,
    TRANSFER,
    WORK,
    Demand,
    Item,
    Lot,
    Message,
    Outcome,
    Pegs,
    Proposal,
    Supply,
)
from erp.planning.substitutes import Settling
from erp.supply.netting import why_nobody
from erp.supply.sources import SupplierOffer
from masterdata.numbers import ZERO, gross_for_scrap, round_up


@dataclass(slots=True)
class Wanted:
    """A lot with the proposal that it changes (`written`), if any, and the needs of its work order."""

    item: Item
    lot: Lot
    written: Proposal | None
    is_firm: bool = False
    is_rebuilt: bool = False
    needs: list[Demand] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.written is None


@dataclass(slots=True)
class Run:
    """What the run found: outcomes by material, lots that differ from what is written, proposals that go.

    `parts`: what subcontractors need for planned orders whose parts changed, by the planned order.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    pegs: dict[int, Pegs] = field(default_factory=dict)
    work: list[Wanted] = field(default_factory=list)
    planned: list[Wanted] = field(default_factory=list)
    gone: list[Proposal] = field(default_factory=list)
    need_quantities: list[Demand] = field(default_factory=list)
    parts: dict[int, list[Demand]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    ready_on: dict[int, dt.date] = field(default_factory=dict)


class Levels:
    """Plans what changed and what that changes below."""

    def __init__(
        self, ground: Ground, offers: Mapping[int, Sequence[SupplierOffer]], without_conversion: Collection[int] = ()
    ) -> None:
        self.ground, self.offers, self.without = ground, offers, without_conversion
        self.run = Run()
        self._next = NEW
        self._waiting: list[tuple[int, int]] = []
        self._known: set[int] = set()

    def plan(self, changed: Collection[int]) -> Run:
        """Plan these materials and whatever their changes reach."""
        self._lower_what_was_below()
        self._level_families()
        for material_id in changed:
            self._want(material_id)
        while self._waiting:
            _, material_id = heapq.heappop(self._waiting)
            item = self.ground.items[material_id]
            if item.group is None:
                self._plan(item)
            elif item.material_id not in self.run.outcomes:
                self._settle([one for one in self.ground.items.values() if one.group == item.group])
        return self.run

    def _lower_what_was_below(self) -> None:
        """What the BOM no longer names is still planned after what it was planned for, or came beside."""
        ground = self.ground
        for material_id, rows in ground.proposals.items():
            item = ground.items[material_id]
            named = {part.material_id for part in item.parts} | {row.material_id for row in item.beside}
            for one in rows:
                demands = (ground.rows_of if one.kind == WORK else ground.parts_of).get(one.id, {})
                was = {demand.material_id for demand in demands.values()}
                if one.kind == WORK:
                    was |= {supply.material_id for supply in ground.beside_of.get(one.id, ())}
                for part_id in was - named:
                    self._lower(part_id, item.level + 1)

    def _lower(self, material_id: int, level: int) -> None:
        item = self.ground.items[material_id]
        if item.level < level < 10 * len(self.ground.items) + 100:  # two BOMs, old and new, may be a circle
            item.level = level
            for part in item.parts:
                self._lower(part.material_id, level + 1)

    def _level_families(self) -> None:
        """What may stand in for each other stays on one level, the lowest of them."""
        families: dict[int, list[Item]] = {}
        for item in self.ground.items.values():
            if item.group is not None:
                families.setdefault(item.group, []).append(item)
        for members in sorted(families.values(), key=lambda found: min(one.level for one in found)):
            level = max(one.level for one in members)
            for one in members:
                self._lower(one.material_id, level)

    def _settle(self, members: list[Item]) -> None:
        """What may stand in for each other is planned together."""
        settling = Settling(
            self.ground.items, self.ground.stock, self.ground.demands, self.ground.substitutes, self._look, members
        )
        settling.settle()
        self.run.need_quantities += settling.changed()
        for item in sorted(members, key=lambda one: one.material_id):
            self._known.add(item.material_id)
            self._plan(item)
        self.run.messages += settling.messages()

    def _want(self, material_id: int) -> None:
        item = self.ground.items.get(material_id)
        if item is not None and material_id not in self._known:
            self._known.add(material_id)
            heapq.heappush(self._waiting, (item.level, material_id))

    def _look(self, item: Item) -> Outcome:
        """What planning wants of it as things stand."""
        offers = self.offers.get(item.material_id, ()) if item.kind == "buy" else ()
        return material.plan(
            item=item,
            on_hand=self.ground.stock.get(item.material_id, ZERO),
            demands=self.ground.demands.get(item.material_id, ()),
            supplies=self.ground.supplies.get(item.material_id, ()),
            offers=offers,
            days=self.ground.days,
        )

    def _plan(self, item: Item) -> None:
        outcome = self._look(item)
        self.run.outcomes[item.material_id] = outcome
        kind = WORK if item.kind == "make" else PLANNED
        pairs = matched(outcome.lots, [one for one in self.ground.proposals[item.material_id] if one.kind == kind])
        kept = {id(written) for _, written in pairs if written is not None}
        for one in self.ground.proposals[item.material_id]:
            if id(one) not in kept:
                self._let_go(item, one)
        for lot, written in pairs:
            lot.id = written.id if written is not None else self._new_id()
            if kind == WORK:
                self._work(item, lot, written)
            else:
                self._planned(item, lot, written)
        self.run.pegs[item.material_id] = _pegs(outcome, kind)
        self._note_days(outcome)

    def _new_id(self) -> int:
        self._next += 1
        return self._next

    def _let_go(self, item: Item, written: Proposal) -> None:
        self.run.gone.append(written)
        if written.kind == WORK:
            self._bring(item, None, written.id)
        rows_of = self.ground.rows_of if written.kind == WORK else self.ground.parts_of
        for demand in rows_of.pop(written.id, {}).values():
            self._forget(demand)

    def _work(self, item: Item, lot: Lot, written: Proposal | None) -> None:
        wanted = Wanted(item, lot, written, is_firm=self._is_firm(item, lot))
        if written is None:
            self._explode(wanted)
        else:
            wanted.is_rebuilt = (written.bom_id, written.routing_id) != (item.bom_id, item.routing_id)
            same_days = (written.due_on, written.start_on) == (lot.due_on, lot.start_on)
            if wanted.is_rebuilt:
                self._forget_needs(written)
                self._explode(wanted)
            elif written.quantity != lot.quantity or not same_days or wanted.is_firm:
                self._change_needs(wanted, written)
            else:
                return
        self._bring(item, lot, lot.id)
        self.run.work.append(wanted)

    def _bring(self, item: Item, lot: Lot | None, work_id: int) -> None:
        for material_id in bring_beside(self.ground.supplies, self.ground.beside_of, item, lot, work_id):
            self._want(material_id)

    def _is_firm(self, item: Item, lot: Lot) -> bool:
        """What has no BOM stays a proposal, whatever the fence: nobody knows what goes into it."""
        return item.bom_id is not None and self.ground.days.place(lot.start_on) <= item.fence_days

    def _explode(self, wanted: Wanted) -> None:
        item, lot = wanted.item, wanted.lot
        for part in item.parts:
            quantity = self._gross(item, lot.quantity, part.material_id, part.quantity, part.scrap_percent)
            need = Demand(
                NEED,
                self._new_id(),
                part.material_id,
                quantity,
                quantity,
                lot.start_on,
                lot.id,
                part.line_no,
                is_proposed=not wanted.is_firm,
                bom_id=item.bom_id,
                may_swap=True,
                is_stock_work=True,
            )
            wanted.needs.append(need)
            self.ground.demands[part.material_id].append(need)
            self._want(part.material_id)

    def _gross(self, item: Item, quantity: Decimal, part_id: int, per: Decimal, scrap: Decimal) -> Decimal:
        net = quantity * per / item.base_qty
        return round_up(gross_for_scrap(net, scrap), self.ground.items[part_id].step)

    def _forget_needs(self, written: Proposal) -> None:
        for demand in self.ground.rows_of.pop(written.id, {}).values():
            self._forget(demand)

    def _change_needs(self, wanted: Wanted, written: Proposal) -> None:
        lot, rows = wanted.lot, self.ground.rows_of[written.id]
        for part in wanted.item.parts:
            need = rows[part.line_no]
            quantity = self._gross(wanted.item, lot.quantity, part.material_id, part.quantity, part.scrap_percent)
            if quantity != need.quantity:
                need.quantity = need.open = quantity
                self.run.need_quantities.append(need)
            elif need.on == lot.start_on and not wanted.is_firm:
                continue
            need.on, need.is_proposed = lot.start_on, not wanted.is_firm
            self._want(part.material_id)

    def _planned(self, item: Item, lot: Lot, written: Proposal | None) -> None:
        self._supply(item, lot)
        lot.problem = self._problem(item)
        if written is not None and not lot.problem and not self._is_own(item, written.problem):
            lot.problem = written.problem  # why the buying limits hold it back
        if written is not None:
            before = written.quantity, written.due_on, written.start_on, written.source_plant_id, written.problem
            if before == (lot.quantity, lot.due_on, lot.start_on, item.source_plant_id, lot.problem):
                return
        self.run.planned.append(Wanted(item, lot, written))

    def _forget(self, demand: Demand) -> None:
        """It is needed no more."""
        self.ground.demands[demand.material_id].remove(demand)
        self._want(demand.material_id)

    def _supply(self, item: Item, lot: Lot) -> None:
        """What a subcontractor needs of us for the lot, on the day on which it is ordered; of each component once."""
        wanted: dict[int, Decimal] = {}
        for part in item.parts if lot.is_subcontract else ():
            quantity = self._gross(item, lot.quantity, part.material_id, part.quantity, part.scrap_percent)
            wanted[part.material_id] = wanted.get(part.material_id, ZERO) + quantity
        written = self.ground.parts_of.get(lot.id, {})
        if {pk: (one.quantity, one.on) for pk, one in written.items()} == {
            pk: (quantity, lot.start_on) for pk, quantity in wanted.items()
        }:
            return
        for demand in self.ground.parts_of.pop(lot.id, {}).values():
            self._forget(demand)
        self.run.parts[lot.id] = []
        for pk, quantity in wanted.items():
            demand = Demand(TRANSFER, lot.id, pk, quantity, quantity, lot.start_on, is_proposed=True)
            self.run.parts[lot.id].append(demand)
            self.ground.demands[pk].append(demand)
            self._want(pk)

    def _problem(self, item: Item) -> str:
        if item.kind == "transfer" or item.material_id in self.offers:
            return ""
        if item.is_made:
            return self._no_routing(item)
        return why_nobody(item.code, item.material_id in self.without)

    def _is_own(self, item: Item, problem: str) -> bool:
        return problem in {why_nobody(item.code, True), why_nobody(item.code, False), self._no_routing(item)}

    def _no_routing(self, item: Item) -> str:
        return f"{item.code} has no frozen routing in {self.ground.plant.name}: freeze one, or buy it"

    def _note_days(self, outcome: Outcome) -> None:
        """When the last of each order line's missing goods comes."""
        for supply, demand, _ in outcome.pegs:
            if demand.kind == "sales_order_line":
                comes = supply.on if isinstance(supply, Supply) else supply.due_on
                self.run.ready_on[demand.id] = max(comes, self.run.ready_on.get(demand.id, comes))


def matched(lots: Sequence[Lot], written: Sequence[Proposal]) -> list[tuple[Lot, Proposal | None]]:
    """Each lot with the proposal whose identity it keeps."""
    left = sorted(written, key=lambda one: (one.due_on, one.id))
    found: dict[int, Proposal] = {}
    rules = (
        lambda lot, one: (lot.due_on, lot.quantity) == (one.due_on, one.quantity),
        lambda lot, one: lot.due_on == one.due_on,
        lambda lot, one: True,
    )
    for rule in rules:
        for lot in lots:
            if id(lot) in found or not left:
                continue
            same = next((one for one in left if rule(lot, one)), None)
            if same is not None:
                found[id(lot)] = same
                left.remove(same)
    return _by_age([(lot, found.get(id(lot))) for lot in lots])


def _by_age(pairs: list[tuple[Lot, Proposal | None]]) -> list[tuple[Lot, Proposal | None]]:
    """Of lots that are alike the first has the oldest proposal, whoever it was before: the next run finds the same."""
    alike: dict[tuple[dt.date, Decimal], list[Proposal]] = defaultdict(list)
    for lot, written in pairs:
        if written is not None:
            alike[lot.due_on, lot.quantity].append(written)
    for rows in alike.values():
        rows.sort(key=lambda one: one.id, reverse=True)
    return [(lot, rows.pop() if (rows := alike[lot.due_on, lot.quantity]) else None) for lot, _ in pairs]


def _pegs(outcome: Outcome, kind: str) -> Pegs:
    pegs: Pegs = {}
    for supply, demand, quantity in outcome.pegs:
        where = (supply.kind, supply.id) if isinstance(supply, Supply) else (kind, supply.id)
        key = (*where, demand.kind, demand.id)
        pegs[key] = pegs.get(key, ZERO) + quantity
    return pegs
