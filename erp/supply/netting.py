"""Netting: gross to net level by level, in memory. The same function answers an offer and confirms an order.

Each level: the need is served first come, first served from free stock less safety stock; what is made gets a work
order of its own (made to order, never merged) whose lot-sized quantity explodes into the next level; what is bought
takes what is on order for nobody, then one purchase per material and plant; unless enough lies there of what may be
used for it without asking. What is for stock is left to material planning beyond what there is. What is netted again
for pieces that were lost takes first what the order has of its own and no longer needs elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from erp.supply.instead import use_decided, use_instead
from erp.supply.needs import Demand, Make, Need, Netting, Purchase
from erp.supply.sources import Key, Sources, SupplierOffer, best_offer
from erp.supply.structure import Component, Item, Structure, Way, plants_that_make
from erp.supply.taking import Stores
from masterdata.errors import Refusal
from masterdata.numbers import ZERO, gross_for_scrap, round_up


class NoRouting(Refusal):
    """A material is to be made in a plant that has no frozen routing for it."""

    code = "no_routing"


def net(*, demands: Sequence[Demand], structure: Structure, sources: Sources, now: dt.datetime) -> Netting:
    """Cover each demand; `sources` is used up on the way. Raises NoRouting."""
    needs = [_need_of(demand, structure) for demand in demands]
    return cover(needs=needs, structure=structure, sources=sources, now=now)


def cover(
    *, needs: Sequence[Need], structure: Structure, sources: Sources, now: dt.datetime, may_refuse: bool = True
) -> Netting:
    """Cover each need and all levels below. Raises NoRouting, unless it may not refuse: then what nobody can make is
    a purchase with a problem."""
    netting = Netting()
    stores = Stores(structure, sources, now)
    to_buy: dict[Key, list[tuple[Need, Decimal]]] = {}
    level = list(needs)
    while level:
        below: list[Need] = []
        for need in level:
            netting.needs.append(need)
            missing = need.quantity - stores.take_there(need)
            if not missing or use_decided(need, stores):
                continue
            if (need.plant_id, need.material_id) in structure.for_stock:
                _leave_to_planning(need, missing, structure, sources, now)
                continue
            if _can_make(need, structure, may_refuse=may_refuse):
                need.make = _make(need, missing, structure)
                netting.makes.append(need.make)
                below.extend(need.make.components)
                continue
            missing -= stores.take_ordered(need, missing)
            if missing:
                to_buy.setdefault((need.plant_id, need.material_id), []).append((need, missing))
        level = below
    for key, wanted in use_instead(to_buy, stores, now).items():
        netting.purchases.extend(_buy(key, wanted, structure, sources, now))
    netting.to_watch = _to_watch(netting, to_buy)
    return netting


def _to_watch(netting: Netting, to_buy: Mapping[Key, Sequence[tuple[Need, Decimal]]]) -> set[Key]:
    """By-products and transfers counted on; components that lack and may be replaced, whether they were or not; what
    comes after it is needed, so that somebody is told to hurry it."""
    found = {
        (need.plant_id, need.material_id)
        for need in netting.needs
        if need.beside or need.transit or (need.needed_at and need.ready_at and need.ready_at > need.needed_at)
    }
    found |= {(need.plant_id, need.main[0]) for need in netting.needs if need.main is not None}
    return found | {key for key, wanted in to_buy.items() if any(need.instead for need, _ in wanted)}


def _leave_to_planning(need: Need, missing: Decimal, structure: Structure, sources: Sources, now: dt.datetime) -> None:
    """Material planning supplies it with what others need; until it has, count on today and the lead time."""
    key = need.plant_id, need.material_id
    offer = best_offer(sources.offers.get(need.material_id, ()), missing)
    days = structure.lead_days.get(key, 0)
    if offer is not None and not structure.items[need.material_id].is_made:
        days = offer.lead_time_days
    need.planned = missing
    need.wait_until(now + dt.timedelta(days=days))


def _need_of(demand: Demand, structure: Structure) -> Need:
    item = structure.items[demand.material_id]
    return Need(
        demand.plant_id,
        demand.material_id,
        item.unit_id,
        demand.line_no,
        demand.quantity,
        demand=demand,
        path=str(demand.line_no),
        needed_at=demand.due_at,
    )


def _can_make(need: Need, structure: Structure, *, may_refuse: bool) -> bool:
    has_way = (need.plant_id, need.material_id) in structure.ways
    return structure.items[need.material_id].is_made and (has_way or may_refuse)


def _make(need: Need, missing: Decimal, structure: Structure) -> Make:
    item = structure.items[need.material_id]
    way = structure.ways.get((need.plant_id, need.material_id))
    if way is None:
        raise _no_routing(item, need.plant_id)
    quantity = round_up(missing, item.step)
    line_id = need.demand.line_id if need.demand else 0
    make = Make(
        need.path,
        need,
        line_id,
        need.plant_id,
        item.material_id,
        item.bom_id,
        way.routing_id,
        missing,
        quantity,
        way.steps,
    )
    sequences = {step.sequence for step in way.steps}
    lead_days = structure.lead_days.get((need.plant_id, item.material_id), 0)
    begins_at = need.needed_at and need.needed_at - _takes(way, quantity, lead_days)
    made_no = 0
    for component in item.components:
        part = structure.items[component.material_id]
        made_no += part.is_made
        first = way.steps[0].sequence
        make.components.append(
            Need(
                need.plant_id,
                part.material_id,
                part.unit_id,
                component.line_no,
                _gross(quantity, item, component, part.step),
                operation_sequence=component.operation_sequence if component.operation_sequence in sequences else first,
                demand=need.demand,
                path=f"{need.path}.{made_no}" if part.is_made else "",
                needed_at=begins_at,
                instead=structure.instead_of(need.plant_id, item.bom_id, component.line_no),
                is_scanned=component.is_scanned,
            )
        )
    return make


def _takes(way: Way, quantity: Decimal, lead_days: int) -> dt.timedelta:
    """How long making it takes: what the plant says, else what its operations take one after the other."""
    if lead_days:
        return dt.timedelta(days=lead_days)
    return dt.timedelta(minutes=float(sum(step.setup_min + step.run_min_per_unit * quantity for step in way.steps)))


def _no_routing(item: Item, plant_id: int) -> NoRouting:
    """The refusal that names the plants that can make it."""
    here, able = plants_that_make(item.material_id, asked=plant_id)
    advice = (
        f"choose {' or '.join(able)}, where it can be made"
        if able
        else "freeze a routing for it there, or choose another product"
    )
    return NoRouting(
        f"{item.code} has no frozen routing in {here}: {advice}.",
        field="plant",
        material_id=item.material_id,
        plant_id=plant_id,
        plants=able,
    )


def _gross(quantity: Decimal, item: Item, component: Component, step: Decimal) -> Decimal:
    """What goes into the whole work order: net / (1 - scrap), rounded up to the component's step once."""
    return round_up(gross_for_scrap(quantity * component.quantity / item.base_qty, component.scrap_percent), step)


