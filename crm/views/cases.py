"""Cases: the list, the page of one with what was said, and those of an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.models import Case
from erp.models import SalesOrder
from masterdata.access import requires
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    DetailPage,
    Empty,
    Exactly,
    Flag,
    Happening,
    ListPage,
    State,
    View,
    When,
)
from masterdata.rights import visible_to

HANDLE = "crm.handle_case"


class Cases(ListPage):
    """Who waits for an answer?"""

    permission = "crm.view"
    title, question = _("Cases"), _("Who waits for an answer, and who takes care of it?")
    columns = [
        Code("number", _("Case"), sort="number", link=True),
        Column("subject", _("What it is about"), sort="subject", second="get_topic_display", css="wide"),
        Column("customer.name", _("Customer"), sort="customer__name"),
        Code("order.number", _("Order"), empty=_("About no order")),
        State("state", _("State"), sort="state"),
        Column("get_urgency_display", _("Urgency"), sort="urgency"),
        Column("owner", _("Owner"), sort="owner__username", empty=_("Nobody yet")),
        When("opened_at", _("Opened"), sort="opened_at"),
    ]
    search_fields = ["number", "subject", "customer__name", "order__number"]
    filters = [
        Choice("state", _("State"), choices=Case.State.choices),
        Choice("topic", _("Topic"), choices=Case.Topic.choices),
        Choice("urgency", _("Urgency"), choices=Case.Urgency.choices),
        Choice("outcome", _("Outcome"), choices=[one for one in Case.Outcome.choices if one[0]]),
        Exactly("customer", _("Customer")),
        Exactly("owner", _("Owner")),
        Exactly("order", _("Order")),
        Flag("nobody", _("Nobody takes care"), condition=Q(owner__isnull=True)),
    ]
    order_by = "-number"
    live = ["case"]
    empty = Empty(_("No cases"), _("What a customer asks or complains about after the sale stands here."), "lifebuoy")

    def get_rows(self) -> QuerySet[Case]:
        return selectors.visible_cases(self.request.user)

    def get_url(self, row: Any) -> str:
        return reverse("crm:case", args=[row.pk])

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.state == "open" and row.urgency == Case.Urgency.HIGH else ""

    def get_views(self) -> list[View]:
        return [
            View("open", _("Wait for us"), "state=open"),
            View("mine", _("Mine"), f"state=open&state=answered&owner={self.request.user.pk}"),
            View("nobody", _("Nobody takes care"), "state=open&nobody=1"),
            View("answered", _("Wait for the customer"), "state=answered"),
            View("closed", _("Closed"), "state=closed"),
            View("all", _("All")),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_t("New case"), reverse("crm:case_create"), "plus", HANDLE, is_main=True)]


class CasePage(DetailPage):
    """What do they ask, what were they told, and who takes care of it?"""

    permission = "crm.view"
    template_name = "crm/case.html"
    live = ["case", "message", "activity"]

    def get_rows(self) -> QuerySet[Case]:
        return selectors.visible_cases(self.request.user).select_related("opened_by", "closed_by")

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Cases"), reverse("crm:cases")

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_state(self, row: Any) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_subtitle(self, row: Any) -> Any:
        url = reverse("crm:customer", args=[row.customer_id])
        return format_html('{} · <a href="{}">{}</a>', row.subject, url, row.customer.name)

    def get_actions(self, row: Any) -> list[Action]:
        version = {"version": row.version}
        urls = {
            name: reverse(f"crm:case_{name}", args=[row.pk]) for name in ("assign", "answer", "close", "reopen", "take")
        }
        if row.state == Case.State.CLOSED:
            return [Action(_t("Open again"), urls["reopen"], "refresh", HANDLE, post=True, fields=version)]
        mine = Action(_t("I take it"), urls["take"], "user-check", HANDLE, post=True, fields=version)
        return [
            Action(_t("Give to"), urls["assign"], "user", HANDLE),
            *([] if row.owner_id == self.request.user.pk else [mine]),
            Action(_t("Close"), urls["close"], "circle-check", HANDLE),
            Action(_t("Answer"), urls["answer"], "send", HANDLE, is_main=True),
        ]

    def get_cards(self, row: Any) -> Sequence[Card]:
        about = [
            Column("customer.name", _("Customer")),
            Column("contact", _("Contact"), empty=_("Nobody named")),
            Code("order.number", _("Order"), empty=_("About no order")),
            Column("order_line.material.name", _("Line"), empty=_("The whole order")),
            Column("get_topic_display", _("Topic")),
        ]
        how = [
            Column("get_urgency_display", _("Urgency")),
            Column("owner", _("Owner"), empty=_("Nobody yet")),
            When("opened_at", _("Opened")),
            When("answered_at", _("First answered"), empty=_("Not yet")),
        ]
        ended = [
            When("closed_at", _("Closed")),
            Column("get_outcome_display", _("How it ended")),
            Column("outcome_note", _("More about it"), empty=_("Not said")),
        ]
        closed = row.state == Case.State.CLOSED
        return [Card(_t("About"), about), Card(_t("Care"), [*how, *(ended if closed else [])])]

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        told = [Happening(row.opened_at, _t("Case opened"), "lifebuoy", row.opened_by or "")]
        if row.answered_at:
            told.insert(0, Happening(row.answered_at, _t("First answered"), "send"))
        if row.closed_at:
            ended = row.get_outcome_display()
            told.insert(0, Happening(row.closed_at, _t("Closed"), "circle-check", row.closed_by or "", ended))
        return told

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(row) | {
            "talk": list(row.messages.select_related("made_by").order_by("-made_at", "-pk")[:100]),
            "activities": list(selectors.visible_activities(user).filter(case=row).order_by("done_at", "due_at")[:50]),
            "now": timezone.now(),
        }


@requires("crm.view")
def order_cases(request: HttpRequest, pk: int) -> HttpResponse:
    """The cases of an order: a part of its page."""
    order = get_object_or_404(visible_to(request.user, SalesOrder.objects.all()), pk=pk)
    lines = order.lines.select_related("material").order_by("line_no")
    cases = list(selectors.visible_cases(request.user).filter(order=order))
    return render(request, "crm/_order_cases.html", {"order": order, "cases": cases, "lines": lines})
