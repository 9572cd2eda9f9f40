"""What the levers of an offer start from, what a lever is, and how long looking for them may take."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from aps import services as aps
from erp import selectors as erp_now
from masterdata import selectors as masters_now
from masterdata.models import Material, Plant
from suite.asks.answers import OfferQuestion
from suite.asks.computing import extra_costs, priced_lines

SETUP = "Setup that it brings to others"
Driver = tuple[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class LeverMaterial:
    """A material to order fast, `quantity` of it taken from what a work order's need holds, or used for another."""

    material_id: int
    need_id: int | None = None
    quantity: Decimal = Decimal(0)
    instead_of_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class LeverPart:
    """How much of line `line_no` of the question comes first; all or nothing of it too."""

    line_no: int
    material_id: int
    quantity: Decimal
    first_qty: Decimal


@dataclass(frozen=True, kw_only=True)
class Lever:
    """One further option; `answer` holds its plan for keeping. `drivers` sum to what it costs more.

    With `ask_first` it can't be taken: somebody has to be asked. `plant_id` is another plant than was asked. Of `parts`
    something is there with the option, the rest at `rest_at`; without that, all of it in two lots.
    """

    kind: str
    key: str
    label: str
    option: aps.OfferOption
    answer: aps.OfferAnswer
    cause: str
    cost: Decimal
    drivers: tuple[Driver, ...]
    ask_first: str = ""
    plant_id: int | None = None
    parts: tuple[LeverPart, ...] = ()
    rest_at: dt.datetime | None = None
    materials: tuple[LeverMaterial, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NoLever:
    """What was looked for and brings nothing earlier, and why."""

    kind: str
    key: str
    label: str
    reason: str


class NoTime(Exception):
    """The time for looking is over."""


@dataclass(frozen=True)
class Ground:
    """What all levers start from: the question, option A, and what it costs to make. `until` is when looking ends, on
    the monotonic clock."""

    question: OfferQuestion
    plant: Plant
    material: Material
    supply: erp_now.Supply
    explosion: erp_now.Explosion
    answer: aps.OfferAnswer
    cost: Decimal
    setup_min: Decimal
    until: float
    own: aps.OwnWork | None = None
    """The order's work that is to come earlier, where it is planned already."""

    def is_time_up(self) -> bool:
        return time.monotonic() >= self.until

    @property
    def calm(self) -> aps.OfferOption | None:
        return next((one for one in self.answer.options if one.key == "A"), None)

    @property
    def decimals(self) -> int:
        return self.plant.company.currency.decimals

    @property
    def known_at(self) -> dt.datetime | None:
        """What a lever has to beat: option A, else the date that an order has by now."""
        if self.calm is not None:
            return self.calm.deliver_at
        return self.own.planned_at if self.own is not None else None

    @property
    def due_at(self) -> dt.datetime:
        """The end of the wanted day."""
        return masters_now.end_of_day(self.question.wanted_on, self.plant.time_zone)

    @property
    def is_in_time(self) -> bool:
        return self.known_at is not None and self.known_at <= self.due_at

    def clock(self, at: dt.datetime) -> str:
        """The moment in the plant's zone, in words."""
        return masters_now.shop_time(at, self.plant.time_zone)

    def is_sooner(self, option: aps.OfferOption | None) -> bool:
        return option is not None and (self.known_at is None or option.deliver_at < self.known_at)

    def asked(self, explosion: erp_now.Explosion, plant_id: int) -> aps.OfferAnswer:
        """Option A for other supply or in another plant. Raises NoTime."""
        if self.is_time_up():
            raise NoTime
        question = self.question
        return aps.offer(
            plant_id=plant_id,
            material_id=question.material_id,
            quantity=question.quantity,
            wanted_on=question.wanted_on,
            now=question.now,
            explosion=explosion,
            keys=("A",),
        )

    def told(
        self, option: aps.OfferOption, drivers: Sequence[Driver], cause: str = "", setup_min: Decimal | None = None
    ) -> Any:
        """What every lever of this plant has: the option's own drivers, and the sum.

        `setup_min`: of its own work, where that is more than when it is made at once.
        """
        own = self.setup_min if setup_min is None else setup_min
        setup = extra_costs([option], own, self.decimals, self.question.now)[option.key]
        whole = (*drivers, *([(SETUP, setup)] if setup else []))
        total = self.cost + sum((amount for _, amount in whole), Decimal(0))
        kept = replace(self.answer, options=(option,))
        return {
            "option": option,
            "answer": kept,
            "cost": total,
            "drivers": whole,
            "cause": cause or option.cause,
        }


def ground_of(question: OfferQuestion, until: float) -> Ground:
    """Read once for one lever. Raises what planning and costing refuse, and NoTime."""
    if time.monotonic() >= until:
        raise NoTime
    plant = Plant.objects.select_related("company__currency").get(pk=question.plant_id)
    material = Material.objects.select_related("unit").get(pk=question.material_id)
    supply = erp_now.supply_for(plant_id=plant.pk, material_id=material.pk, now=question.now, further=question.further)
    explosion = supply.explode(question.quantity)
    priced = priced_lines(question, plant.pk, plant.company.currency.decimals)
    own = None
    if question.order_id is not None:
        own = aps.own_work(
            plant_id=plant.pk, order_id=question.order_id, now=question.now, wanted_on=question.wanted_on
        )
        answer = aps.answer_sooner(own, question.wanted_on, keys=("A",))
    else:
        answer = aps.offer(
            plant_id=plant.pk,
            material_id=material.pk,
            quantity=question.quantity,
            wanted_on=question.wanted_on,
            now=question.now,
            explosion=explosion,
            keys=("A",),
        )
    setup_min = priced.setup_min if own is None else Decimal(0)
    return Ground(question, plant, material, supply, explosion, answer, priced.total, setup_min, until, own)
