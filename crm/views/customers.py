"""Customers: the list, and everything that we have with one of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.selectors import customers
from crm.views.happened import timeline_context
from erp import selectors as erp_now
from masterdata.models import Partner
from masterdata.pages import Action, Code, Column, DetailPage, Empty, Flag, ListPage, Money, Number, View

MOST = 12


class Customers(ListPage):
    """Who buys, and is somebody waiting?"""

    permission = "crm.view"
    title, question = _("Customers"), _("What do we have with whom?")
    columns = [
        Column("name", _("Customer"), sort="name", link=True, css="wide"),
        Code("code", _("Code"), sort="code"),
        Number("open_quotations", _("Open quotations"), sort="open_quotations"),
        Number("open_orders", _("Open orders"), sort="open_orders"),
        Number("late_orders", _("Late"), sort="late_orders"),
        Money("open_amount", _("Open, net"), sort="open_amount"),
    ]
    search_fields = ["name", "code"]
    filters = [
        Flag("open", _("With open orders"), condition=Q(open_orders__gt=0)),
        Flag("late", _("With late orders"), condition=Q(late_orders__gt=0)),
    ]
    order_by = "name"
    live = ["order", "quotation"]
    empty = Empty(_("No customers yet"), _("A partner that buys is a customer."), "users")

    def get_rows(self) -> QuerySet[Partner]:
        return customers.visible_customers(self.request.user)

    def get_views(self) -> list[View]:
        return [
            View("all", _("All")),
            View("open", _("With open orders"), "open=1"),
            View("late", _("With late orders"), "late=1"),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("crm:customer", args=[row.pk])

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.late_orders else ""


class Customer(DetailPage):
    """What is next with this customer?"""

    permission = "crm.view"
    template_name = "crm/customer.html"
    live = ["order", "quotation", "notice", "opportunity", "activity", "case", "message"]

    def get_rows(self) -> QuerySet[Partner]:
        return customers.visible_customers(self.request.user)

    def get_title(self, row: Any) -> str:
        return str(row.name)

    def get_subtitle(self, row: Any) -> str:
        return " · ".join(part for part in (row.code, row.email, row.phone) if part)

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Customers"), reverse("crm:customers")

    def get_actions(self, row: Any) -> list[Action]:
        rush = reverse("suite:rush_ask", query={"customer": f"{row.name} · {row.code}"})
        quotation = reverse("crm:quotation_create", query={"customer": row.pk})
        return [
            Action(
                _t("New case"), reverse("crm:case_create", query={"customer": row.pk}), "lifebuoy", "crm.handle_case"
            ),
            Action(
                _t("New opportunity"),
                reverse("crm:opportunity_create", query={"customer": row.pk}),
                "target-arrow",
                "crm.write_opportunity",
            ),
            Action(_t("Notices"), reverse("crm:notice_wish", args=[row.pk]), "mail", "crm.write_quotation"),
            Action(_t("Rush"), rush, "bolt", "crm.ask_rush"),
            Action(_t("New quotation"), quotation, "plus", "crm.write_quotation", is_main=True),
        ]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user: Any = self.request.user
        orders = list(customers.open_orders(user, row.pk)[:MOST])
        status = erp_now.order_status([order.pk for order in orders])
        context = super().get_context_data(row) | {
            "orders": [(order, status[order.pk].stations) for order in orders],
            "quotations": list(customers.quotations_of(user, row.pk)[:MOST]),
            "opportunities": list(selectors.visible_opportunities(user).filter(customer=row, state="open")[:MOST]),
            "cases": list(selectors.visible_cases(user).filter(customer=row).exclude(state="closed")[:MOST]),
            "activities": list(selectors.visible_activities(user).filter(customer=row, done_at__isnull=True)[:MOST]),
            "kept": customers.promises_kept(user, row.pk),
            "now": timezone.now(),
        }
        return context | timeline_context(self.request, row.pk)
