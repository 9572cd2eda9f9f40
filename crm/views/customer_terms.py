"""How we sell to customers: their group, how they are delivered to."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.models import CustomerGroup, CustomerTerms
from crm.price_forms import GroupForm, TermsForm
from masterdata.access import visible_to
from masterdata.models import Partner
from masterdata.pages import Action, Column, Empty, FormPage, ListPage, Number, OneRow, sent_version

SEE, EDIT = "crm.view", "crm.edit_prices"


class Groups(ListPage):
    """Which customers have prices in common?"""

    permission = SEE
    title, question = _("Customer groups"), _("Which customers have prices in common?")
    columns = [
        Column("name", _("Group"), sort="name", second="code"),
        Number("members_count", _("Customers"), sort="members_count"),
        Number("lists_count", _("Price lists"), sort="lists_count"),
    ]
    search_fields = ["code", "name"]
    order_by = "name"
    empty = Empty(_("No groups yet"), _("A group has price lists of its own; put customers into it."), "users-group")

    def get_rows(self) -> QuerySet[CustomerGroup]:
        return CustomerGroup.objects.annotate(
            members_count=Count("members", distinct=True), lists_count=Count("price_lists", distinct=True)
        )

    def get_actions(self) -> list[Action]:
        return [Action(_("New group"), reverse("crm:customer_group_create"), "plus", EDIT, is_main=True)]


class GroupCreate(FormPage):
    permission, form_class, title = EDIT, GroupForm, _("New customer group")
    done_message = _("Saved. Put customers into it on their pages.")

    def get_back(self) -> tuple[Any, str]:
        return _t("Customer groups"), reverse("crm:customer_groups")

    def perform(self, form: Any) -> str:
        services.write_customer_group(**form.cleaned_data)
        return reverse("crm:customer_groups")


class Terms(FormPage, OneRow):
    """How we sell to a customer."""

    permission, form_class, done_message = EDIT, TermsForm, _("Saved.")

    def get_rows(self) -> QuerySet[Partner]:
        return visible_to(self.request.user, Partner.objects.filter(is_customer=True))

    def get_title(self) -> Any:
        return _t("Terms of %(customer)s") % {"customer": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return row.name, reverse("crm:customer", args=[row.pk])

    @property
    def terms(self) -> CustomerTerms | None:
        return CustomerTerms.objects.filter(customer=self.get_object()).first()

    def get_initial(self) -> dict[str, Any]:
        row = self.terms
        if row is None:
            return {}
        return {"group": row.group_id, "incoterm": row.incoterm, "incoterm_place": row.incoterm_place}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        row = self.terms
        return super().get_context_data(form) | {
            "version": self.request.POST.get("version") or (row.version if row else "")
        }

    def perform(self, form: Any) -> str:
        customer = self.get_object()
        services.set_customer_terms(
            customer=customer,
            expected_version=sent_version(self.request),
            **form.cleaned_data,
        )
        return reverse("crm:customer", args=[customer.pk])
