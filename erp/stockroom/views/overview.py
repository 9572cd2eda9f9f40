"""Stock seen three ways: row by row (place, lot, owner), by material, by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.stock import places
from erp.stock.models import StockBalance
from erp.stock.views import owner
from erp.stockroom import selectors
from erp.stockroom.views.drawing import lot_link, place_state, state_chip
from masterdata import drawn
from masterdata.access import may, scope_of, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.models import Location, Material
from masterdata.pages import Action, Choice, Code, Column, Empty, Filter, Flag, Html, ListPage, Number, Quantity, View

SEE, MOVE = "erp.view_stock", "erp.move_stock"


@dataclass(frozen=True)
class Inside(Filter):
    """A place by its code ("RA-1", or "DG/RA-1" in one plant), with all inside it; `field` leads to the location."""

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        code = asked.get(self.key, "").strip()
        if not code:
            return rows
        return rows.filter(**{f"{self.path}__in": places.below(selectors.places_named(code))})


def ways(here: str) -> list[Action]:
    """The other ways to see stock."""
    found = [
        ("stock", _("By place and lot"), "packages"),
        ("stock_by_material", _("By material"), "box"),
        ("stock_by_place", _("By location"), "map-pin"),
        ("reservations", _("Reservations"), "bookmark"),
        ("lots", _("Lots"), "barcode"),
        ("moves", _("Moves"), "arrows-exchange"),
        ("transfers", _("Transfers"), "truck"),
    ]
    return [Action(label, reverse(f"erp:{name}"), icon, SEE) for name, label, icon in found if name != here]


class Stock(ListPage):
    """What is where, row by row."""

    permission = SEE
    title, question = _l("Stock"), _l("What is there, where, and for whom?")
    columns = [
        Code("material.code", _l("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _l("Name"), sort="material__name", css="wide"),
        Quantity("on_hand", _l("On hand"), unit="material.unit.code", sort="on_hand"),
        Quantity("reserved", _l("Reserved"), sort="reserved"),
        Quantity("free", _l("Free"), sort="free"),
        Column("path", _l("Location"), sort="location__code"),
        Html(lot_link, _l("Lot"), sort="lot__number"),
        Html(owner, _l("For"), sort="sales_order__number"),
        Html(state_chip, _l("State")),
        Column("plant.name", _l("Plant"), sort="plant__code"),
    ]
    search_fields = ["material__code", "material__name", "sales_order__number", "location__code", "lot__number"]
    filters = [
        Inside("in", _l("In location (and inside it)"), field="location"),
        Choice("supply", _l("Comes from"), field="material__supply", choices=Material.Supply.choices),
        Flag("orders", _l("Kept for orders"), condition=Q(sales_order__isnull=False)),
        Flag("unowned", _l("Free stock"), condition=Q(sales_order=None)),
        Flag("apart", _l("In quarantine"), condition=Q(location__kind=Location.Kind.QUARANTINE)),
        Flag("blocked", _l("Blocked"), condition=Q(location__is_blocked=True) | Q(lot__is_blocked=True)),
        Flag("reserved", _l("Reserved"), condition=Q(reserved__gt=0)),
        Flag("zero", _l("With empty places"), condition=Q()),
    ]
    order_by = "material__code"
    live = ["purchase", "operation", "stock"]
    empty = Empty(_l("Nothing on stock"), _l("Receive a purchase order or take in the opening stock."), "packages")

    def visible(self) -> QuerySet[StockBalance]:
        rows = in_chosen_plant(self.request, visible_to(self.request.user, selectors.stock_rows(), SEE))
        if (material := self.request.GET.get("of", "")).isdecimal():
            rows = rows.filter(material=int(material))
        return rows if self.request.GET.get("zero") else rows.filter(on_hand__gt=0)

    def get_rows(self) -> QuerySet[StockBalance]:
        return self.visible()

    def prepare(self, rows: list[Any]) -> list[Any]:
        sees_orders = may(self.request.user, "erp.view_order")
        paths = places.paths({row.location_id for row in rows}) if rows else {}
        for row in rows:
            row.sees_order = sees_orders
            row.path = paths.get(row.location_id, row.location.name)
        return rows

    def get_views(self) -> Sequence[View]:
        apart = Q(location__kind=Location.Kind.QUARANTINE)
        blocked = Q(location__is_blocked=True) | Q(lot__is_blocked=True)
        counts = (
            self.visible()
            .order_by()
            .aggregate(
                apart=Count("pk", filter=apart),
                blocked=Count("pk", filter=blocked),
            )
        )
        return [
            View("all", _("Everything"), ""),
            View("free", _("Free stock"), "unowned=1"),
            View("orders", _("Kept for orders"), "orders=1"),
            View("apart", _("Quarantine"), "apart=1", counts["apart"], "held" if counts["apart"] else ""),
            View("blocked", _("Blocked"), "blocked=1", counts["blocked"], "late" if counts["blocked"] else ""),
            View("bought", _("Bought"), "supply=buy"),
        ]

    def get_actions(self) -> list[Action]:
        return ways("stock")

    def get_url(self, row: StockBalance) -> str:
        return reverse("erp:stock_row", args=[row.pk])


class StockByMaterial(ListPage):
    """Each material with what of it is free, reserved, kept for orders, apart or blocked, in the user's plants."""

    permission = SEE
    title, question = _l("Stock by material"), _l("How much of each is there, and how much of it may be taken?")
    columns = [
        Code("code", _l("Material"), sort="code", link=True, css="w-1"),
        Column("name", _l("Name"), sort="name", css="wide"),
        Number("places", _l("Rows"), sort="places"),
        Quantity("on_hand", _l("On hand"), unit="unit.code", sort="on_hand"),
        Quantity("for_orders", _l("For orders"), sort="for_orders"),
        Quantity("apart", _l("Quarantine"), sort="apart"),
        Quantity("blocked", _l("Blocked"), sort="blocked"),
        Quantity("reserved", _l("Reserved"), sort="reserved"),
        Quantity("free", _l("Free"), sort="free"),
    ]
    search_fields = ["code", "name"]
    filters = [
        Choice("supply", _l("Comes from"), choices=Material.Supply.choices),
        Choice("tracking", _l("Kept by"), choices=Material.Tracking.choices),
        Flag("none_free", _l("Nothing free"), condition=Q(free=0)),
        Flag("held", _l("Apart or blocked"), condition=Q(apart__gt=0) | Q(blocked__gt=0)),
    ]
    order_by = "code"
    live = ["purchase", "operation", "stock"]
    empty = Stock.empty

    def get_rows(self) -> QuerySet[Any]:
        seen = scope_of(self.request.user, SEE).plants
        chosen = getattr(self.request, "plant", None)
        plants = seen & {chosen.pk} if chosen else seen
        rows: QuerySet[Any] = visible_to(self.request.user, selectors.stock_by_material(plant_ids=plants), SEE)
        return rows.filter(on_hand__gt=0)

    def get_actions(self) -> list[Action]:
        return ways("stock_by_material")

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("Everything"), ""),
            View("none_free", _("Nothing free"), "none_free=1"),
            View("held", _("Apart or blocked"), "held=1"),
        ]

    def get_url(self, row: Material) -> str:
        return reverse("erp:stock_ledger", args=[row.pk])


