"""What an offer is computed of: the plan's options (aps) and the price of making it (erp). Runs in any process."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal

from aps import services as aps
from erp import selectors as erp_now
from erp import services as erp
from masterdata import numbers
from masterdata.errors import InvalidInput
from masterdata.models import Material, Plant
from suite.asks.answers import OfferChoice, OfferQuestion, OfferReply, OfferVictim

LABELS = {"A": "Nobody else moves", "B": "Nobody newly late", "C": "As early as possible"}
NO_GAP = "It fits into no gap of the plan unless others move."
NOT_SOONER = {
    "A": "Nothing is earlier than it is planned now unless others move.",
    "C": "Nothing is earlier than it is planned now, even if others move.",
}


def compute(question: OfferQuestion) -> OfferReply:
    """Ask planning for the options and costing for the price. Keeps the options' plans when the question says so."""
    started = time.perf_counter()
    plant = _checked_plant(question)
    answer = _answer(question)
    decimals = plant.company.currency.decimals
    priced = priced_lines(question, question.plant_id, decimals)
    price = priced.list_price
    own = Decimal(0) if question.order_id else priced.setup_min
    extras = extra_costs(answer.options, own, decimals, question.now)
    choices = {option.key: _choice(question, answer, option, priced.total, extras[option.key], price)
               for option in answer.options}  # fmt: skip
    return OfferReply(
        question=question,
        options=tuple(
            choices.get(key) or _impossible(key, priced.total, question)
            for key in LABELS
            if key in choices or key != "B"
        ),
        material_cost=priced.material,
        labour_cost=priced.labour,
        machine_cost=priced.machine,
        overhead_cost=priced.overhead,
        cost=priced.total,
        price=price,
        margin=price - priced.total,
        currency=plant.company.currency.code,
        plan_no=int(answer.input_version.split(".")[0]),
        input_version=answer.input_version,
        source="warm",
        computed_ms=round((time.perf_counter() - started) * 1000),
    )


def _answer(question: OfferQuestion) -> aps.OfferAnswer:
    """Planning's options: for work that is to be, or for an order's own work."""
    if question.order_id is not None:
        return aps.offer_sooner(
            plant_id=question.plant_id, order_id=question.order_id, now=question.now, wanted_on=question.wanted_on
        )
    explosion = None
    if question.further:
        supply = erp_now.supply_for(
            plant_id=question.plant_id, material_id=question.material_id, now=question.now, further=question.further
        )
        explosion = supply.explode(question.quantity)
    return aps.offer(
        plant_id=question.plant_id,
        material_id=question.material_id,
        quantity=question.quantity,
        now=question.now,
        wanted_on=question.wanted_on,
        explosion=explosion,
    )


def priced_lines(question: OfferQuestion, plant_id: int, decimals: int) -> erp_now.PriceEstimate:
    """What all lines cost when the plant makes them; `list_price` is the amount of all of them."""
    found = [
        (erp_now.price_of(plant_id=plant_id, material_id=material_id, quantity=quantity, at=question.now), quantity)
        for material_id, quantity in question.lines
    ]
    return erp_now.PriceEstimate(
        material=sum((one.material for one, _ in found), Decimal(0)),
        labour=sum((one.labour for one, _ in found), Decimal(0)),
        machine=sum((one.machine for one, _ in found), Decimal(0)),
        overhead=sum((one.overhead for one, _ in found), Decimal(0)),
        list_price=sum((numbers.money(one.list_price * quantity, decimals) for one, quantity in found), Decimal(0)),
        setup_min=sum((one.setup_min for one, _ in found), Decimal(0)),
    )


def margin_percent(price: Decimal, cost: Decimal) -> Decimal | None:
    """What is left of the price, in percent of it; nothing without a price."""
    return numbers.money(100 * (price - cost) / price) if price else None


def _checked_plant(question: OfferQuestion) -> Plant:
    plant = Plant.objects.select_related("company__currency").filter(pk=question.plant_id).first()
    if plant is None:
        raise InvalidInput("Choose a plant from the list.", field="plant")
    known = Material.objects.select_related("unit").filter(is_active=True)
    materials = known.in_bulk({material_id for material_id, _ in question.lines})
    for material_id, quantity in question.lines:
        material = materials.get(material_id)
        if material is None:
            raise InvalidInput("Choose a material that is in use.", field="material")
        erp.check_wish(
            material=material,
            quantity=quantity,
            unit_price=material.list_price,
            wanted_on=question.wanted_on,
            time_zone=plant.time_zone,
            now=question.now,
        )
    return plant


def _choice(
    question: OfferQuestion,
    answer: aps.OfferAnswer,
    option: aps.OfferOption,
    cost: Decimal,
    extra: Decimal,
    price: Decimal,
) -> OfferChoice:
    return OfferChoice(
        key=option.key,
        label=LABELS[option.key],
        is_possible=True,
        deliver_at=option.deliver_at,
        ends_at=option.ends_at,
        cause=option.cause,
        setup_min=option.setup_min,
        machine_min=sum(option.machine_min.values()),
        cost=cost + extra,
        extra_cost=extra,
        margin_percent=margin_percent(price, cost + extra),
        victims=tuple(
            OfferVictim(
                order_line_id=victim.line_id,
                order_number=victim.order_number,
                old_end_at=victim.old_end_at,
                new_end_at=victim.new_end_at,
            )
            for victim in option.victims
        ),
        offer_key=aps.keep_offer(answer=answer, option=option, now=question.now) if question.keep else None,
        bound_at=option.bound_at,
        is_proved=option.is_proved,
        moved_count=option.moved_count,
    )


def _impossible(key: str, cost: Decimal, question: OfferQuestion) -> OfferChoice:
    return OfferChoice(
        key=key,
        label=LABELS[key],
        is_possible=False,
        deliver_at=None,
        ends_at=None,
        cause=NO_GAP if question.order_id is None else NOT_SOONER[key],
        setup_min=0,
        machine_min=0,
        cost=cost,
        extra_cost=Decimal(0),
        margin_percent=None,
        victims=(),
    )


def extra_costs(options: Sequence[aps.OfferOption], own: Decimal, decimals: int, at: dt.datetime) -> dict[str, Decimal]:
    """The setup that each option brings to others: minutes beyond its `own`, which the price has."""
    rates = full_rates(options, at)
    return {option.key: extra_cost(option, own, rates, decimals) for option in options}


def full_rates(options: Sequence[aps.OfferOption], at: dt.datetime) -> dict[int, Decimal]:
    """What an hour costs at each machine that these options use."""
    machines = {machine_id for option in options for machine_id in option.machine_min}
    return {pk: hour.full for pk, hour in erp_now.hour_costs(machine_ids=machines, at=at).items()}


def extra_cost(option: aps.OfferOption, own: Decimal, rates: Mapping[int, Decimal], decimals: int) -> Decimal:
    """The setup that an option brings to others, at the mean rate of its machines."""
    minutes = max(Decimal(0), option.setup_min - own)
    return numbers.money(minutes * _mean_rate(option.machine_min, rates) / 60, decimals)


def _mean_rate(machine_min: Mapping[int, int], rates: Mapping[int, Decimal]) -> Decimal:
    minutes = sum(machine_min.values())
    if not minutes:
        return Decimal(0)
    return sum((rates[machine_id] * spent for machine_id, spent in machine_min.items()), Decimal(0)) / minutes
