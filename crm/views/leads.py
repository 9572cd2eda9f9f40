"""Leads: the list, the page of one with who it may be already, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.models import Lead
from crm.pipeline_forms import ConvertForm, LeadForm, LoseForm
from crm.views.picking import SalesForm
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    CreatePage,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    Happening,
    ListPage,
    State,
    View,
    When,
    sent_version,
)

WRITE = "crm.write_lead"
CONVERT = "crm.write_opportunity"


class Leads(ListPage):
    """Who may become a customer?"""

    permission = "crm.view"
    title, question = _("Leads"), _("Who may become a customer, and who takes care of it?")
    columns = [
        Code("number", _("Lead"), sort="number", link=True),
        Column(
            "name", _("Who"), sort="organisation", second=lambda row: row.person if row.organisation else "", css="wide"
        ),
        Column("email", _("E-mail"), empty=_("Not known")),
        Column("get_source_display", _("Came from"), sort="source"),
        State("state", _("State"), sort="state"),
        Column("owner", _("Owner"), sort="owner__username", empty=_("Nobody yet")),
        When("made_at", _("Since"), sort="made_at"),
    ]
    search_fields = ["number", "organisation", "person", "email", "phone"]
    filters = [
        Choice("state", _("State"), choices=Lead.State.choices),
        Choice("source", _("Came from"), choices=Lead.Source.choices),
        Flag("nobody", _("Nobody takes care"), condition=Q(owner__isnull=True)),
    ]
    order_by = "-number"
    live = ["lead"]
    empty = Empty(_("No leads yet"), _("Who asked, at a fair or by phone? Note it before the quote."), "user-search")

    def get_rows(self) -> QuerySet[Lead]:
        return selectors.visible_leads(self.request.user)

    def get_url(self, row: Any) -> str:
        return reverse("crm:lead", args=[row.pk])

    def get_views(self) -> list[View]:
        return [
            View("new", _("New"), "state=new"),
            View("nobody", _("Nobody takes care"), "state=new&nobody=1"),
            View("converted", _("Converted"), "state=converted"),
            View("disqualified", _("Disqualified"), "state=disqualified"),
            View("all", _("All")),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_t("New lead"), reverse("crm:lead_create"), "plus", WRITE, is_main=True)]


class LeadPage(DetailPage):
    """Who is it, are they known already, and what is next?"""

    permission = "crm.view"
    template_name = "crm/lead.html"
    live = ["lead", "activity"]

    def get_rows(self) -> QuerySet[Lead]:
        return selectors.visible_leads(self.request.user).select_related("made_by")

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Leads"), reverse("crm:leads")

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> str:
        return " · ".join(part for part in (row.organisation, row.person) if part)

    def get_state(self, row: Any) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_actions(self, row: Any) -> list[Action]:
        if row.state == Lead.State.CONVERTED:
            url = reverse("crm:opportunity", args=[row.opportunity_id])
            return [Action(_t("Open %(number)s") % {"number": row.opportunity}, url, "target-arrow", is_main=True)]
        if row.state == Lead.State.DISQUALIFIED:
            again = reverse("crm:lead_reopen", args=[row.pk])
            return [Action(_t("Take up again"), again, "refresh", WRITE, post=True)]
        convert = reverse("crm:lead_convert", args=[row.pk])
        return [
            Action(_t("Disqualify"), reverse("crm:lead_disqualify", args=[row.pk]), "circle-x", WRITE),
            Action(_t("Edit"), reverse("crm:lead_edit", args=[row.pk]), "pencil", WRITE),
            Action(_t("Convert"), convert, "target-arrow", CONVERT, is_main=True),
        ]

    def get_cards(self, row: Any) -> Sequence[Card]:
        lost = [
            Column("lost_reason", _("Let go because")),
            Column("lost_note", _("More about it"), empty=_("Not said")),
        ]
        return [
            Card(
                _t("Who"),
                [
                    Column("organisation", _("Firm"), empty=_("A person")),
                    Column("person", _("Person"), empty=_("Not known")),
                    Column("email", _("E-mail"), empty=_("Not known")),
                    Column("phone", _("Phone"), empty=_("Not known")),
                ],
            ),
            Card(
                _t("What is known"),
                [
                    Column("get_source_display", _("Came from")),
                    Column("owner", _("Owner"), empty=_("Nobody yet")),
                    Column("note", _("Note"), empty=_("Nothing noted")),
                    *(lost if row.state == Lead.State.DISQUALIFIED else []),
                ],
            ),
        ]

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        taken = Happening(row.made_at, _t("Lead taken"), "user-search", row.made_by or "")
        if row.closed_at is None:
            return [taken]
        if row.state == Lead.State.CONVERTED:
            url = reverse("crm:opportunity", args=[row.opportunity_id])
            return [Happening(row.closed_at, _t("Converted"), "circle-check", url=url, tone="good"), taken]
        return [Happening(row.closed_at, _t("Disqualified"), "circle-x", detail=row.lost_reason), taken]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user: Any = self.request.user
        is_new = row.state == Lead.State.NEW
        return super().get_context_data(row) | {
            "duplicates": known(user, row) if is_new else [],
            "activities": list(selectors.visible_activities(user).filter(lead=row).order_by("done_at", "due_at")[:50]),
            "now": timezone.now(),
        }


def known(user: Any, row: Lead) -> list[selectors.Duplicate]:
    """Who the lead may be already."""
    who = {"organisation": row.organisation, "person": row.person, "email": row.email, "phone": row.phone}
    return selectors.duplicates(user, **who, but=row.pk)


class CreateLead(SalesForm, CreatePage):
    permission, form_class = WRITE, LeadForm
    title, done_message = _("New lead"), _("Noted.")

    def get_back(self) -> tuple[Any, str]:
        return _t("Leads"), reverse("crm:leads")

    def perform(self, form: Any) -> str:
        row = services.take_lead(
            company_id=form.cleaned_data["company"].pk, lead=form.said(), now=timezone.now(), by=self.me
        )
        return reverse("crm:lead", args=[row.pk])


class OfLead(EditPage):
    """Pages about one lead."""

    permission = WRITE

    def get_rows(self) -> QuerySet[Lead]:
        return selectors.visible_leads(self.request.user)

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return row.number, reverse("crm:lead", args=[row.pk])


class EditLead(SalesForm, OfLead):
    form_class, done_message = LeadForm, _("Saved.")

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_lead(lead_id=row.pk, lead=form.said(), expected_version=sent_version(self.request))
        return reverse("crm:lead", args=[row.pk])


class ConvertLead(SalesForm, OfLead):
    """Customer, contact and opportunity in one step; who is known already is proposed."""

    permission, form_class = CONVERT, ConvertForm
    submit_label, done_message = _("Convert"), _("Converted: it is a customer with an opportunity now.")
    picks_customer = True

    def get_title(self) -> Any:
        return _t("Convert %(number)s") % {"number": self.get_object().number}

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        found = known(self.request.user, row)
        code = next((one.code for one in found if one.kind in ("customer", "contact")), "")
        is_listed = code in self.catalogue.customers
        asked = {"customer": code if is_listed else "", "owner": row.owner_id, "company": row.company_id}
        return asked | self.request.GET.dict()

    def perform(self, form: Any) -> str:
        given, row = form.cleaned_data, self.get_object()
        made = services.convert_lead(
            lead_id=row.pk,
            customer_id=given["customer"].pk if given["customer"] else None,
            opportunity=form.said(),
            now=timezone.now(),
            by=self.me,
            expected_version=sent_version(self.request),
        )
        return reverse("crm:opportunity", args=[made.pk])

    def get_context_data(self, form: Any) -> dict[str, Any]:
        found = known(self.request.user, self.get_object())
        return super().get_context_data(form) | {"duplicates": found, "subtitle": self._who()}

    def _who(self) -> Any:
        row = self.get_object()
        return format_html("{} · {}", row.name, row.email) if row.email else row.name


class DisqualifyLead(OfLead):
    form_class, submit_label, done_message = LoseForm, _("Disqualify"), _("Let go.")

    def get_title(self) -> Any:
        return _t("Why does nothing come of %(number)s?") % {"number": self.get_object().number}

    def perform(self, form: Any) -> str:
        given, row = form.cleaned_data, self.get_object()
        services.disqualify_lead(
            lead_id=row.pk,
            lost_reason_id=given["lost_reason"].pk,
            note=given["lost_note"],
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return reverse("crm:lead", args=[row.pk])


class ReopenLead(DeedView):
    permission, done_message = WRITE, _("Taken up again.")

    def get_rows(self) -> QuerySet[Lead]:
        return selectors.visible_leads(self.request.user)

    def perform(self, row: Any) -> str:
        services.reopen_lead(lead_id=row.pk)
        return reverse("crm:lead", args=[row.pk])
