"""Lots and serial numbers: the list, and one lot with where it lies, its way, and whether it may be used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.sales.services import shortages
from erp.stock import places
from erp.stock import selectors as stock_now
from erp.stock.models import Lot, StockBalance
from erp.stockroom import selectors
from erp.stockroom.views.overview import ways
from erp.stockroom.views.places import BecauseForm
from masterdata import drawn
from masterdata.access import may, scope_of, visible_to
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    Days,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    Html,
    ListPage,
    Number,
    Quantity,
    Tab,
    View,
    When,
)

SEE, MOVE = "erp.view_stock", "erp.move_stock"


def _state(row: Lot) -> tuple[str, str, str]:
    if row.is_blocked:
        return "late", "lock", _("Blocked")
    if selectors.is_expired(row, timezone.localdate()):
        return "risk", "clock-exclamation", _("Expired")
    return "done", "circle-check", _("Usable")


def _chip(row: Lot) -> SafeString:
    return drawn.tone_chip(*_state(row))


def _size(row: Lot) -> str:
    return f"{row.length_mm} x {row.width_mm}" if row.length_mm and row.width_mm else ""


class Lots(ListPage):
    """Batches, numbered pieces and remnants that lie, or have lain, in the user's plants."""

    permission = SEE
    title, question = _l("Lots"), _l("Which batches are there, until when, and may they be used?")
    columns = [
        Code("number", _l("Lot"), sort="number", link=True, css="w-1"),
        Code("material.code", _l("Material"), sort="material__code"),
        Column("material.name", _l("Name"), sort="material__name", css="wide"),
        Column("get_kind_display", _l("Kind"), sort="kind"),
        Column(_size, _l("Size in mm"), empty=_l("Without dimensions")),
        Html(_chip, _l("State")),
        Day("expires_on", _l("Usable until"), sort="expires_on", empty=_l("No last day")),
        Number("places", _l("Places"), sort="places"),
        Quantity("on_hand", _l("On hand"), unit="material.unit.code", sort="on_hand"),
        Quantity("reserved", _l("Reserved"), sort="reserved"),
    ]
    search_fields = ["number", "supplier_lot", "material__code", "material__name"]
    filters = [
        Choice("kind", _l("Kind"), choices=Lot.Kind.choices),
        Flag("there", _l("On hand"), condition=Q(on_hand__gt=0)),
        Flag("blocked", _l("Blocked"), condition=Q(is_blocked=True)),
        Flag("remnants", _l("Remnants"), condition=Q(cut_from__isnull=False)),
        Days("until", _l("Usable until"), field="expires_on"),
    ]
    order_by = "-id"
    live = ["stock"]
    empty = Empty(
        _l("No lots yet"),
        _l("They are made when a material that is kept by lot or serial number comes in."),
        "barcode",
    )

    def get_rows(self) -> QuerySet[Any]:
        seen = scope_of(self.request.user, SEE).plants
        chosen = getattr(self.request, "plant", None)
        rows = selectors.lots_listed(plant_ids=seen & {chosen.pk} if chosen else seen)
        return visible_to(self.request.user, rows, SEE)

    def get_views(self) -> Sequence[View]:
        blocked = self.get_rows().filter(is_blocked=True, on_hand__gt=0).order_by().aggregate(n=Count("pk"))["n"]
        return [
            View("all", _("All"), ""),
            View("there", _("On hand"), "there=1"),
            View("blocked", _("Blocked"), "blocked=1&there=1", blocked, "late" if blocked else ""),
            View("soon", _("First to expire"), "there=1&sort=expires_on"),
        ]

    def get_actions(self) -> list[Action]:
        return ways("lots")

    def get_url(self, row: Lot) -> str:
        return reverse("erp:lot", args=[row.pk])


class LotRows:
    """The lots that the user may do `permission` with: they lie, or have lain, in a plant where that is allowed."""

    request: Any
    permission: ClassVar[str]

    def get_rows(self) -> QuerySet[Lot]:
        plants = sorted(scope_of(self.request.user, self.permission).plants)
        here = StockBalance.objects.filter(lot=OuterRef("pk"), plant__in=plants)
        return Lot.objects.filter(Exists(here)).select_related("material__unit", "cut_from")


