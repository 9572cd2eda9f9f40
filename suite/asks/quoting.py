"""What a whole quotation is answered from: one netting of all lines, one insertion behind the other, their cost."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from aps import services as aps
from crm import selectors as crm_now
from erp import selectors as erp_now
from erp import services as erp
from masterdata import selectors as masters_now
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material, Plant
from suite.asks.computing import extra_cost, full_rates
from suite.asks.quote_answers import (
    KeptFor,
    LineAsked,
    LineReply,
    QuoteQuestion,
    QuoteReply,
)

Refused = dict[str, LineReply]
"""By the key of a line: why it has no date."""


def compute(question: QuoteQuestion) -> QuoteReply:
    """Answer all lines together, in their sequence; a line that cannot be made says so and leaves the others alone.

    Keeps each plant's insertion when the question says so, and every line has a date.
    """
    started = time.perf_counter()
    plants, refused = _checked(question)
    if question.anew:
        aps.read_anew(plant_ids=sorted(plants), now=question.now)
    in_sequence = sorted(question.lines, key=lambda line: line.is_option)
    able, exploded = _exploded([line for line in in_sequence if line.key not in refused], question, refused)
    answers: dict[int, aps.TogetherAnswer] = {}
    told: dict[str, LineReply] = {}
    for plant_id in dict.fromkeys(line.plant_id for line in able):
        own = [line for line in able if line.plant_id == plant_id]
        answer = _planned(plant_id, own, exploded, question, refused)
        if answer is not None:
            answers[plant_id] = answer
            told |= _told(plants[plant_id], own, answer, exploded, question)
    told |= _sooner(told, plants, exploded, question)
    lines = tuple(told.get(line.key) or refused[line.key] for line in question.lines)
    may_keep = question.keep and not refused
    return QuoteReply(
        question=question,
        lines=lines,
        kept=tuple(_kept(answer, question, may_keep) for answer in answers.values()),
        source="warm",
        computed_ms=round((time.perf_counter() - started) * 1000),
    )


def _checked(question: QuoteQuestion) -> tuple[dict[int, Plant], Refused]:
    """The plants, and the lines that nobody may wish so."""
    plants = Plant.objects.select_related("company__currency").in_bulk({line.plant_id for line in question.lines})
    wanted = {line.material_id for line in question.lines}
    materials = Material.objects.select_related("unit").filter(is_active=True).in_bulk(wanted)
    refused: Refused = {}
    for line in question.lines:
        try:
            _check(line, plants.get(line.plant_id), materials.get(line.material_id), question)
        except Refusal as refusal:
            refused[line.key] = _refusal(line, refusal)
    return plants, refused


def _check(line: LineAsked, plant: Plant | None, material: Material | None, question: QuoteQuestion) -> None:
    if plant is None:
        raise InvalidInput("Choose a plant from the list.", field="plant")
    if material is None:
        raise InvalidInput("Choose a material that is in use.", field="material")
    erp.check_wish(
        material=material,
        quantity=line.quantity,
        unit_price=material.list_price,
        wanted_on=line.wanted_on,
        time_zone=plant.time_zone,
        now=question.now,
    )


def _refusal(line: LineAsked, refusal: Refusal) -> LineReply:
    return LineReply(key=line.key, refused=refusal.sentence, refused_field=refusal.field)


def _exploded(
    lines: Sequence[LineAsked], question: QuoteQuestion, refused: Refused
) -> tuple[list[LineAsked], dict[str, erp_now.Explosion]]:
    """All lines netted together; when one of them cannot be made, it is found and left out."""
    able = list(lines)
    try:
        return able, _together(able, question)
    except Refusal:
        for line in lines:
            try:
                _together([line], question)
            except Refusal as refusal:
                refused[line.key] = _refusal(line, refusal)
        able = [line for line in lines if line.key not in refused]
        return able, _together(able, question)


def _together(lines: Sequence[LineAsked], question: QuoteQuestion) -> dict[str, erp_now.Explosion]:
    wanted = [(line.plant_id, line.material_id, line.quantity) for line in lines]
    found = erp_now.explode_lines(wanted=wanted, now=question.now)
    return {line.key: one for line, one in zip(lines, found, strict=True)}


def _planned(
    plant_id: int,
    lines: list[LineAsked],
    exploded: dict[str, erp_now.Explosion],
    question: QuoteQuestion,
    refused: Refused,
) -> aps.TogetherAnswer | None:
    """The plant's answer; lines that planning refuses by themselves are taken out of `lines`."""
    try:
        return _ask(plant_id, lines, exploded, question)
    except aps.NoOffer as reason:
        for line in list(lines):
            try:
                _ask(plant_id, [line], exploded, question)
            except aps.NoOffer as refusal:
                refused[line.key] = _refusal(line, refusal)
                lines.remove(line)
        if not lines:
            return None
        if any(line.key in refused for line in question.lines if line.plant_id == plant_id):
            return _ask(plant_id, lines, exploded, question)
        refused |= {line.key: _refusal(line, reason) for line in lines}
        lines.clear()
        return None


