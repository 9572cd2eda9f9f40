"""Rush requests: the list, and the panel of one: can I promise this?"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.models import RushApproval, RushRequest
from crm.views import rush_panel
from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    Day,
    DeedView,
    DetailPage,
    Empty,
    ListPage,
    Money,
    Quantity,
    State,
    View,
    When,
)

POLICY, MOST_COMPANIES = "crm.approve_rush", 5


class RushRequests(ListPage):
    """Who waits for an answer?"""

    permission = "crm.view"
    title, question = _("Rush requests"), _("Can we promise this?")
    columns = [
        Code("number", _("Request"), sort="number", link=True),
        Column("customer.name", _("Customer"), sort="customer__name"),
        Column("material.name", _("Product"), sort="material__name", second="material.code"),
        Quantity("quantity", _("Pieces"), sort="quantity"),
        Code("source_no", _("From"), empty=_("Asked by itself")),
        Money("unit_price", _("Price each"), sort="unit_price"),
        Day("wanted_on", _("Wanted"), sort="wanted_on", css="num"),
        When("asked_at", _("Asked"), sort="asked_at", second=lambda row: row.asked_by or _t("by an integration")),
        State("state", _("State"), second=lambda row: _t("waits for approval") if row.waits_for_approval else ""),
        Code("order.number", _("Order"), empty=_("Not taken")),
    ]
    search_fields = [
        "number",
        "customer__name",
        "material__name",
        "material__code",
        "quotation__number",
        "for_order__number",
    ]
    filters = [
        Choice("state", _("State"), choices=RushRequest.State.choices),
        Choice("approval", _("Approval"), field="approvals__state", choices=RushApproval.State.choices),
    ]
    order_by = "-number"
    live = ["rush"]
    empty = Empty(_("Nobody is in a rush"), _("Ask, and planning answers with dates and who would be hurt."), "bolt")

    def get_rows(self) -> QuerySet[RushRequest]:
        return selectors.visible_rush_requests(self.request.user)

    def get_views(self) -> list[View]:
        return [
            View("all", _("All")),
            View("open", _("Open"), "state=open"),
            View("approval", _("Wait for approval"), "state=open&approval=asked"),
            View("taken", _("Taken"), "state=taken"),
            View("dropped", _("Dropped"), "state=dropped"),
            View("expired", _("Expired"), "state=expired"),
        ]

    def get_actions(self) -> list[Action]:
        rules = [
            Action(
                _t("Rules of %(company)s") % {"company": one.name},
                reverse("crm:rush_policy", args=[one.pk]),
                "adjustments",
            )
            for one in visible_to(self.request.user, Company.objects.order_by("name"), POLICY)[:MOST_COMPANIES]
        ]
        return [*rules, Action(_("Ask a rush order"), reverse("suite:rush_ask"), "bolt", "crm.ask_rush", is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("crm:rush_request", args=[row.pk])


class RushPanel(DetailPage):
    """Can I promise this? One click takes an option."""

    permission = "crm.view"
    template_name = "crm/rush.html"
    live = ["rush"]

    def get_rows(self) -> QuerySet[RushRequest]:
        return selectors.visible_rush_requests(self.request.user)

    @cached_property
    def row(self) -> RushRequest:
        found = selectors.rush_detail(user=self.request.user, request_id=self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def get_object(self) -> RushRequest:
        return self.row

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Rush requests"), reverse("crm:rush_requests")

    def get_state(self, row: Any) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Any) -> list[Action]:
        if row.state != RushRequest.State.OPEN:
            return []
        drop = Action(
            _t("Drop"),
            reverse("crm:rush_drop", args=[row.pk]),
            "x",
            "crm.ask_rush",
            post=True,
            confirm=_t("Drop this request? The customer does not want it any more."),
        )
        again = reverse("suite:rush_ask_again", args=[row.pk])
        return [drop, Action(_t("Ask again"), again, "refresh", "crm.ask_rush", post=True)]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | rush_panel.context(
            row, self.request.user, self.request.GET, timezone.now()
        )


class Drop(DeedView):
    permission, done_message = "crm.ask_rush", _("Dropped.")

    def get_rows(self) -> QuerySet[RushRequest]:
        return selectors.visible_rush_requests(self.request.user)

    def perform(self, row: Any) -> str:
        services.drop_rush(request_id=row.pk, now=timezone.now())
        return reverse("crm:rush_request", args=[row.pk])
