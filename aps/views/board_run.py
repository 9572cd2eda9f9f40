"""The search beside the board: the run under way or the last one, with its curve, its stop and the buttons for more."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from aps import services
from aps.models import PlanRun
from aps.views import runs
from aps.views.board import SEE, plant_or_404
from masterdata import access
from masterdata.access import requires


@requires(SEE)
def board_run(request: HttpRequest, plant_id: int) -> HttpResponse:
    """What is being searched for this plant now, else what the last search brought, and how to ask for a longer one."""
    plant = plant_or_404(request, plant_id)
    rows = PlanRun.objects.filter(plant=plant)
    run = rows.filter(state=PlanRun.State.RUNNING).first() or rows.exclude(curve=[]).order_by("-pk").first()
    context: dict[str, Any] = {"object": None, "may_stop": False} if run is None else runs.now_of(run)
    if run is not None and run.is_running and run.stop_requested_at is None:
        context["may_stop"] = plant.pk in access.scope_of(request.user, runs.STOP).plants
        context["stop_url"] = reverse("aps:run_stop", args=[run.pk])
    if plant.pk in access.scope_of(request.user, runs.WANT).plants:
        context["optimise_url"] = reverse("aps:optimise", args=[plant.pk])
        context["lengths"] = [(seconds, services.duration(seconds)) for seconds in runs.LENGTHS]
    return render(request, "aps/_board_run.html", context)
