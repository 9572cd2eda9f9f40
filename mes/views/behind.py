"""What is behind a figure of machine time: its intervals and reports, with their sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.models import WorkOrderOperation
from masterdata import access
from masterdata.access import Guarded
from masterdata.models import Machine
from masterdata.pages import plant_time
from mes import selectors
from mes.oee import ZERO, Figures, Period, total
from mes.selectors import BUSY, MachineTime, Made, Stretch
from mes.views import periods
from mes.views.floor import plant_ids
from mes.views.ribbon import WORDS

SEE = "mes.view_floor"
ROWS = 200
# By what is asked: its words, the kinds of minutes that it counts, whether reports are part of it.
ASKED: dict[str, tuple[Any, tuple[str, ...], bool]] = {
    "oee": (gettext_lazy("OEE"), BUSY, True),
    "availability": (gettext_lazy("Available"), BUSY, False),
    "speed": (gettext_lazy("Speed"), ("production",), True),
    "quality": (gettext_lazy("Quality"), (), True),
    "busy": (gettext_lazy("Planned busy"), BUSY, False),
    "producing": (gettext_lazy("Producing"), ("production",), False),
    "setup": (gettext_lazy("Setup"), ("setup",), False),
    "stopped": (gettext_lazy("Stopped"), ("in_order",), False),
    "idle": (gettext_lazy("No order"), ("without_order",), False),
    "unknown": (gettext_lazy("No data"), ("unknown",), False),
    "maintenance": (gettext_lazy("Maintenance"), ("maintenance",), False),
    "coverage": (gettext_lazy("Coverage"), (*BUSY, "unknown"), False),
    "good": (gettext_lazy("Good pieces"), (), True),
    "scrap": (gettext_lazy("Scrap and rework"), (), True),
    "lost": (gettext_lazy("Minutes lost"), BUSY[1:], False),
}
KINDS = {
    "production": gettext_lazy("Producing"),
    "setup": gettext_lazy("Setup"),
    "in_order": gettext_lazy("Stopped"),
    "without_order": gettext_lazy("No order"),
    "unknown": gettext_lazy("No data"),
    "maintenance": gettext_lazy("Maintenance"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The machines that were asked for, perhaps one operation on them."""

    machines: Sequence[Machine]
    name: str
    plant_id: int | None
    operation: WorkOrderOperation | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of machines or shifts: its figures, and the address parts that open them."""

    code: str
    name: str
    figures: Figures
    asked: str
    when: str
    machine_id: int | None = None


def when_of(period: Period) -> str:
    """The part of an address that names a period."""
    return urlencode({"since": period[0].isoformat(), "until": period[1].isoformat()})


class Behind(Guarded):
    """`?of=` a figure of a `machine`, `centre`, `plant`, `operation` or all; `period`, or `since` and `until`."""

    permission = SEE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        scope = self.get_scope()
        with plant_time(request, scope.plant_id):
            return render(request, "mes/behind.html", self.get_context(scope))

    def get_scope(self) -> Scope:
        """Raises Http404 for what the user may not see."""
        asked = {name: self.request.GET.get(name, "") for name in ("machine", "centre", "plant", "operation")}
        if not any(asked.values()):
            return Scope(selectors.measured_machines(plant_ids=plant_ids(self.request)), _("All machines"), None)
        machines = selectors.measured_machines(plant_ids=access.scope_of(self.request.user, SEE).plants)
        if asked["machine"]:
            machines = [one for one in machines if str(one.pk) == asked["machine"]]
            name = " ".join([machines[0].code, machines[0].name]) if machines else ""
        elif asked["centre"]:
            machines = [one for one in machines if str(one.work_centre_id) == asked["centre"]]
            name = machines[0].work_centre.name if machines else ""
        elif asked["plant"]:
            machines = [one for one in machines if str(one.work_centre.plant_id) == asked["plant"]]
            name = machines[0].work_centre.plant.name if machines else ""
        else:
            return self.get_operation(machines, asked["operation"])
        if not machines:
            raise Http404
        return Scope(machines, name, machines[0].work_centre.plant_id)

    def get_operation(self, machines: Sequence[Machine], asked: str) -> Scope:
        """All that was made of one operation, on whichever machines."""
        found = selectors.asked_operation(operation_id=int(asked)) if asked.isdigit() else None
        plant_id = found[0].work_order.plant_id if found else None
        there = [one for one in machines if one.work_centre.plant_id == plant_id]
        if found is None or not there:
            raise Http404
        return Scope(there, f"{found[0].work_order.number} {found[0].name}", plant_id, *found)

    def get_period(self, scope: Scope, now: dt.datetime) -> tuple[Period, Any, str]:
        """From and until, the period's word and the part of the address that names it."""
        since, until = (_moment(self.request.GET.get(name, "")) for name in ("since", "until"))
        if scope.since is not None:
            period = (scope.since, now)
            return period, _("Since it began"), when_of(period)
        if since and until and since < until:
            return (since, until), "", when_of((since, until))
        chosen = periods.chosen(self.request, now)
        return chosen.period, chosen.label, urlencode({"period": chosen.key})

    def get_context(self, scope: Scope) -> dict[str, Any]:
        """The page's numbers."""
        now = timezone.now()
        period, label, when = self.get_period(scope, now)
        of = self.request.GET.get("of", "oee")
        of = of if of in ASKED else "oee"
        word, kinds, with_reports = ASKED[of]
        time = selectors.machine_time(machines=scope.machines, start=period[0], end=period[1], now=now)
        stretches = selectors.stretches(scope.machines, time, kinds) if kinds else []
        picked = self.request.GET.get("reason", "")
        if picked:
            stretches = [one for one in stretches if one.loss == picked]
        made = self.get_made(scope, time, of) if with_reports else []
        figures = total(time.figures(one.pk) for one in scope.machines)
        return {
            "page_title": word,
            "scope": scope,
            "of": of,
            "period": period,
            "label": label,
            "when": when,
            "figures": figures,
            "is_whole": not picked and scope.operation is None,
            "minutes": sum((one.minutes for one in stretches), ZERO),
            "by_kind": [(KINDS[kind], _sum(stretches, kind)) for kind in kinds],
            "stretches": Paginator(_shown(stretches), ROWS).get_page(self.request.GET.get("page")),
            "made": Paginator(made, ROWS).get_page(self.request.GET.get("reports")),
            "sums": _sums(made),
            "with_minutes": bool(kinds),
            "with_reports": with_reports,
            "lines": self.get_lines(scope, time, when),
            "is_one": len(scope.machines) == 1,
            "may_reason": access.may(self.request.user, "mes.give_stop_reason"),
        }

    def get_made(self, scope: Scope, time: MachineTime, of: str) -> list[Made]:
        """The reports that are asked for; what nobody reported yet only where minutes count."""
        found = selectors.made(scope.machines, time)
        if scope.operation is not None:
            found = [one for one in found if one.report and one.report.operation_id == scope.operation.pk]
        if of == "scrap":
            return [one for one in found if one.report and (one.report.scrap or one.report.rework)]
        return [one for one in found if one.report or of in ("oee", "speed")]

    def get_lines(self, scope: Scope, time: MachineTime, when: str) -> list[Line]:
        """Each machine's part, or of one machine each shift's; none where there is only one."""
        if scope.operation is not None:
            return []
        if len(scope.machines) > 1:
            return [
                Line(one.code, one.name, time.figures(one.pk), f"machine={one.pk}", when, one.pk)
                for one in scope.machines
            ]
        machine = scope.machines[0] if scope.machines else None
        if machine is None:
            return []
        calendar = machine.calendar_id or machine.work_centre.calendar_id
        found = selectors.shifts(time.start - periods.DAY, time.end, calendar)
        cut = [(name, (max(start, time.start), min(end, time.end))) for name, (start, end) in found]
        rows = [
            Line(
                f"{timezone.localtime(span[0]):%a} {name}", "", time.figures(machine.pk, span),
                f"machine={machine.pk}", when_of(span),
            )
            for name, span in cut
            if span[0] < span[1]
        ]  # fmt: skip
        return rows[::-1] if len(rows) > 1 else []


def _moment(told: str) -> dt.datetime | None:
    try:
        found = parse_datetime(told)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _sum(stretches: Sequence[Stretch], kind: str) -> Decimal:
    return sum((one.minutes for one in stretches if one.kind == kind), ZERO)


def _shown(stretches: Sequence[Stretch]) -> list[tuple[Stretch, str, Any]]:
    """With the state and its word."""
    found = []
    for one in stretches:
        state = one.stay.state if one.stay else "unknown"
        found.append((one, state, WORDS[state]))
    return found


def _sums(made: Sequence[Made]) -> dict[str, Decimal]:
    """The foot of the table of reports."""
    reports = [one.report for one in made if one.report]
    return {
        "good": sum((one.good for one in reports), ZERO),
        "scrap": sum((one.scrap for one in reports), ZERO),
        "rework": sum((one.rework for one in reports), ZERO),
        "planned": sum((one.planned for one in made), ZERO),
        "planned_good": sum((one.planned_good for one in made), ZERO),
        "real": sum((one.real for one in made), ZERO),
        "slower": sum((one.slower for one in made), ZERO),
    }
