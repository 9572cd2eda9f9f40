"""Can all of this quotation be there by then? Can this order come earlier? Asked from their pages."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm_now
from crm import services as crm
from crm.forms import RushDayForm
from crm.models import Quotation, RushRequest
from erp import selectors as erp_now
from erp.models import SalesOrder
from masterdata.pages import Action, FormPage, OneRow
from suite.deeds import ask_rush


def order_actions(order: SalesOrder) -> list[Action]:
    """On the page of an order that is on its way: can it come earlier?"""
    dates = order.lines.aggregate(at=Max("expected_at"))
    if order.confirmed_at is None or order.cancelled_at is not None or dates["at"] is None:
        return []
    return [Action(_t("Earlier?"), reverse("suite:rush_for_order", args=[order.pk]), "bolt", "crm.ask_rush")]


class _AskFrom(FormPage, OneRow):
    """The day is all that is asked; the lines are those of the document."""

    permission, form_class = "crm.ask_rush", RushDayForm
    template_name = "crm/rush_from.html"
    submit_label = _("Ask")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        row = self.get_object()
        lines = row.lines.select_related("material__unit").order_by("line_no")
        sent = self.request.POST.get("replaces") or self.request.GET.get("replaces", "")
        return super().get_context_data(form) | {"row": row, "lines": lines, "replaces": sent}

    def perform(self, form: Any) -> str:
        """Note the question with its answer; a question that it replaces is dropped."""
        asked = self.ask(form.cleaned_data["wanted_on"])
        sent = self.request.POST.get("replaces", "")
        replaced = crm_now.open_rush_requests(self.request.user).filter(pk=sent).first() if sent.isdecimal() else None
        if replaced is not None:
            crm.drop_rush(request_id=replaced.pk, now=timezone.now())
        return reverse("crm:rush_request", args=[asked.pk])

    @abstractmethod
    def ask(self, wanted_on: Any) -> RushRequest: ...


class ForQuotation(_AskFrom):
    """The whole quotation, and taking an option accepts it."""

    title = _("Can all of it be there by then?")

    def get_rows(self) -> QuerySet[Quotation]:
        return crm_now.visible_quotations(self.request.user)

    def get_back(self) -> tuple[str, str]:
        row = self.get_object()
        return row.number, reverse("crm:quotation", args=[row.pk])

    def ask(self, wanted_on: Any) -> RushRequest:
        by: Any = self.request.user
        return ask_rush.ask_rush_for_quotation(
            quotation_id=self.get_object().pk, wanted_on=wanted_on, now=timezone.now(), by=by
        )


class ForOrder(_AskFrom):
    """The order's own work comes earlier; no other order is made."""

    title = _("Can it come earlier?")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return erp_now.visible_orders(self.request.user)

    def get_back(self) -> tuple[str, str]:
        row = self.get_object()
        return row.number, reverse("erp:order", args=[row.pk])

    def get_context_data(self, form: Any) -> dict[str, Any]:
        first = self.get_object().lines.select_related("material").order_by("line_no").first()
        more = {"customer": self.get_object().customer.code, "material": first.material.code} if first else {}
        url = reverse("suite:rush_ask", query=more)
        hint = _t("More of it is an order of its own:")
        return super().get_context_data(form) | {"more_url": url, "more_hint": hint}

    def ask(self, wanted_on: Any) -> RushRequest:
        by: Any = self.request.user
        return ask_rush.ask_rush_for_order(
            order_id=self.get_object().pk, wanted_on=wanted_on, now=timezone.now(), by=by
        )
