"""Manual entries, accounts and closings over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.books import services
from erp.books.models import ManualEntry, ManualEntryLine
from erp.ledger.models import Account
from erp.sales.models import SalesOrder
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, Partner, Plant, TaxCode


class ManualLineRow(Row):
    class Meta:
        model = ManualEntryLine
        fields = (
            "id", "line_no", "account", "amount", "text", "plant", "partner", "sales_order", "tax_code", "tax_base",
        )  # fmt: skip


class ManualRow(Row):
    lines = ManualLineRow(many=True)

    class Meta:
        model = ManualEntry
        fields = (
            "id", "number", "company", "posted_on", "memo", "state", "is_accrual", "repeats_until", "copy_of", "author",
            "written_at", "decided_by", "decided_at", "refused_because", "entry", "version", "lines",
        )  # fmt: skip


class ManualLineBody(Body):
    """`amount` above zero is a debit, in the company's currency."""

    called: ClassVar[dict[str, str]] = {"debit": "amount", "credit": "amount"}

    account = Visible(queryset=Account.objects.filter(is_active=True))
    amount = Amount()
    text = serializers.CharField(max_length=120, default="", allow_blank=True)
    plant = Visible(queryset=Plant.objects.all(), required=False)
    partner = Visible(queryset=Partner.objects.filter(is_active=True), required=False)
    sales_order = Visible(queryset=SalesOrder.objects.all(), required=False)
    tax_code = Visible(queryset=TaxCode.objects.all(), required=False)
    tax_base = Amount(required=False)


class ManualBody(Body):
    posted_on = Day()
    memo = serializers.CharField(max_length=160)
    is_accrual = serializers.BooleanField(default=False)
    repeats_until = Day(required=False)
    lines = ManualLineBody(many=True)


class NewManualBody(ManualBody):
    company = Visible(queryset=Company.objects.select_related("currency"))


class EntryBecauseBody(Body):
    because = serializers.CharField(max_length=200)


class OnBody(Body):
    posted_on = Day()


DIMENSIONS = ("plant", "partner", "sales_order", "tax_code")


def draft_of(given: dict[str, Any]) -> services.ManualDraft:
    """A body as the service takes it."""
    lines = [
        services.ManualLine(
            line["account"].pk,
            line["amount"],
            text=line["text"],
            tax_base=line.get("tax_base"),
            **{
                f"{name}_id": line[name].pk
                for name in ("plant", "partner", "sales_order", "tax_code")
                if line.get(name)
            },
        )
        for line in given["lines"]
    ]
    return services.ManualDraft(
        posted_on=given["posted_on"],
        memo=given["memo"],
        lines=lines,
        is_accrual=given["is_accrual"],
        repeats_until=given.get("repeats_until"),
    )


class ManualEntries(ReadableRows):
    """Entries written by hand: draft, submitted, then posted or refused by somebody else."""

    queryset = ManualEntry.objects.prefetch_related("lines")
    serializer_class = ManualRow
    view_deed = "erp.view_ledger"
    filterset_fields = ("number", "company", "state", "author")

    @creates("erp.write_entry", takes=NewManualBody, gives=ManualRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a draft; it may be unbalanced."""
        given = self.taken(NewManualBody)
        row = services.write_entry(
            company=given["company"], draft=draft_of(given), by=self.caller(), now=timezone.now()
        )
        return self.answer(row, status=201)

    @changes("erp.write_entry", takes=ManualBody, gives=ManualRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a draft, or a refused one, anew, whole."""
        row = services.change_entry(
            entry_id=self.get_object().pk,
            draft=draft_of(self.taken(ManualBody)),
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)

    @deed("erp.write_entry")
    def submit(self, request: Request, pk: str) -> Response:
        """Have it posted by somebody else."""
        row = self.get_object()
        return self.answer(
            services.submit_entry(entry_id=row.pk, now=timezone.now(), expected_version=self.expected_version())
        )

    @deed("erp.approve_entry")
    def approve(self, request: Request, pk: str) -> Response:
        """Post it; not by who wrote it."""
        row = self.get_object()
        return self.answer(
            services.approve_entry(
                entry_id=row.pk, by=self.caller(), now=timezone.now(), expected_version=self.expected_version()
            )
        )

    @deed("erp.approve_entry", takes=EntryBecauseBody)
    def refuse(self, request: Request, pk: str) -> Response:
        """Say no, and why."""
        row = self.get_object()
        return self.answer(
            services.refuse_entry(
                entry_id=row.pk,
                because=self.taken()["because"],
                by=self.caller(),
                now=timezone.now(),
                expected_version=self.expected_version(),
            )
        )

    @deed("erp.approve_entry", takes=OnBody)
    def undo(self, request: Request, pk: str) -> Response:
        """Post its linked reversal."""
        row = self.get_object()
        return self.answer(
            services.undo_entry(
                entry_id=row.pk, by=self.caller(), posted_on=self.taken()["posted_on"], now=timezone.now()
            )
        )


class AccountRow(Row):
    class Meta:
        model = Account
        fields = ("id", "company", "code", "name", "kind", "role", "is_active")


class AccountBody(Body):
    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Account.Kind.choices)


class NewAccountBody(AccountBody):
    company = Visible(queryset=Company.objects.all())


class ChangedAccountBody(AccountBody):
    is_active = serializers.BooleanField()


class Accounts(ReadableRows):
    """The chart of accounts."""

    queryset = Account.objects.all()
    serializer_class = AccountRow
    view_deed = "erp.view_ledger"
    filterset_fields = ("company", "code", "role", "kind", "is_active")

    @creates("erp.write_account", takes=NewAccountBody, gives=AccountRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """An account without a role."""
        return self.answer(services.add_account(**self.taken(NewAccountBody)), status=201)

    @deed("erp.write_account", takes=ChangedAccountBody)
    def change(self, request: Request, pk: str) -> Response:
        """Another number, name or kind, or no longer in use."""
        row = self.get_object()
        return self.answer(services.change_account(account_id=row.pk, **self.taken()))


VIEWSETS: list[tuple[str, Any]] = [("manual-entries", ManualEntries), ("accounts", Accounts)]
