"""Pages of partners: list, one partner with addresses and contacts, create and edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from masterdata import services
from masterdata.access import may, visible_to
from masterdata.forms import PartnerForm
from masterdata.models import Partner
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    CreatePage,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    State,
    Tab,
    View,
    YesNo,
    sent_version,
)
from masterdata.views.parts import active, part_url

SEE, EDIT = "masterdata.view", "masterdata.edit_partner"


def roles(partner: Partner) -> str:
    """What they are to us, in words."""
    names = [
        (partner.is_customer, _("Customer")),
        (partner.is_supplier, _("Supplier")),
        (partner.is_carrier, _("Carrier")),
    ]
    return ", ".join(str(name) for is_so, name in names if is_so)


class Partners(ListPage):
    """Customers, suppliers and carriers."""

    permission = SEE
    title, question = _("Customers and suppliers"), _("Whom do we deal with?")
    columns = [
        Code("code", _("Code"), sort="code", link=True, css="w-1"),
        Column("name", _("Name"), sort="name", css="wide", second=lambda row: row.email or row.phone),
        Column(roles, _("Role"), empty=_("No role yet")),
        Column("payment_term.name", _("Payment term"), sort="payment_term__name", empty=_("Agreed case by case")),
        Column("currency.code", _("Currency"), sort="currency__code", empty=_("The company's")),
        Column("tax_code.name", _("Tax"), empty=_("By material")),
        State(lambda row: active(row)[0], _("State"), word=lambda row: active(row)[1]),
    ]
    search_fields = ["code", "name", "email"]
    filters = [
        Flag("customers", _("Customers"), field="is_customer"),
        Flag("suppliers", _("Suppliers"), field="is_supplier"),
        Flag("carriers", _("Carriers"), field="is_carrier"),
        Choice("active", _("Active"), field="is_active", choices=[(True, _("Yes")), (False, _("No"))]),
    ]
    order_by = "name"
    empty = Empty(_("Nobody yet"), _("Enter the first customer or supplier."), "users")

    def get_rows(self) -> QuerySet[Partner]:
        rows = Partner.objects.select_related("payment_term", "currency", "tax_code")
        return visible_to(self.request.user, rows)

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("All"), ""),
            View("customers", _("Customers"), "customers=1"),
            View("suppliers", _("Suppliers"), "suppliers=1"),
            View("carriers", _("Carriers"), "carriers=1"),
        ]

    def get_url(self, row: Partner) -> str:
        return reverse("masterdata:partner", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("New partner"), reverse("masterdata:partner_create"), "plus", EDIT, is_main=True)]


class PartnerPage(DetailPage):
    """One partner: terms, addresses, contacts; what we sell and buy comes from the other apps."""

    permission = SEE
    template_name = "masterdata/detail.html"

    def get_rows(self) -> QuerySet[Partner]:
        rows = Partner.objects.select_related("payment_term", "currency", "tax_code")
        return visible_to(self.request.user, rows.prefetch_related("addresses", "contacts", "accounts"))

    def get_title(self, row: Partner) -> Any:
        return row.name

    def get_subtitle(self, row: Partner) -> Any:
        return " · ".join(filter(None, [row.code, roles(row)]))

    def get_back(self, row: Partner) -> tuple[Any, str]:
        return _("Customers and suppliers"), reverse("masterdata:partners")

    def get_state(self, row: Partner) -> tuple[str, Any]:
        return active(row)

    def get_cards(self, row: Partner) -> Sequence[Card]:
        reach = [
            Column("get_kind_display", _("Kind")),
            Column("email", _("E-mail"), empty=_("Not known")),
            Column("phone", _("Phone"), empty=_("Not known")),
        ]
        terms = [
            Column("payment_term.name", _("Payment term"), empty=_("Agreed case by case")),
            Column("tax_no", _("VAT number"), empty=_("Not given")),
            Column("get_language_display", _("Language"), empty=_("Ours")),
            Column("currency.code", _("Currency"), empty=_("The company's")),
            Column("tax_code.name", _("Tax code"), empty=_("By material")),
            Column("credit_rating", _("Credit rating"), empty=_("Not rated")),
        ]
        if row.is_supplier:
            terms.append(YesNo("is_preferred", _("Preferred supplier")))
        return [Card(_("Reach"), reach), Card(_("Terms"), terms)]

    def get_tabs(self, row: Partner) -> Sequence[Tab]:
        tabs = [
            Tab("addresses", _("Addresses"), template="masterdata/_addresses.html", count=len(row.addresses.all())),
            Tab("contacts", _("Contacts"), template="masterdata/_contacts.html", count=len(row.contacts.all())),
            Tab("accounts", _("Bank accounts"), template="masterdata/_accounts.html", count=len(row.accounts.all())),
        ]
        if row.is_supplier and (url := part_url(self.request.user, "erp.view_purchase", "erp:prices_of", row.pk)):
            tabs.append(Tab("prices", _("What they sell us"), url=url))
            kept = part_url(self.request.user, "erp.view_purchase", "erp:punctuality_of", row.pk)
            tabs.append(Tab("punctuality", _("Punctuality"), url=kept))
        return tabs

    def get_context_data(self, row: Partner) -> dict[str, Any]:
        return super().get_context_data(row) | {"may_edit": may(self.request.user, EDIT)}

    def get_actions(self, row: Partner) -> list[Action]:
        return [Action(_("Edit"), reverse("masterdata:partner_edit", args=[row.pk]), "pencil", EDIT, is_main=True)]


class CreatePartner(CreatePage):
    """A new partner."""

    permission, form_class, title = EDIT, PartnerForm, _("New partner")
    done_message = _("Saved.")

    def get_back(self) -> tuple[Any, str]:
        return _("Customers and suppliers"), reverse("masterdata:partners")

    def get_initial(self) -> dict[str, Any]:
        return {"is_active": True, "kind": "company"} | super().get_initial()

    def perform(self, form: forms.Form) -> str:
        partner = services.create_partner(values=form.cleaned_data)
        return reverse("masterdata:partner", args=[partner.pk])


class EditPartner(EditPage):
    """A partner changed; a change of somebody else meanwhile is shown beside it."""

    permission, form_class, done_message = EDIT, PartnerForm, _("Saved.")

    def get_rows(self) -> QuerySet[Partner]:
        return visible_to(self.request.user, Partner.objects.all())

    def get_title(self) -> Any:
        return _("Edit %(what)s") % {"what": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, reverse("masterdata:partner", args=[self.get_object().pk])

    def perform(self, form: forms.Form) -> str:
        partner = services.update_partner(
            partner=self.get_object(), values=form.cleaned_data, expected_version=sent_version(self.request)
        )
        return reverse("masterdata:partner", args=[partner.pk])
