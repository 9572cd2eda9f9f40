"""The frame of every tablet page: which machine, who works, what runs, and how a refusal is shown."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any, ClassVar

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property

from masterdata import access
from masterdata.access import Guarded
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Employee, Machine
from masterdata.pages.once import FIELD, once
from mes import selectors
from mes.selectors import MachineNow
from mes.services.runs import FloorEvent
from mes.views import shell

OPERATOR = "operator"
STATION = "station"
A_YEAR = 365 * 24 * 60 * 60
# What a work centre does, as a picture: the kinds of master data.
KIND_ICONS = {
    "saw": "slice",
    "edge": "layers-subtract",
    "cnc": "cpu",
    "drill": "circle-dot",
    "sand": "wash-dryclean-off",
    "paint": "spray",
    "oven": "flame",
    "assembly": "hammer",
    "pack": "package",
    "sew": "needle-thread",
    "upholstery": "armchair",
}


class NobodyChosen(Refusal):
    """The tablet does not know who works."""

    code = "nobody_chosen"


@method_decorator(csp_update({"script-src": ["'wasm-unsafe-eval'"]}), name="dispatch")
class Station(Guarded):
    """A page at one machine, in its plant's time zone. Machines outside the user's plants are not found.

    WebAssembly of our own address may run there: it reads codes that the camera sees.
    """

    permission: ClassVar[str] = "mes.view_floor"
    template_name: ClassVar[str]
    part_name: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if refused := access.refuse_without(request, self.permission):
            return refused
        with timezone.override(zoneinfo.ZoneInfo(self.machine.work_centre.plant.time_zone)):
            answer = super().dispatch(request, *args, **kwargs)
        if request.COOKIES.get(STATION) != self.machine.code and isinstance(answer, HttpResponse):
            answer.set_cookie(STATION, self.machine.code, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
        return answer

    @cached_property
    def machine(self) -> Machine:
        """The machine of the address."""
        machines = Machine.objects.filter(is_active=True).select_related("work_centre__plant")
        return get_object_or_404(
            access.visible_to(self.request.user, machines, self.permission), code=self.kwargs["code"]
        )

    @cached_property
    def machine_now(self) -> MachineNow:
        return selectors.machine_now(machine_id=self.machine.pk)

    @cached_property
    def people(self) -> list[Employee]:
        return selectors.people_of(plant_id=self.machine.work_centre.plant_id)

    @cached_property
    def operator(self) -> Employee | None:
        """Who was chosen on this tablet, else the employee who is logged in."""
        chosen = self.request.session.get(OPERATOR)
        user_id = self.request.user.pk
        return next((one for one in self.people if one.pk == chosen), None) or next(
            (one for one in self.people if one.user_id == user_id), None
        )

    def get_context(self) -> dict[str, Any]:
        return {}

    def show(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """The page, or its living part when htmx asks."""
        context = {
            "machine": self.machine,
            "plant": self.machine.work_centre.plant,
            "now": self.machine_now,
            "people": self.people,
            "operator": self.operator,
            "may_work": access.may(self.request.user, "mes.start_operation"),
            "may_report": access.may(self.request.user, "mes.report_operation"),
            "may_stop": access.may(self.request.user, "mes.report_machine_down"),
            "page_title": self.machine.code,
            **shell.context(),
            "kind_icon": KIND_ICONS.get(self.machine.work_centre.kind, "tools"),
            **self.get_context(),
            **more,
        }
        is_part = self.part_name and "HX-Request" in self.request.headers
        answer = render(self.request, self.part_name if is_part else self.template_name, context, status=status)
        answer["Vary"] = "HX-Request"
        return answer

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show()

    def deed(self, do: Callable[[], str], **more: Any) -> HttpResponse:
        """Do it once per form and go to the address it returns; a refusal is shown on this page, nothing is lost."""
        try:
            return redirect(once(self.request, do))
        except Refusal as refusal:
            status = refusal.status if refusal.status in (409, 422) else 409
            return self.show(status=status, sentence=refusal.sentence, **more)

    def event(self, operation_id: int, machine_id: int, **content: Any) -> FloorEvent:
        """An event of the person at the tablet; its id is the form's key. Raises NobodyChosen, InvalidInput."""
        if self.operator is None:
            raise NobodyChosen("Choose at the top who works here, then tap again.")
        try:
            event_id = uuid.UUID(self.request.POST.get(FIELD, ""))
        except ValueError:
            raise InvalidInput("This page is too old. Reload it and tap again.", field=FIELD) from None
        return FloorEvent(
            event_id=event_id,
            operation_id=operation_id,
            machine_id=machine_id,
            operator_id=self.operator.pk,
            happened_at=timezone.now(),
            **content,
        )

    def url(self, name: str = "station", *args: Any) -> str:
        """An address at this machine."""
        return reverse(f"mes:{name}", args=[self.machine.code, *args])
