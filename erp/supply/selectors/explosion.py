"""What confirming a line would write, unwritten: for offers and price questions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone

from erp.supply.needs import Demand, Explosion, Make, Need, Netting
from erp.supply.netting import cover, net
from erp.supply.sources import FreeStock, OpenLine, Sources, read_sources
from erp.supply.structure import Structure, read_structure
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Supply:
    """A product's structure in a plant and what may be taken for it, read once for several questions.

    `further`: more lines (material, quantity) of the same question, which are netted behind what is asked.
    """

    plant_id: int
    material_id: int
    structure: Structure
    sources: Sources
    now: dt.datetime
    further: tuple[tuple[int, Decimal], ...] = ()

    def explode(self, *quantities: Decimal, line_no: int = 1) -> Explosion:
        """Net lines of these quantities together as `confirm_order` would; nothing is used up. Raises NoRouting."""
        return self._net(self.sources.copy(), quantities, line_no)

    def explode_lines(self, lines: Sequence[tuple[int, Decimal]]) -> Explosion:
        """The same for these lines (material, quantity) in their sequence, instead of those that were read. Their
        materials are among them."""
        (material_id, quantity), *further = lines
        return replace(self, material_id=material_id, further=tuple(further)).explode(quantity)

    def hurried(self, material_ids: Collection[int]) -> Supply:
        """The same with these materials ordered where they come soonest."""
        return replace(self, sources=self.sources.hurried(material_ids, self.now))

    def using(self, decided: Collection[tuple[int, int]]) -> Supply:
        """The same where these substitutes (component, what is used for it) are taken when the component is not all
        there."""
        return replace(self, structure=replace(self.structure, decided=frozenset(decided)))

    def with_freed(self, freed: Mapping[tuple[int, int], Decimal], ordered: Collection[tuple[int, OpenLine]]) -> Supply:
        """The same with more to take: free stock by (material, balance) and open purchase lines by material."""
        sources = self.sources.copy()
        for (material_id, balance_id), quantity in freed.items():
            rows = sources.free.setdefault((self.plant_id, material_id), [])
            known = next((row for row in rows if row.balance_id == balance_id), None)
            if known is None:
                rows.append(FreeStock(balance_id, quantity))
                rows.sort(key=lambda row: row.balance_id)
            else:
                known.quantity += quantity
        for material_id, line in ordered:
            lines = sources.ordered.setdefault((self.plant_id, material_id), [])
            same = next((row for row in lines if row.line_id == line.line_id), None)
            if same is None:
                lines.append(replace(line))
                lines.sort(key=lambda row: (row.ready_at, row.line_id))
            else:
                same.quantity += line.quantity
        return replace(self, sources=sources)

    def explode_then(self, quantity: Decimal, needs: Collection[Need]) -> Explosion:
        """Net one line and then, from what is left, `needs` of other work orders: they learn when theirs comes."""
        sources = self.sources.copy()
        explosion = self._net(sources, (quantity,), 1)
        cover(needs=list(needs), structure=self.structure, sources=sources, now=self.now, may_refuse=False)
        return explosion

    def _net(self, sources: Sources, quantities: Collection[Decimal], line_no: int) -> Explosion:
        lines = [*((self.material_id, quantity) for quantity in quantities), *self.further]
        demands = [
            Demand(0, number, self.plant_id, material_id, quantity)
            for number, (material_id, quantity) in enumerate(lines, start=line_no)
        ]
        netting = net(demands=demands, structure=self.structure, sources=sources, now=self.now)
        found = _explosion(netting, demands, netting.makes, self.now)
        if not self.further:
            return found
        bought = [top.ready_at for top in found.tops if top.make is None and top.ready_at is not None]
        return replace(found, bought_at=max(bought, default=None))


def supply_for(
    *,
    plant_id: int,
    material_id: int,
    now: dt.datetime | None = None,
    further: Sequence[tuple[int, Decimal]] = (),
) -> Supply:
    """Everything that netting a line of the material, and `further` lines behind it, would read; without locks."""
    structure = read_structure(plant_ids=[plant_id], material_ids=[material_id, *(line[0] for line in further)])
    now = now or timezone.now()
    sources = read_sources(plant_ids=[plant_id], structure=structure, lock=False, now=now)
    return Supply(plant_id, material_id, structure, sources, now, tuple(further))


def explode(
    *, plant_id: int, material_id: int, quantity: Decimal, now: dt.datetime | None = None, line_no: int = 1
) -> Explosion:
    """Net one line as `confirm_order` would, by the very same code, without locks or writes.

    The paths are those that the order's work orders get when nobody takes the stock meanwhile. Raises NoRouting.
    """
    supply = supply_for(plant_id=plant_id, material_id=material_id, now=now)
    return supply.explode(quantity, line_no=line_no)


def explode_lines(*, wanted: Sequence[tuple[int, int, Decimal]], now: dt.datetime) -> list[Explosion]:
    """Net the lines 1, 2, ... of one order to be (plant, material, quantity) as confirming it would: what the first
    takes the next lacks, and what is bought for several is one purchase.

    Each line's explosion has its own work orders and all purchases. Raises NoRouting.
    """
    if not wanted:
        return []
    plant_ids = sorted({plant_id for plant_id, _, _ in wanted})
    structure = read_structure(plant_ids=plant_ids, material_ids={material_id for _, material_id, _ in wanted})
    sources = read_sources(plant_ids=plant_ids, structure=structure, lock=False, now=now)
    demands = [Demand(0, no, *line) for no, line in enumerate(wanted, start=1)]
    netting = net(demands=demands, structure=structure, sources=sources, now=now)
    makes: dict[str, list[Make]] = defaultdict(list)
    for make in netting.makes:
        makes[make.path.partition(".")[0]].append(make)
    return [_explosion(netting, [demand], makes[str(demand.line_no)], now) for demand in demands]


def _explosion(netting: Netting, demands: Sequence[Demand], makes: Sequence[Make], now: dt.datetime) -> Explosion:
    """What was netted for these demands of one material in one plant."""
    lines = {str(demand.line_no) for demand in demands}
    tops = tuple(need for need in netting.needs if need.path in lines)
    made = any(top.make for top in tops)
    return Explosion(
        plant_id=demands[0].plant_id,
        material_id=demands[0].material_id,
        quantity=sum((demand.quantity for demand in demands), ZERO),
        work_orders=tuple(makes),
        purchases=tuple(netting.purchases),
        from_stock=sum((part.quantity for top in tops for part in top.stock), ZERO),
        ready_at=None if made else max((top.ready_at or now for top in tops), default=now),
        tops=tops,
    )


def explode_together(
    *, plant_id: int, wanted: Sequence[tuple[int, Decimal]], now: dt.datetime
) -> list[tuple[tuple[Make, ...], dt.datetime | None]]:
    """Net several lines (material, quantity) one after the other: what the first takes of the stock the next lacks.

    For each line its work orders, and when it is ready if nothing has to be made. Raises NoRouting.
    """
    lines = explode_lines(wanted=[(plant_id, *line) for line in wanted], now=now)
    return [(one.work_orders, one.ready_at) for one in lines]
