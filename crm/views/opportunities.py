"""The page of an opportunity, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.models import Opportunity
from crm.pipeline_forms import LoseForm, OpportunityChangeForm, OpportunityForm
from crm.selectors import pipeline, visible_activities, visible_quotations
from crm.views.picking import SalesForm
from masterdata.models import Contact
from masterdata.pages import (
    Action,
    Card,
    Column,
    CreatePage,
    Day,
    DetailPage,
    EditPage,
    Happening,
    Money,
    When,
    sent_version,
)

WRITE = "crm.write_opportunity"


class OpportunityPage(DetailPage):
    """What may they buy, how far is it, and what is next?"""

    permission = "crm.view"
    template_name = "crm/opportunity.html"
    live = ["opportunity", "activity", "quotation"]

    def get_rows(self) -> QuerySet[Opportunity]:
        return pipeline.visible_opportunities(self.request.user).select_related("contact", "lead", "made_by")

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Pipeline"), reverse("crm:pipeline")

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_state(self, row: Any) -> tuple[str, str]:
        return row.state, row.stage.name

    def get_subtitle(self, row: Any) -> Any:
        url = reverse("crm:customer", args=[row.customer_id])
        return format_html('{} · <a href="{}">{}</a>', row.title, url, row.customer.name)

    def get_actions(self, row: Any) -> list[Action]:
        if row.state != Opportunity.State.OPEN:
            return []
        quotation = reverse("crm:quotation_create", query={"customer": row.customer_id, "opportunity": row.pk})
        return [
            Action(_t("Edit"), reverse("crm:opportunity_edit", args=[row.pk]), "pencil", WRITE),
            Action(_t("New quotation"), quotation, "plus", "crm.write_quotation", is_main=True),
        ]

    def get_cards(self, row: Any) -> Sequence[Card]:
        closed = [When("closed_at", _("Closed"))] if row.closed_at else []
        lost = [Column("lost_reason", _("Lost because")), Column("lost_note", _("More about it"), empty=_("Not said"))]
        return [
            Card(
                _t("What it is worth"),
                [
                    Money("value", _("Expected value"), currency="currency"),
                    Money("weighted", _("Weighted"), currency="currency"),
                    Column(lambda row: f"{row.stage.probability} %", _("Probability")),
                    Day("expected_on", _("Decided by")),
                    When("stage_since_at", _("In this stage since")),
                    *closed,
                    *(lost if row.state == Opportunity.State.LOST else []),
                ],
            ),
            Card(
                _t("Who"),
                [
                    Column("customer.name", _("Customer")),
                    Column("contact", _("Contact"), empty=_("Nobody named")),
                    Column("owner", _("Owner"), empty=_("Nobody yet")),
                    Column("plant", _("Plant"), empty=_("Not known")),
                    Column("note", _("Note"), empty=_("Nothing noted")),
                ],
            ),
        ]

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        moves = row.moves.select_related("stage", "by").order_by("-pk")
        told = [
            Happening(one.moved_at, _t("To %(stage)s") % {"stage": one.stage.name}, "arrow-right", one.by or "")
            for one in moves
        ]
        opened = Happening(row.made_at, _t("Opportunity opened"), "target-arrow", row.made_by or "")
        return [*told, opened]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(row) | {
            "activities": list(visible_activities(user).filter(opportunity=row).order_by("done_at", "due_at")[:50]),
            "quotations": list(visible_quotations(user).filter(opportunity=row).order_by("-pk")[:50]),
            "stages": pipeline.stages(),
            "now": timezone.now(),
        }


class CreateOpportunity(SalesForm, CreatePage):
    permission, form_class = WRITE, OpportunityForm
    title, submit_label, done_message = _("New opportunity"), _("Open"), _("Opened.")
    picks_customer = True

    def get_back(self) -> tuple[Any, str]:
        return _t("Pipeline"), reverse("crm:pipeline")

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.dict()
        by_id = {str(row.pk): row for row in self.catalogue.customers.values()}
        if (row := by_id.get(asked.get("customer", ""))) is not None:
            asked["customer"] = row.code
        return asked

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        row = services.open_opportunity(
            customer_id=given["customer"].pk,
            company_id=given["company"].pk,
            opportunity=form.said(),
            stage_id=given["stage"].pk if given["stage"] else None,
            now=timezone.now(),
            by=self.me,
        )
        return reverse("crm:opportunity", args=[row.pk])


class OfOpportunity(EditPage):
    """Pages about one opportunity that the user may write."""

    permission = WRITE

    def get_rows(self) -> QuerySet[Opportunity]:
        return pipeline.visible_opportunities(self.request.user)

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return row.number, reverse("crm:opportunity", args=[row.pk])


class EditOpportunity(SalesForm, OfOpportunity):
    form_class = OpportunityChangeForm
    done_message = _("Saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        contacts = Contact.objects.filter(partner=self.get_object().customer_id).order_by("name")
        return super().get_form_kwargs() | {"contacts": contacts}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_opportunity(
            opportunity_id=row.pk, opportunity=form.said(), expected_version=sent_version(self.request)
        )
        return reverse("crm:opportunity", args=[row.pk])


class MoveOpportunity(OfOpportunity):
    """To the stage that was pressed; for what is lost the page asks why."""

    http_method_names = ["get", "post", "options"]
    form_class = LoseForm
    submit_label, done_message = _("Note as lost"), _("Noted as lost.")

    def get_title(self) -> str:
        return _t("Why is %(number)s lost?") % {"number": self.get_object().number}

    def get_version(self) -> str:
        """The version that the person looked at, when the board sent it."""
        sent = self.request.GET.get("version", "")
        return sent if sent.isdecimal() and self.request.method == "GET" else super().get_version()

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        services.lay_down_stages()
        lost = next(one for one in pipeline.stages() if one.kind == "lost")
        services.move_opportunity(
            opportunity_id=row.pk,
            stage_id=lost.pk,
            lost_reason_id=given["lost_reason"].pk,
            lost_note=given["lost_note"],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            expected_version=sent_version(self.request),
        )
        return reverse("crm:opportunity", args=[row.pk])
