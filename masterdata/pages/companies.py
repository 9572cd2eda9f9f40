"""Forms that begin with the company that they are about, and their pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.pages.edits import FormPage


class OfCompanyForm(forms.Form):
    """The company: one of `companies`, the first unless another is chosen."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.companies = companies
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        self.fields["company"].initial = companies.first()


class OfCompanyPage(FormPage):
    """A page with such a form: of the companies where the user may do what the page does."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"companies": visible_to(self.request.user, Company.objects.order_by("name"), self.permission)}
