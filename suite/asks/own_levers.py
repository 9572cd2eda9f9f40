"""Levers for an order that is planned already: what would bring its own work forward, and whom to ask for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal

from aps import services as aps
from crm import selectors as crm_now
from crm import services as crm
from erp import selectors as erp_now
from masterdata import numbers
from masterdata.models import Material, Partner
from suite.asks import levers
from suite.asks.ground import Driver, Ground, Lever, NoTime

MOST = 3
"""Materials that are hurried or replaced, one more each time."""

Ready = dict[tuple[int, int], dt.datetime]


def expedited(ground: Ground) -> Lever | str:
    """The materials that come last, one after the other, as the quickest supplier would bring them."""
    waits = _waits(ground)
    best: aps.OfferOption | None = None
    chosen: list[int] = []
    hurried: list[int] = []
    for _ in range(MOST):
        last = max(waits, key=lambda one: _comes_at(ground, one, hurried), default=None)
        if last is None or last.material_id in hurried:
            break
        hurried.append(last.material_id)
        times = _times(waits, {one.need_id: _comes_at(ground, one, hurried) for one in waits})
        best, chosen = _better(ground, times, best, chosen, hurried)
    if best is None:
        return "No material is late that another supplier brings sooner." if hurried else levers.NO_WAIT
    used = [one for one in waits if one.material_id in chosen and _comes_at(ground, one, chosen) < one.ready_at]
    if not used:
        return "No material is late that another supplier brings sooner."
    codes = _joined(Material.objects.in_bulk({one.material_id for one in used}).values())
    return Lever(
        kind="expedite",
        key="E",
        label=f"{codes} faster",
        ask_first=f"Ask the buyer first: {codes} has to be ordered where it comes sooner.",
        **ground.told(best, _expedite_drivers(ground, used)),
    )


def _comes_at(ground: Ground, wait: erp_now.NeedWait, hurried: Collection[int]) -> dt.datetime:
    quick = ground.supply.sources.fastest.get(wait.material_id)
    if quick is None or wait.material_id not in hurried:
        return wait.ready_at
    return min(wait.ready_at, ground.question.now + dt.timedelta(days=quick.lead_time_days))


def _expedite_drivers(ground: Ground, used: Sequence[erp_now.NeedWait]) -> list[Driver]:
    """What comes faster costs more than at the usual supplier's price."""
    sources, amounts = ground.supply.sources, {one.material_id: Decimal(0) for one in used}
    for one in used:
        amounts[one.material_id] += one.missing
    known = Material.objects.select_related("unit").in_bulk(amounts)
    names = Partner.objects.in_bulk([sources.fastest[pk].supplier_id for pk in amounts])
    found = []
    for pk, quantity in amounts.items():
        quick, usual = sources.fastest[pk], sources.offer_for(pk, quantity)
        more = quantity * (quick.unit_price - usual.unit_price) if usual is not None else Decimal(0)
        supplier = names[quick.supplier_id].name
        text = f"{levers.plain(quantity)} {known[pk].unit.code} of {known[pk].code} from {supplier}"
        if more:
            found.append((text, numbers.money(more, ground.decimals)))
    return found


def instead(ground: Ground) -> Lever | str:
    """The components that come last, one after the other, replaced by what lies free and their BOM names."""
    waits = sorted(_waits(ground), key=lambda one: one.ready_at, reverse=True)
    best: aps.OfferOption | None = None
    chosen: list[int] = []
    replaced: list[int] = []
    usable: dict[int, tuple[erp_now.Usable, erp_now.Usable]] = {}
    for one in waits[:MOST]:
        found = erp_now.free_instead(one.need_id, now=ground.question.now)
        if found is None:
            break
        usable[one.need_id] = found
        replaced.append(one.need_id)
        left = [wait for wait in waits if wait.need_id not in replaced]
        best, chosen = _better(ground, _times(left, {}), best, chosen, replaced)
    if best is None:
        return "Nothing that may be used for a late material lies free." if waits else levers.NO_WAIT
    pairs = [usable[pk] for pk in chosen]
    used = ", ".join(dict.fromkeys(f"{other.material.code} instead of {main.material.code}" for main, other in pairs))
    decided = _numbers(ground, {one.work_order_id for one in waits if one.need_id in chosen})
    return Lever(
        kind="instead",
        key="S",
        label=used[:60],
        ask_first=f"Ask the planner first: it is decided at the components of {decided}.",
        **ground.told(best, _instead_drivers(ground, pairs), cause=f"Uses {used}. {best.cause}"),
    )


def _instead_drivers(ground: Ground, pairs: Sequence[tuple[erp_now.Usable, erp_now.Usable]]) -> list[Driver]:
    """What is used costs more, or less, than what it is used for, both as they are valued in the plant."""
    values = erp_now.unit_values(ground.plant.pk, sorted({one.material.pk for pair in pairs for one in pair}))
    found = []
    for main, other in pairs:
        cost, saved = (one.quantity * values.get(one.material.pk, one.material.standard_cost) for one in (other, main))
        text = f"{levers.plain(other.quantity)} {other.material.unit.code} {other.material.code} instead of "
        if more := numbers.money(cost - saved, ground.decimals):
            found.append((text + main.material.code, more))
    return found


def overtime(ground: Ground) -> Lever | str:
    """Hours more where its work waits for a machine."""
    if ground.own is None:
        raise ValueError("it is asked for an order that is planned")
    return levers.told_overtime(ground, aps.sooner_with_overtime(ground.own, is_time_up=ground.is_time_up))


