"""What the buttons of the tablet do: each is one POST with the event id of its form, one call, then back to a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from masterdata.models import ReasonCode
from masterdata.shown import quantity
from mes import selectors, services
from mes.forms import MachineDownForm, ReportForm
from mes.models import OperationRun
from mes.services.runs import FloorEvent
from mes.views.station import OPERATOR, Station
from mes.views.tablet import Job, List, PauseSheet, ReportSheet, StopSheet


def _reason_id(request: HttpRequest, kind: str) -> int | None:
    """The reason that was tapped; one that does not exist counts as none."""
    wish = request.POST.get("reason", "")
    return (
        ReasonCode.objects.filter(pk=wish, kind=kind).values_list("pk", flat=True).first() if wish.isdigit() else None
    )


class Start(Job):
    """START: the job runs at this machine."""

    permission: ClassVar[str] = "mes.start_operation"
    http_method_names = ["post", "options"]
    service: ClassVar[Callable[..., OperationRun]] = staticmethod(services.start)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.item is None:
            return self.gone()
        operation_id = self.item.operation_id

        def do() -> str:
            type(self).service(event=self.event(operation_id, self.machine.pk), now=timezone.now())
            return self.url("job", operation_id)

        return self.deed(do)


class Resume(Start):
    """GO ON: the clock runs again."""

    service: ClassVar[Callable[..., OperationRun]] = staticmethod(services.resume)


class Pause(PauseSheet):
    """PAUSE with its reason."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.item is None:
            return self.gone()
        operation_id = self.item.operation_id

        def do() -> str:
            reason_id = _reason_id(request, "pause")
            services.pause(event=self.event(operation_id, self.machine.pk, reason_id=reason_id), now=timezone.now())
            return self.url("job", operation_id)

        return self.deed(do)


class Report(ReportSheet):
    """SAVE: pieces, stock, cost and ledger in one go."""

    permission: ClassVar[str] = "mes.report_operation"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.item is None:
            return self.gone()
        form = ReportForm(request.POST)
        if not form.is_valid():
            return self.show(status=422, sentence=form.sentence)
        return self.deed(lambda: self.book(form.cleaned_data))

    def book(self, given: dict[str, Any]) -> str:
        """Book it; back to the job, or to the list when it is finished."""
        assert self.item is not None
        reason = given["reason"]
        event: FloorEvent = self.event(
            self.item.operation_id,
            self.machine.pk,
            good_qty=given["good"],
            scrap_qty=given["scrap"],
            rework_qty=given["rework"],
            reason_id=reason.pk if reason and given["scrap"] else None,
        )
        deed = services.finish if given["finish"] else services.report
        run = deed(event=event, now=timezone.now())
        what = _("Saved: %(good)s good, %(scrap)s scrap.") % {
            "good": quantity(event.good_qty, self.item.unit),
            "scrap": quantity(event.scrap_qty),
        }
        if event.rework_qty:
            what = _("Saved: %(good)s good, %(scrap)s scrap, %(rework)s to rework.") % {
                "good": quantity(event.good_qty, self.item.unit),
                "scrap": quantity(event.scrap_qty),
                "rework": quantity(event.rework_qty),
            }
        if run.state == OperationRun.State.FINISHED:
            messages.success(self.request, _("%(what)s The job is finished.") % {"what": what})
            return self.url()
        messages.success(self.request, what)
        return self.url("job", self.item.operation_id)


class MachineDown(StopSheet):
    """MACHINE IS DOWN: the alarm goes out at once, the plan is made around it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = MachineDownForm(request.POST)
        if not form.is_valid():
            return self.show(status=422, sentence=_("Choose one of the reasons and times shown."))
        now = timezone.now()

        def do() -> str:
            reason = form.cleaned_data["reason"]
            services.report_machine_down(
                machine_id=self.machine.pk,
                since_at=now,
                now=now,
                estimated_until_at=form.until(now),
                reason_id=reason.pk if reason else None,
                by=self.operator,
            )
            return self.url()

        return self.deed(do)


class MachineUp(List):
    """RUNS AGAIN: alarm off, the machine is planned again; a paused job goes on by its own button."""

    permission: ClassVar[str] = "mes.report_machine_up"
    part_name = ""
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        def do() -> str:
            now = timezone.now()
            services.report_machine_up(machine_id=self.machine.pk, until_at=now, now=now)
            return self.url()

        return self.deed(do)


class Scan(Station):
    """Whatever is scanned or typed: a machine, a badge, a job sheet."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        code = request.POST.get("code", "").strip()
        if person := next((one for one in self.people if code in (one.badge, one.code, str(one.pk))), None):
            request.session[OPERATOR] = person.pk
            came_from = request.POST.get("next", "")
            return redirect(came_from if came_from.startswith("/tablet/") else self.url())
        if operation_id := selectors.dispatched_operation(machine_id=self.machine.pk, code=code.upper()):
            return redirect(self.url("job", operation_id))
        if (machine := selectors.machine_by_code(code.upper())) is not None:
            return redirect("mes:station", machine.code)
        messages.error(
            request, _("Nothing here has the code %(code)s. Scan a job sheet, a machine or a badge.") % {"code": code}
        )
        return redirect(self.url())