class LotPage(LotRows, DetailPage):
    """One lot."""

    permission = SEE
    template_name = "erp/stockroom/lot.html"
    live = ["stock", "purchase", "operation"]

    @cached_property
    def stock(self) -> list[Any]:
        rows = visible_to(self.request.user, selectors.stock_rows(), SEE)
        found: list[Any] = list(rows.filter(lot=self.get_object(), on_hand__gt=0).order_by("plant__code", "pk"))
        paths = places.paths({row.location_id for row in found}) if found else {}
        for row in found:
            row.path = paths.get(row.location_id, row.location.name)
        return found

    @cached_property
    def trace(self) -> list[Any]:
        return stock_now.lot_trace(self.get_object(), self.request.user)

    @cached_property
    def remnants(self) -> list[Lot]:
        return list(self.get_object().remnants.order_by("pk"))

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.material.code} · {row.material.name}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Lots"), reverse("erp:lots")

    def get_cards(self, row: Any) -> Sequence[Card]:
        what = [
            Column("get_kind_display", _("Kind")),
            Column("supplier_lot", _("Supplier's number"), empty=_("Not known")),
            When("created_at", _("Made known")),
        ]
        if row.length_mm:
            what.append(Column(_size, _("Size in mm")))
        if row.cut_from:
            what.append(Html(lambda one: _lot_link(one.cut_from), _("Cut from")))
        use = [
            Html(_chip, _("State")),
            Day("expires_on", _("Usable until"), empty=_("No last day")),
        ]
        if row.is_blocked:
            use.append(Column("blocked_because", _("Because")))
        return [Card(_("What it is"), what), Card(_("Use"), use)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        found = [
            Tab("where", _("Where it lies"), template="erp/stockroom/_lot_stock.html", count=len(self.stock)),
            Tab("trace", _("Trace"), template="erp/stockroom/_trace.html", count=len(self.trace)),
        ]
        if self.remnants:
            found.append(
                Tab("remnants", _("Remnants"), template="erp/stockroom/_remnants.html", count=len(self.remnants))
            )
        return found

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | {
            "stock": self.stock,
            "trace": self.trace,
            "remnants": self.remnants,
            "sees_material": may(self.request.user, "masterdata.view"),
        }

    def get_actions(self, row: Any) -> list[Action]:
        ledger = f"{reverse('erp:stock_ledger', args=[row.material_id])}?lot={row.number}"
        found = [
            Action(_("Ledger"), ledger, "list-details", SEE),
            Action(_("Genealogy"), f"/trace/lots/{row.pk}/", "affiliate", "mes.view_trace"),
        ]
        if row.is_blocked:
            url = reverse("erp:unblock_lot", args=[row.pk])
            found.append(Action(_("Unblock"), url, "lock-open", MOVE, post=True, is_main=True))
        else:
            found.append(Action(_("Block"), reverse("erp:block_lot", args=[row.pk]), "lock", MOVE))
        return found


def _lot_link(lot: Lot) -> SafeString:
    return format_html('<a class="link tl-code" href="{}">{}</a>', reverse("erp:lot", args=[lot.pk]), lot.number)


class BlockLot(LotRows, EditPage):
    """Nothing of it is offered or taken; who had it reserved is supplied again."""

    permission, form_class, version_field = MOVE, BecauseForm, ""
    done_message = _l("Blocked. Who had it reserved is supplied again.")

    def get_title(self) -> Any:
        return _("Block lot %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:lot", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Block")}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        shortages.block_lot(lot_id=row.pk, because=form.cleaned_data["because"], now=timezone.now())
        return reverse("erp:lot", args=[row.pk])


class UnblockLot(LotRows, DeedView):
    """It may be taken again."""

    permission = MOVE
    done_message = _l("It may be used again.")

    def perform(self, row: Any) -> str:
        shortages.block_lot(lot_id=row.pk, because="", now=timezone.now())
        return reverse("erp:lot", args=[row.pk])
