"""Proposals that wait for a planner, and how long the plant's policy lets them wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from aps.models import Plan, RepairEffect, RepairOption, RepairPolicy, RepairProposal
from masterdata.lateness import is_late


@dataclass(frozen=True)
class LineEffect:
    """What an option does to an order line, and whether it slips by it: before, after."""

    effect: RepairEffect
    was_late: bool
    is_late: bool

    @property
    def minutes(self) -> int:
        """Later by so many minutes; negative: earlier."""
        return round((self.effect.after_at - self.effect.before_at).total_seconds() / 60)

    @property
    def earlier(self) -> int:
        """The same the other way round."""
        return -self.minutes


@dataclass(frozen=True)
class OptionView:
    """An option with its lines: those that turn late, those that stay so, those in time again, the rest; by minutes."""

    option: RepairOption
    lines: Sequence[LineEffect]

    @property
    def newly_late(self) -> int:
        """Lines that keep their promise as the floor has it now and not by this option."""
        return sum(one.is_late and not one.was_late for one in self.lines)

    @property
    def newly_in_time(self) -> int:
        """Lines that this option brings in time."""
        return sum(one.was_late and not one.is_late for one in self.lines)


def open_proposals(plant_ids: Collection[int]) -> QuerySet[RepairProposal]:
    """What waits for a planner in these plants, at most one in each, the oldest first."""
    rows = RepairProposal.objects.filter(plant__in=plant_ids, state=RepairProposal.State.OPEN)
    return rows.select_related("plant").order_by("made_at", "pk")


def repair_policy(plant_id: int) -> RepairPolicy:
    """The plant's policy; the usual one, not stored, while nobody has changed it."""
    return RepairPolicy.objects.filter(plant_id=plant_id).first() or RepairPolicy(plant_id=plant_id)


def proposal_options(proposal: RepairProposal) -> list[OptionView]:
    """The options from the calmest to the freest; two queries."""
    options = proposal.options.order_by("pk").prefetch_related("effects__line__order")
    return [OptionView(one, sorted(map(_effect, one.effects.all()), key=_rank)) for one in options]


def jobs_in_plan(*, plant_id: int, plan_no: int) -> int:
    """How many operations the published plan of that number holds; one query."""
    found = Plan.objects.filter(plant_id=plant_id, number=plan_no).values_list("operations", flat=True)
    return found.first() or 0


def _effect(one: RepairEffect) -> LineEffect:
    return LineEffect(one, is_late(one.promised_at, one.before_at), is_late(one.promised_at, one.after_at))


def _rank(one: LineEffect) -> tuple[int, int]:
    turned = one.is_late != one.was_late
    return (0 if turned and one.is_late else 1 if one.is_late else 2 if turned else 3, -one.minutes)
