"""The tablet as an installed page: manifest, service worker, what it keeps of a machine and its jobs, PINs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from erp.models import WorkOrderOperation
from masterdata import access
from masterdata.access import PUBLIC, requires
from masterdata.errors import Refusal
from masterdata.models import Employee
from masterdata.services import pins
from mes import services
from mes.selectors.how import how_shown
from mes.selectors.snapshot import snapshot
from mes.views.shell import shell
from mes.views.station import Station


@requires(PUBLIC)
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: it may serve everything under /tablet/, and is asked for anew at each visit."""
    version, kept = shell()
    found = finders.find("mes/app/worker.js")
    assert isinstance(found, str)
    head = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(kept)};\n"
    answer = HttpResponse(head + Path(found).read_text(), content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = reverse("mes:tablet")
    answer["Cache-Control"] = "no-cache"
    return answer


@requires(PUBLIC)
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """What a tablet needs to put the page on its start screen."""
    icons = [
        {"src": static("mes/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": static("mes/icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static("mes/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
    ]
    content = {
        "name": _("Throughline tablet"),
        "short_name": _("Tablet"),
        "description": _("Report from the machine, with or without a connection."),
        "id": reverse("mes:tablet"),
        "start_url": reverse("mes:tablet"),
        "scope": reverse("mes:tablet"),
        "display": "standalone",
        "orientation": "any",
        "background_color": "#f5f7fa",
        "theme_color": "#0f766e",
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")


class Snapshot(Station):
    """All that the tablet keeps of its machine, in one JSON."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        content = snapshot(machine=self.machine, now=now, midnight=midnight)
        content["may"] = {
            "work": access.may(request.user, "mes.start_operation"),
            "report": access.may(request.user, "mes.report_operation"),
            "stop": access.may(request.user, "mes.report_machine_down"),
        }
        content["user_employee"] = next((one.pk for one in self.people if one.user_id == request.user.pk), None)
        answer = JsonResponse(content)
        answer["Cache-Control"] = "no-store"
        return answer


class How(Station):
    """How a product of this machine's list is made; what is under an address never changes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = {name: kwargs[name] for name in ("material_id", "shape_version", "instruction_id")}
        jobs = WorkOrderOperation.objects.filter(
            dispatch__machine=self.machine, work_order__material=given["material_id"]
        )
        plant = self.machine.work_centre.plant_id
        content = how_shown(**given, plant_id=plant) if jobs.exists() else None
        if content is None:
            raise Http404
        answer = JsonResponse(content)
        answer["Cache-Control"] = "private, max-age=31536000, immutable"
        return answer


class Allow(Station):
    """The shift lead lets somebody begin a job without the skill that it needs, by PIN; the server alone checks it."""

    permission: ClassVar[str] = "mes.start_operation"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        people = {one.pk: one for one in self.people}
        open_jobs = WorkOrderOperation.objects.filter(dispatch__machine=self.machine, finished_at=None)
        try:
            services.allow_by_pin(
                lead=_named(people, request, "lead"),
                person=_named(people, request, "person"),
                operation=get_object_or_404(open_jobs, pk=_number(request, "operation")),
                machine=self.machine,
                pin=request.POST.get("pin", ""),
                reason=request.POST.get("reason", ""),
                now=timezone.now(),
            )
        except Refusal as refusal:
            return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=refusal.status)
        return JsonResponse({"code": "", "sentence": ""})


def _number(request: HttpRequest, name: str) -> int:
    wish = request.POST.get(name, "")
    return int(wish) if wish.isascii() and wish.isdigit() else 0


def _named(people: dict[int, Employee], request: HttpRequest, name: str) -> Employee:
    found = people.get(_number(request, name))
    if found is None:
        raise Http404
    return found


@requires("mes.view_floor")
@require_POST
def check_pin(request: HttpRequest) -> JsonResponse:
    """Whether it is this person's PIN; wrong ones are counted here, not on the tablet."""
    people = access.visible_to(request.user, Employee.objects.filter(is_active=True), "mes.view_floor")
    employee = get_object_or_404(people, pk=_number(request, "employee"))
    try:
        pins.check_pin(employee_id=employee.pk, pin=request.POST.get("pin", ""), now=timezone.now())
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=refusal.status)
    return JsonResponse({"code": "", "sentence": ""})
