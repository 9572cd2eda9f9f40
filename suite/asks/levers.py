"""Levers of an offer: what would make it earlier, one at a time, with date, cause and what it costs more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from aps import services as aps
from crm import services as crm
from erp import selectors as erp_now
from masterdata import numbers
from masterdata.errors import Refusal
from masterdata.models import Material, Partner, Plant, Routing
from suite.asks.answers import OfferQuestion
from suite.asks.computing import extra_costs, priced_lines
from suite.asks.ground import SETUP, Driver, Ground, Lever, LeverMaterial, LeverPart
from suite.asks.substitutes import instead

MOST_HURRIED = 3
NO_WAIT = "It waits for no material."


def expedited(ground: Ground) -> Lever | str:
    """The materials that come last, one after the other, from whoever brings them soonest."""
    best: aps.OfferOption | None = None
    chosen: list[int] = []
    hurried: list[int] = []
    for _ in range(MOST_HURRIED):
        last = next((need for need in ground.explosion.waiting if need.material_id not in hurried), None)
        if last is None:
            break
        hurried.append(last.material_id)
        explosion = ground.supply.hurried(hurried).explode(ground.question.quantity)
        option = next(iter(ground.asked(explosion, ground.plant.pk).options), None)
        if option is not None and ground.is_sooner(option) and (best is None or option.deliver_at < best.deliver_at):
            best, chosen = option, list(hurried)
    if best is None:
        return "No material is late that another supplier brings sooner." if hurried else NO_WAIT
    drivers = _expedite_drivers(ground, chosen)
    codes = list(Material.objects.filter(pk__in=chosen).order_by("code").values_list("code", flat=True))
    return Lever(
        kind="expedite",
        key="E",
        label=f"{' and '.join(codes)} ordered fast",
        materials=tuple(LeverMaterial(material_id=pk) for pk in chosen),
        **ground.told(best, drivers),
    )


def _expedite_drivers(ground: Ground, material_ids: Sequence[int]) -> list[Driver]:
    """What the lots bought fast cost more than at the usual supplier's price."""
    sources = ground.supply.sources
    names = dict(Partner.objects.filter(is_supplier=True).values_list("pk", "name"))
    found = []
    for one in ground.supply.hurried(material_ids).explode(ground.question.quantity).purchases:
        usual = sources.offer_for(one.material_id, one.quantity)
        if one.offer is None or usual is None or one.material_id not in material_ids or one.offer == usual:
            continue
        code, unit = Material.objects.values_list("code", "unit__code").get(pk=one.material_id)
        more = one.quantity * (one.offer.unit_price - usual.unit_price)
        text = f"{plain(one.quantity)} {unit} of {code} from {names[one.offer.supplier_id]}"
        found.append((text, numbers.money(more, ground.decimals)))
    return found


def taken(ground: Ground) -> Lever | str:
    """Material of the order that is hurt least by giving it."""
    question = ground.question
    found = []
    for taking in erp_now.takings(ground.supply, question.quantity):
        if ground.is_time_up():
            break
        option = aps.offer_with_taken(
            plant_id=ground.plant.pk,
            explosion=taking.explosion,
            ready_times=taking.ready_times,
            now=question.now,
            wanted_on=question.wanted_on,
        )
        if option is not None and ground.is_sooner(option):
            found.append((sum(one.newly_late for one in option.victims), option.deliver_at, taking, option))
    if not found:
        return "No other order holds material that would bring it sooner." if ground.explosion.waiting else NO_WAIT
    _, _, taking, option = min(found, key=lambda one: one[:2])
    what = _what(taking)
    again = max((need.ready_at for _, need in taking.needs if need.ready_at), default=None)
    until = f"it gets its own {ground.clock(again)}" if again else "there is enough for it"
    return Lever(
        kind="material",
        key="M",
        label=f"Material of {taking.order_no} taken",
        materials=tuple(
            LeverMaterial(material_id=pledge.material_id, need_id=pledge.need_id, quantity=need.quantity)
            for pledge, need in taking.needs
        ),
        **ground.told(option, [], cause=f"Takes {what} of {taking.order_no}: {until}. {option.cause}"),
    )


