"""Quality's start page: what is due, what is held, what waits for a decision, what fits worst. And holds."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from masterdata import access
from masterdata.access import Guarded, person, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import Code, Column, EditPage, Empty, Flag, ListPage, State, When
from mes import selectors, services
from mes.models import NonConformance, QualityHold
from mes.quality_forms import ReasonForm

SEE, RELEASE = "mes.view_quality", "mes.release_hold"
MOST = 8  # rows of each kind on the start page


def plants_of(request: HttpRequest) -> list[int]:
    """The plant of the switch, or all in which the user may see quality."""
    seen = access.scope_of(request.user, SEE).plants
    chosen = request.plant  # type: ignore[attr-defined]
    return sorted(seen & {chosen.pk} if chosen is not None else seen)


class Start(Guarded):
    """What needs somebody of quality now."""

    permission = SEE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        plants, now = plants_of(request), timezone.now()
        due = selectors.due_on_floor(plants, now)
        held = list(selectors.holds().filter(plant__in=plants, released_at=None)[:MOST])
        rows = selectors.nonconformances().filter(plant__in=plants, state=NonConformance.State.OPEN)
        today = timezone.localdate()
        gauges = [
            (gauge, selectors.gauge_state(gauge, today))
            for gauge in selectors.gauges(today)
            .filter(plant__in=plants, is_active=True)
            .order_by("valid_until", "code")
        ]
        context = {
            "page_title": _("Quality"),
            "due": due[:MOST],
            "due_count": len(due),
            "stopping": sum(one.check.is_blocking and one.check.is_overdue for one in due),
            "held": held,
            "rows": list(rows.order_by("raised_at")[:MOST]),
            "open_count": rows.count(),
            "worst": selectors.worst_fits(plants, now=now),
            "gauges": [one for one in gauges if one[1] in ("expired", "at_risk")][:MOST],
            "may_record": access.may(request.user, "mes.record_check"),
            "may_release": access.may(request.user, RELEASE),
            "may_raise": access.may(request.user, "mes.raise_nonconformance"),
            "may_see_cost": access.may(request.user, "mes.view_quality_cost"),
        }
        is_part = "HX-Request" in request.headers
        answer = render(request, "mes/quality/_start.html" if is_part else "mes/quality/start.html", context)
        answer["Vary"] = "HX-Request"
        return answer


class Holds(ListPage):
    """Operations that were held, open ones first."""

    permission = SEE
    title, question = _l("Holds"), _l("What may not go on, why, and since when?")
    columns = [
        Code("operation.work_order.number", _l("Work order"), sort="operation__work_order__number", css="w-1"),
        Column("operation.name", _l("Operation"), second="operation.work_order.material.name"),
        Column("reason", _l("Why"), css="wide wraps"),
        Code("nonconformance.number", _l("Non-conformance"), empty=_l("None")),
        When("since_at", _l("Since"), sort="since_at"),
        State(lambda row: "released" if row.released_at else "held", _l("State"),
              word=lambda row: _("Released") if row.released_at else _("Held")),
        When("released_at", _l("Released"), sort="released_at", empty=_l("Still held")),
        Column("note", _l("What was done"), empty=_l("Still held")),
    ]  # fmt: skip
    search_fields = ["operation__work_order__number", "reason", "note"]
    filters = [Flag("open", _l("Still held"), condition=Q(released_at=None))]
    order_by = "-since_at"
    live = ["quality"]
    empty = Empty(_l("Nothing was held"), _l("A check that finds a fault holds its operation."), "circle-check")

    def get_rows(self) -> QuerySet[QualityHold]:
        return in_chosen_plant(self.request, visible_to(self.request.user, selectors.holds(), SEE))

    def get_url(self, row: QualityHold) -> str:
        if row.released_at is None and access.may(self.request.user, RELEASE):
            return reverse("mes:release_hold", args=[row.pk])
        return ""


class ReleaseHold(EditPage):
    """Work may go on, and why."""

    permission, form_class, version_field = RELEASE, ReasonForm, ""
    submit_label, done_message = _l("Release"), _l("Released: the operation can go on.")

    def get_rows(self) -> QuerySet[QualityHold]:
        return visible_to(self.request.user, selectors.holds().filter(released_at=None), RELEASE)

    def get_title(self) -> Any:
        operation = self.get_object().operation
        return _("Release %(name)s of %(number)s") % {"name": operation.name, "number": operation.work_order.number}

    def get_back(self) -> tuple[Any, str]:
        return _("Quality"), reverse("mes:quality")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form(self, data: Any = None) -> Any:
        form = super().get_form(data)
        form.fields["reason"].label = _("What was done")
        hold = self.get_object()
        why = _("It was held because: %(why)s") % {"why": hold.reason}
        number = selectors.waiting_for_release(hold.operation_id)
        waiting = ngettext(
            "%(n)d report that waits for this counts as soon as it is released.",
            "%(n)d reports that wait for this count as soon as it is released.",
            number,
        ) % {"n": number}
        form.fields["reason"].help_text = f"{why} {waiting}" if number else why
        return form

    def perform(self, form: Any) -> str:
        services.release_hold(
            hold_id=self.get_object().pk,
            note=form.cleaned_data["reason"],
            by=person(self.request),
            now=timezone.now(),
        )
        return reverse("mes:quality")
