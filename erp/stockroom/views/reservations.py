"""Who keeps what of the stock: the list, letting pieces go, keeping some for an order or a work order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.production.models import WorkOrderMaterial
from erp.sales.models import SalesOrderLine
from erp.sales.services import keeping
from erp.stock.models import Reservation
from erp.stockroom import selectors
from erp.stockroom.fields import quantity_field, typed
from erp.stockroom.views.drawing import lot_link
from masterdata import drawn, shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    CreatePage,
    EditPage,
    Empty,
    Flag,
    Html,
    ListPage,
    Quantity,
    View,
    When,
)

SEE, KEEP = "erp.view_stock", "erp.reserve_stock"


def holder(row: Any) -> SafeString:
    """The order or work order that keeps it, for whom, as a link for who may open it."""
    need = row.work_order_material
    if row.supplied_component is not None:
        order = row.supplied_component.order_line.order
        link = drawn.document(reverse("erp:purchase_order", args=[order.pk]), order.number, row.viewer)
        return format_html('{} <small class="t2">{}</small>', link, order.supplier.name)
    if need is not None:
        link = drawn.document(reverse("erp:work_order", args=[need.work_order_id]), need.work_order.number, row.viewer)
        line = need.work_order.sales_order_line
    else:
        line = row.sales_order_line
        link = drawn.document(reverse("erp:order", args=[line.order_id]), line.order.number, row.viewer)
    if line is None:
        return link
    return format_html('{} <small class="t2">{}</small>', link, line.order.customer.name)


def _firmness(row: Reservation) -> SafeString:
    if row.kind == Reservation.Kind.HARD:
        return drawn.tone_chip("done", "lock", _("Hard"))
    return drawn.tone_chip("planned", "bookmark", _("Soft"))


class Reservations(ListPage):
    """All that is kept, the material first."""

    permission = SEE
    title, question = _l("Reservations"), _l("Who keeps what of the stock, how firmly, and until when?")
    columns = [
        Code("balance.material.code", _l("Material"), sort="balance__material__code", link=True, css="w-1"),
        Column("balance.material.name", _l("Name"), sort="balance__material__name", css="wide"),
        Quantity("quantity", _l("Kept"), unit="balance.material.unit.code", sort="quantity"),
        Html(holder, _l("For")),
        Html(_firmness, _l("How firm"), sort="kind"),
        Column("priority", _l("Priority"), sort="priority", css="num", empty=_l("By the promised date")),
        When("expires_at", _l("Until"), sort="expires_at", empty=_l("It does not end by itself")),
        When("made_at", _l("Since"), sort="made_at"),
        Column("balance.location.name", _l("Location"), sort="balance__location__code"),
        Html(lambda row: lot_link(row.balance), _l("Lot"), sort="balance__lot__number"),
        Column("balance.plant.name", _l("Plant"), sort="balance__plant__code"),
    ]
    search_fields = [
        "balance__material__code",
        "balance__material__name",
        "sales_order_line__order__number",
        "work_order_material__work_order__number",
        "work_order_material__work_order__sales_order_line__order__number",
        "supplied_component__order_line__order__number",
        "balance__lot__number",
    ]
    filters = [
        Choice("kind", _l("How firm"), choices=Reservation.Kind.choices),
        Flag("work", _l("For work orders"), condition=Q(work_order_material__isnull=False)),
        Flag("orders", _l("For orders themselves"), condition=Q(sales_order_line__isnull=False)),
        Flag("suppliers", _l("For subcontractors"), condition=Q(supplied_component__isnull=False)),
        Flag("ends", _l("Ends by itself"), condition=Q(expires_at__isnull=False)),
        Flag("ranked", _l("With a priority"), condition=Q(priority__isnull=False)),
    ]
    order_by = "balance__material__code"
    live = ["stock", "purchase", "operation"]
    empty = Empty(_l("Nothing is kept"), _l("Confirming an order keeps what it needs of the stock."), "bookmark-off")

    def get_rows(self) -> QuerySet[Reservation]:
        rows = visible_to(self.request.user, selectors.reservations(), SEE)
        return in_chosen_plant(self.request, rows, "balance__plant")

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.viewer = self.request.user
        return rows

    def get_views(self) -> Sequence[View]:
        counts = (
            self.get_rows()
            .order_by()
            .aggregate(
                soft=Count("pk", filter=Q(kind=Reservation.Kind.SOFT)),
                hard=Count("pk", filter=Q(kind=Reservation.Kind.HARD)),
                ends=Count("pk", filter=Q(expires_at__isnull=False)),
            )
        )
        return [
            View("all", _("All"), ""),
            View("soft", _("Soft"), "kind=soft", counts["soft"]),
            View("hard", _("Hard"), "kind=hard", counts["hard"]),
            View("ends", _("End by themselves"), "ends=1", counts["ends"]),
        ]

    def get_url(self, row: Reservation) -> str:
        name = "let_go" if may(self.request.user, KEEP) else "stock_row"
        return reverse(f"erp:{name}", args=[row.pk if name == "let_go" else row.balance_id])

    def get_actions(self) -> list[Action]:
        return [Action(_("Keep pieces"), reverse("erp:keep_pieces"), "bookmark-plus", KEEP, is_main=True)]


class LetGoForm(forms.Form):
    """How much of it."""

    quantity = quantity_field(_l("How much goes"))


class LetGo(EditPage):
    """Give back what is kept; who needs it is supplied anew, and not from these pieces."""

    permission: ClassVar[str] = KEEP
    form_class, version_field = LetGoForm, ""
    submit_label, done_message = _l("Let go"), _l("Free for others. Who kept it is supplied anew.")

    def get_rows(self) -> QuerySet[Reservation]:
        return visible_to(self.request.user, selectors.reservations(), KEEP)

    def get_title(self) -> Any:
        row = self.get_object()
        named = row.sales_order_line.order if row.sales_order_line else None
        if row.supplied_component is not None:
            named = row.supplied_component.order_line.order
        named = named or row.work_order_material.work_order
        return _("Let go: %(code)s kept for %(number)s") % {"code": row.balance.material.code, "number": named.number}

    def get_back(self) -> tuple[Any, str]:
        return _("Reservations"), reverse("erp:reservations")

    def get_initial(self) -> dict[str, Any]:
        return {"quantity": typed(self.get_object().quantity)}

    def get_form(self, data: Any = None) -> forms.Form:
        form = super().get_form(data)
        row = self.get_object()
        kept = shown.quantity(row.quantity, row.balance.material.unit.code)
        place = row.balance.location.name
        form.fields["quantity"].help_text = _("%(kept)s are kept in %(place)s.") % {"kept": kept, "place": place}
        return form

    def perform(self, form: Any) -> str:
        keeping.let_pieces_go(
            reservation_id=self.get_object().pk, quantity=form.cleaned_data["quantity"], now=timezone.now()
        )
        return reverse("erp:reservations")


class KeepForm(forms.Form):
    """For which document, which material, how much, how firmly."""

    document = forms.CharField(
        label=_l("For which order or work order"), max_length=40, help_text=_l("Its number: SO-… or WO-…")
    )
    material = forms.CharField(label=_l("Material"), max_length=60, help_text=_l("Its code"))
    quantity = quantity_field()
    kind = forms.ChoiceField(label=_l("How firm"), choices=Reservation.Kind.choices, initial=Reservation.Kind.SOFT)
    priority = forms.IntegerField(
        label=_l("Priority"),
        min_value=1,
        max_value=999,
        required=False,
        help_text=_l("1 comes before 2; empty: the promised date decides"),
    )
    expires_at = forms.DateTimeField(
        label=_l("Until"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        help_text=_l("Only a soft one ends by itself"),
    )

    def __init__(
        self, *args: Any, lines: QuerySet[SalesOrderLine], needs: QuerySet[WorkOrderMaterial], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.needs = lines, needs

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        number, code = given.pop("document", "").strip(), given.pop("material", "").strip()
        if not number or not code:
            return given
        line, need = selectors.demand_named(number, code, lines=self.lines, needs=self.needs)
        if line is None and need is None:
            words = _("No open %(number)s needs %(code)s: look at both once more.")
            self.add_error("document", words % {"number": number, "code": code})
        given["sales_order_line_id"] = line.pk if line else None
        given["work_order_material_id"] = need.pk if need else None
        return given


class KeepPieces(CreatePage):
    """Keep free pieces for somebody who needs them."""

    permission, form_class = KEEP, KeepForm
    title, submit_label = _l("Keep pieces"), _l("Keep them")
    done_message = _l("Kept. What was on order for it is free for others.")

    def get_form_kwargs(self) -> dict[str, Any]:
        user = self.request.user
        return {
            "lines": visible_to(user, SalesOrderLine.objects.all(), KEEP),
            "needs": visible_to(user, WorkOrderMaterial.objects.all(), KEEP),
        }

    def get_back(self) -> tuple[Any, str]:
        return _("Reservations"), reverse("erp:reservations")

    def perform(self, form: Any) -> str:
        keeping.keep_pieces(now=timezone.now(), **form.cleaned_data)
        return reverse("erp:reservations")