def _what(taking: erp_now.Taking) -> str:
    amounts: dict[int, Decimal] = {}
    for pledge, need in taking.needs:
        amounts[pledge.material_id] = amounts.get(pledge.material_id, Decimal(0)) + need.quantity
    known = Material.objects.select_related("unit").in_bulk(amounts)
    return ", ".join(f"{plain(amount)} {known[pk].unit.code} {known[pk].code}" for pk, amount in amounts.items())


def overtime(ground: Ground) -> Lever | str:
    """Hours more where the order waits for a machine; the planner asks who works them."""
    question = ground.question
    found = aps.offer_with_overtime(
        plant_id=ground.plant.pk,
        explosion=ground.explosion,
        now=question.now,
        wanted_on=question.wanted_on,
        is_time_up=ground.is_time_up,
    )
    return told_overtime(ground, found)


def told_overtime(ground: Ground, found: aps.OvertimeOffer | None) -> Lever | str:
    """The card of these hours, with what each of them costs more."""
    question = ground.question
    if found is None or not ground.is_sooner(found.option):
        return "Longer hours on the machines that it waits for bring nothing earlier, or the plant allows none."
    rates = erp_now.hour_costs(machine_ids={one.machine_id for one in found.hours}, at=question.now)
    drivers = [
        (
            f"Overtime on {one.machine_code}: {one.minutes} min from {ground.clock(one.starts_at)}",
            numbers.money(rates[one.machine_id].labour * one.minutes * found.premium_percent / 6000, ground.decimals),
        )
        for one in found.hours
    ]
    machines = " and ".join(sorted({one.machine_code for one in found.hours}))
    return Lever(
        kind="overtime",
        key="O",
        label=f"Overtime on {machines}",
        ask_first=f"Ask the planner first: the hours on {machines} have to be entered in its calendar.",
        **ground.told(found.option, drivers),
    )


def elsewhere(ground: Ground) -> Lever | str:
    """Another plant of the company that has a routing for it, from its own live plan; it sends to the customer."""
    question, found = ground.question, []
    others = Plant.objects.filter(company=ground.plant.company_id).exclude(pk=ground.plant.pk)
    for material_id, _ in question.lines:
        able = Routing.objects.filter(material=material_id, state="frozen")
        others = others.filter(pk__in=able.values("plant"))
    for plant in others.order_by("pk"):
        try:
            supply = erp_now.supply_for(
                plant_id=plant.pk, material_id=question.material_id, now=question.now, further=question.further
            )
            answer = ground.asked(supply.explode(ground.question.quantity), plant.pk)
        except Refusal:
            continue
        option = next(iter(answer.options), None)
        if option is not None and ground.is_sooner(option):
            found.append((option.deliver_at, plant.pk, plant, answer, option))
    if not found:
        return "No other plant that can make it is earlier."
    _, _, plant, answer, option = min(found, key=lambda one: one[:2])
    priced = priced_lines(question, plant.pk, ground.decimals)
    own = extra_costs([option], priced.setup_min, ground.decimals, ground.question.now)[option.key]
    drivers = [(f"Made in {plant.name} instead of {ground.plant.name}", priced.total - ground.cost)]
    drivers += [(SETUP, own)] if own else []
    return Lever(
        kind="plant",
        key="P",
        label=f"From {plant.name}",
        option=option,
        answer=answer,
        cause=f"{plant.transport_min // 60} h from {plant.name} to the customer. {option.cause}",
        cost=priced.total + own,
        drivers=tuple(drivers),
        plant_id=plant.pk,
    )


def in_parts(ground: Ground) -> Lever | str:
    """As much as can be there on the wanted day, of one line or several, the rest behind; all of it, where it finds a
    place in two lots alone."""
    question = ground.question
    found = aps.offer_in_parts(
        supply=ground.supply,
        lines=question.lines,
        steps=steps_of(question),
        wanted_on=question.wanted_on,
        now=question.now,
        is_time_up=ground.is_time_up,
    )
    if found is None:
        return "Not even a part of it can be there on the day."
    parts = parts_of(question, found.first)
    lots, setup_min = _lots(ground, parts)
    if found.rest_at <= ground.due_at:  # together they were too large for the gaps of the plan
        told = ground.told(_both_there(found), lots, setup_min=setup_min)
        return Lever(kind="parts", key="Q", label="Made in two lots", parts=parts, **told)
    drivers = [*lots, *one_delivery_more(ground)]
    cause = f"{rest_of(parts)} {ground.clock(found.rest_at)}. {found.option.cause}"
    return Lever(
        kind="parts",
        key="Q",
        label=first_of(parts),
        parts=parts,
        rest_at=found.rest_at,
        **ground.told(found.option, drivers, cause, setup_min),
    )


