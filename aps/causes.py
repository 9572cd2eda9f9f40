"""What a plan is owed to: the dominant one of the wishes that it answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from aps.models import PlanWish
from masterdata.causes import Cause

URGENCY = (
    PlanWish.Reason.BREAKDOWN,
    PlanWish.Reason.RUSH,
    PlanWish.Reason.SCRAP,
    PlanWish.Reason.MATERIAL,
    PlanWish.Reason.MACHINE_UP,
    PlanWish.Reason.ORDER,
    PlanWish.Reason.PROGRESS,
    PlanWish.Reason.PLANNER,
)
CAUSE_LENGTH = 240


def cause_between(plant_id: int, after: int, until: int) -> Cause:
    """The dominant wish of (after, until]: breakdown before rush, ...; texts of the same kind joined."""
    wishes = PlanWish.objects.filter(plant_id=plant_id, version__gt=after, version__lte=until).order_by("version")
    return dominant([Cause(wish.reason, wish.text, wish.fact_id) for wish in wishes])


def dominant(causes: Collection[Cause]) -> Cause:
    """The most urgent cause; several of its kind: their texts joined, the first one's fact."""
    for reason in URGENCY:
        same = [cause for cause in causes if cause.reason == reason]
        if same:
            return Cause(str(reason), joined([cause.text for cause in same if cause.text]), same[0].fact_id)
    return Cause(PlanWish.Reason.PLANNER, "Planned again")


def joined(texts: Sequence[str]) -> str:
    """ "A; B; C", each once, cut at a whole text with how many more there are."""
    different = list(dict.fromkeys(texts))
    for count in range(len(different), 0, -1):
        more = len(different) - count
        text = "; ".join(different[:count]) + (f" and {more} more" if more else "")
        if len(text) <= CAUSE_LENGTH:
            return text
    return different[0][:CAUSE_LENGTH] if different else ""
