"""Publishing a draft from the board: the dialog that says what it changes for whom, and the deed."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from aps import edits
from aps import services as aps
from aps.minutes import time_of
from erp.models import SalesOrderLine
from masterdata import access, lateness, shown
from masterdata.access import Guarded
from masterdata.errors import Refusal
from masterdata.models import Machine, Plant, User
from suite.asks import offer
from suite.asks.effects import EffectQuestion, EffectReply

DECIDE, COST = "aps.publish_plan", "erp.view_cost"
MOST_LINES, MOST_MACHINES = 12, 6
PART = "suite/desk/_board_publish.html"


@dataclass(frozen=True)
class LineRow:
    """An order line that comes at another time: what that means, in words and tone."""

    line: SalesOrderLine
    was_at: dt.datetime
    now_at: dt.datetime
    words: str
    tone: str
    turns: bool


class Publish(Guarded):
    """GET: the summary of one's own draft. POST: it becomes the plan."""

    permission = DECIDE
    http_method_names = ["get", "post", "head", "options"]

    def get(self, request: HttpRequest, plant_id: int) -> HttpResponse:
        return self._shown(self._plant(plant_id))

    def post(self, request: HttpRequest, plant_id: int) -> HttpResponse:
        """204 and `board:published`; else the part again, with what is in the way."""
        plant = self._plant(plant_id)
        version, left_out = (request.POST.get(name, "") for name in ("version", "left_out"))
        try:
            aps.publish_draft(
                plant_id=plant.pk,
                by=self._person(),
                version=int(version) if version.isdecimal() else 0,
                now=timezone.now(),
                note=request.POST.get("note", ""),
                left_out=int(left_out) if left_out.isdecimal() else 0,
            )
        except Refusal as refusal:
            return self._shown(plant, refusal)
        return HttpResponse(status=204, headers={"HX-Trigger": "board:published"})

    def _shown(self, plant: Plant, refusal: Refusal | None = None) -> HttpResponse:
        draft = aps.draft_of(plant.pk, self._person())
        context: dict[str, Any] = {
            "board_plant": plant,
            "version": draft.version,
            "count": len(draft.edits),
            "refusal": "" if refusal is None else refusal.sentence,
            "note": self.request.POST.get("note", ""),
            "sees_cost": access.may(self.request.user, COST),
        }
        if draft.edits:
            try:
                context |= summary(self._asked(plant, draft.edits), plant)
            except Refusal as found:
                context["refusal"] = context["refusal"] or found.sentence
        status = 200 if refusal is None else refusal.status if refusal.status in (409, 422) else 422
        with timezone.override(zoneinfo.ZoneInfo(plant.time_zone)):
            return render(self.request, PART, context, status=status)

    def _asked(self, plant: Plant, steps: object) -> EffectReply:
        question = EffectQuestion(plant_id=plant.pk, now=timezone.now(), edits=edits.edits_from(steps), whole=True)
        return offer.effect_and_wait(question)

    def _plant(self, plant_id: int) -> Plant:
        return get_object_or_404(access.visible_to(self.request.user, Plant.objects.all(), DECIDE), pk=plant_id)

    def _person(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user


def summary(found: EffectReply, plant: Plant) -> dict[str, Any]:
    """What the dialog shows of an answer; the number of queries is constant."""
    content = found.content
    effect, lines = content["effect"], _lines(content["lines"])
    machines = Machine.objects.in_bulk([key for key, _count in content["floor"]])
    floor = [(machines[key], count) for key, count in content["floor"] if key in machines]
    rest = floor[MOST_MACHINES:]
    return {
        "effect": effect,
        "cost": Decimal(effect["cost"]),
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
