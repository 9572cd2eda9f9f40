"""Payments to suppliers, what they settle, and proposals of them over REST."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.payables import pain, services
from erp.payables.models import (
    PaymentProposal,
    PaymentProposalLine,
    SupplierAllocation,
    SupplierInvoice,
    SupplierPayment,
)
from erp.payables.services.proposals import ProposedPart
from erp.treasury.models import BankAccount
from masterdata.api.deeds import changes, creates, deed, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, Currency, Partner
from masterdata.numbers import ZERO

SEE, PAY, PROPOSE = "erp.view_supplier_invoice", "erp.pay_supplier", "erp.propose_payments"


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=4, **more)


def _id(row: Any) -> int | None:
    return row.pk if row else None


class SupplierAllocationRow(Row):
    class Meta:
        model = SupplierAllocation
        fields = (
            "id", "kind", "payment", "invoice", "amount", "tax_amount", "own_amount", "own_payment", "reverses",
            "reason", "made_at",
        )  # fmt: skip


class SupplierPaymentRow(Row):
    allocations = SupplierAllocationRow(many=True)
    open_amount = serializers.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        model = SupplierPayment
        fields = (
            "id", "number", "company", "supplier", "currency", "rate", "amount", "own_amount", "open_amount",
            "bank_account", "paid_on", "reference", "allocations",
        )  # fmt: skip


class SupplierPaidPartBody(Body):
    invoice = Visible(queryset=SupplierInvoice.objects.all())
    amount = Amount()
    discount = Amount(default=ZERO)


class SupplierPaymentBody(Body):
    """What is paid of which invoice; the amount of a credit note is taken off. `amount`: more, in advance."""

    company = Visible(queryset=Company.objects.all())
    supplier = Visible(queryset=Partner.objects.filter(is_supplier=True))
    parts = SupplierPaidPartBody(many=True, default=list)
    amount = _money(required=False, allow_null=True)
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    rate = serializers.DecimalField(max_digits=20, decimal_places=10, min_value=0, required=False, allow_null=True)
    bank_account = Visible(queryset=BankAccount.objects.all(), required=False, allow_null=True)
    paid_on = Day()
    reference = serializers.CharField(max_length=80, default="", allow_blank=True)


class SupplierAllocateBody(Body):
    parts = SupplierPaidPartBody(many=True, allow_empty=False)


class UndoSettlementBody(Body):
    reason = serializers.CharField(max_length=200)


class ProposalLineRow(Row):
    class Meta:
        model = PaymentProposalLine
        fields = ("id", "invoice", "amount", "discount", "payment")


class ProposalRow(Row):
    lines = ProposalLineRow(many=True)

    class Meta:
        model = PaymentProposal
        fields = (
            "id", "number", "company", "bank_account", "currency", "pay_on", "due_until", "state", "made_at", "made_by",
            "approved_at", "approved_by", "paid_at", "version", "lines",
        )  # fmt: skip


class ProposalBody(Body):
    """What is due until a day, to be paid on a day."""

    company = Visible(queryset=Company.objects.all())
    pay_on = Day()
    due_until = Day()
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    bank_account = Visible(queryset=BankAccount.objects.all(), required=False, allow_null=True)


class ProposedPartBody(Body):
    invoice = Visible(queryset=SupplierInvoice.objects.all())
    amount = _money()
    discount = Amount(default=ZERO)


class ProposalChange(Body):
    """All that it pays from now on (of a credit note below zero), and when, if on another day."""

    lines = ProposedPartBody(many=True, allow_empty=False)
    pay_on = Day(required=False)


def _parts(given: Any) -> list[services.PaidPart]:
    return [
        services.PaidPart(invoice_id=one["invoice"].pk, amount=one["amount"], discount=one["discount"]) for one in given
    ]


class SupplierPayments(ReadableRows):
    """Money sent to suppliers, with what of it was in advance."""

    queryset = SupplierPayment.objects.with_open().prefetch_related("allocations")
    serializer_class = SupplierPaymentRow
    view_deed = SEE
    filterset_fields = ("number", "company", "supplier", "currency", "paid_on")

    @creates(PAY, takes=SupplierPaymentBody, gives=SupplierPaymentRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pay posted invoices of a supplier, less credit notes and discounts, or in advance."""
        given = self.taken(SupplierPaymentBody)
        payment = services.pay_supplier(
            company_id=given["company"].pk,
            supplier_id=given["supplier"].pk,
            parts=_parts(given["parts"]),
            amount=given.get("amount"),
            currency_id=_id(given.get("currency")),
            rate=given.get("rate"),
            bank_account_id=_id(given.get("bank_account")),
            paid_on=given["paid_on"],
            reference=given["reference"],
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(payment, status=201)

    @deed(PAY, takes=SupplierAllocateBody)
    def allocate(self, request: Request, pk: str) -> Response:
        """Pay invoices with what was sent in advance."""
        payment = self.get_object()
        services.allocate_supplier_payment(
            payment_id=payment.pk, parts=_parts(self.taken()["parts"]), by=self.caller(), now=timezone.now()
        )
        return self.answer(payment)


class SupplierAllocations(ReadableRows):
    """What settles which invoice of a supplier."""

    queryset = SupplierAllocation.objects.all()
    serializer_class = SupplierAllocationRow
    view_deed = SEE
    filterset_fields = ("invoice", "payment", "kind")

    @deed("erp.undo_allocation", takes=UndoSettlementBody)
    def undo(self, request: Request, pk: str) -> Response:
        """Take it back by linked rows."""
        row = self.get_object()
        reason = self.taken()["reason"]
        made = services.undo_supplier_allocation(
            allocation_id=row.pk, reason=reason, by=self.caller(), now=timezone.now()
        )
        return self.answer(made[0])


class PaymentProposals(ReadableRows):
    """What is to be paid on a day: drafted, approved by somebody else, paid."""

    queryset = PaymentProposal.objects.prefetch_related("lines")
    serializer_class = ProposalRow
    view_deed = SEE
    filterset_fields = ("number", "company", "state", "pay_on")

    @creates(PROPOSE, takes=ProposalBody, gives=ProposalRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Draft it from what is due and from what a discount is granted for."""
        given = self.taken(ProposalBody)
        proposal = services.propose_payments(
            company_id=given["company"].pk,
            pay_on=given["pay_on"],
            due_until=given["due_until"],
            currency_id=_id(given.get("currency")),
            bank_account_id=_id(given.get("bank_account")),
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(proposal, status=201)

    @changes(PROPOSE, takes=ProposalChange, gives=ProposalRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say anew what a draft pays."""
        row = self.get_object()
        given = self.taken(ProposalChange)
        parts = [
            ProposedPart(invoice_id=one["invoice"].pk, amount=one["amount"], discount=one["discount"])
            for one in given["lines"]
        ]
        proposal = services.change_proposal(
            proposal_id=row.pk, parts=parts, pay_on=given.get("pay_on"), expected_version=self.expected_version()
        )
        return self.answer(proposal)

    @deed("erp.approve_payments")
    def approve(self, request: Request, pk: str) -> Response:
        """Agree to it; not by who made it."""
        proposal = services.approve_proposal(
            proposal_id=self.get_object().pk, by=self.caller(), now=timezone.now(),
            expected_version=self.expected_version(),
        )  # fmt: skip
        return self.answer(proposal)

    @deed(PAY)
    def pay(self, request: Request, pk: str) -> Response:
        """Post one payment for each supplier."""
        proposal = services.pay_proposal(
            proposal_id=self.get_object().pk, by=self.caller(), now=timezone.now(),
            expected_version=self.expected_version(),
        )  # fmt: skip
        return self.answer(proposal)

    @deed(PROPOSE)
    def drop(self, request: Request, pk: str) -> Response:
        """Give it up."""
        return self.answer(
            services.drop_proposal(proposal_id=self.get_object().pk, expected_version=self.expected_version())
        )

    @part(SEE, gives={(200, "application/xml"): OpenApiTypes.STR}, path="pain-001")
    def pain_001(self, request: Request, pk: str) -> HttpResponse:
        """The file for the bank: ISO 20022 pain.001."""
        return HttpResponse(pain.pain_001(self.get_object(), timezone.now()), content_type="application/xml")


VIEWSETS: list[tuple[str, Any]] = [
    ("supplier-payments", SupplierPayments),
    ("supplier-allocations", SupplierAllocations),
    ("payment-proposals", PaymentProposals),
]
