"""The scheduling board: its data in one answer, and the panel beside it about one order; the page is board_page."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aps import selectors
from aps.models import PlannedOperation, Scenario
from aps.problem import CannotPlan
from aps.views import spliced
from erp import selectors as erp_now
from erp.models import SalesOrder, SalesOrderLine
from masterdata import access, lateness
from masterdata.access import requires
from masterdata.models import Plant
from masterdata.pages import Step

SEE, DECIDE = "aps.view_plan", "aps.publish_plan"


def plants_of(request: HttpRequest) -> list[Plant]:
    """Plants whose plan the user may see."""
    seen = access.scope_of(request.user, SEE).plants
    return [plant for plant in request.plants if plant.pk in seen]  # type: ignore[attr-defined]


def plant_or_404(request: HttpRequest, plant_id: int) -> Plant:
    """The plant, if the user may see its plan."""
    return get_object_or_404(access.visible_to(request.user, Plant.objects.all(), SEE), pk=plant_id)


@requires(SEE)
def board_data(request: HttpRequest, plant_id: int) -> HttpResponse:
    """The plan in compact columns, whole or since a version, see `selectors.board_message`; or that of a scenario.

    `proposal_url` is the page of the proposal that waits; empty: none does.
    """
    plant = plant_or_404(request, plant_id)
    scenario = None
    if wish := request.GET.get("scenario"):
        rows = access.visible_to(request.user, Scenario.objects.filter(plant=plant), SEE)
        scenario = get_object_or_404(rows, pk=int(wish) if wish.isdecimal() else 0).pk
    waits = selectors.open_proposals([plant.pk]).first()
    more = {"proposal_url": "" if waits is None else reverse("aps:proposal", args=[waits.pk])}
    since = request.GET.get("since")
    found = selectors.board_message(plant.pk, now=timezone.now(), since=since, scenario_id=scenario, more=more)
    return spliced.answer(request, found)


@requires(SEE)
def order_panel(request: HttpRequest, plant_id: int, order_id: int) -> HttpResponse:
    """One order beside the board: the line, its dates, its operations in this plant, the way to it."""
    plant, order = plant_or_404(request, plant_id), _order(request, order_id)
    operations = PlannedOperation.objects.filter(
        plant=plant, operation__work_order__sales_order_line__order=order
    ).select_related("operation__work_order__material", "machine")
    lines = list(SalesOrderLine.objects.filter(order=order).select_related("material").order_by("line_no"))
    context = {
        "order": order,
        "board_plant": plant,
        "stations": erp_now.order_status([order.pk])[order.pk].stations,
        "lines": lines,
        "promised_at": _latest(lines, "promised_at"),
        "expected_at": _latest(lines, "expected_at"),
        "operations": operations.order_by("starts_at", "operation_id"),
        "order_url": _order_url(request, order),
        "may_move": plant.pk in (mine := access.scope_of(request.user, DECIDE).plants) and len(mine) > 1,
    }
    with timezone.override(zoneinfo.ZoneInfo(plant.time_zone)):
        return render(request, "aps/_order_panel.html", context)


@requires(SEE)
def order_why(request: HttpRequest, plant_id: int, order_id: int) -> HttpResponse:
    """The chain of waits behind the order's last planned end."""
    plant, order = plant_or_404(request, plant_id), _order(request, order_id)
    context: dict[str, Any] = {"question": _("Why not earlier?"), "basis": "", "steps": []}
    lines = SalesOrderLine.objects.filter(order=order, plant=plant).order_by("-expected_at", "pk")
    try:
        found = [
            why for line in lines[:3] if (why := selectors.why(plant_id=plant.pk, line_id=line.pk, now=timezone.now()))
        ]
    except CannotPlan as error:
        return render(request, "parts/_chain.html", {**context, "basis": str(error)})
    if found:
        last = max(found, key=lambda one: one.ends_at)
        context["basis"] = last.sentence
        context["sooner_url"] = reverse("aps:line_sooner", args=[last.line_id])
        is_late = dt.timedelta(minutes=last.late_min) >= lateness.GRACE
        context["steps"] = [
            Step(
                link.operation,
                link.sentence,
                link.icon,
                is_cause=is_late and link == last.binding,
                is_most=link == last.binding,
            )
            for link in last.links
        ]
    return render(request, "parts/_chain.html", context)


def _order(request: HttpRequest, order_id: int) -> SalesOrder:
    order = SalesOrder.objects.select_related("customer")
    return get_object_or_404(access.visible_to(request.user, order, SEE), pk=order_id)


def _order_url(request: HttpRequest, order: SalesOrder) -> str:
    """The order's page, for those who may open it."""
    if not access.may(request.user, "erp.view_order"):
        return ""
    try:
        return reverse("erp:order", args=[order.pk])
    except NoReverseMatch:
        return ""


def _latest(lines: list[SalesOrderLine], name: str) -> Any:
    return max((at for line in lines if (at := getattr(line, name)) is not None), default=None)


def words(decides: bool) -> dict[str, str]:
    """What the canvas says, to one who decides about proposals or looks on; its modules hold no words of their own."""
    return {
        "machines": _("Work centre, machine"),
        "load": _("Load"),
        "timesOf": _("Times of %(zone)s"),
        "today": _("today"),
        "tomorrow": _("tomorrow"),
        "down": _("Down"),
        "stock": _("Stock"),
        "late": _("late"),
        "inTime": _("In time"),
        "slack": _("spare"),
        "atRisk": _("At risk"),
        "isLate": _("Late"),
        "running": _("Running"),
        "setup": _("Setup"),
        "piecesOne": _("%(count)s piece"),
        "piecesMany": _("%(count)s pieces"),
        "noDue": _("For stock, no date"),
        "plan": _("Plan"),
        "published": _("published"),
        "planning": _("A new plan is being made"),
        "proposal": _("A plan waits for your decision") if decides else _("A plan waits for a planner's decision"),
        "nothingFound": _("No order, customer, material or machine on this board is called “%(text)s”."),
        "failed": _("The plan could not be fetched. It is tried again by itself."),
        "empty": _("Nothing is planned here. Confirm an order and its operations appear by themselves."),
        "opensAt": _("No work before %(when)s: the board opens there. Now brings you back."),
        "operationsOne": _("1 operation"),
        "operationsMany": _("%(count)s operations"),
        "operationsOf": _("%(shown)s of %(count)s operations"),
        "machinesOne": _("1 machine"),
        "machinesMany": _("%(count)s machines"),
        "ordersOne": _("order"),
        "ordersMany": _("orders"),
        "unplanned": _("not planned yet"),
        "inView": _("operations in view"),
        "due": _("Due"),
        "promised": _("Promised"),
        "promisedReady": _("Promised %(promised)s, ready by %(due)s"),
        "readyBy": _("Ready by %(due)s"),
        "promises": _("Promises"),
        "countLate": _("late"),
        "countAtRisk": _("at risk"),
        "frozenUntil": _("Frozen until"),
        "wholePlan": _("Whole plan"),
        "people": _("People"),
        "peoplePublished": _("People, published"),
        "week": _("week"),
        "planned": _("Planned"),
        "held": _("Pinned or frozen"),
        "perOrder": _("A colour for each order"),
    }
