"""Why an operation of the board begins when it does: the chain of waits as a part for the panel."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aps import edits, selectors, services
from aps.problem import CannotPlan
from aps.views.board import SEE, plant_or_404
from masterdata.access import requires
from masterdata.models import User

MOST_SHOWN, FEW = 8, 2
"""Steps of a chain that are read at once; a few more do not stand behind a fold."""


@requires(SEE)
def operation_why(request: HttpRequest, plant_id: int, operation_id: int) -> HttpResponse:
    """Numbered: 1 is the operation itself, the last the root; each names its operation for the canvas.

    It is the published plan that is explained, for whoever has kept changes of their own the plan with these.
    """
    plant = plant_or_404(request, plant_id)
    steps = services.draft_of(plant.pk, request.user).edits if isinstance(request.user, User) else []
    context: dict[str, Any] = {"question": _("Why not earlier?"), "basis": "", "links": [], "is_drafted": bool(steps)}
    try:
        found = selectors.operation_why(
            plant_id=plant.pk, operation_id=operation_id, now=timezone.now(), edits=edits.edits_from(steps)
        )
    except CannotPlan as error:
        return render(request, "aps/_operation_why.html", {**context, "basis": str(error)})
    if found is None:
        raise Http404
    rest = len(found.links) - MOST_SHOWN if len(found.links) > MOST_SHOWN + FEW else 0
    context |= {
        "shown": len(found.links) - rest,
        "rest": rest,
        "is_behind": rest > 0 and found.binding in found.links[-rest:],
        "basis": found.sentence,
        "links": found.links,
        "binding": found.binding,
        "is_late": found.late_min > 0,
        "sooner_url": reverse("aps:line_sooner", args=[found.line_id]) if found.line_id is not None else "",
    }
    with timezone.override(zoneinfo.ZoneInfo(plant.time_zone)):
        return render(request, "aps/_operation_why.html", context)
