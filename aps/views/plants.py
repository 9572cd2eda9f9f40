"""Which other plant could make an order line, and what that would mean: a part of the board's panel."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from aps.services import elsewhere
from aps.services.elsewhere import Elsewhere
from aps.views.board import DECIDE
from erp.models import SalesOrderLine
from masterdata import access
from masterdata.access import requires
from masterdata.errors import Refusal
from masterdata.models import Plant
from masterdata.pages import plant_time

SEE_COST = "erp.view_cost"


@dataclass(frozen=True)
class _Choice:
    """A plant with what making the line there would mean, or why it cannot."""

    plant: Plant
    found: Elsewhere | None = None
    problem: str = ""


@requires(DECIDE)
def line_plants(request: HttpRequest, pk: int) -> HttpResponse:
    """The plants of the company whose plan the user may publish too; each answer is from its live plan."""
    lines = access.visible_to(request.user, SalesOrderLine.objects.select_related("order", "plant"), DECIDE)
    line = get_object_or_404(lines, pk=pk)
    mine = access.scope_of(request.user, DECIDE).plants
    others = Plant.objects.filter(pk__in=mine, company=line.order.company_id).exclude(pk=line.plant_id).order_by("code")
    with plant_time(request, line.plant_id):
        context = {
            "line": line,
            "choices": [_choice(line, plant) for plant in others],
            "sees_cost": access.may(request.user, SEE_COST),
        }
        return render(request, "aps/_line_plants.html", context)


def _choice(line: SalesOrderLine, plant: Plant) -> _Choice:
    try:
        return _Choice(plant, elsewhere.elsewhere(line_id=line.pk, plant_id=plant.pk, now=timezone.now()))
    except Refusal as refusal:
        return _Choice(plant, problem=refusal.sentence)
