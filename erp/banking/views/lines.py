"""Pages of statement lines: the list of an account, one line with what it may be, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.banking import selectors, services
from erp.banking.forms import BookForm, OnAccountForm
from erp.banking.models import BankLine, BankMatch
from erp.treasury.forms import ReasonForm
from erp.treasury.selectors import visible_bank_accounts
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    Day,
    Days,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Money,
    Tab,
    View,
)  # fmt: skip

SEE, MATCH = "erp.view_ledger", "erp.match_bank"


class BankLines(ListPage):
    """What the bank says of one account."""

    permission = SEE
    title, question = _l("Bank lines"), _l("What came, what left, and what is it?")
    columns = [
        Day("booked_on", _l("Day"), sort="booked_on", link=True),
        Column("partner_name", _l("Partner"), sort="partner_name", empty=_l("The bank names none")),
        Column("text", _l("Text"), css="wide wraps", empty=_l("The bank says nothing")),
        Money("amount", _l("Amount"), currency="bank_account.currency.code", sort="amount"),
        Money(
            lambda row: row.rest or None, _l("Not matched"), currency="bank_account.currency.code", sort="rest",
            empty=_l("All of it is matched"),
        ),
    ]  # fmt: skip
    search_fields = ["partner_name", "text", "iban"]
    filters = [
        Flag("open", _l("Not matched"), condition=~Q(rest=0)),
        Days("booked", _l("Day"), field="booked_on"),
    ]
    order_by = "-booked_on"
    live = ["bank"]
    empty = Empty(_l("No lines yet"), _l("Read a statement of the bank."), "building-bank")

    @cached_property
    def bank(self) -> Any:
        found = visible_bank_accounts(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_context_data(self, rows: Any) -> dict[str, Any]:
        return super().get_context_data(rows) | {"page_title": self.bank.name}

    def get_rows(self) -> Any:
        return selectors.visible_lines(self.request.user).filter(bank_account=self.bank)

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().exclude(rest=0).order_by().count()
        return [View("all", _("All"), ""), View("open", _("Not matched"), "open=1", waiting, "late" if waiting else "")]

    def get_actions(self) -> list[Action]:
        edit = reverse("erp:bank_account_edit", args=[self.bank.pk])
        read = reverse("erp:bank_statement_read", args=[self.bank.pk])
        return [
            Action(_("Change"), edit, "adjustments", "erp.edit_bank_account"),
            Action(_("Read a statement"), read, "plus", "erp.import_bank_statement", is_main=True),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("erp:bank_line", args=[row.pk])


class BankLinePage(DetailPage):
    """One line: what it may be, what it was matched with."""

    permission = SEE
    live = ["bank"]

    def get_rows(self) -> Any:
        return selectors.visible_lines(self.request.user)

    def get_title(self, row: Any) -> Any:
        return shown.money(row.amount, row.bank_account.currency)

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.partner_name or _('No name')} · {shown.day(row.booked_on)}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return row.bank_account.name, reverse("erp:bank_lines", args=[row.bank_account_id]) + "?open=1"

    def get_state(self, row: Any) -> tuple[str, Any]:
        if not row.rest:
            return "done", _("Matched")
        return ("running", _("Part matched")) if row.rest != row.amount else ("open", _("Not matched"))

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        found = [Tab("matches", _("Matched with"), template="erp/banking/_matches.html")]
        if row.rest:
            found.insert(0, Tab("proposals", _("What it may be"), template="erp/banking/_proposals.html"))
        return found

    def get_context_data(self, row: Any) -> dict[str, Any]:
        matches = row.matches.select_related("payment__customer", "supplier_payment__supplier", "entry").order_by("id")
        return super().get_context_data(row) | {
            "proposals": selectors.proposals(row),
            "matches": list(matches),
            "may_match": may(self.request.user, MATCH),
        }

    def get_cards(self, row: Any) -> Sequence[Card]:
        code = "bank_account.currency.code"
        facts = [
            Column("partner_name", _("Partner"), empty=_("The bank names none")),
            Code("iban", _("Their account"), empty=_("The bank names none")),
            Column("text", _("Text"), empty=_("The bank says nothing")),
            Money("amount", _("Amount"), currency=code),
            Money("rest", _("Not matched"), currency=code),
            Column("statement.name", _("Statement")),
        ]
        return [Card(_("Facts"), facts)]

    def get_actions(self, row: Any) -> list[Action]:
        if not row.rest:
            return []
        book = Action(_("Book to an account"), reverse("erp:bank_line_book", args=[row.pk]), "book", MATCH)
        if row.rest < 0:
            return [book]
        return [book, Action(_("On account"), reverse("erp:bank_line_on_account", args=[row.pk]), "cash", MATCH)]


class LineDeed(EditPage):
    """A form about one line; afterwards one sees it."""

    permission, version_field = MATCH, ""

    def get_rows(self) -> Any:
        return visible_to(
            self.request.user, selectors.with_rest(BankLine.objects.select_related("bank_account")), MATCH
        )

    def get_back(self) -> tuple[Any, str]:
        return _("Line of the bank"), reverse("erp:bank_line", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}


class BookLine(LineDeed):
    """A fee, interest, rent: what has no document."""

    form_class = BookForm
    title, submit_label, done_message = _l("Book to an account"), _l("Book"), _l("Booked.")

    def get_title(self) -> Any:
        return self.title

    def get_form_kwargs(self) -> dict[str, Any]:
        bank = self.get_object().bank_account
        return {"company_id": bank.company_id, "bank_account_id": bank.pk}

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        services.book_line(
            line_id=row.pk,
            account_id=given["account"].pk,
            words=given["words"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:bank_line", args=[row.pk])


class LineOnAccount(LineDeed):
    """Money of a customer who does not say what for."""

    form_class = OnAccountForm
    title, submit_label, done_message = _l("Money on account"), _l("Record"), _l("Recorded on account.")

    def get_title(self) -> Any:
        return self.title

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.take_on_account(
            line_id=row.pk,
            customer_id=form.cleaned_data["customer"].pk,
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:bank_line", args=[row.pk])


class TakeProposal(DeedView):
    """One click takes what was proposed."""

    permission, done_message = MATCH, _l("Matched.")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, BankLine.objects.all(), MATCH)

    def perform(self, row: Any) -> str:
        said = self.request.POST
        amount = said.get("amount", "")
        services.take_proposal(
            line_id=row.pk,
            kind=said.get("kind", ""),
            target_id=int(said["target"]) if said.get("target", "").isdecimal() else 0,
            amount=Decimal(amount) if amount.replace("-", "").replace(".", "").isdecimal() else None,
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:bank_line", args=[row.pk])


class UndoMatch(EditPage):
    """The line is open again."""

    permission, form_class, version_field = MATCH, ReasonForm, ""
    submit_label, done_message = _l("Undo"), _l("Undone. The line is open again.")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, BankMatch.objects.select_related("line"), MATCH)

    def get_title(self) -> Any:
        return _("Undo a match")

    def get_back(self) -> tuple[Any, str]:
        return _("Line of the bank"), reverse("erp:bank_line", args=[self.get_object().line_id])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.undo_match(
            match_id=row.pk,
            reason=form.cleaned_data["reason"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:bank_line", args=[row.line_id])
