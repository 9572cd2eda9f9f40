"""Why is this order expected then? Planning's chain of waits, the result on top and the cause at the bottom."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from aps import selectors as aps_now
from aps.problem import CannotPlan
from aps.selectors import Why, WhyLink
from erp import selectors as erp_now
from erp.models import SalesOrder, SalesOrderLine
from masterdata import lateness, shown
from masterdata.access import requires
from masterdata.pages import Step, plant_time

SAID = {
    "material": _lazy("waits for material"),
    "machine": _lazy("waits for the machine"),
    "predecessor": _lazy("follows the operation before it"),
    "shift": _lazy("waits for working time"),
}
MOST = 6


@requires("aps.view_plan")
def why_date(request: HttpRequest, pk: int) -> HttpResponse:
    """The chain behind the expected date of an order: of the line that comes last."""
    order = get_object_or_404(erp_now.visible_orders(request.user), pk=pk)
    line = _last_line(order)
    why, problem = None, ""
    if line is not None:
        try:
            why = aps_now.why(plant_id=line.plant_id, line_id=line.pk, now=timezone.now())
        except CannotPlan as error:
            problem = str(error)
    with plant_time(request, line.plant_id if line is not None else None):
        return render(request, "parts/_chain.html", _context(order, line, why, problem))


def _context(order: SalesOrder, line: SalesOrderLine | None, why: Why | None, problem: str) -> dict[str, object]:
    steps = _steps(line, why) if line is not None and why is not None else []
    said = _("Each step waits for the one below it.") if steps else _("Nothing of it is open in the plan.")
    sooner_url = reverse("aps:line_sooner", args=[line.pk]) if line is not None and steps else ""
    return {"question": _question(order, line), "basis": problem or said, "steps": steps, "sooner_url": sooner_url}


def _last_line(order: SalesOrder) -> SalesOrderLine | None:
    """The line still to be shipped that is expected last."""
    open_lines = [line for line in order.lines.select_related("material") if line.shipped_qty < line.quantity]
    expected = [line for line in open_lines if line.expected_at is not None]
    return max(expected, key=lambda line: line.expected_at, default=None)  # type: ignore[arg-type, return-value]


def _question(order: SalesOrder, line: SalesOrderLine | None) -> str:
    if line is None:
        return _("Why is there no date for %(number)s?") % {"number": order.number}
    expected, due = line.expected_at, line.promised_at
    if lateness.is_late(due, expected):
        return _("Why %(expected)s and not %(due)s?") % {"expected": shown.day(expected), "due": shown.day(due)}
    return _("Why %(expected)s?") % {"expected": shown.day(expected)}


def _steps(line: SalesOrderLine, why: Why) -> list[Step]:
    """From the finished line down to the wait that explains most; red only when it makes the line late."""
    links = list(why.links)
    until = next((number for number, link in enumerate(links) if link == why.binding), len(links) - 1)
    chain = links[: until + 1]
    if len(chain) > MOST:
        chain = [*chain[: MOST - 1], chain[-1]]
    ready = Step(
        _("Ready: %(what)s") % {"what": line.material.name},
        _("line %(number)s") % {"number": line.line_no},
        "package",
        shown.when(why.ends_at),
        _("needed %(when)s") % {"when": shown.day(why.due_at)} if why.due_at else "",
    )
    is_late = dt.timedelta(minutes=why.late_min) >= lateness.GRACE
    return [
        ready,
        *(_step(link, is_cause=is_late and link is chain[-1], is_most=link == why.binding) for link in chain),
    ]


def _step(link: WhyLink, *, is_cause: bool, is_most: bool) -> Step:
    name, _between, work_order = link.operation.rpartition(" of ")
    waited = _("%(time)s of waiting") % {"time": shown.duration(link.wait_min)} if link.wait_min else ""
    return Step(
        f"{name} · {link.machine}" if link.machine else name,
        f"{work_order} {_said(link)}",
        link.icon,
        shown.when(link.until_at),
        waited,
        is_cause=is_cause,
        is_most=is_most,
    )


def _said(link: WhyLink) -> str:
    """What it waited for; the times stand beside it, in the page's time zone."""
    said = SAID.get(link.kind)
    if link.kind == "machine" and link.orders:
        return _("waits for the machine behind %(orders)s") % {"orders": link.ahead}
    return str(said) if said else link.sentence
