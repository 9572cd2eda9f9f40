"""Pages of subcontracting: what goes out to suppliers and when, what lies there, and what comes back unused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.supply import services
from erp.supply.buying_forms import ComponentsForm
from erp.supply.models import ComponentDemand, PurchaseOrder
from erp.supply.selectors import supplied
from erp.supply.views.changes import OfLine
from masterdata import drawn, shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import Refusal
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
    sent_version,
)

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


class Components(OfLine):
    """Which components a line's supplier gets from us, and how much: as the BOM says, until it is agreed otherwise."""

    form_class, template_name = ComponentsForm, "erp/supply/rows_form.html"
    done_message = _l("Agreed. What is free of it is kept, what lacks is planned.")

    def get_title(self) -> Any:
        line = self.get_object()
        return _("Supplied for line %(no)s, %(code)s") % {"no": line.line_no, "code": line.material.code}

    def get_back(self) -> tuple[Any, str]:
        label, url = super().get_back()
        return label, f"{url}?tab=components"

    @cached_property
    def terms(self) -> supplied.Terms:
        return supplied.terms_of(self.get_object())

    def get_initial(self) -> dict[str, Any]:
        return {"base_qty": shown.plain(self.terms.base_qty)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "lines": [
                {"material": pk, "quantity": shown.plain(quantity), "scrap_percent": shown.plain(scrap)}
                for pk, quantity, scrap in self.terms.rows
            ]
        }

    def get_form(self, data: Any = None) -> Any:
        form = super().get_form(data)
        unit = self.get_object().material.unit.code
        form.fields["base_qty"].label = _("Quantities are for so many %(unit)s") % {"unit": unit}
        if not self.terms.are_agreed:
            form.fields["base_qty"].help_text = _("Nothing is agreed yet: this is what the BOM in force says")
        return form

    def perform(self, form: Any) -> str:
        wanted = [
            services.ComponentTerms(
                material_id=one["material"].pk, quantity=one["quantity"], scrap_percent=one["scrap_percent"] or ZERO
            )
            for _no, one in form.filled()
        ]
        services.change_components(
            line_id=self.get_object().pk,
            wanted=wanted,
            base_qty=form.cleaned_data["base_qty"],
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return self.get_back()[1]


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
        try:
            services.take_back_components(
                order_id=self.get_object().pk,
                parts=form.parts(),
                now=timezone.now(),
                expected_version=sent_version(self.request),
            )
        except Refusal as refusal:
            refusal.field = f"component_{refusal.values.get('component_id', '')}"
            raise
        return self.get_back()[1]
