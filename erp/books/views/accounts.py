"""Pages of the chart of accounts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.books import services
from erp.books.forms import AccountForm
from erp.ledger.models import Account
from masterdata.access import may, visible_to
from masterdata.models import Company
from masterdata.pages import Action, Choice, Code, Column, CreatePage, DeedView, EditPage, Empty, Flag, ListPage, YesNo

SEE, WRITE = "erp.view_ledger", "erp.write_account"


def companies(user: Any) -> QuerySet[Company]:
    """Where the user may change the chart."""
    return visible_to(user, Company.objects.filter(accounts__isnull=False).distinct(), WRITE).order_by("name")


class Accounts(ListPage):
    """The accounts of the companies by number."""

    permission = SEE
    title, question = _l("Accounts"), _l("Which accounts are there, and what goes to them by itself?")
    columns = [
        Code("code", _l("Number"), sort="code", link=True, css="w-1"),
        Column("name", _l("Name"), sort="name", css="wide"),
        Column("get_kind_display", _l("Kind"), sort="kind"),
        Column("get_role_display", _l("Posted by itself"), sort="role", empty=_l("Only by hand")),
        Column("company.name", _l("Company"), sort="company__name"),
        YesNo("is_active", _l("In use")),
    ]
    search_fields = ["code", "name"]
    filters = [
        Choice("kind", _l("Kind"), choices=Account.Kind.choices),
        Flag("unused", _l("No longer used"), field="is_active"),
    ]
    order_by = "code"
    empty = Empty(_l("No accounts yet"), _l("Found a company and its books are opened with it."), "list-numbers")

    def get_rows(self) -> QuerySet[Account]:
        return visible_to(self.request.user, Account.objects.select_related("company"), SEE)

    def get_url(self, row: Account) -> str:
        name = "erp:account_change" if may(self.request.user, WRITE) else "erp:account_card"
        return reverse(name, args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("Add an account"), reverse("erp:account_create"), "plus", WRITE, is_main=True)]


class AddAccount(CreatePage):
    """An account without a role."""

    permission, form_class, title = WRITE, AccountForm, _l("Add an account")
    done_message = _l("Added.")

    def get_back(self) -> tuple[Any, str]:
        return _("Accounts"), reverse("erp:accounts")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"companies": companies(self.request.user)}

    def get_form(self, data: Any = None) -> Any:
        form = super().get_form(data)
        del form.fields["is_active"]
        return form

    def perform(self, form: Any) -> str:
        services.add_account(**form.cleaned_data)
        return reverse("erp:accounts")


class ChangeAccount(EditPage):
    """Another name or number, or no longer used."""

    permission, form_class, version_field = WRITE, AccountForm, ""
    done_message = _l("Saved.")

    def get_rows(self) -> QuerySet[Account]:
        return visible_to(self.request.user, Account.objects.all(), WRITE)

    def get_back(self) -> tuple[Any, str]:
        return _("Accounts"), reverse("erp:accounts")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"companies": companies(self.request.user)}

    def get_form(self, data: Any = None) -> Any:
        form = super().get_form(data)
        del form.fields["company"]
        return form

    def perform(self, form: Any) -> str:
        services.change_account(account_id=self.get_object().pk, **form.cleaned_data)
        return reverse("erp:accounts")


class DeleteAccount(DeedView):
    """Take one away that nothing points to."""

    permission, done_message = WRITE, _l("Deleted.")

    def get_rows(self) -> QuerySet[Account]:
        return visible_to(self.request.user, Account.objects.all(), WRITE)

    def perform(self, row: Any) -> str:
        services.delete_account(account_id=row.pk)
        return reverse("erp:accounts")
