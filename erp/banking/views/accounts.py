"""Pages of bank accounts: what the books say, what the bank says, and the file to read."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, DecimalField, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.banking import selectors, services
from erp.banking.forms import BankAccountForm, NewBankAccountForm, StatementForm
from erp.banking.models import BankLine, BankStatement
from erp.treasury import banks
from erp.treasury.models import BankAccount
from erp.treasury.selectors import visible_bank_accounts
from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.pages import Action, Code, Column, EditPage, Empty, ListPage, Money, Number, OfCompanyPage

SEE, EDIT, READ = "erp.view_ledger", "erp.edit_bank_account", "erp.import_bank_statement"
POLICY, MOST_COMPANIES = "erp.set_money_policy", 5


class BankAccounts(ListPage):
    """Where the money is."""

    permission = SEE
    title, question = _l("Bank accounts"), _l("How much is where, and what of it is not in the books?")
    columns = [
        Code("name", _l("Bank account"), sort="name", link=True),
        Column("company.name", _l("Company"), css="wide"),
        Code("iban", _l("IBAN"), empty=_l("None was entered")),
        Code("account.code", _l("Ledger account")),
        Number("waiting", _l("Lines not matched")),
        Money("closing", _l("By the last statement"), currency="currency.code", empty=_l("No balance yet")),
        Money("balance", _l("By the books"), currency="currency.code"),
    ]
    search_fields = ["name", "iban"]
    order_by = "name"
    live = ["bank"]
    empty = Empty(_l("No bank accounts yet"), _l("Open one; statements are read into it."), "building-bank")

    def get_rows(self) -> Any:
        newest = BankStatement.objects.filter(bank_account=OuterRef("pk"), closing__isnull=False)
        closing = newest.order_by("-last_on", "-pk").values("closing")[:1]
        money: DecimalField = DecimalField(max_digits=20, decimal_places=4)
        return visible_bank_accounts(self.request.user).annotate(closing=Subquery(closing, output_field=money))

    def prepare(self, rows: list[Any]) -> list[Any]:
        lines = selectors.with_rest(BankLine.objects.filter(bank_account__in=[row.pk for row in rows]))
        counts = dict(lines.exclude(rest=0).order_by().values_list("bank_account").annotate(n=Count("pk")))
        for row in rows:
            row.waiting = counts.get(row.pk, 0)
        return rows

    def get_actions(self) -> list[Action]:
        companies = list(visible_to(self.request.user, Company.objects.order_by("name"), POLICY)[:MOST_COMPANIES])
        policies = [
            Action(
                _("Policy of %(company)s") % {"company": one.name} if len(companies) > 1 else _("Money policy"),
                reverse("erp:money_policy", args=[one.pk]),
                "adjustments",
                POLICY,
            )
            for one in companies
        ]
        return [
            *policies,
            Action(_("Open a bank account"), reverse("erp:bank_account_new"), "plus", EDIT, is_main=True),
        ]

    def get_url(self, row: BankAccount) -> str:
        return reverse("erp:bank_lines", args=[row.pk])


class NewBankAccount(OfCompanyPage):
    """A bank account with an account of its own in the ledger."""

    permission, form_class = EDIT, NewBankAccountForm
    title, submit_label, done_message = _l("Open a bank account"), _l("Open"), _l("Opened.")

    def get_back(self) -> tuple[Any, str]:
        return _("Bank accounts"), reverse("erp:bank_accounts")

    def perform(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        company, currency = given.pop("company"), given.pop("currency")
        banks.open_bank_account(company_id=company.pk, currency_id=currency.pk, **given)
        return reverse("erp:bank_accounts")


class EditBankAccount(EditPage):
    """Its name and number, and how its statements are written."""

    permission, form_class = EDIT, BankAccountForm

    def get_rows(self) -> Any:
        return visible_to(self.request.user, BankAccount.objects.all(), EDIT)

    def get_title(self) -> str:
        return str(self.get_object().name)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, reverse("erp:bank_lines", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.get_object(), name) for name in banks.FIELDS}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        banks.change_bank_account(
            bank_account_id=row.pk,
            values=form.cleaned_data,
            expected_version=int(self.request.POST.get("version") or 0) or None,
        )
        return reverse("erp:bank_lines", args=[row.pk])


class ReadStatement(EditPage):
    """A file of the bank."""

    permission, form_class, version_field = READ, StatementForm, ""
    submit_label, done_message = _l("Read"), _l("Read. Lines that came before were left out.")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, BankAccount.objects.all(), READ)

    def get_title(self) -> str:
        return _("Statement of %(name)s") % {"name": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, reverse("erp:bank_lines", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        row, file = self.get_object(), form.cleaned_data["file"]
        services.import_statement(
            bank_account_id=row.pk,
            name=file.name,
            content=file.read(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:bank_lines", args=[row.pk]) + "?open=1"
