"""What would make an order line earlier: a part of the Why? panels, planned only when somebody asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from aps import selectors
from aps.problem import CannotPlan
from aps.selectors import Earlier, EarlierChange, LaterOrder
from erp.models import SalesOrderLine
from masterdata import access, lateness, shown
from masterdata.access import requires
from masterdata.pages import plant_time


@dataclass(frozen=True)
class _Later:
    sentence: str
    is_late: bool


@dataclass(frozen=True)
class _Shown:
    """A change as it is drawn: what to do, the new date, what is gained, who pays."""

    sentence: str
    value: str
    note: str
    delayed: list[_Later]


@requires("aps.view_plan")
def line_sooner(request: HttpRequest, pk: int) -> HttpResponse:
    """The changes that would bring the line earlier, or the sentence that nothing does."""
    lines = access.visible_to(request.user, SalesOrderLine.objects.all(), "aps.view_plan")
    line = get_object_or_404(lines, pk=pk)
    found, problem = None, ""
    try:
        found = selectors.earlier(plant_id=line.plant_id, line_id=line.pk, now=timezone.now())
    except CannotPlan as error:
        problem = str(error)
    with plant_time(request, line.plant_id):
        changes = [] if found is None else [_shown(one) for one in found.changes]
        tried = [] if found is None else [_sentence(one) for one in found.tried]
        context = {"basis": problem or _basis(found), "changes": changes, "tried": tried}
        return render(request, "aps/_sooner.html", context)


def _basis(found: Earlier | None) -> str:
    if found is None:
        return _("Nothing of it is open in the plan.")
    said = {"when": shown.when(found.ends_at)}
    if found.changes:
        return (
            _(
                "By the plan it is at the customer %(when)s. "
                "Each change was planned by itself, with what moving it into free gaps brings."
            )
            % said
        )
    if found.tried:
        return _("By the plan it is at the customer %(when)s. This was tried, and none of it helps:") % said
    return _("By the plan it is at the customer %(when)s. Nothing that planning can try makes it earlier.") % said


def _shown(one: EarlierChange) -> _Shown:
    gained = _("%(time)s earlier") % {"time": shown.duration(one.gain_min)}
    return _Shown(_sentence(one.sentence), shown.when(one.ends_at), gained, [_later(late) for late in one.delayed])


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def _later(one: LaterOrder) -> _Later:
    said = {"order": one.order, "new": shown.when(one.new_end_at), "old": shown.when(one.old_end_at)}
    if dt.timedelta(minutes=one.late_min) < lateness.GRACE:
        return _Later(_("%(order)s then comes %(new)s instead of %(old)s.") % said, False)
    said["late"] = shown.duration(one.late_min)
    return _Later(_("%(order)s then comes %(new)s instead of %(old)s, %(late)s late.") % said, True)