def elsewhere(ground: Ground) -> Lever | str:
    """Another plant makes all of it, as long as nothing of it has begun here."""
    own = ground.own
    if own is None or own.has_begun:
        return f"Work for it has begun in {ground.plant.name}, or is about to."
    found = levers.elsewhere(ground)
    if isinstance(found, str) or found.plant_id is None:
        return found
    number = own.work[0].order_no
    ask = f"Ask the planner first: {number} is cancelled and ordered anew {found.label[:1].lower()}{found.label[1:]}."
    return replace(found, ask_first=ask)


def in_parts(ground: Ground) -> Lever | str:
    """The lines, or as many pieces of the only line, as can be there on the wanted day; the rest behind."""
    own, question = ground.own, ground.question
    if own is None or question.order_id is None:
        raise ValueError("it is asked for an order that is planned")
    if question.further:
        return _by_lines(ground, own, question.order_id)
    found = aps.sooner_in_parts(
        own,
        quantity=question.quantity,
        step=ground.material.unit.rounding,
        wanted_on=question.wanted_on,
        is_time_up=ground.is_time_up,
    )
    if found is None:
        return "Not even a part of it can be there on the day."
    parts = levers.parts_of(question, found.first)
    cause = f"{levers.rest_of(parts)} {ground.clock(found.rest_at)}. {found.option.cause}"
    return Lever(
        kind="parts",
        key="Q",
        label=levers.first_of(parts),
        ask_first=f"Ask the planner first: {_numbers(ground)} is split in two.",
        parts=parts,
        rest_at=found.rest_at,
        **ground.told(found.option, levers.one_delivery_more(ground), cause=cause),
    )


def _by_lines(ground: Ground, own: aps.OwnWork, order_id: int) -> Lever | str:
    question = ground.question
    found = aps.sooner_by_lines(
        own, order_id=order_id, wanted_on=question.wanted_on, now=question.now, is_time_up=ground.is_time_up
    )
    if found is None:
        return "No more of its lines can be there on the day than are planned for it."
    numbers_of = [
        str(number) for number in sorted({one.line_no or 0 for one in own.work if one.line_id in found.line_ids})
    ]
    label = f"Line {numbers_of[0]} first" if len(numbers_of) == 1 else f"Lines {' and '.join(numbers_of)} first"
    cause = f"The other lines are there {ground.clock(found.rest_at)}, as planned. {found.option.cause}"
    told = ground.told(found.option, levers.one_delivery_more(ground), cause)
    parts = levers.parts_of(question, _firsts(ground, own, order_id, found.line_ids))
    return Lever(kind="parts", key="Q", label=label[:60], parts=parts, rest_at=found.rest_at, **told)


def _firsts(ground: Ground, own: aps.OwnWork, order_id: int, line_ids: Collection[int]) -> list[Decimal]:
    """All or nothing of each line; of one that is not made, all when it is there on the day anyway."""
    made = {one.line_id for one in own.work if one.line_id is not None}
    dates = crm_now.expected_dates(ground.plant.pk)
    first = {*line_ids, *(pk for pk, at in dates.items() if at <= ground.due_at and pk not in made)}
    lines = crm.source_of_order(order_id=order_id).lines
    return [line.quantity if line.order_line_id in first else Decimal(0) for line in lines]


def _waits(ground: Ground) -> list[erp_now.NeedWait]:
    """What the work that may still move waits for."""
    own = ground.own
    if own is None:
        return []
    free = {one.id for one in own.operations}
    steps = {(one.work_order_id, one.sequence) for one in own.work if one.operation_id in free}
    found = erp_now.need_waits(plant_id=ground.plant.pk, now=ground.question.now)
    return [one for one in found if (one.work_order_id, one.sequence) in steps]


def _times(waits: Sequence[erp_now.NeedWait], changed: dict[int, dt.datetime]) -> Ready:
    """When the last material of each step comes."""
    ready: Ready = {}
    for one in waits:
        key, comes_at = (one.work_order_id, one.sequence), changed.get(one.need_id, one.ready_at)
        ready[key] = max(ready.get(key, comes_at), comes_at)
    return ready


def _better(
    ground: Ground, times: Ready, best: aps.OfferOption | None, chosen: list[int], tried: Sequence[int]
) -> tuple[aps.OfferOption | None, list[int]]:
    """The option with material at these times and what it takes, when it is earlier than what is known. Raises
    NoTime."""
    if ground.is_time_up():
        raise NoTime
    option = aps.sooner_with_material(ground.own, ready_times=times) if ground.own is not None else None
    if option is not None and ground.is_sooner(option) and (best is None or option.deliver_at < best.deliver_at):
        return option, list(tried)
    return best, chosen


def _numbers(ground: Ground, work_order_ids: Collection[int] | None = None) -> str:
    """The work orders' numbers, those of all work without ids."""
    work = ground.own.work if ground.own is not None else ()
    known = {one.work_order_no for one in work if work_order_ids is None or one.work_order_id in work_order_ids}
    return " and ".join(sorted(known))


def _joined(materials: Collection[Material]) -> str:
    return " and ".join(sorted(one.code for one in materials))


FINDERS = (
    levers.Finder("expedite", "E", "Material faster", expedited),
    levers.Finder("instead", "S", "Another material", instead),
    levers.Finder("overtime", "O", "Overtime", overtime),
    levers.Finder("plant", "P", "Another plant", elsewhere),
    levers.Finder("parts", "Q", "A part first", in_parts),
)
"""In the order in which they are worked out."""