def _buy(
    key: Key, wanted: Sequence[tuple[Need, Decimal]], structure: Structure, sources: Sources, now: dt.datetime
) -> list[Purchase]:
    """Purchases of one material that cover `wanted` in order; each need learns when its part comes."""
    plant_id, material_id = key
    total = sum((quantity for _, quantity in wanted), ZERO)
    offer = sources.offer_for(material_id, total)
    if offer is None:
        due_at = now + dt.timedelta(days=structure.lead_days.get(key, 0))
        problem = why_nobody(structure.items[material_id].code, material_id in sources.without_conversion)
        purchases = [Purchase(plant_id, material_id, None, total, due_at, problem)]
    else:
        due_at = now + dt.timedelta(days=offer.lead_time_days)
        purchases = [Purchase(plant_id, material_id, offer, lot, due_at) for lot in lots(total, offer)]
    _peg(purchases, wanted)
    return purchases


def lots(total: Decimal, offer: SupplierOffer) -> list[Decimal]:
    """`total` base units as lots in base units: whole packs, no lot below the least or above the most sold.

    12 base units at 5 a box, at least 2 and at most 2 boxes: [10, 10].
    """
    units = offer.units(total)
    most = max(offer.least, offer.max_units // offer.pack_units * offer.pack_units) if offer.max_units else units
    found = []
    while units > 0:
        lot = max(offer.least, min(units, most))
        found.append(lot * offer.base_units)
        units -= lot
    return found


def _peg(purchases: list[Purchase], wanted: Sequence[tuple[Need, Decimal]]) -> None:
    queue = iter(purchases)
    purchase = next(queue)
    room = purchase.quantity
    for need, quantity in wanted:
        left = quantity
        while left:
            if not room:
                purchase = next(queue)
                room = purchase.quantity
            part = min(left, room)
            purchase.pegs.append((need, part))
            need.wait_until(purchase.due_at)
            left -= part
            room -= part


def why_nobody(code: str, without_conversion: bool) -> str:
    """Why no purchase order was written for a material."""
    if without_conversion:
        return f"The price of {code} is per a unit that has no conversion: enter the conversion, then order it"
    return f"No supplier has a price for {code}: enter one, then order it"
