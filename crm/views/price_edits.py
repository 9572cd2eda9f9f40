"""Price lists written and changed: the list, its prices in a table or from a file."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.models import PriceList
from crm.price_forms import ImportForm, PriceListForm, RulesForm
from crm.selectors.catalogue import Catalogue, named
from crm.views.editor import catalogue_of
from masterdata.access import visible_to
from masterdata.errors import Refusal
from masterdata.models import Company
from masterdata.pages import FormPage, OneRow, sent_version

EDIT = "crm.edit_prices"


class OfPrices(FormPage):
    """A form of whoever keeps the prices."""

    permission = EDIT
    template_name = "crm/with_lists.html"

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.request)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"catalogue": self.catalogue}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        return super().get_context_data(form) | {
            "products": [named(row) for row in self.catalogue.products.values()],
            "customers": [named(row) for row in self.catalogue.customers.values()],
        }


class Create(OfPrices):
    title, form_class = _("New price list"), PriceListForm

    def get_form_kwargs(self) -> dict[str, Any]:
        companies = visible_to(self.request.user, Company.objects.all(), EDIT)
        return super().get_form_kwargs() | {"companies": companies}

    def get_initial(self) -> dict[str, Any]:
        company = visible_to(self.request.user, Company.objects.all(), EDIT).first()
        return {
            "company": company.pk if company else None,
            "currency": company.currency_id if company else None,
            "valid_from": timezone.localdate(),
            "is_active": True,
        }

    def get_back(self) -> tuple[Any, str]:
        return _t("Price lists"), reverse("crm:price_lists")

    def perform(self, form: Any) -> str:
        row = services.write_price_list(given=services.PriceListInput(**form.cleaned_data))
        return reverse("crm:price_list_rules", args=[row.pk])


class OfList(OfPrices, OneRow):
    """A form about one list."""

    def get_rows(self) -> QuerySet[PriceList]:
        rows = visible_to(self.request.user, PriceList.objects.all(), EDIT)
        return rows.select_related("customer", "company", "currency")

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return row.name, reverse("crm:price_list", args=[row.pk])

    def get_context_data(self, form: Any) -> dict[str, Any]:
        version = self.request.POST.get("version") or self.get_object().version
        return super().get_context_data(form) | {"version": version}


class Edit(OfList, Create):
    title, done_message = _("Terms of the price list"), _("Saved.")

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        names = ("name", "valid_from", "valid_to", "priority", "is_active")
        return {name: getattr(row, name) for name in names} | {
            "company": row.company_id,
            "currency": row.currency_id,
            "group": row.group_id,
            "customer": named(row.customer) if row.customer else "",
        }

    def perform(self, form: Any) -> str:
        row = services.write_price_list(
            given=services.PriceListInput(**form.cleaned_data),
            price_list_id=self.get_object().pk,
            expected_version=sent_version(self.request),
        )
        return reverse("crm:price_list", args=[row.pk])


class Rules(OfList):
    """All prices of a list in a table."""

    form_class, template_name, done_message = RulesForm, "crm/price_rules.html", _("Saved.")

    def get_title(self) -> Any:
        return _t("Prices of %(name)s") % {"name": self.get_object().name}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form(self, data: Any = None) -> RulesForm:
        rules = self.get_object().rules.select_related("material", "category")
        return RulesForm(data, catalogue=self.catalogue, rules=rules)

    def refuse(self, form: Any, refusal: Refusal) -> None:
        """At the row that it names, counted among those that say something."""
        place, _dot, name = refusal.field.removeprefix("rules.").partition(".")
        rows = form.filled
        if refusal.field.startswith("rules.") and place.isdecimal() and int(place) < len(rows):
            row = rows[int(place)]
            row.add_error(name if name in row.fields else None, refusal.sentence)
        else:
            super().refuse(form, refusal)

    def perform(self, form: Any) -> str:
        row = services.set_price_rules(
            price_list_id=self.get_object().pk, rules=form.rules(), expected_version=sent_version(self.request)
        )
        return reverse("crm:price_list", args=[row.pk])


class Import(OfList):
    """The prices of a list from a file."""

    form_class, submit_label, done_message = ImportForm, _("Import"), _("Imported.")

    def get_title(self) -> Any:
        return _t("Import prices of %(name)s") % {"name": self.get_object().name}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def refuse(self, form: Any, refusal: Refusal) -> None:
        """With the row of the file."""
        place = refusal.field.removeprefix("rules.").partition(".")[0]
        row = _t("Row %(row)d: ") % {"row": int(place) + 2} if place.isdecimal() else ""
        form.add_error("file", f"{row}{refusal.sentence}")

    def perform(self, form: Any) -> str:
        row = services.set_price_rules(
            price_list_id=self.get_object().pk, rules=form.rules(), expected_version=sent_version(self.request)
        )
        return reverse("crm:price_list", args=[row.pk])
