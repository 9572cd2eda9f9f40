"""Are promises kept? By cause, sales person, product, customer and month, down to the lines."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.selectors import reliability as kept
from erp.models import SalesOrderLine
from masterdata.access import requires, scope_of, visible_to
from masterdata.pages import Code, Column, Day, Empty, ListPage, Number, State

SEE = "crm.view"
MONTHS = (3, 6, 12, 24)
USUAL_MONTHS = 12
LABELS = {
    "cause": _("Cause"),
    "person": _("Sales person"),
    "customer": _("Customer"),
    "product": _("Product"),
    "month": _("Month"),
}


def plants_of(request: Any) -> list[int]:
    """The plant that is chosen, else all that the user may see promises of."""
    chosen = [request.plant] if request.plant else request.plants
    seen = scope_of(request.user, SEE).plants
    return [plant.pk for plant in chosen if plant.pk in seen]


def months_of(request: HttpRequest) -> int:
    asked = request.GET.get("months", "")
    return int(asked) if asked.isdecimal() and int(asked) in MONTHS else USUAL_MONTHS


@requires(SEE)
def reliability(request: HttpRequest) -> HttpResponse:
    """The answer in one sentence, then by what was asked for."""
    now, months = timezone.now(), months_of(request)
    by = request.GET.get("by", "") if request.GET.get("by", "") in kept.BY else "cause"
    span = {"plant_ids": plants_of(request), "since": kept.since_of(months, now), "until": now}
    lines = kept.lines_delivered(**span)  # type: ignore[arg-type]
    on_time = sum(line.is_kept for line in lines)
    groups = kept.kept_by(lines, by)
    context = {
        "page_title": _t("Reliability"),
        "delivered": len(lines),
        "kept": on_time,
        "broken": len(lines) - on_time,
        "percent": 100 * on_time / len(lines) if lines else None,
        "by_wish": sum(line.is_by_wish for line in lines),
        "left_out": kept.lines_uncounted(**span, now=now),  # type: ignore[arg-type]
        "groups": [(group, _drill(by, group.key, months)) for group in groups],
        "by": by,
        "by_label": LABELS[by],
        "kinds": [(key, label, _here(key, months)) for key, label in LABELS.items()],
        "spans": [(number, _here(by, number)) for number in MONTHS],
        "months": months,
        "worst": next((group for group in kept.kept_by(lines, "cause") if group.broken), None),
    }
    return render(request, "crm/reliability.html", context)


def _here(by: str, months: int) -> str:
    return reverse("crm:reliability", query={"by": by, "months": months})


def _drill(by: str, key: str, months: int) -> str:
    return reverse("crm:reliability_lines", query={"by": by, "key": key, "months": months})


class ReliabilityLines(ListPage):
    """The lines behind a figure."""

    permission = SEE
    title, question = _("Delivered lines"), _("Which lines are behind the figure?")
    columns = [
        Code("order.number", _("Order"), sort="order__number", link=True),
        Column("order.customer.name", _("Customer"), sort="order__customer__name"),
        Column("material.name", _("Product"), sort="material__name", css="wraps"),
        Day("delivered.due_on", _("First promised"), css="num"),
        Day("delivered.at", _("Delivered"), css="num"),
        Number("delivered.days_late", _("Days late")),
        State(
            lambda row: "done" if row.delivered.is_kept else "late",
            _("Why"),
            word=lambda row: kept.cause_label(row.delivered.cause),
        ),
        Column("delivered.person", _("Sales person"), empty=_("By an integration")),
    ]
    search_fields = ["order__number", "order__customer__name", "material__name"]
    order_by = "-order__number"
    plant = "plant_id"
    empty = Empty(_("No lines"), _("Nothing of this kind was delivered in that time."), "flag")

    @cached_property
    def delivered(self) -> dict[int, kept.DeliveredLine]:
        now = timezone.now()
        since = kept.since_of(months_of(self.request), now)
        lines = kept.lines_delivered(plant_ids=plants_of(self.request), since=since, until=now)
        by, key = self.request.GET.get("by", ""), self.request.GET.get("key", "")
        return {line.line_id: line for line in lines if by not in kept.BY or kept.key_of(line, by) == key}

    def get_rows(self) -> QuerySet[SalesOrderLine]:
        rows = visible_to(self.request.user, SalesOrderLine.objects.filter(pk__in=self.delivered), SEE)
        return rows.select_related("order__customer", "material")

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.delivered = self.delivered[row.pk]
        return rows

    def get_url(self, row: Any) -> str:
        return reverse("erp:order", args=[row.order_id])
