"""What could come earlier: offered to the customer, taken or declined."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.forms_of_notices import DeclineForm
from crm.models import EarlierOffer
from masterdata.access import person
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Percent,
    State,
    View,
    When,
    sent_version,
)

WRITE = "crm.write_quotation"
CHIPS = {"open": "planned", "accepted": "done", "declined": "cancelled", "lapsed": "cancelled"}


class EarlierOffers(ListPage):
    """What could come earlier?"""

    permission = "crm.view"
    title, question = _("Could come earlier"), _("Whom can we offer an earlier date? Nothing is promised by itself.")
    columns = [
        Code("order_line.order.number", _("Order"), sort="order_line__order__number", link=True),
        Column("order_line.order.customer.name", _("Customer"), sort="order_line__order__customer__name"),
        Column("order_line.material.name", _("Product"), css="wraps"),
        Day("promise.promised_at", _("Promised"), sort="promise__promised_at", css="num"),
        Day("offered_at", _("Possible"), sort="offered_at", css="num"),
        Percent("sure_percent", _("Sure"), sort="sure_percent", empty=_("Too little was observed yet to say")),
        State(lambda row: CHIPS[row.state], _("State"), word=lambda row: row.get_state_display()),
        When("told_at", _("Asked"), sort="told_at", empty=_("The customer was not asked")),
    ]
    search_fields = ["order_line__order__number", "order_line__order__customer__name", "order_line__material__name"]
    filters = [
        Choice("state", _("State"), choices=EarlierOffer.State.choices),
        Flag("asked", _("Asked"), field="told_at__isnull"),
    ]
    order_by = "offered_at"
    live = ["earlier"]
    plant = "order_line.plant_id"
    empty = Empty(
        _("Nothing could come earlier"),
        _("When a plan would keep a day earlier than promised, it stands here to be offered."),
        "calendar-time",
    )

    def get_rows(self) -> QuerySet[EarlierOffer]:
        return selectors.visible_earlier_offers(self.request.user).select_related(
            "promise", "order_line__order__customer", "order_line__material"
        )

    def get_views(self) -> list[View]:
        return [
            View("open", _("Open"), "state=open"),
            View("accepted", _("Taken"), "state=accepted"),
            View("all", _("All")),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("crm:earlier_offer", args=[row.pk])


class EarlierPage(DetailPage):
    """Which date, how sure, and was the customer asked?"""

    permission = "crm.view"
    live = ["earlier"]
    plant = "order_line.plant_id"

    def get_rows(self) -> QuerySet[EarlierOffer]:
        return selectors.visible_earlier_offers(self.request.user).select_related(
            "promise", "order_line__order__customer", "order_line__material", "told_by", "decided_by"
        )

    def get_title(self, row: Any) -> str:
        return _t("%(order)s could come earlier") % {"order": row.order_line.order.number}

    def get_subtitle(self, row: Any) -> str:
        return f"{row.order_line.order.customer.name} · {row.order_line.material.name}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _t("Could come earlier"), reverse("crm:earlier")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return CHIPS[row.state], row.get_state_display()

    def get_cards(self, row: Any) -> list[Card]:
        dates = [
            Day("order_line.wanted_on", _("Wanted")),
            Day("promise.promised_at", _("Promised")),
            Day("offered_at", _("Possible")),
            When("expected_at", _("Expected by the plan")),
            Percent("sure_percent", _("Sure"), empty=_("Too little was observed yet to say")),
        ]
        asked = [
            When("made_at", _("Found")),
            When("told_at", _("Asked"), empty=_("The customer was not asked")),
            Column("told_by", _("By"), empty=_("Nobody yet")),
            When("decided_at", _("Decided"), empty=_("Not yet")),
            Column("why", _("Why"), empty=_("Nothing to say")),
        ]
        return [Card(_t("Dates"), dates), Card(_t("Customer"), asked)]

    def get_actions(self, row: Any) -> list[Action]:
        url = reverse("erp:order", args=[row.order_line.order_id])
        order = Action(_t("Order"), url, "clipboard-list", "erp.view_order")
        if row.state != EarlierOffer.State.OPEN:
            return [order]
        address = {name: reverse(f"crm:earlier_{name}", args=[row.pk]) for name in ("ask", "accept", "decline")}
        return [
            order,
            Action(_t("Customer says no"), address["decline"], "circle-x", WRITE),
            Action(_t("Ask the customer"), address["ask"], "mail", WRITE, post=True),
            Action(
                _t("Customer says yes"), address["accept"], "circle-check", WRITE, post=True, is_main=True,
                fields={"version": row.version},
            ),
        ]  # fmt: skip


class EarlierDeed(DeedView):
    permission = WRITE

    def get_rows(self) -> QuerySet[EarlierOffer]:
        return selectors.visible_earlier_offers(self.request.user)


class Ask(EarlierDeed):
    """Offer it by mail."""

    done_message = _("The customer was asked by mail; nothing is promised yet.")

    def perform(self, row: Any) -> str:
        services.offer_earlier(offer_id=row.pk, now=timezone.now(), by=person(self.request))
        return reverse("crm:earlier_offer", args=[row.pk])


class Accept(EarlierDeed):
    """The customer said yes."""

    done_message = _("Promised: the earlier date is in force.")

    def perform(self, row: Any) -> str:
        services.accept_earlier(
            offer_id=row.pk,
            now=timezone.now(),
            by=person(self.request),
            expected_version=sent_version(self.request),
        )
        return reverse("erp:order", args=[row.order_line.order_id]) + "?tab=promises"


class Decline(EditPage):
    """The customer said no."""

    permission, form_class, version_field = WRITE, DeclineForm, ""
    submit_label, done_message = _("Note it"), _("Noted: it is not offered again unless it could come still earlier.")

    def get_rows(self) -> QuerySet[EarlierOffer]:
        return selectors.visible_earlier_offers(self.request.user)

    def get_title(self) -> str:
        return _t("No to the earlier date of %(order)s") % {"order": self.get_object().order_line.order.number}

    def get_back(self) -> tuple[Any, str]:
        return _t("Could come earlier"), reverse("crm:earlier_offer", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        services.decline_earlier(
            offer_id=self.get_object().pk, now=timezone.now(), by=person(self.request), **form.cleaned_data
        )
        return reverse("crm:earlier")
