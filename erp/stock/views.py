"""Pages of stock: what is there by material and location, and the moves behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.stock import selectors
from erp.stock.models import MaterialValue, StockMove
from erp.stock.reversing import is_reversible
from masterdata import drawn, shown
from masterdata.access import may, requires, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    Days,
    Empty,
    Html,
    ListPage,
    Money,
    Quantity,
)

SEE, SEE_COST = "erp.view_stock", "erp.view_cost"


def owner(row: Any) -> SafeString:
    """For which order it is kept."""
    if row.sales_order is None:
        return format_html('<span class="t2">{}</span>', _("Free"))
    if not row.sees_order:
        return format_html('<span class="tl-code">{}</span>', row.sales_order.number)
    url = reverse("erp:order", args=[row.sales_order_id])
    return format_html('<a class="link tl-code" href="{}">{}</a>', url, row.sales_order.number)


def cause(row: Any) -> SafeString:
    """The document behind a move, as a link for who may open it."""
    for name, field in (("erp:work_order", "work_order"), ("erp:order", "source_order"), ("erp:order", "target_order")):
        document = getattr(row, field)
        if document is not None:
            return drawn.document(reverse(name, args=[document.pk]), document.number, row.viewer)
    if row.purchase_order_line is not None:
        order = row.purchase_order_line.order
        return format_html('<span class="tl-code">{}</span>', order.number)
    return drawn.dash(_("No document"))


def undo(row: StockMove) -> SafeString:
    """The way to take a move back, where there is one."""
    if row.is_undone:  # type: ignore[attr-defined]  # annotated by the list
        return format_html('<span class="t2">{}</span>', _("Undone"))
    if not is_reversible(row):
        return drawn.dash(_("Not undone as such"))
    return format_html('<a class="link" href="{}">{}</a>', reverse("erp:reverse_move", args=[row.pk]), _("Undo"))


def moment(row: StockMove) -> SafeString:
    """The clock of the move's plant, with its zone where plants of several zones stand in one list."""
    text = shown.when(row.moved_at)
    zone = f" {timezone.localtime(row.moved_at):%Z}" if row.has_zones else ""  # type: ignore[attr-defined]
    return drawn.timed(row.moved_at, text + zone)


class Moves(ListPage):
    """Every move, the newest first."""

    permission = SEE
    title, question = _l("Stock moves"), _l("What moved, from where to where, because of what?")
    columns = [
        Html(moment, _l("When"), sort="moved_at"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Column("get_kind_display", _l("What"), sort="kind"),
        Code("material.code", _l("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _l("Name"), sort="material__name", css="wide"),
        Column("source.name", _l("From")),
        Column("target.name", _l("To")),
        Html(cause, _l("Because of")),
        Quantity("quantity", _l("Quantity"), unit="material.unit.code", sort="quantity"),
        Money("value", _l("Value"), sort="value"),
    ]
    search_fields = ["material__code", "material__name", "work_order__number"]
    filters = [
        Choice("kind", _l("What"), choices=StockMove.Kind.choices),
        Days("moved", _l("When"), field="moved_at", is_moment=True),
    ]
    order_by = "-moved_at"
    live = ["purchase", "operation"]
    empty = Empty(_l("Nothing has moved yet"), _l("Receipts, reports and shipments move stock."), "arrows-exchange")

    def get_rows(self) -> QuerySet[StockMove]:
        rows = selectors.moves().select_related(
            "material__unit", "plant", "source", "target", "source_order", "target_order", "work_order",
            "purchase_order_line__order",
        )  # fmt: skip
        rows = rows.annotate(is_undone=Exists(StockMove.objects.filter(reverses=OuterRef("pk"))))
        rows = visible_to(self.request.user, rows, SEE)
        if (material := self.request.GET.get("of", "")).isdigit():
            rows = rows.filter(material=int(material))
        return in_chosen_plant(self.request, rows)

    def get_columns(self) -> Sequence[Column]:
        sees_cost = may(self.request.user, SEE_COST)
        columns = [column for column in self.columns if sees_cost or column.source != "value"]
        return [*columns, Html(undo, _("Undo"))] if may(self.request.user, "erp.reverse_move") else columns

    def get_actions(self) -> list[Action]:
        return [Action(_("Stock"), reverse("erp:stock"), "packages", SEE)]

    def prepare(self, rows: list[Any]) -> list[Any]:
        has_zones = len({row.plant.time_zone for row in rows}) > 1
        for row in rows:
            row.has_zones, row.viewer = has_zones, self.request.user
        return rows

    def get_url(self, row: StockMove) -> str:
        return reverse("masterdata:material", args=[row.material_id])


@requires(SEE)
def of_material(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a material is and how it got there: a part of the material's page."""
    balances = visible_to(request.user, selectors.balances(material_id=pk).filter(on_hand__gt=0), SEE)
    moves = visible_to(request.user, selectors.moves(material_id=pk), SEE)
    values = visible_to(request.user, MaterialValue.objects.filter(material=pk, quantity__gt=0), SEE)
    sees_cost = may(request.user, SEE_COST)
    context = {
        "balances": balances.select_related("plant", "lot"),
        "moves": moves.select_related("work_order", "purchase_order_line__order").order_by("-moved_at", "-pk")[:12],
        "values": values.filter(sales_order=None).select_related("plant__company__currency") if sees_cost else [],
        "sees_cost": sees_cost,
        "material_id": pk,
    }
    return render(request, "erp/stock/_of_material.html", context)
