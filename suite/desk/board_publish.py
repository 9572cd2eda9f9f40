"""Publishing drafts from the board: the dialog that says what each changes for whom, and the deed."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from aps import edits
from aps import services as aps
from aps.minutes import time_of
from aps.models import BoardDraft
from erp.models import SalesOrderLine
from masterdata import access, lateness, shown
from masterdata.access import Guarded
from masterdata.errors import Refusal
from masterdata.models import Machine, Plant, User
from suite.asks import offer
from suite.asks.effects import EffectQuestion, EffectReply

DECIDE, COST = "aps.publish_plan", "erp.view_cost"
MOST_LINES, MOST_MACHINES = 12, 6
FORM, PART = "suite/desk/_board_publish.html", "suite/desk/_board_publish_plant.html"


@dataclass(frozen=True)
class LineRow:
    """An order line that comes at another time: what that means, in words and tone."""

    line: SalesOrderLine
    was_at: dt.datetime
    now_at: dt.datetime
    words: str
    tone: str
    turns: bool


@dataclass(frozen=True)
class Part:
    """One plant's part of the dialog: `html` says what publishing it changes, or why that is unknown."""

    plant: Plant
    version: int
    count: int
    left_out: int
    plan_no: int
    next_no: int
    html: str


class Publish(Guarded):
    """GET: the summary of one's own drafts, plant by plant. POST: those of the chosen plants become their plans.

    `plant` are those of the board or chosen ones; each one's `version`, `left_out` and `plan_no` carry its id.
    """

    permission = DECIDE
    http_method_names = ["get", "post", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown(_ids(request.GET.getlist("plant")))

    def post(self, request: HttpRequest) -> HttpResponse:
        """204 and `board:published` with the plants; else the dialog again: what is published, what is in the way.

        Each plant is published by itself: a refusal of one leaves the others as they are.
        """
        wanted = _ids(request.POST.getlist("plant"))
        chosen = [one for one in self._plants() if one.pk in wanted]
        asked = [
            aps.ToPublish(
                one.pk,
                self._number("version", one),
                self._number("left_out", one),
                self._number("plan_no", one) if f"plan_no-{one.pk}" in request.POST else None,
            )
            for one in chosen
        ]
        found = aps.publish_drafts(
            chosen=asked, by=self._person(), now=timezone.now(), note=request.POST.get("note", "")
        )
        done = [one for one in found if one.refusal is None]
        is_whole = 0 < len(done) == len(found)
        answer = HttpResponse(status=204) if is_whole else self._shown(wanted, found)
        if done:
            told = {"plants": [one.plant_id for one in done], "is_whole": is_whole}
            answer["HX-Trigger"] = json.dumps({"board:published": told})
        return answer

    def _shown(self, chosen: Collection[int], found: Sequence[aps.DraftPublished] = ()) -> HttpResponse:
        refusals = {one.plant_id: one.refusal for one in found if one.refusal is not None}
        names = {one.pk: one.name for one in self._plants()}
        parts = self._parts(chosen, refusals)
        context: dict[str, Any] = {
            "parts": parts,
            "first": parts[0] if parts else None,
            "is_possible": any(one.next_no for one in parts),
            "published": [(one.plan_no, names[one.plant_id]) for one in found if one.refusal is None],
            "refusal": self._refusal(parts, refusals),
            "note": self.request.POST.get("note", ""),
        }
        return render(self.request, FORM, context, status=self._status(refusals))

    def _refusal(self, parts: Sequence[Part], refusals: Mapping[int, Refusal]) -> str:
        """What no plant's part says: nothing was chosen, or what was to be published is not there any more."""
        if self.request.method != "POST":
            return ""
        gone = [one.sentence for key, one in refusals.items() if key not in {part.plant.pk for part in parts}]
        return gone[0] if gone else "" if refusals else _("Choose at least one plant to publish.")

    def _status(self, refusals: Mapping[int, Refusal]) -> int:
        if self.request.method != "POST":
            return 200
        return next((one.status for one in refusals.values() if one.status in (409, 422)), 422)

    def _parts(self, chosen: Collection[int], refusals: Mapping[int, Refusal]) -> list[Part]:
        drafts = aps.drafts_by(self._person())
        plants = [one for one in self._plants() if one.pk in drafts]
        return [
            self._part(one, drafts[one.pk], one.pk in chosen or len(plants) == 1, refusals.get(one.pk), len(plants) > 1)
            for one in plants
        ]

    def _part(
        self, plant: Plant, draft: BoardDraft, is_chosen: bool, refusal: Refusal | None, is_one_of_many: bool
    ) -> Part:
        context: dict[str, Any] = {
            "board_plant": plant,
            "count": len(draft.edits),
            "is_chosen": is_chosen,
            "is_one_of_many": is_one_of_many,
            "refusal": "" if refusal is None else refusal.sentence,
            "sees_cost": access.may(self.request.user, COST),
        }
        try:
            steps = edits.edits_from(draft.edits)
            context |= summary(self._asked(plant, steps), plant) | {"sends": _sends(steps)}
        except Refusal as found:
            context["refusal"] = context["refusal"] or found.sentence
        with timezone.override(zoneinfo.ZoneInfo(plant.time_zone)):
            html = render_to_string(PART, context, self.request)
        left_out, plan_no, next_no = (
            len(context.get("refused", ())),
            context.get("plan_no", 0),
            context.get("next_no", 0),
        )
        return Part(plant, draft.version, len(draft.edits), left_out, plan_no, next_no, html)

    def _asked(self, plant: Plant, steps: tuple[edits.Edit, ...]) -> EffectReply:
        question = EffectQuestion(plant_id=plant.pk, now=timezone.now(), edits=steps, whole=True, places=False)
        return offer.effect_and_wait(question)

    def _plants(self) -> list[Plant]:
        return list(access.visible_to(self.request.user, Plant.objects.order_by("pk"), DECIDE))

    def _number(self, name: str, plant: Plant) -> int:
        given = self.request.POST.get(f"{name}-{plant.pk}", "")
        return int(given) if given.isdecimal() else 0

    def _person(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user


def _ids(given: Sequence[str]) -> set[int]:
    return {int(one) for one in given if one.isdecimal()}


def _sends(steps: Sequence[edits.Edit]) -> list[tuple[str, int]]:
    """Other plants that the draft has lines made in, and how many."""
    counts = Counter(step.plant for step in steps if isinstance(step, edits.Replant))
    plants = Plant.objects.in_bulk(counts)
    return [(plants[key].name, counts[key]) for key in sorted(plants)]


def summary(found: EffectReply, plant: Plant) -> dict[str, Any]:
    """What the dialog shows of an answer; the number of queries is constant."""
    content = found.content
    effect, lines = content["effect"], _lines(content["lines"])
    machines = Machine.objects.in_bulk([key for key, _count in content["floor"]])
    floor = [(machines[key], count) for key, count in content["floor"] if key in machines]
    rest = floor[MOST_MACHINES:]
    return {
        "effect": effect,
        "cost": _change(Decimal(effect["cost"]), effect["currency"]),
        "cost_of": _cost_of(effect),
        "plan_no": content["plan_no"],
        "next_no": content["plan_no"] + 1,
        "newly_late": sum(one["was"] == 0 for one in effect["late"]),
        "refused": found.refused,
        "lines": lines[:MOST_LINES],
        "more_lines": max(0, len(lines) - MOST_LINES),
        "floor": floor[:MOST_MACHINES],
        "more_machines": len(rest),
        "more_operations": sum(count for _machine, count in rest),
        "tablets": len(floor),
        "slips": sum(one.tone == "late" for one in lines),
        "turned": sum(one.turns for one in lines),
        "fallback": found.note,
    }


def _change(amount: Decimal, currency: str) -> str:
    """ "EUR +1,234.50", as beside the hand on the board."""
    return f"{currency} {'+' if amount > 0 else ''}{shown.number(amount, 2)}"


def _cost_of(effect: dict[str, Any]) -> str:
    """What the cost is made of."""
    if effect["late_cost"] is None:
        return _("cost of machine time")
    late = Decimal(effect["late_cost"])
    return _("cost, %(late)s of it lateness") % {"late": _change(late, effect["currency"])} if late else _("cost")


def _lines(given: list[list[int]]) -> list[LineRow]:
    rows = SalesOrderLine.objects.select_related("order__customer").in_bulk([line for line, _was, _now in given])
    return [_line(rows[line], time_of(was), time_of(now)) for line, was, now in given if line in rows]


def _line(line: SalesOrderLine, was_at: dt.datetime, now_at: dt.datetime) -> LineRow:
    was, now = (lateness.is_late(line.promised_at, one) for one in (was_at, now_at))
    change = shown.duration(abs(round((now_at - was_at).total_seconds() / 60)))
    words = {"change": change, "now": _over(line, now_at), "was": _over(line, was_at)}
    if now:
        text = _("%(now)s late, was %(was)s") % words if was else _("%(now)s late") % words
        return LineRow(line, was_at, now_at, text, "late" if now_at > was_at else "ok", not was)
    if was:
        return LineRow(line, was_at, now_at, _("on time again"), "ok", True)
    text = _("%(change)s later, still on time") if now_at > was_at else _("%(change)s earlier")
    return LineRow(line, was_at, now_at, text % words, "", False)


def _over(line: SalesOrderLine, at: dt.datetime) -> str:
    promised = line.promised_at or at
    return shown.duration(max(0, round((at - promised).total_seconds() / 60)))
