"""Forms of notices: their words, their rules, how a company treats moves, how a customer wants to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import CustomerGroup, NoticeRule, Promise, PromisePolicy, Tone
from masterdata.models import Partner
from masterdata.models.languages import Language
from masterdata.pages import OfCompanyForm

ANY = [("", _("Any"))]


class NoticeForm(forms.Form):
    """Where {link} stands, the customer's own link is put when it is sent."""

    subject = forms.CharField(label=_("Subject"), max_length=160)
    body = forms.CharField(
        label=_("Words"),
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Where {link} stands, the customer's own link is put when it is sent."),
    )


class DiscardForm(forms.Form):
    why = forms.CharField(label=_("Why the customer is not told"), max_length=200)


class DeclineForm(forms.Form):
    why = forms.CharField(label=_("Why not"), max_length=200, help_text=_("The customer's words, or ours."))


class RuleForm(forms.Form):
    """When it fits, and what is done then."""

    rank = forms.IntegerField(
        label=_("Rank"), min_value=1, max_value=9999, help_text=_("The lowest that fits decides.")
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=[*ANY, *Promise.Reason.choices], required=False)
    days_from = forms.IntegerField(label=_("From days moved"), min_value=0, max_value=999, initial=0)
    days_to = forms.IntegerField(label=_("To days moved"), min_value=0, max_value=999, required=False)
    customer = forms.ModelChoiceField(
        Partner.objects.filter(is_customer=True).order_by("name"),
        label=_("Customer"),
        required=False,
        empty_label=_("Any"),
    )
    group = forms.ModelChoiceField(
        CustomerGroup.objects.order_by("name"), label=_("Group"), required=False, empty_label=_("Any")
    )
    language = forms.ChoiceField(label=_("Language"), choices=[*ANY, *Language.choices], required=False)
    action = forms.ChoiceField(label=_("What is done"), choices=NoticeRule.Action.choices)
    approver = forms.ChoiceField(label=_("Looked at by"), choices=NoticeRule.Approver.choices)
    tone = forms.ChoiceField(
        label=_("Tone"), choices=[("", _("As the customer wishes")), *Tone.choices], required=False
    )
    subject = forms.CharField(label=_("Own subject"), max_length=160, required=False)
    body = forms.CharField(
        label=_("Own words"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("May name {customer} {order} {reference} {day} {lines} {why} {company} {link}."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def given(self) -> dict[str, Any]:
        """As the service takes it."""
        found = dict(self.cleaned_data)
        for name in ("customer", "group"):
            row = found.pop(name)
            found[f"{name}_id"] = row.pk if row is not None else None
        return found


class NewRuleForm(OfCompanyForm, RuleForm):
    """The same of a company."""

    field_order = ("company", "rank")


class PolicyForm(forms.Form):
    is_same_day_noise = forms.BooleanField(
        label=_("A move that stays on the day that the customer knows is not told"), required=False
    )
    noise_min = forms.IntegerField(
        label=_("Noise for customers with hours, minutes"),
        min_value=15,
        max_value=10080,
        help_text=_("A smaller move sends nothing."),
    )
    settle_min = forms.IntegerField(
        label=_("A notice settles, minutes"),
        min_value=0,
        max_value=1440,
        help_text=_("If the date moves again before, it is still one notice."),
    )
    earlier_days = forms.IntegerField(label=_("An earlier date is offered from days"), min_value=1, max_value=60)
    machine_words = forms.ChoiceField(
        label=_("What is said of a machine that is down"), choices=PromisePolicy.MachineWords.choices
    )


class WishForm(forms.Form):
    tone = forms.ChoiceField(label=_("Tone"), choices=Tone.choices)
    has_hours = forms.BooleanField(label=_("Takes deliveries by the hour: hours are told, not days"), required=False)
    email = forms.EmailField(
        label=_("Mail address for notices"), required=False, help_text=_("Empty: the customer's own.")
    )
