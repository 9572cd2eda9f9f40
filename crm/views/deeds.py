"""What is done with a quotation: sent, revised, given a new last day, approved, accepted, lost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.letters import RELATED, wording_of
from crm.models import PortalLink, Quotation
from crm.selectors import visible_quotations
from crm.services.posting import LINK
from masterdata.access import person, visible_to
from masterdata.pages import DeedView, FormPage, OneRow, sent_version

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def keep_link(request: Any, quotation_id: int, token: str) -> None:
    """For the next look at the quotation's page, which shows it once."""
    address = request.build_absolute_uri(reverse("crm:offer", args=[token]))
    request.session["crm_link"] = {"quotation": quotation_id, "address": address}


class QuotationDeed(DeedView):
    def get_rows(self) -> QuerySet[Quotation]:
        return visible_quotations(self.request.user)


class Accept(QuotationDeed):
    """The customer said yes: one click, and the order is confirmed. Who said it and how is noted when it is given."""

    permission = "crm.accept_quotation"
    done_message = _("Accepted: the order is confirmed, its work is being planned.")

    def perform(self, row: Any) -> str:
        sent = self.request.POST
        options = [int(one) for one in sent.getlist("option") if one.isdecimal()]
        order = services.accept_quotation(
            quotation_id=row.pk,
            now=timezone.now(),
            expected_version=sent_version(self.request),
            yes=services.Yes(name=sent.get("name", ""), how=sent.get("how", ""), options=options),
        )
        return reverse("erp:order", args=[order.pk])


class Revise(QuotationDeed):
    """The next revision, as a draft."""

    permission, done_message = "crm.write_quotation", _("This is the next revision. The one before stays as it was.")

    def perform(self, row: Any) -> str:
        services.revise_quotation(
            quotation_id=row.pk,
            now=timezone.now(),
            by=person(self.request),
            expected_version=sent_version(self.request),
        )
        return reverse("crm:quotation_edit", args=[row.pk])


class MakeLink(QuotationDeed):
    """One more link for the customer."""

    permission, done_message = "crm.write_quotation", _("The link stands on the page, this once.")

    def perform(self, row: Any) -> str:
        _link, token = services.make_link(quotation_id=row.pk, now=timezone.now(), by=person(self.request))
        keep_link(self.request, row.pk, token)
        return reverse("crm:quotation", args=[row.pk])


class RevokeLink(DeedView):
    permission, done_message = "crm.write_quotation", _("The link opens nothing any more.")

    def get_rows(self) -> QuerySet[PortalLink]:
        return visible_to(self.request.user, PortalLink.objects.all())

    def perform(self, row: Any) -> str:
        services.revoke_link(link_id=row.pk, now=timezone.now())
        return reverse("crm:quotation", args=[row.quotation_id])


class OfQuotation(FormPage, OneRow):
    """A form about one quotation."""

    permission = "crm.write_quotation"

    def get_rows(self) -> QuerySet[Quotation]:
        return visible_quotations(self.request.user).select_related(*RELATED)

    def get_back(self) -> tuple[str, str]:
        row = self.get_object()
        return row.number, reverse("crm:quotation", args=[row.pk])


class SendForm(forms.Form):
    to = forms.CharField(
        label=_("To"), required=False, max_length=400, help_text=_("Empty: it is only marked as sent, you hand it over")
    )
    subject = forms.CharField(label=_("Subject"), max_length=160, required=False)
    body = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 11}),
        help_text=_("The PDF is attached. <link> becomes the address where the customer reads and accepts it."),
    )


class Send(OfQuotation):
    """The revision goes to the customer and is frozen."""

    form_class, submit_label, done_message = SendForm, _("Send"), _("Sent. It is changed by revising it.")

    def get_title(self) -> Any:
        return _t("Send %(number)s") % {"number": self.get_object().paper_no}

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        say, user = wording_of(row), person(self.request)
        words = {
            "number": row.paper_no,
            "customer": row.customer.name,
            "total": say.money(row.net_amount, row.currency),
            "day": say.day(row.valid_until),
            "link": LINK,
            "sender": ", ".join([*([user.get_full_name() or user.username] if user else []), row.company.name]),
        }
        subject = say.word("mail", "quotation_subject", **words)
        return {
            "to": row.customer.email, "subject": subject, "body": say.word("mail", "quotation_body", **words),
        }  # fmt: skip

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        sent = services.post_quotation(
            quotation_id=row.pk,
            now=timezone.now(),
            by=person(self.request),
            mail=services.QuotationMail(
                to=given["to"],
                subject=given["subject"],
                body=given["body"],
                portal=self.request.build_absolute_uri(reverse("crm:offer", args=["-"])).removesuffix("-/"),
            ),
        )
        keep_link(self.request, row.pk, sent.token)
        return reverse("crm:quotation", args=[row.pk])


class ExtendForm(forms.Form):
    valid_until = forms.DateField(label=_("New last day"), widget=DATE)


class Extend(OfQuotation):
    """The same offer, longer."""

    form_class, title, submit_label = ExtendForm, _("New last day"), _("Extend")
    done_message = _("Extended. The customer's link shows the new day.")

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.extend_quotation(quotation_id=row.pk, valid_until=form.cleaned_data["valid_until"], now=timezone.now())
        return reverse("crm:quotation", args=[row.pk])


class AskForm(forms.Form):
    note = forms.CharField(
        label=_("Why it should pass"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )


class AskApproval(OfQuotation):
    """Put it before those who may approve its price."""

    form_class, title, submit_label = AskForm, _("Ask for approval"), _("Ask")
    done_message = _("Asked. You see it here when it is decided.")

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.ask_approval(
            quotation_id=row.pk, note=form.cleaned_data["note"], now=timezone.now(), by=person(self.request)
        )
        return reverse("crm:quotation", args=[row.pk])
