"""Lists of planning: the published plans and what each changed, and order lines that come after their promise."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncMinute
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aps.models import Plan, PlanWish
from erp import selectors as erp_now
from erp.models import SalesOrderLine
from masterdata import access, shown
from masterdata.lateness import late_when
from masterdata.pages import (
    Choice,
    Code,
    Column,
    Empty,
    Exactly,
    Expected,
    Flag,
    ListPage,
    Number,
    Quantity,
    Rail,
    When,
    YesNo,
)

SEE = "aps.view_plan"


def plant_ids(request: HttpRequest) -> list[int]:
    """The plant of the switch, or all whose plan the user may see."""
    seen = access.scope_of(request.user, SEE).plants
    chosen = request.plant  # type: ignore[attr-defined]
    return sorted(seen & {chosen.pk} if chosen is not None else seen)


class Plans(ListPage):
    """Every published plan with its cause."""

    permission = SEE
    title, question = _("Plans"), _("What was planned when, and why did it change?")
    columns = [
        Column("number", _("Plan"), sort="number", css="id"),
        Column("plant.code", _("Plant"), sort="plant__code"),
        When("published_at", _("Published"), sort="published_at"),
        Column("cause", _("Because"), css="wide", empty=_("Nobody asked for it: the shop moved on")),
        Column(lambda row: row.get_origin_display(), _("How")),
        Number("operations", _("Operations"), sort="operations"),
        Number("changed", _("Changed"), sort="changed"),
        Number("late_lines", _("Late lines"), sort="late_lines"),
        Column(lambda row: shown.duration(row.setup_min), _("Setup"), sort="setup_min", css="num"),
        YesNo("is_final", _("Final")),
    ]
    search_fields = ["cause"]
    filters = [
        Exactly("number", _("Plan")),
        Choice("reason", _("Reason"), choices=PlanWish.Reason.choices),
        Choice("origin", _("How"), choices=Plan.Origin.choices),
        Flag("late", _("With late lines"), condition=Q(late_lines__gt=0)),
    ]
    order_by = "-published_at"
    live = ["plan"]
    empty = Empty(_("No plan yet"), _("Confirm an order and the first plan is made by itself."), "timeline")

    def get_rows(self) -> QuerySet[Plan]:
        return Plan.objects.filter(plant__in=plant_ids(self.request)).select_related("plant")

    def ordering(self) -> list[Any]:
        """Two plants publish within the same minute: then the higher number first."""
        if self.sorting() != ("published_at", True):
            return super().ordering()
        return [TruncMinute("published_at").desc(), "-number", "-pk"]

    def get_row_css(self, row: Plan) -> str:
        return "" if row.is_final else "is-quiet"


class LateOrders(ListPage):
    """Open order lines whose plan ends after the promise."""

    permission = SEE
    title, question = _("Late orders"), _("Which promises break, and by how much?")
    columns = [
        Code("order.number", _("Order"), sort="order__number", second="order.customer.name", link=True),
        Column("material.name", _("Product"), sort="material__name", second="material.code"),
        Quantity("quantity", _("Quantity"), unit="material.unit.code", css="num"),
        Column("plant.code", _("Plant"), sort="plant__code"),
        Rail("stations", _("The line")),
        When("promised_at", _("Promised"), sort="promised_at"),
        Expected("expected_at", _("Expected"), due="promised_at", sort="expected_at", css="num"),
    ]
    search_fields = ["order__number", "order__customer__name", "material__name", "material__code"]
    filters = [Flag("rush", _("Rush orders"), condition=Q(order__is_rush=True))]
    order_by = "promised_at"
    live = ["dates", "promise"]
    empty = Empty(_("No order is late"), _("Every promise is kept by the plan as it stands."), "circle-check")

    def get_rows(self) -> QuerySet[SalesOrderLine]:
        rows = SalesOrderLine.objects.filter(
            late_when(),
            plant__in=plant_ids(self.request),
            order__confirmed_at__isnull=False,
            order__cancelled_at__isnull=True,
            shipped_qty__lt=F("quantity"),
        )
        return rows.select_related("order__customer", "material__unit", "plant")

    def prepare(self, rows: list[Any]) -> list[Any]:
        found = erp_now.order_status(sorted({row.order_id for row in rows}))
        for row in rows:
            row.stations = found[row.order_id].stations
        return rows

    def get_url(self, row: SalesOrderLine) -> str:
        return f"{reverse('aps:board')}?plant={row.plant_id}&order={row.order_id}"

    def get_row_css(self, row: SalesOrderLine) -> str:
        return "is-late"
