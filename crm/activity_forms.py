"""What is typed about activities: one to be done, and one that was done with the next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Activity
from crm.pipeline_forms import DATE, MOMENT, NOTE, customer_field, owner_field
from crm.selectors.catalogue import Catalogue
from crm.selectors.owners import owners_in
from crm.services import ActivityInput
from masterdata.models import Company


class ActivityForm(forms.Form):
    """What is to be done, by whom, until when, and when to remind of it."""

    kind = forms.ChoiceField(label=_("What"), choices=Activity.Kind.choices)
    subject = forms.CharField(label=_("Subject"), max_length=160)
    due_on = forms.DateField(label=_("Due on"), widget=DATE)
    due_time = forms.TimeField(
        label=_("At"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        required=False,
        help_text=_("Empty: in the course of the day"),
    )
    remind_at = forms.DateTimeField(label=_("Remind at"), widget=MOMENT, required=False)
    owner = owner_field(required=True)
    note = forms.CharField(label=_("Note"), widget=NOTE, required=False)

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners_in([company], "crm.write_activity")  # type: ignore[attr-defined]

    def said(self) -> ActivityInput:
        return activity_said(self.cleaned_data)


class CustomerActivityForm(ActivityForm):
    """The same about a customer that is found by typing."""

    customer = customer_field()
    field_order = ("customer",)

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["customer"]
        field.rows = catalogue.customers
        field.help_text = _("About a lead, an opportunity or an order: plan it on the page of that.")


class FinishForm(ActivityForm):
    """Done, with what came of it, and the next one if there is one: its fields count when it has a subject."""

    outcome = forms.CharField(label=_("What came of it"), widget=NOTE, max_length=400, required=False)
    field_order = ("outcome", "subject", "kind", "due_on", "due_time", "remind_at", "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"]
        for name in ("subject", "kind", "due_on", "owner"):
            self.fields[name].required = False
        self.fields["subject"].label = _("What is next")
        self.fields["subject"].help_text = _("Empty: nothing is next")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("subject") and not given.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Say until when."))
        return given

    def following(self) -> ActivityInput | None:
        return activity_said(self.cleaned_data | {"note": ""}) if self.cleaned_data["subject"] else None


def activity_said(given: dict[str, Any]) -> ActivityInput:
    """Times of the form are in the zone of the page; without a time the whole day is there for it."""
    zone, time = timezone.get_current_timezone(), given["due_time"]
    day: dt.date = given["due_on"]
    due_at = dt.datetime.combine(day, time) if time else dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return ActivityInput(
        kind=given["kind"],
        subject=given["subject"],
        due_at=due_at.replace(tzinfo=zone),
        is_whole_day=time is None,
        remind_at=given["remind_at"],
        owner_id=given["owner"].pk,
        note=given["note"],
    )
