"""Templates of messages: the list, a new one, other words with a preview for a real row."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import placeholders, selectors, services
from crm.models import MessageTemplate
from crm.views.messages.forms import TemplateForm, TemplateWordsForm
from masterdata.access import person, visible_to
from masterdata.errors import InvalidInput
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    CreatePage,
    EditPage,
    Empty,
    FormPage,
    ListPage,
    When,
    YesNo,
    sent_version,
)

EDIT = "crm.edit_template"


class Templates(ListPage):
    """What do we write, in which language?"""

    permission = EDIT
    title, question = _("Templates"), _("What do we write to customers, in which language?")
    columns = [
        Column("name", _("Template"), sort="name", link=True, second="subject", css="wide"),
        Code("code", _("Code"), sort="code"),
        Column("get_purpose_display", _("What it is for"), sort="purpose"),
        Column("get_language_display", _("Language"), sort="language"),
        YesNo("is_active", _("Offered"), sort="is_active"),
        When("changed_at", _("Changed"), sort="changed_at", second="changed_by", css="num"),
    ]
    search_fields = ["name", "code", "subject", "body"]
    filters = [
        Choice("purpose", _("What it is for"), choices=MessageTemplate.Purpose.choices),
        Choice("language", _("Language"), choices=MessageTemplate._meta.get_field("language").choices or ()),
    ]
    order_by = "name"
    empty = Empty(_("No templates yet"), _("Write one: what changes from mail to mail stands in braces."), "template")

    def get_rows(self) -> QuerySet[MessageTemplate]:
        return visible_to(self.request.user, MessageTemplate.objects.select_related("changed_by"))

    def get_actions(self) -> list[Action]:
        return [Action(_("New template"), reverse("crm:message_template_create"), "plus", EDIT, is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("crm:message_template", args=[row.pk])


class WordsPage(FormPage):
    """A form of a template, with the placeholders that there are beside it."""

    permission = EDIT
    template_name = "crm/messages/template.html"

    def get_back(self) -> tuple[str, str]:
        return _t("Templates"), reverse("crm:message_templates")

    def purposes(self) -> list[str]:
        return list(MessageTemplate.Purpose.values)

    def get_context_data(self, form: Any) -> dict[str, Any]:
        labels = dict(MessageTemplate.Purpose.choices)
        known = [(labels[one], list(placeholders.ALLOWED[one].items())) for one in self.purposes()]
        return super().get_context_data(form) | {"known": known}


class CreateTemplate(WordsPage, CreatePage):
    form_class = TemplateForm
    title, submit_label, done_message = _("New template"), _("Save"), _("Saved.")

    def perform(self, form: Any) -> str:
        row = services.write_template(**form.cleaned_data, now=timezone.now(), by=person(self.request))
        return reverse("crm:message_template", args=[row.pk])


class EditTemplate(WordsPage, EditPage):
    """Other words; below them how they read for the newest row that one may see."""

    form_class = TemplateWordsForm
    done_message = _("Saved.")

    def get_rows(self) -> QuerySet[MessageTemplate]:
        return visible_to(self.request.user, MessageTemplate.objects.all())

    def purposes(self) -> list[str]:
        return [self.get_object().purpose]

    def get_context_data(self, form: Any) -> dict[str, Any]:
        return super().get_context_data(form) | {"preview": self._preview(form)}

    def _preview(self, form: Any) -> selectors.Filled | None:
        """Of the words as typed, as far as they can be meant."""
        row = self.get_object()
        about = selectors.newest_about(self.request.user, row.purpose)
        if about is None:
            return None
        typed = MessageTemplate(
            subject=form["subject"].value() or "", body=form["body"].value() or "", language=row.language
        )
        try:
            return selectors.filled_template(typed, about, timezone.now())
        except InvalidInput:
            return None

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_template(
            template_id=row.pk,
            **form.cleaned_data,
            now=timezone.now(),
            by=person(self.request),
            expected_version=sent_version(self.request),
        )
        return reverse("crm:message_template", args=[row.pk])
