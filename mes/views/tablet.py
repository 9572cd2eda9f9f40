"""The tablet at a machine: choose it, its list, one job, the sheets to report, pause and stop."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from erp import selectors as erp_now
from masterdata import access
from masterdata.access import requires
from masterdata.models import Machine
from mes import selectors
from mes.forms import ESTIMATES, ReportForm
from mes.selectors import DispatchItem
from mes.views.station import STATION, Station

MOST_CELLS = 60  # pieces drawn one by one; more are a bar


@requires("mes.view_floor")
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """The machines to stand at; straight to the one that this tablet stood at, unless asked for the choice."""
    machines = access.visible_to(request.user, Machine.objects.filter(is_active=True), "mes.view_floor")
    remembered = request.COOKIES.get(STATION, "")
    if remembered and "choose" not in request.GET and machines.filter(code=remembered).exists():
        return redirect("mes:station", remembered)
    plants = [plant.pk for plant in request.plants]  # type: ignore[attr-defined]
    code = request.GET.get("code", "").strip()
    if code and (found := machines.filter(code__iexact=code).first()):
        return redirect("mes:station", found.code)
    context = {
        "machines": selectors.machines_now(plant_ids=plants),
        "code": code,
        "remembered": remembered,
        "page_title": _("Which machine?"),
    }
    return render(request, "mes/choose.html", context)


class List(Station):
    """What the machine does and has to do, in the plan's order."""

    template_name = "mes/station.html"
    part_name = "mes/_station.html"

    def get_context(self) -> dict[str, Any]:
        items = selectors.dispatch_list(machine_id=self.machine.pk)
        first = items[0] if items else None
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return {
            "items": items,
            "first": first,
            "rest": items[1:],
            "stations": stations_of(first),
            "good_today": selectors.good_pieces(machine_id=self.machine.pk, since_at=midnight),
            "told_at": max((item.told_at for item in items), default=None),
            "later": later(items),
        }


def stations_of(item: DispatchItem | None) -> Any:
    """The line of the job's order, empty when it is for stock."""
    if item is None or item.order_id is None:
        return ()
    found = erp_now.order_status([item.order_id]).get(item.order_id)
    return found.stations if found else ()


def later(items: list[DispatchItem]) -> dt.datetime | None:
    """When the list ends by the plan."""
    return max((item.planned_end_at for item in items), default=None)


class Job(Station):
    """One job: what exactly, how many, what next."""

    template_name = "mes/job.html"
    part_name = "mes/_job.html"

    @cached_property
    def item(self) -> DispatchItem | None:
        found = selectors.job(operation_id=self.kwargs["operation_id"])
        return found if found and found.machine_id == self.machine.pk else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.item is None:
            return self.gone()
        return self.show()

    def gone(self) -> HttpResponse:
        """The job is finished, or the plan has moved it: back to the list, with the reason."""
        messages.info(self.request, _("This job is finished or was moved to another machine. Here is what is next."))
        if "HX-Request" in self.request.headers:
            return HttpResponse(status=204, headers={"HX-Redirect": self.url()})
        return redirect(self.url())

    def get_context(self) -> dict[str, Any]:
        item = self.item
        if item is None:
            raise Http404
        return {
            "item": item,
            "details": selectors.job_details(operation_id=item.operation_id),
            "stations": stations_of(item),
            "cells": cells(item),
            "percent": 100 * item.good_qty / item.quantity,
            "worked_min": worked_min(item, timezone.now()),
            "is_behind": item.state != "planned" and item.planned_end_at < timezone.now(),
            "page_title": f"{item.material}, {self.machine.code}",
        }


def cells(item: DispatchItem) -> list[str]:
    """One word per piece: good, scrap, rework or open; empty when there are too many or parts of pieces."""
    counted = {"good": item.good_qty, "scrap": item.scrap_qty, "rework": item.rework_qty}
    if item.quantity > MOST_CELLS or any(one % 1 for one in (item.quantity, *counted.values())):
        return []
    found = [word for word, pieces in counted.items() for _ in range(int(pieces))]
    return found + ["open"] * max(0, int(item.quantity) - len(found))


def worked_min(item: DispatchItem, now: dt.datetime) -> int:
    """Minutes since the last report that the clock ran."""
    running = (now - item.resumed_at).total_seconds() if item.resumed_at else 0
    return int(((item.unbooked_sec or 0) + max(0, running)) // 60)


class ReportSheet(Job):
    """Good and scrap in one sheet; the tap that books them is in tapping.py."""

    permission: ClassVar[str] = "mes.report_operation"
    template_name = "mes/report.html"
    part_name = ""

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        item: DispatchItem = context["item"]
        remaining = item.remaining_qty
        given = self.request.POST or {"good": "", "scrap": "", "rework": "", "reason": ""}
        return context | {
            "form": ReportForm(),
            "given": given,
            "remaining": remaining,
            "step": Decimal(1) if remaining % 1 == 0 else Decimal("0.001"),
            "reasons": selectors.reasons("scrap"),
        }


class PauseSheet(Job):
    """Why the job stops for a while."""

    template_name = "mes/pause.html"
    part_name = ""
    permission: ClassVar[str] = "mes.start_operation"

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {"reasons": selectors.reasons("pause")}


class StopSheet(Station):
    """Why the machine stands, and when it may be back."""

    template_name = "mes/stop.html"
    permission: ClassVar[str] = "mes.report_machine_down"

    def get_context(self) -> dict[str, Any]:
        return {
            "reasons": selectors.reasons("downtime"),
            "estimates": ESTIMATES,
            "running": selectors.job(operation_id=self.machine_now.operation_id)
            if self.machine_now.operation_id
            else None,
        }
