"""Pages of credit: orders that wait for it, and what customers may owe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.sales import services
from erp.sales.forms import CreditLimitForm, ReasonForm
from erp.sales.models import CreditLimit, SalesOrder
from erp.sales.selectors import visible_orders
from erp.sales.selectors.credit import HeldOrder, exposures, held_orders
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.models import Company
from masterdata.pages import Action, Code, Column, EditPage, Empty, Flag, FormPage, ListPage, Money, Number, State, View

SEE, SET, RELEASE = "erp.view_invoice", "erp.set_credit_limit", "erp.release_credit"
WHY = {"held": _l("On hold"), "overdue": _l("Overdue"), "over": _l("Over the limit")}


class CreditHolds(ListPage):
    """Orders that nobody may confirm or ship because of what their customers owe."""

    permission = SEE
    title, question = _l("Orders on credit hold"), _l("Which orders wait because of what their customer owes?")
    columns = [
        Code("number", _l("Order"), sort="number", link=True, css="w-1"),
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        State("why", _l("Because"), word=lambda row: WHY[row.why]),
        Money("gross", _l("This order"), currency="company.currency.code"),
        Money("owed", _l("Owes with it"), currency="company.currency.code"),
        Money("limit", _l("Allowed"), currency="company.currency.code", empty=_l("Any amount")),
        Number("overdue_days", _l("Days overdue")),
        Column("stage", _l("Waits to be"), sort="confirmed_at"),
    ]
    search_fields = ["number", "customer__name", "customer_reference"]
    filters = [
        Flag("draft", _l("Draft"), condition=Q(confirmed_at=None)),
        Flag("rush", _l("Rush order"), field="is_rush"),
    ]
    order_by = "-number"
    live = ["order"]
    empty = Empty(
        _l("No order waits for credit"),
        _l("An order appears here when its customer owes more than the limit, or too long."),
        "circle-check",
    )

    @cached_property
    def held(self) -> dict[int, HeldOrder]:
        rows = visible_to(self.request.user, visible_orders(self.request.user), SEE)
        return {one.pk: one for one in held_orders(rows.order_by(), timezone.localdate())}

    def get_rows(self) -> QuerySet[SalesOrder]:
        rows = visible_orders(self.request.user).filter(pk__in=list(self.held))
        return rows.select_related("company__currency", "customer", "currency")

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            held = self.held[row.pk]
            row.why, row.gross, row.owed = held.why, held.gross, held.owed
            row.limit, row.overdue_days = held.limit.amount, held.exposure.overdue_days
            row.stage = _("be shipped") if row.confirmed_at else _("be confirmed")
        return rows

    def get_actions(self) -> list[Action]:
        return [Action(_("Credit limits"), reverse("erp:credit_limits"), "adjustments", SEE)]

    def get_url(self, row: Any) -> str:
        name = "erp:credit_release" if may(self.request.user, RELEASE) else "erp:order"
        return reverse(name, args=[row.pk])


class ReleaseCredit(EditPage):
    """Let one order pass, with a reason that stays."""

    permission, form_class = RELEASE, ReasonForm
    done_message, submit_label = _l("Released: the order may be confirmed and shipped."), _l("Let it pass")
    template_name, version_field = "erp/sales/credit_release.html", ""

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user).select_related("company__currency", "customer")

    def get_title(self) -> Any:
        return _("Let %(number)s pass") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return _("Orders on credit hold"), reverse("erp:credit_holds")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        order = self.get_object()
        rows = SalesOrder.objects.filter(pk=order.pk)
        held = next(iter(held_orders(rows, timezone.localdate())), None)
        return super().get_context_data(form) | {"held": held, "why": WHY[held.why] if held else ""}

    def perform(self, form: Any) -> str:
        order = self.get_object()
        services.release_credit(
            order_id=order.pk,
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        return reverse("erp:order", args=[order.pk])


class CreditLimits(ListPage):
    """What customers may owe, and owe now."""

    permission = SEE
    title, question = _l("Credit limits"), _l("What may each customer owe us, and what does he owe?")
    columns = [
        Column("customer.name", _l("Customer"), sort="customer__name", link=True, css="wide"),
        Column("company.name", _l("Company"), sort="company__name"),
        Money("amount", _l("Allowed"), currency="company.currency.code", sort="amount", empty=_l("Any amount")),
        Money("owed", _l("Owes"), currency="company.currency.code"),
        Money("invoiced", _l("Invoiced"), currency="company.currency.code"),
        Money("shipped", _l("Shipped"), currency="company.currency.code"),
        Money("ordered", _l("Ordered"), currency="company.currency.code"),
        Money("deposits", _l("Deposits"), currency="company.currency.code"),
        Number("late", _l("Days overdue")),
        Column("held_because", _l("On hold because"), empty=_l("Not on hold")),
    ]
    search_fields = ["customer__name", "customer__code", "held_because"]
    filters = [Flag("hold", _l("On hold"), condition=~Q(held_because=""))]
    order_by = "customer__name"
    live = ["order"]
    empty = Empty(_l("No limits yet"), _l("A customer without a limit may owe any amount."), "cash")

    def get_rows(self) -> QuerySet[CreditLimit]:
        rows = visible_to(self.request.user, CreditLimit.objects.all(), SEE)
        return rows.select_related("customer", "company__currency")

    def prepare(self, rows: list[Any]) -> list[Any]:
        for company in {row.company for row in rows}:
            its = [row for row in rows if row.company_id == company.pk]
            ids = {row.customer_id for row in its}
            found = exposures(company=company, customer_ids=ids, today=timezone.localdate())
            for row in its:
                figure = found[row.customer_id]
                row.owed, row.invoiced, row.shipped = figure.total, figure.invoiced, figure.shipped
                row.ordered, row.deposits, row.late = figure.ordered, figure.deposits, figure.overdue_days
        return rows

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.amount is not None and row.owed > row.amount else ""

    def get_actions(self) -> list[Action]:
        return [Action(_("Set a limit"), reverse("erp:credit_limit_set"), "plus", SET, is_main=True)]

    def get_views(self) -> Sequence[View]:
        return [View("all", _("All"), ""), View("hold", _("On hold"), "hold=1")]

    def get_url(self, row: Any) -> str:
        if not may(self.request.user, SET):
            return ""
        return reverse("erp:credit_limit_set") + f"?customer={row.customer_id}&company={row.company_id}"


class SetCreditLimit(FormPage):
    """Set what a customer may owe."""

    permission, form_class = SET, CreditLimitForm
    title, submit_label, done_message = _l("Set a credit limit"), _l("Set"), _l("Set. It counts from now on.")

    def get_back(self) -> tuple[Any, str]:
        return _("Credit limits"), reverse("erp:credit_limits")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"companies": visible_to(self.request.user, Company.objects.all(), SET)}

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET
        rows = visible_to(self.request.user, CreditLimit.objects.all(), SET)
        customer, company = given.get("customer", ""), given.get("company", "")
        row = None
        if customer.isdecimal() and company.isdecimal():
            row = rows.filter(customer=int(customer), company=int(company)).first()
        if row is None:
            return given.dict()
        amount = "" if row.amount is None else shown.plain(row.amount)
        return {
            "customer": row.customer_id, "company": row.company_id, "amount": amount,
            "overdue_days": row.overdue_days, "held_because": row.held_because,
        }  # fmt: skip

    def perform(self, form: Any) -> str:
        services.set_credit_limit(**form.cleaned_data)
        return reverse("erp:credit_limits")