def _both_there(found: aps.PartsOffer) -> aps.OfferOption:
    """With the date on which the second lot is there too."""
    more = max(found.rest_at - found.option.deliver_at, dt.timedelta(0))
    option = found.option
    return replace(option, ends_at=option.ends_at + more, deliver_at=option.deliver_at + more)


def steps_of(question: OfferQuestion) -> list[Decimal]:
    """In what steps the material of each line is counted."""
    known = Material.objects.select_related("unit").in_bulk({material_id for material_id, _ in question.lines})
    return [known[material_id].unit.rounding for material_id, _ in question.lines]


def parts_of(question: OfferQuestion, first: Sequence[Decimal]) -> tuple[LeverPart, ...]:
    """How much of each line comes first."""
    both = zip(question.lines, first, strict=True)
    return tuple(
        LeverPart(line_no=number, material_id=material_id, quantity=quantity, first_qty=part)
        for number, ((material_id, quantity), part) in enumerate(both, start=1)
    )


def first_of(parts: Sequence[LeverPart]) -> str:
    """What the card is called: the pieces of an only line, else of how many lines there is something."""
    if len(parts) == 1:
        return f"{plain(parts[0].first_qty)} of {plain(parts[0].quantity)} first"
    whole = sum(part.first_qty == part.quantity for part in parts)
    if all(part.first_qty in (0, part.quantity) for part in parts):
        return f"{whole} of {len(parts)} lines first"
    return f"{whole} of {len(parts)} lines first, and a part" if whole else f"A part of {len(parts)} lines first"


def rest_of(parts: Sequence[LeverPart]) -> str:
    """The begin of the sentence that says when the rest is there."""
    if len(parts) == 1:
        return f"The other {plain(parts[0].quantity - parts[0].first_qty)} are there"
    return "The rest is there"


def _lots(ground: Ground, parts: Sequence[LeverPart]) -> tuple[list[Driver], Decimal]:
    """What it costs more to make a line in two lots, and the minutes of setup of all lots."""
    lots = [
        (part.material_id, quantity)
        for part in parts
        for quantity in (part.first_qty, part.quantity - part.first_qty)
        if quantity
    ]
    plant_id, at = ground.plant.pk, ground.question.now
    prices = [erp_now.price_of(plant_id=plant_id, material_id=pk, quantity=quantity, at=at) for pk, quantity in lots]
    more = sum((price.total for price in prices), Decimal(0)) - ground.cost
    return [("Made in two lots", more)] if more else [], sum((price.setup_min for price in prices), Decimal(0))


def one_delivery_more(ground: Ground) -> list[Driver]:
    """What sending the rest by itself costs, by the company's rule."""
    cost = crm.rush_policy_of(ground.plant.company_id).delivery_cost
    return [("One delivery more", cost)] if cost else []


def plain(quantity: Decimal) -> str:
    """The amount without needless zeros."""
    return f"{quantity.normalize():f}"


@dataclass(frozen=True)
class Finder:
    """How one lever is looked for, and what it is called when it brings nothing."""

    kind: str
    key: str
    label: str
    find: Callable[[Ground], Lever | str]


FINDERS = (
    Finder("expedite", "E", "Material ordered fast", expedited),
    Finder("instead", "S", "Another material", instead),
    Finder("material", "M", "Material of another order", taken),
    Finder("overtime", "O", "Overtime", overtime),
    Finder("plant", "P", "Another plant", elsewhere),
    Finder("parts", "Q", "A part first", in_parts),
)
"""Those of an order that is to be, in the order in which they are worked out: the quickest first."""
