"""Quotations: the list and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.letters import RELATED
from crm.models import Quotation, QuotationApproval
from crm.selectors import changes_between, every_revision, revisions_of, shown_state, taxes_of, visible_quotations
from crm.selectors.revisions import EXPIRED, LAST_PLANT, PLANT_ZONE
from crm.views.quotation_actions import actions_of
from crm.views.quotation_lines import ShownLine, uncosted_in, undated_in
from erp import selectors as erp_now
from masterdata import shown
from masterdata.access import may
from masterdata.line import STATION_KEYS, Station
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    DocumentPage,
    Empty,
    Flag,
    Happening,
    ListPage,
    Money,
    State,
    View,
    When,
)

OPEN = (Quotation.State.DRAFT, Quotation.State.SENT)


class Quotations(ListPage):
    """What is offered to whom?"""

    permission = "crm.view"
    title, question = _("Quotations"), _("What is offered to whom, and until when?")
    columns = [
        Code("number", _("Quotation"), sort="number", link=True),
        Column("customer.name", _("Customer"), sort="customer__name", second="customer_reference"),
        State("shown", _("State"), word="shown_word"),
        Column("revision_no", _("Rev."), css="num"),
        When("made_at", _("Written"), sort="made_at"),
        Day("valid_until", _("Valid until"), sort="valid_until", css="num"),
        Day("offered_at", _("Offered for"), sort="offered_at", css="num", empty=_("Not asked yet")),
        Money("net_amount", _("Net"), currency="currency", sort="net_amount"),
    ]
    search_fields = ["number", "customer__name", "customer_reference"]
    filters = [
        Choice("state", _("State"), choices=[one for one in Quotation.State.choices if one[0] != "replaced"]),
        Choice("approval", _("Approval"), choices=Quotation.Approval.choices),
        Flag("expired", _("Expired"), condition=EXPIRED),
    ]
    order_by = "-number"
    live = ["quotation"]
    empty = Empty(
        _("No quotations yet"),
        _("Write one: the delivery date appears while you type."),
        "file-text",
    )

    def get_rows(self) -> QuerySet[Quotation]:
        rows = visible_quotations(self.request.user)
        return rows.annotate(offered_at=Max("lines__offered_at"), time_zone=PLANT_ZONE, plant_id=LAST_PLANT)

    def prepare(self, rows: Any) -> Any:
        now = timezone.now()
        for row in rows:
            row.shown, row.shown_word = shown_state(row, row.time_zone, now)
        return rows

    def get_views(self) -> list[View]:
        return [
            View("open", _("Drafts"), "state=draft"),
            View("sent", _("Sent"), "state=sent"),
            View("expired", _("Expired"), "expired=1"),
            View("accepted", _("Accepted"), "state=accepted"),
            View("lost", _("Lost"), "state=lost"),
            View("all", _("All")),
        ]

    def get_actions(self) -> list[Action]:
        url = reverse("crm:quotation_create")
        return [Action(_("New quotation"), url, "plus", "crm.write_quotation", is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("crm:quotation", args=[row.pk])


class QuotationPage(DocumentPage):
    """What is offered, at which price and when?"""

    permission = "crm.view"
    template_name = "crm/quotation.html"
    live = ["quotation"]

    def get_rows(self) -> QuerySet[Quotation]:
        beside = "lost_reason", "sent_by", "replaced_by"
        rows = every_revision(self.request.user).select_related(*RELATED, *beside)
        return rows.annotate(time_zone=PLANT_ZONE)

    @cached_property
    def lines(self) -> list[ShownLine]:
        row = self.get_object()
        related = "plant", "material__unit", "tax_code", "price_rule"
        return [ShownLine(line, row.rate) for line in row.lines.select_related(*related).order_by("line_no")]

    @cached_property
    def state(self) -> tuple[str, str]:
        row: Any = self.get_object()
        return shown_state(row, row.time_zone, timezone.now())

    @cached_property
    def approvals(self) -> list[QuotationApproval]:
        """Those of this revision, the newest first."""
        row = self.get_object()
        found = row.approvals.filter(revision_no=row.revision_no).select_related("asked_by", "decided_by")
        return list(found)

    @cached_property
    def revisions(self) -> list[Quotation]:
        """All of them, the newest first; nothing while there is one."""
        row = self.get_object()
        if row.revision_no == 1 and row.replaced_by_id is None:
            return []
        return list(revisions_of(self.request.user, row))

    def get_title(self, row: Any) -> str:
        return str(row.number) if row.revision_no == 1 else _t("%(number)s, revision %(revision)s") % {
            "number": row.number, "revision": row.revision_no,
        }  # fmt: skip

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Quotations"), reverse("crm:quotations")

    def get_state(self, row: Any) -> tuple[str, str]:
        return self.state

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
        words = {"day": shown.day(row.valid_until), "no": row.revision_no}
        if row.state == Quotation.State.ACCEPTED:
            who = _t(" by %(name)s") % {"name": row.accepted_name} if row.accepted_name else ""
            return _t("Accepted%(who)s as order %(number)s.") % {"who": who, "number": row.order.number}
        if row.state == Quotation.State.LOST:
            why = ". ".join(part for part in (str(row.lost_reason or ""), row.lost_note) if part)
            return _t("Lost: %(why)s.") % {"why": why} if why else _t("Lost.")
        if row.state == Quotation.State.REPLACED:
            return _t("Replaced by revision %(no)s.") % {"no": row.replaced_by.revision_no}
        if self.state[0] == "expired":
            return _t("Was valid until %(day)s: revise it, or give it a new last day.") % words
        if row.state == Quotation.State.SENT:
            return _t("Waits for the customer, valid until %(day)s.") % words
        if row.approval in ("needed", "asked", "rejected"):
            return _t("May be sent when somebody has approved its price; valid until %(day)s.") % words
        return _t("A draft that may be sent, valid until %(day)s.") % words

    def get_actions(self, row: Any) -> list[Action]:
        return actions_of(row, self.state[0])

    def get_cards(self, row: Any) -> Sequence[Card]:
        terms = row.payment_term or row.customer.payment_term
        return [
            Card(
                _t("Terms"),
                [
                    Column("customer.name", _("Customer")),
                    Column("customer_reference", _("Their number"), empty=_("Not given")),
                    Day("valid_until", _("Valid until")),
                    Column("currency.name", _("Currency")),
                    Column(lambda one: terms.name if terms else "", _("Payment"), empty=_("The customer has no term")),
                    Column(
                        lambda one: f"{one.incoterm} {one.incoterm_place}".strip(),
                        _("Delivery terms"),
                        empty=_("Not said"),
                    ),
                    Column("note", _("Note"), empty=_("Nothing noted")),
                ],
            ),
            Card(
                _t("Answer"),
                [
                    Column("made_by", _("Written by"), empty=_("By an integration")),
                    When("made_at", _("Written")),
                    When("sent_at", _("Sent"), empty=_("Not sent yet")),
                    When("accepted_at", _("Accepted"), empty=_("Not accepted yet")),
                    Column("accepted_name", _("Yes said by"), second="accepted_how", empty=_("Not noted")),
                    Column("order.number", _("Order"), empty=_("Not accepted yet")),
                ],
            ),
        ]

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [Happening(row.made_at, _t("Quotation written"), "file-text", row.made_by or "")]
        if row.sent_at:
            words = {"no": row.revision_no}
            found.append(Happening(row.sent_at, _t("Revision %(no)s sent") % words, "send", row.sent_by or ""))
        for one in self.approvals:
            found.append(
                Happening(one.asked_at, _t("Approval asked for"), "user-question", one.asked_by or "", one.note)
            )
            if one.decided_at:
                tone = {"approved": "good", "rejected": "bad"}.get(one.decision, "")
                found.append(
                    Happening(
                        one.decided_at, one.get_decision_display(), "shield-check", one.decided_by or "", one.reason,
                        tone=tone,
                    )
                )  # fmt: skip
        if row.accepted_at:
            order = reverse("erp:order", args=[row.order_id])
            found.append(
                Happening(row.accepted_at, _t("Accepted"), "circle-check", "", row.order.number, order, "good")
            )
        return sorted(found, key=lambda one: one.at, reverse=True)

    def get_link(self, row: Any) -> str:
        """The customer's link that was just made: shown this once."""
        kept = self.request.session.get("crm_link") or {}
        if kept.get("quotation") != row.pk:
            return ""
        del self.request.session["crm_link"]
        return str(kept["address"])

    def get_context_data(self, row: Any) -> dict[str, Any]:
        taken = [one for one in self.lines if one.line.is_taken]
        costs = [one.line.offered_cost for one in taken if one.line.offered_cost is not None]
        cost = sum(costs, ZERO) if costs and len(costs) == len(taken) else None
        own_net = sum((one.own_net for one in taken), ZERO)
        lines = [one.line for one in self.lines]
        taxes = taxes_of(lines)
        older = next((one for one in self.revisions if one.revision_no == row.revision_no - 1), None)
        is_sent = row.state == Quotation.State.SENT
        sees_cost = may(self.request.user, "erp.view_cost")
        return super().get_context_data(row) | {
            "lines": [*taken, *(one for one in self.lines if not one.line.is_taken)],
            "undated": undated_in(self.lines) if row.state in OPEN else "",
            "uncosted": uncosted_in(self.lines) if row.state in OPEN else "",
            "currency": row.currency,
            "in_own": f", {row.company.currency.code}" if row.company.currency_id != row.currency_id else "",
            "sees_cost": sees_cost,
            "cost": cost,
            "margin": None if cost is None else own_net - cost,
            "taxes": taxes,
            "gross": row.net_amount + sum((one.tax for one in taxes), ZERO),
            "revisions": self.revisions,
            "older": older,
            "changes": changes_between(older, row) if older else [],
            "link": self.get_link(row),
            "links": list(row.links.filter(revoked_at=None, revision_no=row.revision_no)) if is_sent else [],
            "approval": next((one for one in self.approvals if one.decision == "open"), None),
            "options": [one.line for one in self.lines if one.line.is_option],
            "may_write": may(self.request.user, "crm.write_quotation"),
            "may_approve": may(self.request.user, "crm.approve_discount"),
            "may_accept": may(self.request.user, "crm.accept_quotation")
            and row.state in OPEN
            and self.state[0] in ("draft", "sent", "approved"),
        }
