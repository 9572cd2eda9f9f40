"""Pages of purchase orders: list, one order, goods in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.supply import services
from erp.supply.forms import ReceiveForm
from erp.supply.models import PurchaseOrder, SuppliedComponent
from erp.supply.selectors import listed, supplied, waiting_demands
from erp.supply.timeline import happened
from masterdata import drawn
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import Refusal
from masterdata.models import Bom
from masterdata.models.engineering import VersionState
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    Day,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    Happening,
    Html,
    ListPage,
    Money,
    Number,
    State,
    Tab,
    View,
    When,
)

SEE, WRITE, RECEIVE, SEE_COST = "erp.view_purchase", "erp.write_purchase", "erp.receive_purchase", "erp.view_cost"
MOVE = "erp.move_stock"


# A line for whose material there is something to supply: a BOM in force, or what was agreed.
MAY_BE_SUPPLIED = Exists(Bom.objects.filter(material=OuterRef("material"), state=VersionState.FROZEN)) | Exists(
    SuppliedComponent.objects.filter(order_line=OuterRef("pk"))
)


def _received(row: Any) -> SafeString:
    percent = int(row.percent or 0)
    return drawn.bar(
        percent, "done" if percent == 100 else "brand", _("%(percent)d %% received") % {"percent": percent}
    )


class PurchaseOrders(ListPage):
    """What is bought."""

    permission = SEE
    template_name = "erp/list.html"
    title, question = _l("Purchase orders"), _l("What comes from whom, and does it come in time?")
    columns = [
        Code("number", _l("Purchase order"), sort="number", link=True, css="w-1"),
        Column("supplier.name", _l("Supplier"), sort="supplier__name", css="wide"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        When("ordered_at", _l("Ordered"), sort="ordered_at"),
        Number("line_count", _l("Lines")),
        Html(_received, _l("Received"), sort="percent"),
        State(lambda row: row.stage[0], _l("State"), word=lambda row: row.stage[1]),
        Day(lambda row: row.due_at or row.last_due_at, _l("Due"), sort="due_at", css="num"),
        Money("amount", _l("Amount"), currency="plant.company.currency.code", sort="amount"),
    ]
    search_fields = ["number", "supplier__name"]
    filters = [
        Flag("open", _l("Still to come"), field="is_open"),
        Flag("overdue", _l("Overdue"), condition=Q(is_open=True)),
        Flag("unconfirmed", _l("Not confirmed"), condition=listed.UNCONFIRMED),
        Flag("received", _l("Received"), condition=Q(is_open=False, cancelled_at=None)),
    ]
    order_by = "-number"
    live = ["purchase"]
    empty = Empty(_l("Nothing is bought yet"), _l("Confirming an order buys what it lacks."), "truck-delivery")

    def visible(self) -> QuerySet[PurchaseOrder]:
        rows = visible_to(self.request.user, listed.listed_purchase_orders(), SEE)
        return in_chosen_plant(self.request, rows)

    def get_rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.visible()
        return rows.filter(due_at__lt=timezone.now()) if self.request.GET.get("overdue") else rows

    def get_columns(self) -> Sequence[Column]:
        sees_cost = may(self.request.user, SEE_COST)
        return [column for column in self.columns if sees_cost or column.source != "amount"]

    def prepare(self, rows: list[Any]) -> list[Any]:
        now = timezone.now()
        for row in rows:
            row.stage = listed.stage(row, now)
        return rows

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.stage[0] == "late" else ""

    def get_views(self) -> Sequence[View]:
        counts = (
            self.visible()
            .order_by()
            .aggregate(
                all=Count("pk"),
                open=Count("pk", filter=Q(is_open=True)),
                overdue=Count("pk", filter=Q(is_open=True, due_at__lt=timezone.now())),
                unconfirmed=Count("pk", filter=listed.UNCONFIRMED),
            )
        )
        return [
            View("all", _("All"), "", counts["all"]),
            View("open", _("Still to come"), "open=1", counts["open"]),
            View("overdue", _("Overdue"), "overdue=1", counts["overdue"], "late" if counts["overdue"] else ""),
            View("unconfirmed", _("Not confirmed"), "unconfirmed=1", counts["unconfirmed"]),
            View("received", _("Received"), "received=1"),
        ]

    def get_url(self, row: PurchaseOrder) -> str:
        return reverse("erp:purchase_order", args=[row.pk])

    def get_actions(self) -> list[Action]:
        needs = visible_to(self.request.user, listed.needs_without_order(), SEE).count()
        label = _("Not ordered: %(count)d") % {"count": needs} if needs else _("Not ordered")
        return [
            Action(_("Returns"), reverse("erp:supplier_returns"), "truck-return"),
            Action(_("Punctuality"), reverse("erp:punctuality"), "clock-check"),
            Action(_("Limits"), reverse("erp:buying_limits"), "gauge"),
            Action(_("Tolerances"), reverse("erp:delivery_tolerances"), "ruler"),
            Action(label, reverse("erp:planned_orders"), "alert-triangle" if needs else "circle-check"),
        ]


class PurchaseOrderPage(DetailPage):
    """One purchase order: what of it has come, whom it is for."""

    permission = SEE
    template_name = "erp/supply/purchase_order.html"
    live = ["purchase"]

    def get_rows(self) -> QuerySet[PurchaseOrder]:
        return visible_to(self.request.user, listed.listed_purchase_orders(), SEE)

    @cached_property
    def lines(self) -> list[Any]:
        rows = self.get_object().lines.select_related("material__unit").annotate(may_be_supplied=MAY_BE_SUPPLIED)
        found: list[Any] = list(rows.order_by("line_no"))
        demands = waiting_demands([line.pk for line in found])
        for line in found:
            line.demands = [one for one in demands if one.line_id == line.pk]
            line.percent = min(100, int(100 * line.received_qty / line.quantity)) if line.quantity else 100
            line.amount = line.quantity * line.unit_price
            line.left = max(ZERO, line.quantity - line.received_qty)
        return found

    @cached_property
    def receipts(self) -> list[Any]:
        rows = self.get_object().receipts.prefetch_related("lines__order_line__material__unit", "lines__lot", "returns")
        return list(rows.order_by("-id"))

    @cached_property
    def components(self) -> list[Any]:
        """What we supply, with what was used beyond the BOM."""
        found: list[Any] = supplied.components_of_order(self.get_object())
        for one in found:
            one.off = one.component.used_qty - one.should_have_used
            one.saved = -one.off
        return found

    @cached_property
    def notes(self) -> list[Any]:
        return supplied.notes_of_order(self.get_object()) if self.components else []

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.supplier.name} · {row.plant.name}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Purchase orders"), reverse("erp:purchase_orders")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return listed.stage(row, timezone.now())

    def get_cards(self, row: Any) -> Sequence[Card]:
        whom = [
            Column("supplier.name", _("Supplier")),
            Column("supplier.email", _("E-mail"), empty=_("Not known")),
            Column("plant.name", _("Comes to")),
        ]
        dates = [
            When("ordered_at", _("Ordered")),
            Day("due_at", _("Next due"), empty=_("Everything has come")),
            Day("last_due_at", _("Last due")),
        ]
        return [Card(_("From whom"), whom), Card(_("Dates"), dates)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [
            Tab("lines", _("Lines"), template="erp/supply/_lines.html", count=len(self.lines)),
            Tab("receipts", _("Goods in"), template="erp/supply/_receipts.html", count=len(self.receipts)),
            Tab("components", _("Components"), template="erp/supply/_components.html", count=len(self.components)),
        ]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(row) | {
            "lines": self.lines,
            "receipts": self.receipts,
            "components": self.components,
            "notes": self.notes,
            "currency": row.plant.company.currency,
            "sees_cost": may(user, SEE_COST),
            "may_write": may(user, WRITE),
            "may_receive": may(user, RECEIVE),
            "sees_work": may(user, "erp.view_work_order"),
            "total": sum(line.amount for line in self.lines),
        }

    def get_actions(self, row: Any) -> list[Action]:
        paper = Action(_("PDF"), reverse("erp:purchase_order_print", args=[row.pk]), "file-type-pdf")
        found = [paper, *self.get_component_actions(row)]
        if not row.is_open:
            return found
        return [
            *found,
            Action(_("Cancel the rest"), reverse("erp:purchase_cancel", args=[row.pk]), "x", WRITE),
            Action(_("Scan"), reverse("erp:receiving_order", args=[row.pk]), "barcode", RECEIVE),
            Action(
                _("Receive"), reverse("erp:purchase_receive", args=[row.pk]), "package-import", RECEIVE, is_main=True
            ),
        ]

    def get_component_actions(self, row: Any) -> list[Action]:
        """What goes to a subcontractor, and comes back from him."""
        found = []
        if any(one.there for one in self.components):
            back = reverse("erp:components_take_back", args=[row.pk])
            found.append(Action(_("Take back"), back, "truck-return", MOVE))
        if any(one.to_send for one in self.components):
            url = reverse("erp:components_send", args=[row.pk])
            found.append(Action(_("Send components"), url, "truck", MOVE))
        return found

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        return happened(row, self.receipts, self.notes, sees_cost=may(self.request.user, SEE_COST))


class Receive(EditPage):
    """What came of a purchase order; everything still open is proposed."""

    permission, form_class, version_field = RECEIVE, ReceiveForm, ""
    template_name = "erp/supply/receive.html"
    done_message = _l("Received. What waited for it has its pieces.")

    def get_rows(self) -> QuerySet[PurchaseOrder]:
        return visible_to(self.request.user, PurchaseOrder.objects.select_related("supplier"), RECEIVE)

    def get_title(self) -> Any:
        return _("Receive %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:purchase_order", args=[self.get_object().pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        order = self.get_object()
        rows = order.lines.filter(received_qty__lt=F("quantity")).select_related("material__unit")
        lines = list(rows.order_by("line_no"))
        coming = {line.pk: line.quantity - line.received_qty for line in lines}
        return {"lines": lines, "uses": supplied.planned_uses(order, coming)}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Receive")}

    def perform(self, form: Any) -> str:
        try:
            services.receive_purchase(
                purchase_order_id=self.get_object().pk,
                lines=form.delivered(),
                now=timezone.now(),
                delivery_note=form.cleaned_data["delivery_note"],
                used=form.used(),
            )
        except Refusal as refusal:
            used = f"used_{refusal.values.get('component_id', '')}"
            refusal.field = used if used in form.fields else f"line_{refusal.values.get('line_id', '')}"
            raise
        return reverse("erp:purchase_order", args=[self.get_object().pk])
