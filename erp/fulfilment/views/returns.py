"""Goods that come back: allowed, taken in, decided upon."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.fulfilment import services
from erp.fulfilment.forms import DecideForm, ReceiveForm, ReturnForm
from erp.fulfilment.models import CustomerReturn, ReturnReceipt, ShipmentLine
from erp.fulfilment.selectors.lists import listed_returns
from erp.fulfilment.selectors.returns import returnable
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.selectors import visible_orders
from masterdata.access import may, person, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import InvalidInput
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
    sent_version,
)

SEE, ALLOW, RECEIVE, DECIDE = "erp.view_order", "erp.authorise_return", "erp.receive_return", "erp.decide_return"
STAGES = {
    "coming": _l("To come"), "decide": _l("To be decided"), "rework": _l("To be reworked"), "part": _l("Partly here"),
    "done": _l("Done"),
}  # fmt: skip


def stage_of(row: Any) -> str:
    if row.undecided:
        return "decide"
    if row.waits_for_rework:
        return "rework"
    if row.closed_at:
        return "done"
    return "part" if row.came else "coming"


class Returns(ListPage):
    """All returns."""

    permission = SEE
    title, question = _l("Returns"), _l("What do customers send back, and what becomes of it?")
    columns = [
        Code("number", _l("Return"), sort="number", link=True, css="w-1"),
        Code("order.number", _l("Order"), sort="order__number"),
        Column("order.customer.name", _l("Customer"), sort="order__customer__name", css="wide"),
        Column("get_reason_display", _l("Why"), sort="reason"),
        Number("pieces", _l("Allowed"), sort="pieces"),
        Number("came", _l("Came"), sort="came"),
        Number("undecided", _l("To be decided"), sort="undecided"),
        When("made_at", _l("Allowed at"), sort="made_at"),
        State(stage_of, _l("State"), word=lambda row: STAGES[stage_of(row)]),
    ]
    search_fields = ["number", "order__number", "order__customer__name", "note"]
    filters = [
        Choice("reason", _l("Why"), choices=CustomerReturn.Reason.choices),
        Flag("open", _l("To come"), condition=Q(closed_at=None)),
        Flag("decide", _l("To be decided"), condition=Q(undecided__gt=0)),
    ]
    order_by = "-number"
    live = ["order"]
    empty = Empty(_l("Nothing comes back"), _l("Allow a return on the order's page."), "arrows-exchange")

    def get_rows(self) -> QuerySet[Any]:
        return in_chosen_plant(self.request, visible_to(self.request.user, listed_returns(), SEE))

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().filter(undecided__gt=0).count()
        return [
            View("all", _("All")),
            View("open", _("To come"), "open=1"),
            View("decide", _("To be decided"), "decide=1", waiting, "risk" if waiting else ""),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("erp:return", args=[row.pk])


class ReturnPage(DetailPage):
    """One return: what may come, what came, what became of it."""

    permission = SEE
    live = ["order"]

    def get_rows(self) -> QuerySet[CustomerReturn]:
        return visible_to(self.request.user, listed_returns().select_related("authorised_by"), SEE)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        url = reverse("erp:order", args=[row.order_id])
        return format_html('<a href="{}">{}</a> · {}', url, row.order.number, row.order.customer.name)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Returns"), reverse("erp:returns")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return stage_of(row), STAGES[stage_of(row)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("goods", _("Goods"), template="erp/fulfilment/_return.html")]

    def get_cards(self, row: Any) -> Sequence[Card]:
        facts = [
            Column("get_reason_display", _("Why")),
            Column("note", _("Note"), empty=_("None")),
            Column("plant.name", _("Comes to")),
            Column("authorised_by", _("Allowed by"), empty=_("A program")),
            When("made_at", _("Allowed at")),
        ]
        return [Card(_("Facts"), facts)]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        lines = row.lines.select_related("shipment_line__order_line__material__unit", "shipment_line__shipment")
        receipts = ReturnReceipt.objects.filter(line__customer_return=row).select_related(
            "line__shipment_line__order_line__material__unit", "lot", "decided_by", "replaced_by__order", "reworked_by"
        )
        return super().get_context_data(row) | {
            "lines": lines.order_by("pk"),
            "receipts": receipts.order_by("pk"),
            "may_decide": may(self.request.user, DECIDE),
        }

    def get_actions(self, row: Any) -> list[Action]:
        actions = []
        lines = SalesOrderLine.objects.filter(shipment_lines__return_lines__customer_return=row)
        if lines.filter(taken_back_qty__gt=0, invoiced_qty__gt=F("shipped_qty") - F("taken_back_qty")).exists():
            url = reverse("erp:return_credit", args=[row.pk])
            actions.append(
                Action(_("Credit"), url, "receipt-refund", "erp.credit_invoice", is_main=bool(row.closed_at))
            )
        if row.closed_at is not None:
            return actions
        url = reverse("erp:return_close", args=[row.pk])
        actions += [Action(_("No more will come"), url, "x", ALLOW, post=True)]
        if row.came < row.pieces:
            url = reverse("erp:return_receive", args=[row.pk])
            actions.append(Action(_("Take in"), url, "package-import", RECEIVE, is_main=True))
        return actions


class Authorise(EditPage):
    """Allow a customer to send goods of an order back."""

    permission, form_class, version_field = ALLOW, ReturnForm, ""
    done_message, submit_label = _l("Allowed: the goods may come."), _l("Allow it")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    @cached_property
    def lines(self) -> list[ShipmentLine]:
        rows = ShipmentLine.objects.filter(
            shipment__order=self.get_object(), shipment__shipped_at__isnull=False
        ).select_related("order_line__material__unit", "shipment")
        return [line for line in rows.order_by("shipment", "pk") if returnable(line) > 0]

    def get_title(self) -> Any:
        return _("Return of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:order", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines}

    def perform(self, form: Any) -> str:
        pieces = form.pieces("back")
        if not pieces:
            raise InvalidInput(_("Enter how much of something comes back."))
        given = form.cleaned_data
        row = services.authorise_return(
            order_id=self.get_object().pk, lines=pieces, reason=given["reason"], note=given["note"],
            by=person(self.request), now=timezone.now(),
        )  # fmt: skip
        return reverse("erp:return", args=[row.pk])


class ReceiveReturn(EditPage):
    """Take in what has come."""

    permission, form_class = RECEIVE, ReceiveForm
    done_message, submit_label = _l("Taken in, at what it cost when it left."), _l("Take in")

    def get_rows(self) -> QuerySet[CustomerReturn]:
        return visible_to(self.request.user, CustomerReturn.objects.filter(closed_at=None), RECEIVE)

    def get_title(self) -> Any:
        return _("%(number)s comes in") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:return", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = self.get_object().lines.filter(received_qty__lt=F("quantity"))
        return {"lines": list(rows.select_related("shipment_line__order_line__material").order_by("pk"))}

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        services.receive_return(
            return_id=row.pk, line_id=int(given["line"]), quantity=given["quantity"], lot=given["lot"],
            to_stock=given["to_stock"], now=timezone.now(),
            expected_version=sent_version(self.request),
        )  # fmt: skip
        return reverse("erp:return", args=[row.pk])


class CloseReturn(DeedView):
    """No more will come."""

    permission, done_message = ALLOW, _l("Closed: no more will come.")

    def get_rows(self) -> QuerySet[CustomerReturn]:
        return visible_to(self.request.user, CustomerReturn.objects.all(), ALLOW)

    def perform(self, row: Any) -> str:
        services.close_return(return_id=row.pk, now=timezone.now())
        return reverse("erp:return", args=[row.pk])


class Decide(EditPage):
    """What becomes of pieces that came back."""

    permission, form_class, version_field = DECIDE, DecideForm, ""
    done_message, submit_label = _l("Decided."), _l("Decide")

    def get_rows(self) -> QuerySet[ReturnReceipt]:
        rows = ReturnReceipt.objects.filter(outcome="").select_related("line__customer_return__plant")
        return visible_to(self.request.user, rows, DECIDE)

    def get_title(self) -> Any:
        return _("What becomes of %(number)s") % {"number": self.get_object().line.customer_return.number}

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object().line.customer_return
        return row.number, reverse("erp:return", args=[row.pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"plant": self.get_object().line.customer_return.plant}

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        target, reason = given["target"], given["scrap_reason"]
        services.decide_return(
            receipt_id=row.pk, outcome=given["outcome"], target_id=target.pk if target else None,
            reason_id=reason.pk if reason else None, replace=given["replace"], note=given["note"],
            by=person(self.request), now=timezone.now(),
        )  # fmt: skip
        return reverse("erp:return", args=[row.line.customer_return_id])
