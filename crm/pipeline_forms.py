"""Forms before the quote and after the sale: leads, opportunities, stages, activities, cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import DATE, PickField
from crm.models import Case, Lead, LostReason, Stage
from crm.selectors.catalogue import Catalogue
from crm.selectors.owners import owners_in
from crm.services import LeadInput, OpportunityInput, StageInput
from erp.models import SalesOrderLine
from masterdata.models import Company, Contact, Currency, Plant, User
from masterdata.pages import OfCompanyForm

NOTE = forms.Textarea({"rows": 4})
MOMENT = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
NO_ONE = _("Nobody yet")


class OwnedForm(OfCompanyForm):
    """Of a company, with an owner who may do `deed` there; one company is not asked for."""

    deed = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user: User = kwargs.pop("user")
        super().__init__(*args, **kwargs)
        found = list(self.companies)
        if len(found) == 1:
            self.fields["company"].widget = forms.HiddenInput()
        owner: Any = self.fields["owner"]
        owner.queryset = owners_in(found, self.deed)
        if not self.initial.get("owner"):
            owner.initial = self.user.pk


def owner_field(*, required: bool = False) -> forms.ModelChoiceField[User]:
    return forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=required, empty_label=NO_ONE)


class LeadForm(OwnedForm):
    """Who may become a customer."""

    deed = "crm.write_lead"
    organisation = forms.CharField(label=_("Firm"), max_length=160, required=False)
    person = forms.CharField(label=_("Person"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    source = forms.ChoiceField(label=_("Came from"), choices=Lead.Source.choices)
    owner = owner_field()
    note = forms.CharField(label=_("Note"), widget=NOTE, required=False)

    def said(self) -> LeadInput:
        given = {name: self.cleaned_data[name] for name in self.fields if name not in ("company", "owner")}
        owner = self.cleaned_data["owner"]
        return LeadInput(**given, owner_id=owner.pk if owner else None)


class HopeForm(OwnedForm):
    """What somebody may buy."""

    deed = "crm.write_opportunity"
    title = forms.CharField(label=_("What they may buy"), max_length=160)
    value = forms.DecimalField(label=_("Expected value, net"), min_value=0, max_digits=18, decimal_places=4)
    currency = forms.ModelChoiceField(
        Currency.objects.order_by("code"), label=_("Currency"), required=False, empty_label=_("The company's")
    )
    expected_on = forms.DateField(label=_("Decided by"), widget=DATE)
    plant = forms.ModelChoiceField(Plant.objects.none(), label=_("Plant"), required=False, empty_label=_("Not known"))
    owner = owner_field()
    note = forms.CharField(label=_("Note"), widget=NOTE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].widget.attrs.update({"inputmode": "decimal", "step": "any"})
        plant: Any = self.fields["plant"]
        plant.queryset = Plant.objects.filter(company__in=self.companies).order_by("name")

    def said(self) -> OpportunityInput:
        given = self.cleaned_data
        ids = {f"{name}_id": given[name].pk if given.get(name) else None for name in ("currency", "plant", "owner")}
        contact = given.get("contact")
        return OpportunityInput(
            title=given["title"],
            value=given["value"],
            expected_on=given["expected_on"],
            note=given["note"],
            contact_id=contact.pk if contact else None,
            **ids,
        )


def customer_field(*, required: bool = True) -> PickField:
    missing = _("Choose a customer from the list.")
    return PickField(label=_("Customer"), list_id="customers", missing=missing, required=required)


class OpportunityForm(HopeForm):
    """A new opportunity of a customer."""

    customer = customer_field()
    stage = forms.ModelChoiceField(
        Stage.objects.filter(is_active=True, kind="open"), label=_("Stage"), required=False, empty_label=_("The first")
    )
    field_order = ("company", "customer", "title", "value", "currency", "expected_on", "stage", "owner", "plant")

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].rows = catalogue.customers  # type: ignore[attr-defined]


class OpportunityChangeForm(HopeForm):
    """An opportunity as it is known now."""

    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Contact"), required=False, empty_label=_("None"))
    field_order = ("company", "title", "value", "currency", "expected_on", "contact", "owner", "plant")

    def __init__(self, *args: Any, contacts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]


class ConvertForm(HopeForm):
    """The lead becomes a customer, an existing one or a new one, with an opportunity."""

    customer = customer_field(required=False)
    field_order = ("company", "customer", "title", "value", "currency", "expected_on", "owner", "plant")

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].rows = catalogue.customers  # type: ignore[attr-defined]
        self.fields["customer"].help_text = _("Empty: a new customer is made of the lead")


class LoseForm(forms.Form):
    """Why it came to nothing."""

    lost_reason = forms.ModelChoiceField(
        LostReason.objects.filter(is_active=True).order_by("name"), label=_("Why"), empty_label=_("Choose one")
    )
    lost_note = forms.CharField(label=_("More about it"), max_length=240, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["lost_reason"]
        reason.required = reason.queryset.exists()


class StageForm(forms.Form):
    """A column of the pipeline."""

    name = forms.CharField(label=_("Name"), max_length=40)
    kind = forms.ChoiceField(label=_("Counts as"), choices=Stage.Kind.choices)
    probability = forms.IntegerField(
        label=_("Probability, %"), min_value=0, max_value=100, help_text=_("100 for what is won, 0 for what is lost")
    )
    place = forms.IntegerField(label=_("Place"), min_value=0, max_value=999, help_text=_("From left to right"))
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def said(self) -> StageInput:
        return StageInput(**self.cleaned_data)


class LostReasonForm(forms.Form):
    """A reason for losing."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class CaseForm(OwnedForm):
    """What a customer asks or complains about."""

    deed = "crm.handle_case"
    customer = customer_field()
    subject = forms.CharField(label=_("What it is about"), max_length=160)
    topic = forms.ChoiceField(label=_("Topic"), choices=Case.Topic.choices)
    urgency = forms.TypedChoiceField(label=_("Urgency"), choices=Case.Urgency.choices, coerce=int, initial=2)
    owner = owner_field()
    body = forms.CharField(label=_("What they say"), widget=NOTE, required=False)
    order_line: forms.ModelChoiceField[SalesOrderLine] = forms.ModelChoiceField(
        SalesOrderLine.objects.none(), label=_("Line"), required=False, empty_label=_("The whole order")
    )
    field_order = ("company", "customer", "order_line", "subject", "topic", "urgency", "owner")

    def __init__(self, *args: Any, catalogue: Catalogue | None, order: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if order is None:
            del self.fields["order_line"]
            self.fields["customer"].rows = catalogue.customers if catalogue else {}  # type: ignore[attr-defined]
        else:
            del self.fields["customer"]
            line: Any = self.fields["order_line"]
            line.queryset = order.lines.select_related("material").order_by("line_no")
            line.label_from_instance = lambda one: f"{one.line_no} · {one.material.name}"


class CloseCaseForm(forms.Form):
    """How it ended."""

    outcome = forms.ChoiceField(label=_("How it ended"), choices=[one for one in Case.Outcome.choices if one[0]])
    note = forms.CharField(label=_("More about it"), max_length=400, required=False)


class AnswerForm(forms.Form):
    """What the customer is answered, and how."""

    kind = forms.ChoiceField(
        label=_("How"), choices=[("mail", _("By mail")), ("call", _("On the phone")), ("note", _("A note among us"))]
    )
    to = forms.EmailField(label=_("To"), required=False)
    body = forms.CharField(label=_("Answer"), widget=forms.Textarea({"rows": 8}))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("kind") == "mail" and not given.get("to") and "to" not in self.errors:
            self.add_error("to", _("Give the address that the answer goes to."))
        return given


class AssignForm(forms.Form):
    owner = owner_field()

    def __init__(self, *args: Any, company: Company, deed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners_in([company], deed)  # type: ignore[attr-defined]