def _place_chip(row: Any) -> SafeString:
    because = row.blocked_because if row.is_blocked else ""
    chip = drawn.tone_chip(*place_state(row))
    return format_html('{} <span class="t2 s12">{}</span>', chip, because) if because else chip


def _block(row: Any) -> SafeString:
    word = _("Unblock") if row.is_blocked else _("Block")
    return format_html('<a class="link" href="{}">{}</a>', reverse("erp:block_place", args=[row.pk]), word)


class StockByPlace(ListPage):
    """The places that keep stock, as a tree of paths, and how much lies in each."""

    permission = SEE
    title, question = _l("Stock by location"), _l("What lies where, and what is blocked?")
    columns = [
        Code("code", _l("Location"), sort="code", link=True, css="w-1"),
        Column("path", _l("Path"), css="wide"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Html(_place_chip, _l("State")),
        Number("material_count", _l("Materials"), sort="material_count"),
        Number("row_count", _l("Rows here"), sort="row_count"),
        Number("rows_inside", _l("With places inside")),
        Number("reserved_count", _l("Rows reserved"), sort="reserved_count"),
    ]
    search_fields = ["code", "name"]
    filters = [
        Inside("in", _l("In location (and inside it)"), field="pk"),
        Flag("blocked", _l("Blocked"), condition=Q(is_blocked=True)),
        Flag("apart", _l("Quarantine"), condition=Q(kind=Location.Kind.QUARANTINE)),
        Flag("filled", _l("Not empty"), condition=Q(row_count__gt=0)),
    ]
    order_by = "code"
    live = ["purchase", "operation", "stock"]
    empty = Empty(_l("No places"), _l("Add a warehouse with its locations under Everything else."), "map-pin")

    def get_rows(self) -> QuerySet[Location]:
        return in_chosen_plant(self.request, visible_to(self.request.user, selectors.stock_by_place(), SEE))

    def prepare(self, rows: list[Any]) -> list[Any]:
        ids = [row.pk for row in rows]
        paths, inside = (places.paths(ids), selectors.inside(ids)) if ids else ({}, {})
        for row in rows:
            row.path = paths.get(row.pk, row.name)
            row.rows_inside = inside.get(row.pk, (0, 0))[0]
        return rows

    def get_columns(self) -> Sequence[Column]:
        if not may(self.request.user, MOVE):
            return self.columns
        return [*self.columns, Html(_block, _l("Block"), exported=False)]

    def get_actions(self) -> list[Action]:
        return ways("stock_by_place")

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("All"), ""),
            View("filled", _("Not empty"), "filled=1"),
            View("apart", _("Quarantine"), "apart=1"),
            View("blocked", _("Blocked"), "blocked=1"),
        ]

    def get_url(self, row: Location) -> str:
        asked = QueryDict(mutable=True)
        asked["in"] = f"{row.plant.code}/{row.code}"
        return f"{reverse('erp:stock')}?{asked.urlencode()}"
