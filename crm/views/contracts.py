"""Contracts: the list, the page of one with what is left, and the part on a customer's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DateField, ExpressionWrapper, F, Func, IntegerField, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.models import CallOff, Contract, PlannedCallOff
from crm.selectors.contracts import Use, uses_of, visible_contracts
from masterdata import drawn, shown
from masterdata.access import requires, visible_to
from masterdata.models import Partner
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    DetailPage,
    Empty,
    Flag,
    Happening,
    Html,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
)

WRITE, RELEASE, CALL = "crm.write_contract", "crm.release_contract", "crm.call_off"
ACTIVE, DRAFT = Contract.State.ACTIVE, Contract.State.DRAFT
MOST = 200


def ends_soon(today: dt.date) -> Q:
    """Active, nobody renewed it, and so near its end that one is reminded."""
    days = Func(F("remind_days"), function="", output_field=IntegerField())
    on = ExpressionWrapper(F("valid_to") - days, output_field=DateField())
    renewed = Contract.objects.filter(previous__isnull=False).exclude(state=Contract.State.CANCELLED)
    return Q(pk__in=Contract.objects.alias(on=on).filter(on__lte=today, state=ACTIVE).values("pk")) & ~Q(
        pk__in=renewed.values("previous")
    )


def used(uses: Sequence[Use]) -> Decimal | None:
    """How much of a contract is called off: the mean of its lines, each by what it agrees."""
    return sum((use.percent for use in uses), ZERO) / len(uses) if uses else None


class Contracts(ListPage):
    """What is agreed with whom, and what of it is left?"""

    permission = "crm.view"
    title, question = _("Contracts"), _("What is agreed with whom, and what of it is left?")
    columns = [
        Code("number", _("Contract"), sort="number", link=True),
        Column("customer.name", _("Customer"), sort="customer__name", second="title"),
        State("state", _("State")),
        Day("valid_from", _("From"), sort="valid_from", css="num"),
        Day("valid_to", _("Last day"), sort="valid_to", css="num"),
        Column("get_renewal_display", _("At the end")),
        Html("use", _("Called off"), empty=_("No lines")),
        Column("owner", _("Owner"), empty=_("Nobody")),
    ]
    search_fields = ["number", "title", "customer__name", "customer_reference"]
    order_by = "valid_to"
    live = ["contract", "order"]
    empty = Empty(
        _("No contracts yet"), _("A contract agrees quantities and prices; call-offs become orders."), "clipboard-list"
    )

    @property
    def filters(self) -> list[Any]:  # type: ignore[override]
        return [
            Choice("state", _("State"), choices=Contract.State.choices),
            Choice("renewal", _("At the end"), choices=Contract.Renewal.choices),
            Flag("soon", _("Ends soon"), condition=ends_soon(timezone.localdate())),
        ]

    def get_rows(self) -> QuerySet[Contract]:
        return visible_contracts(self.request.user)

    def prepare(self, rows: Any) -> Any:
        uses = uses_of(rows)
        for row in rows:
            percent = used(uses.get(row.pk, []))
            row.use = "" if percent is None else drawn.bar(percent, "brand", f"{shown.number(percent, 0)} %")
        return rows

    def get_url(self, row: Any) -> str:
        return reverse("crm:contract", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("New contract"), reverse("crm:contract_create"), "plus", WRITE, is_main=True)]

    def get_views(self) -> list[View]:
        soon = self.get_rows().filter(ends_soon(timezone.localdate())).count()
        return [
            View("all", _("All"), ""),
            View("active", _("Active"), "state=active"),
            View("soon", _("Ends soon"), "soon=1", soon, "risk" if soon else ""),
            View("draft", _("Drafts"), "state=draft"),
        ]


class ContractPage(DetailPage):
    """What is agreed, called off and left, and what comes next?"""

    permission = "crm.view"
    template_name = "crm/contract.html"
    live = ["contract", "order"]
    plant = ""

    def get_rows(self) -> QuerySet[Contract]:
        return visible_contracts(self.request.user).select_related("previous", "made_by", "released_by", "ended_by")

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        url = reverse("crm:customer", args=[row.customer_id])
        said = [f"{shown.day(row.valid_from)} – {shown.day(row.valid_to)}", *([row.title] if row.title else [])]
        return format_html('<a href="{}">{}</a> · {}', url, row.customer.name, " · ".join(said))

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _t("Contracts"), reverse("crm:contracts")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Any) -> list[Action]:
        def at(name: str) -> str:
            return reverse(f"crm:contract_{name}", args=[row.pk])

        version = {"version": row.version}
        pdf = Action(_t("PDF"), at("pdf"), "file-type-pdf")
        if row.state == DRAFT:
            return [
                pdf,
                Action(_t("Cancel"), at("cancel"), "circle-x", WRITE),
                Action(_t("Edit"), at("edit"), "pencil", WRITE),
                Action(_t("Release"), at("release"), "check", RELEASE, post=True, is_main=True, fields=version),
            ]
        renew = Action(_t("Renew"), at("renew"), "refresh", RELEASE)
        follow_up = self.follow_up(row)
        if row.state != ACTIVE:
            return [pdf] if follow_up or row.state == Contract.State.CANCELLED else [pdf, renew]
        notice = Action(
            _t("Notice given"), at("notice"), "bell", WRITE, post=True, fields=version,
            confirm=_t("It ends on its last day and is not renewed by itself."),
        )  # fmt: skip
        return [
            pdf,
            Action(_t("End"), at("end"), "circle-x", RELEASE),
            *([] if row.notice_on else [notice]),
            *([] if follow_up else [renew]),
            Action(_t("Amend"), at("amend"), "pencil", RELEASE),
            Action(_t("Plan call-offs"), at("plan"), "calendar-plus", CALL),
            Action(_t("Call off"), at("call_off"), "package", CALL, is_main=True),
        ]

    def follow_up(self, row: Any) -> Contract | None:
        if not hasattr(self, "_follow_up"):
            self._follow_up = row.renewals.exclude(state=Contract.State.CANCELLED).first()
        found: Contract | None = self._follow_up
        return found

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [
            Tab("call-offs", _t("Call-offs"), template="crm/_contract_call_offs.html"),
            Tab("planned", _t("Planned"), template="crm/_contract_planned.html"),
            Tab("amendments", _t("Amendments"), template="crm/_contract_amendments.html", count=row.amendment_no),
        ]

    def get_cards(self, row: Any) -> Sequence[Card]:
        terms = [
            Column("customer_reference", _("Their number"), empty=_("Not given")),
            Column("currency.name", _("Currency")),
            Number("tolerance_percent", _("Tolerance, %")),
            Column("owner", _("Who looks after it"), empty=_("Nobody")),
            Column("made_by", _("Written by"), empty=_("By an integration")),
            When("released_at", _("Released"), empty=_("Not yet")),
        ]
        end = [
            Column("get_renewal_display", _("At the end")),
            Number("renewal_months", _("Renew for months")),
            Number("renewal_percent", _("Change of prices, %")),
            Number("notice_days", _("Notice, days before")),
            Day("notice_on", _("Notice given"), empty=_("Not given")),
            When("reminded_at", _("Reminded"), empty=_("Not yet")),
            Column("end_reason", _("Ended because"), empty=_("It has not ended")),
        ]
        return [Card(_t("Terms"), terms), Card(_t("Its end"), end)]

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [Happening(row.made_at, _t("Written"), "file-text", row.made_by or "")]
        if row.released_at:
            found.append(Happening(row.released_at, _t("Released"), "check", row.released_by or "", tone="good"))
        if row.reminded_at:
            found.append(Happening(row.reminded_at, _t("Ends soon"), "bell", tone="bad"))
        for one in row.amendments.select_related("made_by") if row.amendment_no else ():
            title = _t("Amendment %(no)s") % {"no": one.amendment_no}
            found.append(Happening(one.made_at, title, "pencil", one.made_by or "", one.reason))
        if row.ended_at:
            who = row.ended_by or ""
            found.append(Happening(row.ended_at, row.get_state_display(), "circle-off", who, row.end_reason))
        found.sort(key=lambda one: one.at)
        return found[::-1]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user: Any = self.request.user
        calls = visible_to(user, CallOff.objects.filter(contract_line__contract=row))
        planned = PlannedCallOff.objects.filter(contract_line__contract=row)
        return super().get_context_data(row) | {
            "uses": uses_of([row]).get(row.pk, []),
            "follow_up": self.follow_up(row),
            "call_offs": calls.select_related("contract_line__material__unit", "order_line__order", "made_by").order_by(
                "-pk"
            )[:MOST],
            "planned": planned.select_related("contract_line__material__unit", "call_off__order_line__order")[:MOST],
            "amendments": row.amendments.select_related("made_by").prefetch_related("changes"),
        }


@requires("crm.view")
def customer_contracts(request: HttpRequest, pk: int) -> HttpResponse:
    """The part on a customer's page: what is agreed, and what of it is left."""
    customer = get_object_or_404(visible_to(request.user, Partner.objects.filter(is_customer=True)), pk=pk)
    rows = visible_contracts(request.user).filter(customer=customer, state__in=[ACTIVE, DRAFT])
    contracts = list(rows.order_by("valid_to")[:12])
    uses = uses_of(contracts)
    told = [(one, uses.get(one.pk, []), used(uses.get(one.pk, []))) for one in contracts]
    return render(request, "crm/_customer_contracts.html", {"contracts": told, "customer": customer})
