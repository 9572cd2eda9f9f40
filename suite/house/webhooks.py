"""Pages of webhooks: endpoints, what was and is to be told to each, and what was given up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata.access import visible_to
from masterdata.models import WebhookDelivery, WebhookEndpoint
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Days,
    DetailPage,
    Empty,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
)

MANAGE = "masterdata.manage_webhooks"
ONCE = "webhook_secret"
LATELY = 100
DEAD = WebhookDelivery.State.DEAD


def state_of(row: Any) -> tuple[str, str]:
    if row.is_active:
        return "active", _("Active")
    return ("dead", _("Switched off")) if row.stopped_because else ("paused", _("Paused"))


def heard(row: Any) -> str:
    """Which facts, in words."""
    return ", ".join(row.kinds) if row.kinds else _("All facts")


def plants_of(row: Any) -> str:
    """Of which plants, in words."""
    return ", ".join(plant.name for plant in row.plants.all()) or _("All plants")


class Endpoints(ListPage):
    """Who is told what happens, and does it arrive?"""

    permission = MANAGE
    title, question = _l("Webhooks"), _l("Who is told what happens, and does it arrive?")
    columns = [
        Column("name", _l("Endpoint"), sort="name", link=True, second="url", css="wide"),
        State("is_active", _l("State"), word=lambda row: state_of(row)[1]),
        Column("company.name", _l("Company"), sort="company__name"),
        Column(heard, _l("Hears")),
        Number("waiting", _l("Waiting"), sort="waiting"),
        Number("given_up", _l("Given up"), sort="given_up"),
        When("delivered_at", _l("Last delivered"), sort="delivered_at", empty=_l("Nothing yet")),
    ]
    search_fields = ["name", "url"]
    filters = [Choice("is_active", _l("State"), choices=[("True", _l("Active")), ("False", _l("Paused"))])]
    order_by = "name"
    live = ["webhooks"]
    empty = Empty(
        _l("No endpoints yet"), _l("An endpoint is an address of another system that is told what happens."), "webhook"
    )

    def get_rows(self) -> QuerySet[WebhookEndpoint]:
        told = Q(deliveries__state__in=["waiting", "failed"])
        return (
            visible_to(self.request.user, WebhookEndpoint.objects.all(), MANAGE)
            .select_related("company")
            .annotate(
                waiting=Count("deliveries", filter=told),
                given_up=Count("deliveries", filter=Q(deliveries__state=DEAD)),
                delivered_at=Max("deliveries__done_at"),
            )
        )

    def get_url(self, row: Any) -> str:
        return reverse("suite:webhook", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Given up"), reverse("suite:webhook_deliveries"), "alert-circle", MANAGE),
            Action(_("New endpoint"), reverse("suite:webhook_create"), "plus", MANAGE, is_main=True),
        ]


class Deliveries(ListPage):
    """What could not be delivered, and does it work now?"""

    permission = MANAGE
    title, question = _l("Webhook deliveries"), _l("What could not be delivered, why, and does it work now?")
    columns = [
        Code("kind", _l("Fact"), sort="kind", link=True),
        Column("endpoint.name", _l("Endpoint"), sort="endpoint__name"),
        State("state", _l("State"), sort="state"),
        Number("attempts", _l("Tries"), sort="attempts"),
        When("made_at", _l("Stated"), sort="made_at"),
        When("next_at", _l("Next try"), sort="next_at"),
        Number("status", _l("Answer"), empty=_l("None")),
        Column("excerpt", _l("What came back"), css="wide", empty=_l("Nothing")),
    ]
    search_fields = ["kind", "endpoint__name", "excerpt"]
    filters = [
        Choice("state", _l("State"), choices=WebhookDelivery.State.choices),
        Days("made", _l("Stated"), field="made_at", is_moment=True),
    ]
    order_by = "-made_at"
    live = ["webhooks"]
    empty = Empty(_l("Nothing is given up"), _l("What was to be told has arrived, or is tried again."), "circle-check")

    def get_rows(self) -> QuerySet[WebhookDelivery]:
        rows = visible_to(self.request.user, WebhookDelivery.objects.select_related("endpoint"), MANAGE)
        asked = self.request.GET
        return rows if asked.get("state") or asked.get("all") else rows.filter(state=DEAD)

    def get_views(self) -> Sequence[View]:
        return [
            View("dead", _("Given up"), ""),
            View("failed", _("Tried again"), "state=failed"),
            View("waiting", _("Waiting"), "state=waiting"),
            View("done", _("Delivered"), "state=done"),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("suite:webhook", args=[row.endpoint_id])


class EndpointRows:
    """Endpoints that the person may manage."""

    request: Any

    def get_rows(self) -> QuerySet[Any]:
        rows = visible_to(self.request.user, WebhookEndpoint.objects.all(), MANAGE)
        return rows.select_related("company", "made_by").prefetch_related("plants")


class EndpointPage(EndpointRows, DetailPage):
    """One endpoint: what it hears, and what became of it."""

    permission = MANAGE
    template_name = "suite/house/webhook.html"
    live = ["webhooks"]
    plant = ""

    def get_subtitle(self, row: Any) -> Any:
        return row.url

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Webhooks"), reverse("suite:webhooks")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return state_of(row)

    def get_actions(self, row: Any) -> list[Action]:
        def at(name: str) -> str:
            return reverse(f"suite:webhook_{name}", args=[row.pk])

        found = [
            Action(_("Edit"), at("edit"), "pencil", MANAGE),
            Action(
                _("Rotate secret"), at("rotate"), "key", MANAGE, post=True,
                confirm=_("The secret until now is valid for another day."),
            ),
        ]  # fmt: skip
        if not row.is_active:
            return [*found, Action(_("Resume"), at("resume"), "player-play", MANAGE, post=True, is_main=True)]
        return [
            *found,
            Action(_("Pause"), at("pause"), "player-pause", MANAGE, post=True),
            Action(_("Send a test event"), at("test"), "send", MANAGE, post=True, is_main=True),
        ]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("deliveries", _("Deliveries"), template="suite/house/_webhook_deliveries.html")]

    def get_cards(self, row: Any) -> Sequence[Card]:
        told = [
            Column("company.name", _l("Company")),
            Column(plants_of, _l("Plants")),
            Column(heard, _l("Hears")),
            Column("made_by", _l("Made by"), empty=_l("By an integration")),
            When("made_at", _l("Made")),
        ]
        sent = [
            Number("last_no", _l("Told so far")),
            Number("failures", _l("Failures in a row")),
            When("failing_since_at", _l("Failing since"), empty=_l("It is not")),
            Column("stopped_because", _l("Switched off because"), empty=_l("It is not")),
            When("previous_until_at", _l("Secret before valid until"), empty=_l("Never rotated")),
        ]
        return [Card(_("What it hears"), told), Card(_("What became of it"), sent)]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        told = row.deliveries.order_by("-pk")[:LATELY]
        secret = self.request.session.pop(f"{ONCE}_{row.pk}", "")
        return super().get_context_data(row) | {"deliveries": told, "secret": secret}
