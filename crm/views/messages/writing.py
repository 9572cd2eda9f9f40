"""Writing a mail, changing a held one, logging a call or a note, assigning what nobody knew."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.models import Message
from crm.selectors.catalogue import Catalogue, named
from crm.views.messages.forms import AssignForm, ComposeForm, LogForm, WordsForm
from crm.views.messages.subject import Named
from erp import selectors as erp_now
from masterdata.access import person
from masterdata.errors import InvalidInput
from masterdata.models import Partner
from masterdata.pages import CreatePage, FormPage, OneRow

WRITE = "crm.write_message"
KEPT = ("customer", "quotation", "order", "case", "answers")


class AboutSomething(FormPage):
    """A page whose address says what it is about; without that the customer is asked for."""

    permission = WRITE
    template_name = "crm/messages/write.html"

    @cached_property
    def named(self) -> Named:
        return Named(self.request)

    @cached_property
    def customers(self) -> dict[str, Partner] | None:
        """Those to choose from; None where it is known whom it is about."""
        return None if self.named.customer else Catalogue(self.request.user, ()).customers

    def get_back(self) -> tuple[str, str]:
        return self.named.back()

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        asked = [(name, self.request.GET[name]) for name in KEPT if self.request.GET.get(name)]
        options = [(named(row), "") for row in (self.customers or {}).values()]
        return super().get_context_data(form) | {"customers": options, "asked": asked, "named": self.named}

    def customer_of(self, form: Any) -> Partner:
        found: Partner = self.named.customer or form.cleaned_data["customer"]
        return found


class Write(AboutSomething, CreatePage):
    """A mail, from a template if one likes."""

    form_class = ComposeForm
    title, submit_label, done_message = _("Write"), _("Send"), _("It is on its way.")

    def get_title(self) -> Any:
        if self.named.answered:
            return _t("Write anew") if self.named.failed else _t("Answer")
        return _t("Write to %(customer)s") % {"customer": self.named.customer} if self.named.customer else self.title

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"customers": self.customers, "pdf": self.named.pdf if self.named.has_pdf() else None}

    def get_initial(self) -> dict[str, Any]:
        """The template's words, else those that an answer begins with."""
        about, answered = self.named.about(), self.named.answered
        first: dict[str, Any] = {"to": self._to(), "subject": _answering(answered) if answered else ""}
        if failed := self.named.failed:
            first |= {"subject": failed.subject, "body": failed.body, "cc": ", ".join(failed.cc_addresses)}
        code = self.request.GET.get("template", "")
        if about is not None and code:
            template = selectors.template_named(code, about)
            if template is not None:
                filled = selectors.filled_template(template, about, timezone.now())
                first |= {"subject": first["subject"] or filled.subject, "body": filled.body}
        if self.named.has_pdf() and (self.named.failed or not answered):
            first["with_pdf"] = True
        return first

    def _to(self) -> str:
        named = self.named
        if named.answered is not None and named.answered.direction == Message.Direction.IN:
            return str(named.answered.from_address)
        if named.answered is not None:
            return ", ".join(named.answered.to_addresses)
        contact = named.contact()
        return contact.email if contact else (named.customer.email if named.customer else "")

    def get_context_data(self, form: Any) -> dict[str, Any]:
        about = self.named.about()
        templates = selectors.offered_templates(about) if about else []
        troubles = [one for one in selectors.mail_trouble(self.request.user) if one.is_outgoing]
        return super().get_context_data(form) | {
            "templates": [(row.code, row.name) for row in templates],
            "addresses": self.named.addresses(),
            "template": self.request.GET.get("template", ""),
            "troubles": troubles,
        }

    def perform(self, form: Any) -> str:
        given, about = form.cleaned_data, self.named.about()
        message = services.queue_message(
            customer_id=self.customer_of(form).pk,
            subject=given["subject"],
            body=given["body"],
            to=[given["to"]],
            cc=[given["cc"]],
            language=about.language if about else self.customer_of(form).language,
            attachments=form.attachments,
            hold=given["hold"],
            answers_id=self.named.answered.pk if self.named.answered else None,
            company_id=self.named.company.pk if self.named.company else None,
            now=timezone.now(),
            by=person(self.request),
            **self.named.ids,
        )
        return reverse("crm:message", args=[message.pk])


