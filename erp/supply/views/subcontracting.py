"""Pages of subcontracting: what goes out to suppliers and when, what lies there, and what comes back unused."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.stock.models import Lot
from erp.supply import services
from erp.supply.models import ComponentDemand, PurchaseOrder
from erp.supply.selectors import supplied
from erp.supply.views.receiving import Receiving, Scanned, Unclear
from masterdata import drawn, shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import Refusal
from masterdata.models import Material
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Code,
    Column,
    Day,
    EditPage,
    Empty,
    Flag,
    Html,
    ListPage,
    Money,
    Quantity,
    View,
    go_to,
)
from masterdata.pages.once import FIELD, new_key, once
from masterdata.pages.zones import plant_time

MOVE, SEE, SEE_COST = "erp.move_stock", "erp.view_purchase", "erp.view_cost"


def _readiness(row: Any) -> SafeString:
    if row.missing:
        lacks = shown.quantity(row.missing, row.material.unit.code)
        return drawn.tone_chip("late", "alert-triangle", _("%(lacks)s missing") % {"lacks": lacks})
    return drawn.tone_chip("done", "check", _("All there"))


class ToSubcontractors(ListPage):
    """What suppliers still have to get from us."""

    permission = SEE
    title, question = _l("To subcontractors"), _l("What do suppliers need from us, until when, and is it there?")
    columns = [
        Code("order.number", _l("Purchase order"), sort="order__number", link=True, css="w-1"),
        Column("supplier.name", _l("Supplier"), sort="supplier__name", css="wide"),
        Code("material.code", _l("Component"), sort="material__code"),
        Column("material.name", _l("Name"), sort="material__name"),
        Quantity("to_send", _l("To send"), unit="material.unit.code"),
        Html(_readiness, _l("In stock")),
        Day("send_on", _l("Needed there"), sort="send_on"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
    ]
    search_fields = ["order__number", "supplier__name", "material__code", "material__name"]
    filters = [Flag("missing", _l("Something is missing"), condition=Q(missing__gt=0))]
    order_by = "send_on"
    live = ["purchase", "stock"]
    empty = Empty(_l("Nothing goes out"), _l("A purchase bought for a fee lists what its supplier needs."), "truck")

    def get_rows(self) -> QuerySet[Any]:
        rows = visible_to(self.request.user, supplied.to_send(), SEE)
        return in_chosen_plant(self.request, rows)

    def get_views(self) -> Sequence[View]:
        missing = self.get_rows().filter(missing__gt=0).count()
        return [
            View("all", _("All"), "", self.get_rows().count()),
            View("missing", _("Missing"), "missing=1", missing, "late" if missing else ""),
        ]

    def get_url(self, row: ComponentDemand) -> str:
        leads = "erp:components_send" if may(self.request.user, MOVE) else "erp:purchase_order"
        return reverse(leads, args=[row.order_id])

    def get_actions(self) -> list[Action]:
        return [Action(_("At subcontractors"), reverse("erp:at_subcontractors"), "building-warehouse")]


class AtSubcontractors(ListPage):
    """What lies at subcontractors and is ours."""

    permission = SEE
    title, question = _l("At subcontractors"), _l("What of our stock lies at which supplier?")
    columns = [
        Column("location.name", _l("Where"), sort="location__name", css="wide"),
        Code("material.code", _l("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _l("Name"), sort="material__name"),
        Code("lot.number", _l("Lot"), sort="lot__number", empty=_l("Without")),
        Quantity("on_hand", _l("There"), unit="material.unit.code", sort="on_hand"),
        Money("worth", _l("Worth"), currency="plant.company.currency.code"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
    ]
    search_fields = ["location__name", "material__code", "material__name", "lot__number"]
    order_by = "location__name"
    live = ["stock", "purchase"]
    empty = Empty(_l("Nothing lies at a supplier"), _l("Components are sent from their purchase order."), "truck")

    def get_rows(self) -> QuerySet[Any]:
        rows = visible_to(self.request.user, supplied.at_subcontractors(), SEE)
        return in_chosen_plant(self.request, rows)

    def get_columns(self) -> Sequence[Column]:
        sees_cost = may(self.request.user, SEE_COST)
        return [column for column in self.columns if sees_cost or column.source != "worth"]

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.worth = None if row.unit_value is None else row.on_hand * row.unit_value
        return rows

    def get_url(self, row: Any) -> str:
        return reverse("erp:stock_row", args=[row.pk])

    def get_back(self) -> tuple[Any, str]:
        return _("To subcontractors"), reverse("erp:to_subcontractors")


class Sending(Receiving):
    """Components of one purchase order on their way out: scan each, its lot where it has one, enter how much; book."""

    permission = MOVE
    address = "erp:components_send"

    def get_rows(self) -> Any:
        rows = PurchaseOrder.objects.select_related("supplier", "plant")
        return visible_to(self.request.user, rows, MOVE)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.POST.get("deed") == "all":
            got = [(pk, shown.plain(one.ready), "") for pk, one in self.lines.items() if self._goes_at_once(one)]
            self._save(Scanned(got=got))
            return redirect(self.address, pk=self.get_object().pk)
        return super().post(request, *args, **kwargs)

    @property
    def key(self) -> str:
        return f"sending:{self.get_object().pk}"

    @cached_property
    def lines(self) -> dict[int, Any]:
        return {one.pk: one for one in supplied.components_of_order(self.get_object()) if one.to_send > 0}

    def left(self, line: Any) -> Decimal:
        return max(ZERO, line.to_send - self.state.quantity_of(line.pk))

    @staticmethod
    def _goes_at_once(line: Any) -> bool:
        return bool(line.ready > 0 and line.material.tracking == Material.Tracking.NONE)

    def _material(self, text: str) -> None:
        code = text.casefold()
        line = next((one for one in self.lines.values() if one.material.code.casefold() == code), None)
        if line is None:
            wrong = _("%(what)s is not needed for %(number)s: scan what is listed below.")
            raise Unclear(wrong % {"what": text, "number": self.get_object().number})
        self.state.line, self.state.lot = line.pk, ""
        self._save(self.state)

    def _part(self, pk: int, quantity: str, number: str) -> services.ComponentPart:
        lot_id = None
        if number:
            lot = Lot.objects.filter(material=self.lines[pk].material_id, number__iexact=number).first()
            if lot is None:
                raise Unclear(_("There is no lot %(number)s: take it off, and scan another.") % {"number": number})
            lot_id = lot.pk
        return services.ComponentPart(component_id=pk, quantity=Decimal(quantity), lot_id=lot_id)

    def _book(self) -> HttpResponseBase:
        order = self.get_object()
        got = [one for one in self.state.got if one[0] in self.lines]
        if not got:
            raise Unclear(_("Nothing is on the list yet: scan a component first."))
        parts = [self._part(*one) for one in got]

        def deed() -> str:
            services.send_components(order_id=order.pk, parts=parts, now=timezone.now())
            return reverse("erp:purchase_order", args=[order.pk]) + "?tab=components"

        url = once(self.request, deed)
        self.request.session.pop(self.key, None)
        return go_to(self.request, url)

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        order, state = self.get_object(), self.state
        line = self.lines.get(state.line) if state.line else None
        context = {
            "page_title": _("Send to %(name)s") % {"name": order.supplier.name},
            "subtitle": f"{order.number} · {order.plant.name}",
            "back": (_("To subcontractors"), reverse("erp:to_subcontractors")),
            "object": order,
            "line": line,
            "lot": state.lot,
            "rows": [(one, self.left(one), state.quantity_of(one.pk)) for one in self.lines.values()],
            "got": [(self.lines[pk], Decimal(much), lot) for pk, much, lot in state.got if pk in self.lines],
            "can_all": any(self._goes_at_once(one) for one in self.lines.values()),
            "wrong": wrong,
            "label": self._label(line),
            "proposed": shown.plain(self.left(line)) if line is not None and self._asks_quantity(line) else "",
            "idempotency_field": FIELD,
            "idempotency_key": new_key(),
        }
        with plant_time(self.request, order.plant_id):
            return render(self.request, "erp/supply/sending.html", context, status=status)


class TakeBackForm(forms.Form):
    """How much of each component comes back."""

    def __init__(self, *args: Any, rows: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in rows:
            there = shown.quantity(one.there, one.material.unit.code)
            self.fields[f"component_{one.pk}"] = forms.DecimalField(
                label=_("%(code)s comes back") % {"code": one.material.code},
                help_text=_("%(there)s of %(name)s lie there") % {"there": there, "name": one.material.name},
                required=False,
                min_value=ZERO,
                max_digits=18,
                decimal_places=6,
                widget=forms.NumberInput({"step": "any"}),
            )

    def parts(self) -> list[services.ComponentPart]:
        return [
            services.ComponentPart(component_id=int(name.split("_")[1]), quantity=quantity)
            for name, quantity in self.cleaned_data.items()
            if quantity
        ]


class TakeBack(EditPage):
    """Components that a supplier did not use come back."""

    permission, form_class = MOVE, TakeBackForm
    submit_label, done_message = _l("Take back"), _l("Back in our stock: put them away.")

    def get_rows(self) -> QuerySet[PurchaseOrder]:
        return visible_to(self.request.user, PurchaseOrder.objects.select_related("supplier"), MOVE)

    def get_title(self) -> Any:
        return _("Back from %(name)s") % {"name": self.get_object().supplier.name}

    def get_back(self) -> tuple[Any, str]:
        order = self.get_object()
        return order.number, reverse("erp:purchase_order", args=[order.pk]) + "?tab=components"

    def get_initial(self) -> dict[str, Any]:
        return {}

    @cached_property
    def there(self) -> list[Any]:
        return [one for one in supplied.components_of_order(self.get_object()) if one.there > 0]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"rows": self.there}

    def perform(self, form: Any) -> str:
        sent = self.request.POST.get("version", "")
        try:
            services.take_back_components(
                order_id=self.get_object().pk,
                parts=form.parts(),
                now=timezone.now(),
                expected_version=int(sent) if sent.isdecimal() else None,
            )
        except Refusal as refusal:
            refusal.field = f"component_{refusal.values.get('component_id', '')}"
            raise
        return self.get_back()[1]