def _ask(
    plant_id: int, lines: Sequence[LineAsked], exploded: dict[str, erp_now.Explosion], question: QuoteQuestion
) -> aps.TogetherAnswer:
    names = {line.key: f"line {no}" for no, line in enumerate(question.lines, start=1)}
    asked = [aps.WantedLine(exploded[line.key], line.wanted_on, names[line.key]) for line in lines]
    return aps.offer_together(plant_id=plant_id, lines=asked, now=question.now)


def _told(
    plant: Plant,
    lines: Sequence[LineAsked],
    answer: aps.TogetherAnswer,
    exploded: dict[str, erp_now.Explosion],
    question: QuoteQuestion,
) -> dict[str, LineReply]:
    costs = _costs(plant, lines, answer, question)
    sure = Sureness(plant, question.now)
    checks = erp_now.material_checks([exploded[line.key] for line in lines])
    plan_no = int(answer.input_version.split(".")[0])
    return {
        line.key: LineReply(
            key=line.key,
            deliver_at=option.deliver_at,
            cause=option.cause,
            plan_no=plan_no,
            cost=cost,
            short=check.short,
            **sure.of(option.deliver_at, line.wanted_on, check),
        )
        for line, option, cost, check in zip(lines, answer.lines, costs, checks, strict=True)
    }


def _sooner(
    told: dict[str, LineReply],
    plants: dict[int, Plant],
    exploded: dict[str, erp_now.Explosion],
    question: QuoteQuestion,
) -> dict[str, LineReply]:
    """When the only line, if it is late, could be there if others move. Of several that says nothing of the whole, and
    costs as much as all their dates: a rush request answers it."""
    line, *others = question.lines
    at = told[line.key].deliver_at if line.key in told and not others else None
    if at is None or not exploded[line.key].work_orders:
        return {}
    if at <= masters_now.end_of_day(line.wanted_on, plants[line.plant_id].time_zone):
        return {}
    found = aps.offer(
        plant_id=line.plant_id,
        material_id=line.material_id,
        quantity=line.quantity,
        wanted_on=line.wanted_on,
        now=question.now,
        explosion=exploded[line.key],
        keys=("C",),
    ).options
    if not found or found[0].deliver_at >= at:
        return {}
    return {line.key: replace(told[line.key], sooner_at=found[0].deliver_at)}


class Sureness:
    """How sure a plant's dates are, by what was observed of its work and of the suppliers that a line waits for."""

    def __init__(self, plant: Plant, now: dt.datetime) -> None:
        self.plant, self.now = plant, now
        self._spreads: dict[frozenset[int], crm_now.Spread] = {}

    def of(self, deliver_at: dt.datetime, wanted_on: dt.date, check: erp_now.MaterialCheck) -> dict[str, Any]:
        """The fields of the line's answer."""
        suppliers = frozenset(
            one.supplier_id for short in check.short for one in short.comes if one.supplier_id is not None
        )
        if suppliers not in self._spreads:
            found = crm_now.spread_of([self.plant.pk], now=self.now, supplier_ids=sorted(suppliers))
            self._spreads[suppliers] = found
        spread = self._spreads[suppliers]
        sure = spread.sure(deliver_at, masters_now.end_of_day(wanted_on, self.plant.time_zone))
        return {"sure": sure, "p90_at": spread.p90(deliver_at), "sure_why": spread.why_unknown}


def _costs(
    plant: Plant, lines: Sequence[LineAsked], answer: aps.TogetherAnswer, question: QuoteQuestion
) -> list[Decimal]:
    """What making each line costs, with the setup that it brings to others."""
    wanted = [(line.material_id, line.quantity) for line in lines]
    priced = erp_now.prices_together(plant_id=plant.pk, wanted=wanted, at=question.now)
    rates, decimals = full_rates(answer.lines, question.now), plant.company.currency.decimals
    return [
        one.total + extra_cost(option, one.setup_min, rates, decimals)
        for one, option in zip(priced, answer.lines, strict=True)
    ]


def _kept(answer: aps.TogetherAnswer, question: QuoteQuestion, may_keep: bool) -> KeptFor:
    key = aps.keep_together(answer=answer, now=question.now) if may_keep else None
    return KeptFor(plant_id=answer.plant_id, input_version=answer.input_version, offer_key=key)
