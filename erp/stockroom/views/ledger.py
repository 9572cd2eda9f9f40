"""The ledger of a material: every move with what it brought or took, and how much was there after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.stock import places
from erp.stock.models import Lot, StockMove
from erp.stock.views import cause, undo
from erp.stockroom import ledgers, selectors
from erp.stockroom.views.overview import Inside
from masterdata import drawn, shown
from masterdata.access import may, scope_of, visible_to
from masterdata.models import Material, Plant
from masterdata.numbers import ZERO
from masterdata.pages import Action, Choice, Column, Days, Empty, Filter, Html, ListPage, Quantity, When

SEE = "erp.view_stock"


@dataclass(frozen=True)
class OfAccount(Filter):
    """Says whose balance runs; the page applies it."""

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        return rows


class InsideOfAccount(OfAccount, Inside):
    """A place by its code; the page applies it."""


class PlantOfAccount(Choice):
    """One plant; the page applies it."""

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        return rows


def _lot(row: Any) -> SafeString:
    if row.lot is None:
        return drawn.dash(_("Kept by quantity"))
    if row.target_lot is None:
        return format_html('<span class="tl-code">{}</span>', row.lot.number)
    return format_html('<span class="tl-code">{} → {}</span>', row.lot.number, row.target_lot.number)


def _why(row: Any) -> str:
    return " · ".join(part for part in (row.reason.name if row.reason else "", row.note) if part)


class Ledger(ListPage):
    """`lot`, `in` and `plant` choose whose balance runs; kind and period only choose which moves are shown."""

    permission = SEE
    template_name = "erp/stockroom/ledger.html"
    question = _l("What came, what went, and how much was there after it?")
    columns = [
        When("moved_at", _l("When"), sort="moved_at"),
        Column("get_kind_display", _l("What")),
        Quantity("came", _l("In")),
        Quantity("went", _l("Out")),
        Quantity("balance", _l("Balance")),
        Column("source.name", _l("From")),
        Column("target.name", _l("To")),
        Html(_lot, _l("Lot")),
        Html(cause, _l("Because of"), css="wide"),
        Column(_why, _l("Reason"), empty=_l("None given")),
    ]
    search_fields = ["work_order__number", "purchase_order_line__order__number", "note", "lot__number"]
    order_by = "-moved_at"
    live = ["purchase", "operation", "stock"]
    empty = Empty(_l("It has never moved"), _l("Receipts, reports and shipments move stock."), "arrows-exchange")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            PlantOfAccount("plant", _("Plant"), choices=self.plants),
            InsideOfAccount("in", _("In location (and inside it)")),
            OfAccount("lot", _("Lot")),
            Choice("kind", _("What"), choices=StockMove.Kind.choices),
            Days("moved", _("When"), field="moved_at", is_moment=True),
        ]

    @cached_property
    def material(self) -> Material:
        rows = visible_to(self.request.user, Material.objects.select_related("unit"), SEE)
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def title(self) -> Any:
        return _("Ledger of %(code)s") % {"code": self.material.code}

    def plants(self) -> Sequence[tuple[int, str]]:
        rows = visible_to(self.request.user, Plant.objects.order_by("code"), SEE)
        return list(rows.values_list("pk", "name"))

    @cached_property
    def account(self) -> ledgers.Account:
        """Whose balance runs: the plants that the user sees, narrowed by the address."""
        asked = self.request.GET
        plants = set(scope_of(self.request.user, SEE).plants)
        if chosen := getattr(self.request, "plant", None):
            plants &= {chosen.pk}
        if wanted := {int(one) for one in asked.getlist("plant") if one.isdecimal()}:
            plants &= wanted
        locations, lot_ids = None, None
        if code := asked.get("in", "").strip():
            locations = places.below(selectors.places_named(code))
        if number := asked.get("lot", "").strip():
            lots = Lot.objects.filter(material=self.kwargs["pk"], number__iexact=number)
            lot_ids = list(lots.values_list("pk", flat=True))
        return ledgers.Account(self.kwargs["pk"], sorted(plants), locations, lot_ids)

    def get_rows(self) -> QuerySet[StockMove]:
        related = (
            "material__unit", "source", "target", "source_order", "target_order", "work_order", "lot", "target_lot",
            "purchase_order_line__order", "reason",
        )  # fmt: skip
        rows = visible_to(self.request.user, ledgers.moves_of(self.account), SEE).select_related(*related)
        return rows.annotate(is_undone=Exists(StockMove.objects.filter(reverses=OuterRef("pk"))))

    def prepare(self, rows: list[Any]) -> list[Any]:
        after = ledgers.balances_after(self.account, [row.pk for row in rows])
        for row in rows:
            row.balance, row.viewer = after.get(row.pk, ZERO), self.request.user
            row.came, row.went = row.came or None, row.went or None
        return rows

    def get_columns(self) -> Sequence[Column]:
        may_undo = may(self.request.user, "erp.reverse_move")
        return [*self.columns, Html(undo, _("Undo"), exported=False)] if may_undo else self.columns

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        total = rows.order_by().aggregate(came_sum=Sum("came"), went_sum=Sum("went"))
        unit = self.material.unit.code
        return {
            "came": shown.quantity(total["came_sum"] or ZERO, unit),
            "went": shown.quantity(total["went_sum"] or ZERO, unit),
        }

    def get_actions(self) -> list[Action]:
        stock = f"{reverse('erp:stock')}?of={self.kwargs['pk']}"
        material = reverse("masterdata:material", args=[self.kwargs["pk"]])
        return [
            Action(_("By material"), reverse("erp:stock_by_material"), "box", SEE),
            Action(_("Where it lies"), stock, "packages", SEE),
            Action(_("Material"), material, "chart-line", "masterdata.view"),
        ]

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        found = super().get_context_data(rows)
        return found | {"material": self.material, "now_there": ledgers.balance_of(self.account)}

    def get_url(self, row: StockMove) -> str:
        return ""