def _answering(message: Message) -> str:
    subject = message.subject
    return subject if subject.lower().startswith(("re:", "aw:", "sv:")) else f"Re: {subject}"


class Log(AboutSomething, CreatePage):
    """A call or a note."""

    form_class = LogForm
    title, submit_label, done_message = _("Log a call or note"), _("Log"), _("Noted.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"customers": self.customers}

    def perform(self, form: Any) -> str:
        services.log_message(
            customer_id=self.customer_of(form).pk,
            company_id=self.named.company.pk if self.named.company else None,
            now=timezone.now(),
            by=person(self.request),
            **form.logged(),
            **self.named.ids,
        )
        return "" if self.request.POST.get("stay") else self.get_back()[1]


class OneMessage(OneRow):
    """Of a message that the user may see."""

    def get_rows(self) -> QuerySet[Message]:
        return selectors.visible_messages(self.request.user)


class Rewrite(OneMessage, FormPage):
    """Change what is held for review."""

    permission, form_class = WRITE, WordsForm
    title, submit_label, done_message = _("Change the message"), _("Save"), _("Saved, still held for review.")
    template_name = "crm/messages/write.html"

    def get_back(self) -> tuple[str, str]:
        return _t("Message"), reverse("crm:message", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        return {
            "to": ", ".join(row.to_addresses),
            "cc": ", ".join(row.cc_addresses),
            "subject": row.subject,
            "body": row.body,
        }

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        services.rewrite_message(
            message_id=self.get_object().pk,
            subject=given["subject"],
            body=given["body"],
            to=[given["to"]],
            cc=[given["cc"]],
            now=timezone.now(),
        )
        return reverse("crm:message", args=[self.get_object().pk])


class Assign(OneMessage, FormPage):
    """Whose mail is it?"""

    permission, form_class = WRITE, AssignForm
    title, submit_label, done_message = _("Whose mail is it?"), _("Assign"), _("Assigned.")
    template_name = "crm/messages/assign.html"

    @cached_property
    def customers(self) -> dict[str, Partner]:
        return Catalogue(self.request.user, ()).customers

    def get_back(self) -> tuple[str, str]:
        return _t("Message"), reverse("crm:message", args=[self.get_object().pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"customers": self.customers}

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        name = row.from_address.partition("@")[0].replace(".", " ").title()
        customer = named(row.customer) if row.customer else ""
        return {"customer": customer, "make_contact": not row.customer, "contact_name": name}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        options = [(named(row), "") for row in self.customers.values()]
        return super().get_context_data(form) | {"customers": options, "object": self.get_object()}

    def perform(self, form: Any) -> str:
        given, message = form.cleaned_data, self.get_object()
        services.assign_message(
            message_id=message.pk,
            customer_id=given["customer"].pk,
            make_contact=given["make_contact"],
            contact_name=given["contact_name"],
            now=timezone.now(),
            by=person(self.request),
            **self._document(given["document"].strip()),
        )
        return reverse("crm:message", args=[message.pk])

    def _document(self, number: str) -> dict[str, int]:
        """The quotation, order or case with that number that the user may see."""
        if not number:
            return {}
        user: Any = self.request.user
        for key, rows in (
            ("order_id", erp_now.visible_orders(user)),
            ("quotation_id", selectors.visible_quotations(user)),
            ("case_id", selectors.visible_cases(user)),
        ):
            found: Any = rows.filter(number__iexact=number).first()
            if found is not None:
                return {key: found.pk}
        raise InvalidInput(_t("There is no quotation, order or case %(no)s.") % {"no": number}, field="document")
