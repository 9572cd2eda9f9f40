"""A planner's draft of the plan as the board keeps it: JSON in and out."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from aps import edits, services
from masterdata import access
from masterdata.access import Guarded
from masterdata.errors import InvalidInput, NotAllowed, Refusal
from masterdata.models import Plant, User

SEE, DECIDE = "aps.view_plan", "aps.publish_plan"


class Draft(Guarded):
    """One's own changes to a plant's plan, and who else is changing it."""

    permission = SEE
    http_method_names = ["get", "put", "head", "options"]

    def get(self, request: HttpRequest, plant_id: int) -> HttpResponse:
        return self._told(request, self._plant(plant_id))

    def put(self, request: HttpRequest, plant_id: int) -> HttpResponse:
        """Keep the changes; 409 when the version is not the last."""
        plant = self._plant(plant_id)
        try:
            if not self._may_edit(plant):
                raise NotAllowed(_("Only planners may change the plan."))
            version, steps = self._sent(request)
            services.save_draft(
                plant_id=plant.pk, by=self._person(), edits=steps, expected_version=version, now=timezone.now()
            )
        except Refusal as refusal:
            told = {"code": refusal.code, "text": refusal.sentence, "edit": refusal.values.get("edit")}
            return JsonResponse(told, status=refusal.status)
        return self._told(request, plant)

    def _told(self, request: HttpRequest, plant: Plant) -> HttpResponse:
        mine = services.draft_of(plant.pk, self._person())
        others = services.other_drafts(plant.pk, self._person())
        answer = JsonResponse(
            {
                "version": mine.version,
                "base_no": mine.base_no,
                "edits": mine.edits,
                "others": [{"name": one.name, "changes": one.changes, "at": one.at.isoformat()} for one in others],
                "can_edit": self._may_edit(plant),
            }
        )
        answer["Cache-Control"] = "private, no-store"
        return answer

    def _sent(self, request: HttpRequest) -> tuple[int, tuple[edits.Edit, ...]]:
        try:
            given: Any = json.loads(request.body)
        except ValueError:
            given = None
        if not isinstance(given, dict) or type(given.get("version")) is not int:
            raise InvalidInput(_("Send the draft's version and its changes as a JSON object."), field="version")
        return given["version"], edits.edits_from(given.get("edits"))

    def _plant(self, plant_id: int) -> Plant:
        return get_object_or_404(access.visible_to(self.request.user, Plant.objects.all(), SEE), pk=plant_id)

    def _may_edit(self, plant: Plant) -> bool:
        return plant.pk in access.scope_of(self.request.user, DECIDE).plants

    def _person(self) -> User:
        user = self.request.user
        if not isinstance(user, User):
            raise NotAllowed(_("Sign in first."))
        return user
