"""The page where the shift lead gives a person a PIN for the tablets, or takes it away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from masterdata.access import visible_to
from masterdata.models import Employee
from masterdata.pages import FormPage
from masterdata.services import pins


class PinForm(forms.Form):
    """Twice, because nobody sees what is typed."""

    pin = forms.CharField(
        label=_("New PIN"),
        required=False,
        max_length=pins.LONGEST,
        help_text=_("4 to 8 digits. Leave it empty to take the PIN away."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    again = forms.CharField(
        label=_("Once more"),
        required=False,
        max_length=pins.LONGEST,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("pin", "") != given.get("again", ""):
            self.add_error("again", _("The two differ. Type the same PIN twice."))
        return given


class SetPin(FormPage):
    """A new PIN for one person; what was locked by wrong tries is open again."""

    permission = "masterdata.edit_employee"
    form_class = PinForm
    submit_label = _("Set the PIN")
    done_message = _("Saved. The tablets know it with their next connection.")

    @cached_property
    def employee(self) -> Employee:
        people = visible_to(self.request.user, Employee.objects.all(), self.permission)
        return get_object_or_404(people, pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_title(self) -> Any:
        return _("PIN of %(name)s") % {"name": self.employee.name}

    def get_back(self) -> tuple[Any, str] | None:
        return self.employee.name, reverse("masterdata:employee", args=[self.employee.pk])

    def perform(self, form: Any) -> str:
        pins.set_pin(employee_id=self.employee.pk, pin=form.cleaned_data["pin"])
        return reverse("masterdata:employee", args=[self.employee.pk])
