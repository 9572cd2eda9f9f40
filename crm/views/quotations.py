"""Quotations: the list and the page of one, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext as _n

from crm import services
from crm.models import Quotation, QuotationLine
from crm.selectors import visible_quotations
from erp import selectors as erp_now
from masterdata import numbers, shown
from masterdata.access import may
from masterdata.line import STATION_KEYS, Station
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    DeedView,
    DocumentPage,
    Empty,
    Happening,
    ListPage,
    Money,
    State,
    View,
    When,
)


class Quotations(ListPage):
    """What is offered to whom?"""

    permission = "crm.view"
    title, question = _("Quotations"), _("What is offered to whom, and until when?")
    columns = [
        Code("number", _("Quotation"), sort="number", link=True),
        Column("customer.name", _("Customer"), sort="customer__name", second="customer_reference"),
        State("state", _("State")),
        When("made_at", _("Written"), sort="made_at"),
        Day("valid_until", _("Valid until"), sort="valid_until", css="num"),
        Day("offered_at", _("Offered for"), sort="offered_at", css="num", empty=_("Not asked yet")),
        Money("net_amount", _("Net"), currency="currency", sort="net_amount"),
    ]
    search_fields = ["number", "customer__name", "customer_reference"]
    filters = [Choice("state", _("State"), choices=Quotation.State.choices)]
    order_by = "-number"
    live = ["quotation"]
    empty = Empty(
        _("No quotations yet"),
        _("Write one: the delivery date appears while you type."),
        "file-text",
    )

    def get_rows(self) -> QuerySet[Quotation]:
        return visible_quotations(self.request.user).annotate(offered_at=Max("lines__offered_at"))

    def get_views(self) -> list[View]:
        return [
            View("open", _("Open"), "state=draft"),
            View("accepted", _("Accepted"), "state=accepted"),
            View("lost", _("Lost"), "state=lost"),
            View("all", _("All")),
        ]

    def get_actions(self) -> list[Action]:
        url = reverse("crm:quotation_create")
        return [Action(_("New quotation"), url, "plus", "crm.write_quotation", is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("crm:quotation", args=[row.pk])


class ShownLine:
    """A line with what was offered for it, and its margin."""

    def __init__(self, line: QuotationLine) -> None:
        self.line = line

    @property
    def margin(self) -> Decimal | None:
        cost = self.line.offered_cost
        return None if cost is None else self.line.net_amount - cost

    @property
    def margin_percent(self) -> Decimal | None:
        if self.margin is None or not self.line.net_amount:
            return None
        return numbers.money(100 * self.margin / self.line.net_amount, 1)


class QuotationPage(DocumentPage):
    """What is offered, at which price and when?"""

    permission = "crm.view"
    template_name = "crm/quotation.html"
    live = ["quotation"]

    def get_rows(self) -> QuerySet[Quotation]:
        return visible_quotations(self.request.user)

    @cached_property
    def lines(self) -> list[ShownLine]:
        rows = self.get_object().lines.select_related("plant", "material__unit").order_by("line_no")
        return [ShownLine(line) for line in rows]

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Quotations"), reverse("crm:quotations")

    def get_state(self, row: Any) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_subtitle(self, row: Any) -> Any:
        parts = [shown.money(row.net_amount, row.currency)]
        if row.customer_reference:
            parts.append(_t("their no. %(number)s") % {"number": row.customer_reference})
        url = reverse("crm:customer", args=[row.customer_id])
        return format_html('<a href="{}">{}</a> · {}', url, row.customer.name, " · ".join(parts))

    def get_stations(self, row: Any) -> Sequence[Station]:
        if row.order_id:
            return erp_now.order_status([row.order_id])[row.order_id].stations
        return [Station(key, percent=100 if key == "quoted" else 0, at=row.made_at if key == "quoted" else None)
                for key in STATION_KEYS]  # fmt: skip

    def get_now(self, row: Any) -> str:
        if row.state == Quotation.State.ACCEPTED:
            return _t("Accepted as order %(number)s.") % {"number": row.order.number}
        if row.state == Quotation.State.LOST:
            why = ". ".join(part for part in (str(row.lost_reason or ""), row.lost_note) if part)
            return _t("Lost: %(why)s.") % {"why": why} if why else _t("Lost.")
        return _t("Waits for the customer, valid until %(day)s.") % {"day": shown.day(row.valid_until)}

    def get_actions(self, row: Any) -> list[Action]:
        pdf = Action(_t("PDF"), reverse("crm:quotation_pdf", args=[row.pk]), "file-type-pdf")
        if row.order_id:
            url = reverse("erp:order", args=[row.order_id])
            return [pdf, Action(_t("Open order"), url, "clipboard-list", "erp.view_order", is_main=True)]
        if row.state != Quotation.State.DRAFT:
            return [pdf]
        version = {"version": row.version}
        address = {name: reverse(f"crm:quotation_{name}", args=[row.pk]) for name in ("lose", "edit", "accept")}
        lost = Action(
            _t("Lost"),
            address["lose"],
            "circle-x",
            "crm.write_quotation",
        )
        edit = Action(_t("Edit"), address["edit"], "pencil", "crm.write_quotation")
        accept = Action(
            _t("Accept"),
            address["accept"],
            "circle-check",
            "crm.accept_quotation",
            post=True,
            fields=version,
        )
        rush = Action(_t("Rush"), reverse("suite:rush_for_quotation", args=[row.pk]), "bolt", "crm.ask_rush")
        return [pdf, rush, lost, edit, accept, _schedule(row)]

    def get_cards(self, row: Any) -> Sequence[Card]:
        return [
            Card(
                _t("Terms"),
                [
                    Column("customer.name", _("Customer")),
                    Column("customer_reference", _("Their number"), empty=_("Not given")),
                    Day("valid_until", _("Valid until")),
                    Column("currency.name", _("Currency")),
                ],
            ),
            Card(
                _t("Answer"),
                [
                    Column("made_by", _("Written by"), empty=_("By an integration")),
                    When("made_at", _("Written")),
                    When("accepted_at", _("Accepted"), empty=_("Not accepted yet")),
                    Column("order.number", _("Order"), empty=_("Not accepted yet")),
                ],
            ),
        ]

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        written = Happening(row.made_at, _t("Quotation written"), "file-text", row.made_by or "")
        if row.accepted_at is None:
            return [written]
        order = reverse("erp:order", args=[row.order_id])
        accepted = Happening(row.accepted_at, _t("Accepted"), "circle-check", detail=row.order.number, tone="good")
        return [Happening(accepted.at, accepted.sentence, accepted.icon, "", accepted.detail, order, "good"), written]

    def get_undated(self, row: Any) -> str:
        """Which lines carry no offered date, while the quotation may still be accepted."""
        numbers_of = [str(one.line.line_no) for one in self.lines if one.line.offered_at is None]
        if row.state != Quotation.State.DRAFT or not numbers_of:
            return ""
        return _n(
            "Line %(lines)s has no offered date: the first plan will set its promise.",
            "Lines %(lines)s have no offered date: the first plan will set their promises.",
            len(numbers_of),
        ) % {"lines": ", ".join(numbers_of)}

    def get_context_data(self, row: Any) -> dict[str, Any]:
        costs = [one.line.offered_cost for one in self.lines]
        known = [cost for cost in costs if cost is not None]
        return super().get_context_data(row) | {
            "lines": self.lines,
            "undated": self.get_undated(row),
            "currency": row.currency,
            "sees_cost": may(self.request.user, "erp.view_cost"),
            "cost": sum(known, Decimal(0)) if known and len(known) == len(costs) else None,
            "margin": row.net_amount - sum(known, Decimal(0)) if known and len(known) == len(costs) else None,
        }


def _schedule(row: Quotation) -> Action:
    """One click: accepted, and in the plan at once. It is a deed of the house, reached by its name."""
    return Action(
        _t("Accept and schedule"),
        reverse("suite:quotation_schedule", args=[row.pk]),
        "calendar-check",
        "crm.accept_quotation",
        post=True,
        is_main=True,
        fields={"version": row.version},
    )


class QuotationDeed(DeedView):
    def get_rows(self) -> QuerySet[Quotation]:
        return visible_quotations(self.request.user)

    def version(self) -> int | None:
        """The version that the person looked at."""
        sent = self.request.POST.get("version", "")
        return int(sent) if sent.isdecimal() else None


class Accept(QuotationDeed):
    """The customer said yes: one click, and the order is confirmed."""

    permission = "crm.accept_quotation"
    done_message = _("Accepted: the order is confirmed, its work is being planned.")

    def perform(self, row: Any) -> str:
        order = services.accept_quotation(quotation_id=row.pk, now=timezone.now(), expected_version=self.version())
        return reverse("erp:order", args=[order.pk])
