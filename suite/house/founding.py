"""The page on which an administrator sets up a company with its first plant."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata.errors import InvalidInput
from masterdata.forms import time_zone_field
from masterdata.models import Company, Plant
from masterdata.pages import CreatePage
from suite.deeds.found_company import found_company

CODE = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", _("Letters, digits, dots, dashes and underscores."))
CURRENCY = RegexValidator(r"^[A-Za-z]{3}$", _("Three letters, as EUR."))


class CompanyForm(forms.Form):
    """A company and its first plant."""

    code = forms.CharField(label=_("Company code"), max_length=20, validators=[CODE])
    name = forms.CharField(label=_("Company"), max_length=120)
    currency_code = forms.CharField(
        label=_("Currency"), max_length=3, validators=[CURRENCY], help_text=_("Its books are kept in it, for good.")
    )
    plant_code = forms.CharField(label=_("Code of the first plant"), max_length=20, validators=[CODE])
    plant_name = forms.CharField(label=_("First plant"), max_length=100)
    time_zone = time_zone_field()

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Company.objects.filter(code=code).exists():
            raise forms.ValidationError(_("A company with this code is there already: choose another."))
        return code

    def clean_plant_code(self) -> str:
        code: str = self.cleaned_data["plant_code"]
        if Plant.objects.filter(code=code).exists():
            raise forms.ValidationError(_("A plant with this code is there already: choose another."))
        return code


class FoundCompany(CreatePage):
    """A company, a plant, a calendar, a warehouse and open books in one step."""

    permission, form_class = "masterdata.manage_users", CompanyForm
    title, submit_label = _("Set up a company"), _("Set it up")
    done_message = _("The company is there, its books are open. Next: its people, then its data.")

    def get_initial(self) -> dict[str, Any]:
        return {"time_zone": "UTC"} | super().get_initial()

    def get_back(self) -> tuple[Any, str]:
        return _("Users and roles"), reverse("suite:users")

    def perform(self, form: forms.Form) -> str:
        try:
            found_company(**form.cleaned_data, now=timezone.now())
        except InvalidInput as refusal:
            refusal.field = ""
            raise
        return reverse("suite:user_create")
