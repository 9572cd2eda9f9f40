"""Bank statements, their lines and matches over REST."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.banking import ageing, services
from erp.banking.models import BankLine, BankMatch, BankRule, BankStatement
from erp.banking.selectors import proposals, with_rest
from erp.ledger.models import Account
from erp.treasury.models import BankAccount
from masterdata.api.deeds import creates, deed, part
from masterdata.api.endpoints import wrong_parameter
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, Partner

SEE, MATCH = "erp.view_ledger", "erp.match_bank"


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=4, **more)


class StatementRow(Row):
    class Meta:
        model = BankStatement
        fields = (
            "id", "bank_account", "name", "file_hash", "opening", "closing", "first_on", "last_on", "imported_at",
        )  # fmt: skip


class StatementBody(Body):
    """The file's text: CSV as the bank account says, or camt.053."""

    called: ClassVar[dict[str, str]] = {"file": "content"}

    bank_account = Visible(queryset=BankAccount.objects.all())
    name = serializers.CharField(max_length=120)
    content = serializers.CharField(max_length=5_000_000, trim_whitespace=False)


class BankMatchRow(Row):
    class Meta:
        model = BankMatch
        fields = (
            "id", "line", "amount", "payment", "supplier_payment", "entry", "reason", "matched_at", "undone_at",
            "undone_because",
        )  # fmt: skip


class BankLineRow(Row):
    matches = BankMatchRow(many=True)
    rest = _money()

    class Meta:
        model = BankLine
        fields = (
            "id", "statement", "bank_account", "line_no", "booked_on", "amount", "rest", "partner_name", "iban", "text",
            "matches",
        )  # fmt: skip


class ProposedShown(Body):
    """What a line may be, why, and how sure."""

    kind = serializers.CharField()
    target_id = serializers.IntegerField()
    label: Any = serializers.CharField()
    amount = _money()
    discount = _money()
    score = serializers.IntegerField()
    reason = serializers.CharField()


class TakeBody(Body):
    """One of the proposals; `amount`: only a part of it."""

    kind = serializers.ChoiceField(["invoice", "bill", "payment", "supplier_payment", "account"])
    target_id = serializers.IntegerField(min_value=1)
    amount = _money(required=False, allow_null=True)


class BookBody(Body):
    """An account; `words` are remembered for lines to come."""

    account = Visible(queryset=Account.objects.all())
    amount = _money(required=False, allow_null=True)
    words = serializers.CharField(max_length=80, default="", allow_blank=True)


class OnAccountBody(Body):
    customer = Visible(queryset=Partner.objects.filter(is_customer=True))


class UndoMatchBody(Body):
    reason = serializers.CharField(max_length=200)


class RuleRow(Row):
    class Meta:
        model = BankRule
        fields = ("id", "company", "words", "account")


class BankStatements(ReadableRows):
    """Files of the bank; the same file, or the same line in another, counts once."""

    queryset = BankStatement.objects.all()
    serializer_class = StatementRow
    view_deed = SEE
    filterset_fields = ("bank_account", "first_on", "last_on")

    @creates("erp.import_bank_statement", takes=StatementBody, gives=StatementRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read a file."""
        given = self.taken(StatementBody)
        statement = services.import_statement(
            bank_account_id=given["bank_account"].pk,
            name=given["name"],
            content=given["content"].encode(),
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(statement, status=201)


class BankLines(ReadableRows):
    """Lines of statements, with what is not matched of each."""

    queryset = with_rest(BankLine.objects.prefetch_related("matches"))
    serializer_class = BankLineRow
    view_deed = SEE
    filterset_fields = ("bank_account", "statement", "booked_on", "iban")

    @part(SEE, gives=ProposedShown(many=True))
    def proposals(self, request: Request, pk: str) -> Response:
        """What it may be, the likeliest first."""
        return self.shown(ProposedShown, proposals(self.get_object()), many=True)

    @deed(MATCH, takes=TakeBody)
    def take(self, request: Request, pk: str) -> Response:
        """Take a proposal, or a part of it."""
        line = self.get_object()
        services.take_proposal(line_id=line.pk, by=self.caller(), now=timezone.now(), **self.taken())
        return self.answer(line)

    @deed(MATCH, takes=BookBody)
    def book(self, request: Request, pk: str) -> Response:
        """Post it to an account."""
        line, given = self.get_object(), self.taken()
        account = given.pop("account")
        services.book_line(line_id=line.pk, account_id=account.pk, by=self.caller(), now=timezone.now(), **given)
        return self.answer(line)

    @deed(MATCH, takes=OnAccountBody)
    def on_account(self, request: Request, pk: str) -> Response:
        """Money of a customer who does not say what for."""
        line = self.get_object()
        customer = self.taken()["customer"]
        services.take_on_account(line_id=line.pk, customer_id=customer.pk, by=self.caller(), now=timezone.now())
        return self.answer(line)


class BankMatches(ReadableRows):
    """What lines were matched with."""

    queryset = BankMatch.objects.all()
    serializer_class = BankMatchRow
    view_deed = SEE
    filterset_fields = ("line", "payment", "supplier_payment")

    @deed(MATCH, takes=UndoMatchBody)
    def undo(self, request: Request, pk: str) -> Response:
        """Take it back; a payment stays in the books."""
        match = services.undo_match(
            match_id=self.get_object().pk, reason=self.taken()["reason"], by=self.caller(), now=timezone.now()
        )
        return self.answer(match)


class BankRules(ReadableRows):
    """Words that say which account a line belongs to."""

    queryset = BankRule.objects.all()
    serializer_class = RuleRow
    view_deed = SEE
    filterset_fields = ("company",)


class AgedShown(Body):
    """What is open of a partner on the day, in the company's currency, by days overdue."""

    partner_id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    total = _money()
    not_due = _money()
    to_30 = _money()
    to_60 = _money()
    to_90 = _money()
    over_90 = _money()


class OpenItems(RowDeeds):
    """What customers owe a company, and what it owes suppliers, by age; `on`: at the end of which day."""

    queryset = Company.objects.all()
    serializer_class = AgedShown
    view_deed = SEE

    def _on(self) -> dt.date:
        text = self.request.query_params.get("on", "")
        try:
            return dt.date.fromisoformat(text) if text else timezone.localdate()
        except ValueError:
            raise wrong_parameter("on", f"Expected a day such as 2026-03-31, got {text}.") from None

    @part(SEE, gives=AgedShown(many=True))
    def receivables(self, request: Request, pk: str) -> Response:
        """What customers owe."""
        rows = ageing.aged_receivables(company_id=self.row_id(), on=self._on())
        return self.shown(AgedShown, rows, many=True)

    @part(SEE, gives=AgedShown(many=True))
    def payables(self, request: Request, pk: str) -> Response:
        """What suppliers are owed."""
        return self.shown(AgedShown, ageing.aged_payables(company_id=self.row_id(), on=self._on()), many=True)


VIEWSETS: list[tuple[str, Any]] = [
    ("open-items", OpenItems),
    ("bank-statements", BankStatements),
    ("bank-lines", BankLines),
    ("bank-matches", BankMatches),
    ("bank-rules", BankRules),
]
