"""Rush requests: the list, and the panel of one: can I promise this?"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.models import RushRequest
from crm.selectors.catalogue import named
from crm.views.options import cards_of, ruler, verdict
from masterdata import shown
from masterdata.access import may
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


class RushRequests(ListPage):
    """Who waits for an answer?"""

    permission = "crm.view"
    title, question = _("Rush requests"), _("Can we promise this?")
    columns = [
        Code("number", _("Request"), sort="number", link=True),
        Column("customer.name", _("Customer"), sort="customer__name"),
        Column("material.name", _("Product"), sort="material__name", second="material.code"),
        Quantity("quantity", _("Pieces"), sort="quantity"),
        Money("unit_price", _("Price each"), sort="unit_price"),
        Day("wanted_on", _("Wanted"), sort="wanted_on", css="num"),
        When("asked_at", _("Asked"), sort="asked_at", second=lambda row: row.asked_by or _t("by an integration")),
        State("state", _("State")),
        Code("order.number", _("Order"), empty=_("Not taken")),
    ]
    search_fields = ["number", "customer__name", "material__name", "material__code"]
    filters = [Choice("state", _("State"), choices=RushRequest.State.choices)]
    order_by = "-number"
    live = ["rush"]
    empty = Empty(_("Nobody is in a rush"), _("Ask, and planning answers with dates and who would be hurt."), "bolt")

    def get_rows(self) -> QuerySet[RushRequest]:
        return selectors.visible_rush_requests(self.request.user)

    def get_views(self) -> list[View]:
        return [
            View("all", _("All")),
            View("open", _("Open"), "state=open"),
            View("taken", _("Taken"), "state=taken"),
            View("dropped", _("Dropped"), "state=dropped"),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_("Ask a rush order"), reverse("suite:rush_ask"), "bolt", "crm.ask_rush", is_main=True)]

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
        options = [one for one in row.cards if one.answer_no == row.answer_no]
        sees_cost = may(self.request.user, "erp.view_cost")
        cards = cards_of(options, row.wanted_on, sees_cost=sees_cost)
        question = {
            "customer": named(row.customer),
            "material": named(row.material),
            "plant": row.plant_id,
            "quantity": shown.plain(row.quantity),
            "unit_price": shown.plain(row.unit_price),
            "wanted_on": row.wanted_on.isoformat(),
            "replaces": row.pk,
        }
        may_ask = may(self.request.user, "crm.ask_rush") and row.state == RushRequest.State.OPEN
        return super().get_context_data(row) | {
            "cards": cards,
            "best": next((card for card in cards if card.is_best), None),
            "verdict": verdict(cards, row.wanted_on),
            "ruler": ruler(cards, row.wanted_on),
            "sees_cost": sees_cost,
            "can_take": row.state == RushRequest.State.OPEN and may(self.request.user, "crm.accept_rush"),
            "change_url": reverse("suite:rush_ask", query=question) if may_ask else "",
            "looks_further": _looks_further(row),
            "has_moved": "moved" in self.request.GET and row.state == RushRequest.State.OPEN,
            "price_text": shown.money(row.unit_price, row.plant.company.currency),
            "meta": _t("Answered %(when)s · plan %(plan)s")
            % {"when": shown.when(row.answered_at), "plan": row.input_version.split(".")[0]},
            "net": row.quantity * row.unit_price,
            "currency": row.plant.company.currency,
        }


def _looks_further(row: RushRequest) -> bool:
    """Whether levers of the latest answer may still come: they have a minute."""
    is_new = row.answered_at is not None and timezone.now() - row.answered_at < dt.timedelta(minutes=1)
    return is_new and row.state == RushRequest.State.OPEN and row.levers_no < row.answer_no


class Drop(DeedView):
    permission, done_message = "crm.ask_rush", _("Dropped.")

    def get_rows(self) -> QuerySet[RushRequest]:
        return selectors.visible_rush_requests(self.request.user)

    def perform(self, row: Any) -> str:
        services.drop_rush(request_id=row.pk, now=timezone.now())
        return reverse("crm:rush_request", args=[row.pk])
