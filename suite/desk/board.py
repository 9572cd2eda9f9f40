"""What the scheduling board asks across apps: what a planner's changes do."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aps import edits
from masterdata import access
from masterdata.access import requires
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Plant
from suite.asks import offer
from suite.asks.effects import EffectQuestion, EffectReply

DECIDE, COST = "aps.publish_plan", "erp.view_cost"


@requires(DECIDE)
@require_POST
def board_effect(request: HttpRequest, plant_id: int) -> HttpResponse:
    """What the draft does, and what is being tried besides; JSON in and out, nothing is written.

    With `"places": false` without where the draft puts everything (`moved` is null).
    """
    plant = get_object_or_404(access.visible_to(request.user, Plant.objects.all(), DECIDE), pk=plant_id)
    try:
        given = _body(request)
        question = question_of(plant.pk, given)
        demand_plants(request.user, question)
        found = offer.effect_and_wait(question)
    except Refusal as refusal:
        refused = {"code": refusal.code, "text": refusal.sentence, "edit": refusal.values.get("edit")}
        return JsonResponse(refused, status=refusal.status)
    content = {"seq": given.get("seq"), **told(found, sees_cost=access.may(request.user, COST))}
    answer = HttpResponse(_with_places(content, found), content_type="application/json")
    answer["Cache-Control"] = "private, no-store"
    return answer


def question_of(plant_id: int, given: dict[str, Any]) -> EffectQuestion:
    """The question in a body. Raises InvalidInput."""
    trial = given.get("trial")
    return EffectQuestion(
        plant_id=plant_id,
        now=timezone.now(),
        edits=edits.edits_from(given.get("edits", [])),
        trial=None if trial is None else edits.edit_from(trial),
        places=given.get("places") is not False,
    )


def demand_plants(user: Any, question: EffectQuestion) -> None:
    """Raises NotAllowed unless the user may publish every other plant's plan that the question is about."""
    for one in (*question.edits, question.trial):
        if isinstance(one, edits.Replant):
            access.demand(user, DECIDE, one.plant)


def told(found: EffectReply, *, sees_cost: bool) -> dict[str, Any]:
    """The answer but for places, in the reader's language, without money for those who may not see it."""
    content: dict[str, Any] = {name: one for name, one in found.content.items() if name not in ("lines", "floor")}
    if not sees_cost:
        content["effect"] = {**content["effect"], "cost": None, "late_cost": None}
        content["figures"] = {**content["figures"], "cost": None}
    refused = [
        {"edit": one.edit, "code": one.code, "operation": one.operation, "text": one.sentence} for one in found.refused
    ]
    return {**content, "refused": refused, "ms": found.computed_ms, "source": found.source}


def _with_places(content: dict[str, Any], found: EffectReply) -> str:
    """As JSON, with the places as the worker wrote them."""
    places = "".join(f',"{name}":{text}' for name, text in found.places.items())
    return f"{json.dumps(content, separators=(',', ':'))[:-1]}{places}}}"


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        given = json.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise InvalidInput(_("Send the changes as a JSON object."))
    return given
