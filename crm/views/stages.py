"""Stages of the pipeline and reasons for losing: lists that are edited."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.models import LostReason, Stage
from crm.pipeline_forms import LostReasonForm, StageForm
from masterdata.pages import (
    Action,
    Code,
    Column,
    CreatePage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    YesNo,
)

EDIT = "crm.edit_pipeline"


class Stages(ListPage):
    """Through which stages does an opportunity go?"""

    permission = "crm.view"
    title, question = _("Stages"), _("Through which stages does an opportunity go, and how sure is it there?")
    columns = [
        Number("place", _("Place"), sort="place"),
        Column("name", _("Stage"), sort="name", link=True, css="wide"),
        State("kind", _("Counts as")),
        Number("probability", _("Probability, %"), sort="probability"),
        Number("held", _("Opportunities"), sort="held"),
        YesNo("is_active", _("In use")),
    ]
    search_fields = ["name"]
    filters = [Flag("used", _("In use"), condition=Q(is_active=True))]
    order_by = "place"
    live = ["opportunity"]
    empty = Empty(_("No stages yet"), _("The first opportunity lays down the usual ones."), "target-arrow")

    def get_rows(self) -> QuerySet[Stage]:
        return Stage.objects.annotate(held=Count("opportunities"))

    def get_url(self, row: Any) -> str:
        return reverse("crm:stage_edit", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [
            Action(_t("Lost reasons"), reverse("crm:lost_reasons"), "circle-x", "crm.view"),
            Action(_t("New stage"), reverse("crm:stage_create"), "plus", EDIT, is_main=True),
        ]


class StagePage:
    """Where the pages of a stage lead back to."""

    def get_back(self) -> tuple[Any, str]:
        return _t("Stages"), reverse("crm:stages")


class CreateStage(StagePage, CreatePage):
    permission, form_class, title = EDIT, StageForm, _("New stage")
    done_message = _("Saved.")

    def perform(self, form: Any) -> str:
        services.create_stage(stage=form.said())
        return reverse("crm:stages")


class EditStage(StagePage, EditPage):
    permission, form_class, done_message = EDIT, StageForm, _("Saved.")

    def get_rows(self) -> QuerySet[Stage]:
        return Stage.objects.all()

    def perform(self, form: Any) -> str:
        services.change_stage(stage_id=self.get_object().pk, stage=form.said())
        return reverse("crm:stages")


class LostReasons(ListPage):
    """Why do we lose?"""

    permission = "crm.view"
    title, question = _("Lost reasons"), _("Why do we lose, and how often?")
    columns = [
        Code("code", _("Code"), sort="code", link=True),
        Column("name", _("Reason"), sort="name", css="wide"),
        Number("opportunity_count", _("Opportunities"), sort="opportunity_count"),
        Number("quotation_count", _("Quotations"), sort="quotation_count"),
        Number("lead_count", _("Leads"), sort="lead_count"),
        YesNo("is_active", _("In use")),
    ]
    search_fields = ["code", "name"]
    filters = [Flag("used", _("In use"), condition=Q(is_active=True))]
    order_by = "name"
    live = ["opportunity"]
    empty = Empty(_("No reasons yet"), _("The first opportunity lays down the usual ones."), "circle-x")

    def get_rows(self) -> QuerySet[LostReason]:
        return LostReason.objects.annotate(
            opportunity_count=Count("opportunities", distinct=True),
            quotation_count=Count("quotations", distinct=True),
            lead_count=Count("leads", distinct=True),
        )

    def get_url(self, row: Any) -> str:
        return reverse("crm:lost_reason_edit", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_t("New reason"), reverse("crm:lost_reason_create"), "plus", EDIT, is_main=True)]


class CreateLostReason(CreatePage):
    permission, form_class, title = EDIT, LostReasonForm, _("New lost reason")
    done_message = _("Saved.")

    def get_back(self) -> tuple[Any, str]:
        return _t("Lost reasons"), reverse("crm:lost_reasons")

    def perform(self, form: Any) -> str:
        services.write_lost_reason(**form.cleaned_data)
        return reverse("crm:lost_reasons")


class EditLostReason(EditPage):
    permission, form_class, done_message = EDIT, LostReasonForm, _("Saved.")

    def get_rows(self) -> QuerySet[LostReason]:
        return LostReason.objects.all()

    def get_back(self) -> tuple[Any, str]:
        return _t("Lost reasons"), reverse("crm:lost_reasons")

    def perform(self, form: Any) -> str:
        services.write_lost_reason(reason_id=self.get_object().pk, **form.cleaned_data)
        return reverse("crm:lost_reasons")
