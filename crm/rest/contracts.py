"""Contracts over REST: frame agreements, their call-offs, what is planned, and amendments."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.letters import contract_pdf
from crm.models import (
    CallOff,
    Contract,
    ContractAmendment,
    ContractChange,
    ContractLine,
    ContractPrice,
    PlannedCallOff,
)
from crm.selectors.contracts import uses_of
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Currency, Material, Partner, Plant, User

WRITE, RELEASE, CALL = "crm.write_contract", "crm.release_contract", "crm.call_off"
TERMS = (
    "title", "customer_reference", "valid_from", "valid_to", "notice_days", "renewal", "renewal_months",
    "renewal_percent", "remind_days", "tolerance_percent", "call_ahead_days", "confirms_planned",
)  # fmt: skip


class ContractPriceRow(Row):
    class Meta:
        model = ContractPrice
        fields = ("from_qty", "unit_price")


class ContractLineRow(Row):
    """`called` and `left` are a quantity, or net money where a value is agreed; `can_be_called` is with the tolerance."""

    prices = ContractPriceRow(many=True, read_only=True)
    called = Amount(source="use.called", read_only=True)
    shipped_qty = Amount(source="use.taken.shipped", read_only=True)
    left = Amount(source="use.left", read_only=True)
    can_be_called = Amount(source="use.can_be_called", read_only=True)

    class Meta:
        model = ContractLine
        fields = (
            "id", "line_no", "plant", "material", "agreed_qty", "agreed_value", "unit_price", "min_call_qty", "prices",
            "called", "shipped_qty", "left", "can_be_called",
        )  # fmt: skip


class ContractRow(Row):
    lines = ContractLineRow(many=True, source="used_lines", read_only=True)

    class Meta:
        model = Contract
        fields = (
            "id", "number", "company", "customer", "currency", "state", *TERMS, "owner", "notice_on", "previous",
            "amendment_no", "made_at", "released_at", "reminded_at", "ended_at", "end_reason", "version", "lines",
        )  # fmt: skip


class ContractChangeRow(Row):
    class Meta:
        model = ContractChange
        fields = ("line_no", "what", "before", "after")


class ContractAmendmentRow(Row):
    changes = ContractChangeRow(many=True, read_only=True)

    class Meta:
        model = ContractAmendment
        fields = ("id", "contract", "amendment_no", "reason", "made_at", "made_by", "changes")


class CallOffRow(Row):
    contract = serializers.IntegerField(source="contract_line.contract_id", read_only=True)
    order = serializers.IntegerField(source="order_line.order_id", read_only=True)

    class Meta:
        model = CallOff
        fields = ("id", "contract", "contract_line", "order", "order_line", "planned", "made_at", "made_by")


class PlannedCallOffRow(Row):
    class Meta:
        model = PlannedCallOff
        fields = ("id", "contract_line", "wanted_on", "quantity", "state", "problem", "tried_at", "made_at", "made_by")


class ContractPriceBody(Body):
    from_qty = Amount(min_value=Decimal(0))
    unit_price = Amount(min_value=Decimal(0))


class ContractLineBody(Body):
    """A quantity or a value is agreed. `line_no` names the line that an amendment changes; without it a line is new."""

    line_no = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100_000)
    plant = Visible(queryset=Plant.objects.all())
    material = Visible(queryset=Material.objects.all())
    agreed_qty = Amount(required=False, allow_null=True)
    agreed_value = serializers.DecimalField(max_digits=20, decimal_places=4, required=False, allow_null=True)
    unit_price = Amount(required=False, allow_null=True)
    min_call_qty = Amount(default=Decimal(0))
    prices = ContractPriceBody(many=True, default=list)


class ContractTermsBody(Body):
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    customer_reference = serializers.CharField(max_length=60, required=False, allow_blank=True)
    notice_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    renewal = serializers.ChoiceField(choices=Contract.Renewal.choices, required=False)
    renewal_months = serializers.IntegerField(required=False, min_value=1, max_value=120)
    renewal_percent = serializers.DecimalField(max_digits=6, decimal_places=2, required=False)
    remind_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    tolerance_percent = serializers.DecimalField(max_digits=5, decimal_places=2, required=False)
    call_ahead_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    confirms_planned = serializers.BooleanField(required=False)
    owner = Visible(queryset=User.objects.all(), required=False, allow_null=True)


class ContractBody(ContractTermsBody):
    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    valid_from = Day()
    valid_to = Day()
    lines = ContractLineBody(many=True, allow_empty=False)


class ContractChangeBody(ContractTermsBody):
    """Terms that are given, and all lines of a draft."""

    valid_from = Day(required=False)
    valid_to = Day(required=False)
    lines = ContractLineBody(many=True, allow_empty=False)


class AmendBody(ContractTermsBody):
    """Terms that are given; `lines`, when given, are all lines as they shall be."""

    reason = serializers.CharField(max_length=200)
    valid_from = Day(required=False)
    valid_to = Day(required=False)
    lines = ContractLineBody(many=True, allow_empty=False, required=False)


class CallOffLineBody(Body):
    contract_line = Visible(queryset=ContractLine.objects.all())
    quantity = Amount()
    wanted_on = Day()


class CallOffBody(Body):
    """`confirm` false: the order stays a draft."""

    lines = CallOffLineBody(many=True, allow_empty=False)
    confirm = serializers.BooleanField(default=True)
    reference = serializers.CharField(max_length=60, default="", allow_blank=True)


class PlanCallOffsBody(Body):
    lines = CallOffLineBody(many=True, allow_empty=False)


class BookBody(Body):
    """A line of a draft order that takes from a line of this contract, at its price."""

    order_line = serializers.IntegerField(min_value=1)
    contract_line = Visible(queryset=ContractLine.objects.all())


class RenewBody(Body):
    """Without them, what the contract says; `release`: in force at once."""

    months = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=120)
    percent = serializers.DecimalField(max_digits=6, decimal_places=2, required=False, allow_null=True)
    release = serializers.BooleanField(default=False)


class ContractReasonBody(Body):
    reason = serializers.CharField(max_length=200)


class CalledOrder(Body):
    """The order that a call-off made."""

    order = serializers.IntegerField()
    number = serializers.CharField()
    is_confirmed = serializers.BooleanField()


def line_inputs(given: Sequence[dict[str, Any]]) -> list[services.ContractLineInput]:
    """As the services take them."""
    return [
        services.ContractLineInput(
            plant_id=line["plant"].pk,
            material_id=line["material"].pk,
            agreed_qty=line.get("agreed_qty"),
            agreed_value=line.get("agreed_value"),
            unit_price=line.get("unit_price"),
            min_call_qty=line["min_call_qty"],
            prices=[(step["from_qty"], step["unit_price"]) for step in line["prices"]],
            line_no=line.get("line_no"),
        )
        for line in given
    ]


def given_terms(given: dict[str, Any]) -> dict[str, Any]:
    """The terms among what was sent."""
    found = {name: given[name] for name in TERMS if name in given}
    if "owner" in given:
        found["owner_id"] = given["owner"].pk if given["owner"] else None
    return found


class Contracts(ReadableRows):
    """Frame agreements with customers."""

    queryset = Contract.objects.select_related("customer", "currency", "company")
    serializer_class = ContractRow
    view_deed = "crm.view"
    filterset_fields: Any = ("number", "customer", "state", "renewal", "previous", "lines__plant", "lines__material")
    search_fields = ("number", "title", "customer_reference", "customer__name")
    ordering_fields = ("number", "valid_from", "valid_to", "made_at")

    def prepare(self, rows: list[Contract]) -> list[Contract]:
        uses = uses_of(rows)
        for row in rows:
            row.used_lines = []  # type: ignore[attr-defined]
            for use in uses.get(row.pk, []):
                use.line.use = use  # type: ignore[attr-defined]
                row.used_lines.append(use.line)  # type: ignore[attr-defined]
        return rows

    def version_now(self) -> int:
        version = self.expected_version()
        if version is None:
            raise VersionMissing("Send the contract's ETag as If-Match, so that nobody's change is overwritten.")
        return version

    @pdf_part("crm.view")
    def pdf(self, request: Request, pk: str) -> Response:
        """The contract as PDF, in the customer's language."""
        return pdf_answer(contract_pdf(self.get_object(), language_of(request)))

    @creates(WRITE, takes=ContractBody, gives=ContractRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a draft."""
        given = self.taken(ContractBody)
        contract = services.write_contract(
            customer_id=given["customer"].pk,
            currency_id=given["currency"].pk if given.get("currency") else None,
            terms=services.ContractTerms(**given_terms(given)),
            lines=line_inputs(given["lines"]),
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(contract, status=201)

    @changes(WRITE, takes=ContractChangeBody, gives=ContractRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace the lines of a draft, and what else is given. A released contract is amended instead."""
        contract, version = self.get_object(), self.version_now()
        given = self.taken(ContractChangeBody)
        terms = services.contract_terms(contract) | given_terms(given)
        services.rewrite_contract(
            contract_id=contract.pk,
            terms=services.ContractTerms(**terms),
            lines=line_inputs(given["lines"]),
            now=timezone.now(),
            expected_version=version,
        )
        return self.answer(contract)

    @deed(RELEASE)
    def release(self, request: Request, pk: str) -> Response:
        """From now on it is called off, and changed by amendments only."""
        contract = self.get_object()
        services.release_contract(
            contract_id=contract.pk, now=timezone.now(), by=self.caller(), expected_version=self.expected_version()
        )
        return self.answer(contract)

    @deed(RELEASE, takes=AmendBody)
    def amend(self, request: Request, pk: str) -> Response:
        """Change a released contract; what was there stays in the amendment."""
        contract, given = self.get_object(), self.taken(AmendBody)
        services.amend_contract(
            contract_id=contract.pk,
            reason=given["reason"],
            terms=given_terms(given),
            lines=line_inputs(given["lines"]) if "lines" in given else None,
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return self.answer(contract)

    @deed(CALL, takes=CallOffBody, gives=CalledOrder, status=201)
    def call_off(self, request: Request, pk: str) -> Response:
        """Make an order of so much of its lines, at its prices: all of it or nothing."""
        contract, given = self.get_object(), self.taken(CallOffBody)
        order = services.call_off(
            contract_id=contract.pk,
            lines=[
                services.CallOffLine(line["contract_line"].pk, line["quantity"], line["wanted_on"])
                for line in given["lines"]
            ],
            now=timezone.now(),
            by=self.caller(),
            confirm=given["confirm"],
            reference=given["reference"],
        )
        told = {"order": order.pk, "number": order.number, "is_confirmed": order.confirmed_at is not None}
        return self.shown(CalledOrder, told, status=201)

    @deed(CALL, takes=BookBody, gives=CallOffRow, status=201)
    def book(self, request: Request, pk: str) -> Response:
        """Let a line of a draft order take from a line of the contract: it gets the contract's price."""
        self.get_object()
        given = self.taken(BookBody)
        call_off = services.book_order_line(
            order_line_id=given["order_line"],
            contract_line_id=given["contract_line"].pk,
            now=timezone.now(),
            by=self.caller(),
            user=request.user,
        )
        return self.shown(CallOffRow, call_off, status=201)

    @deed(CALL, takes=PlanCallOffsBody)
    def plan(self, request: Request, pk: str) -> Response:
        """Add days and quantities that become orders in time."""
        contract, given = self.get_object(), self.taken(PlanCallOffsBody)
        lines = [
            services.PlannedLine(line["contract_line"].pk, line["wanted_on"], line["quantity"])
            for line in given["lines"]
        ]
        services.plan_call_offs(contract_id=contract.pk, lines=lines, now=timezone.now(), by=self.caller())
        return self.answer(contract)

    @deed(RELEASE, takes=RenewBody, status=201)
    def renew(self, request: Request, pk: str) -> Response:
        """Make the follow-up contract; answers with it."""
        contract, given = self.get_object(), self.taken(RenewBody)
        return self.answer(
            services.renew_contract(contract_id=contract.pk, now=timezone.now(), by=self.caller(), **given), status=201
        )

    @deed(WRITE)
    def give_notice(self, request: Request, pk: str) -> Response:
        """It ends on its last day and is not renewed by itself."""
        contract = self.get_object()
        services.give_notice(contract_id=contract.pk, now=timezone.now(), by=self.caller())
        return self.answer(contract)

    @deed(RELEASE, takes=ContractReasonBody)
    def end(self, request: Request, pk: str) -> Response:
        """End it before its last day; what is planned is dropped, orders stay."""
        contract = self.get_object()
        reason = self.taken()["reason"]
        services.end_contract(contract_id=contract.pk, reason=reason, now=timezone.now(), by=self.caller())
        return self.answer(contract)

    @deed(WRITE, takes=ContractReasonBody)
    def cancel(self, request: Request, pk: str) -> Response:
        """Drop a draft."""
        contract = self.get_object()
        reason = self.taken()["reason"]
        services.cancel_contract(contract_id=contract.pk, reason=reason, now=timezone.now(), by=self.caller())
        return self.answer(contract)


class ContractAmendments(ReadableRows):
    """What was changed of released contracts, when, by whom and why."""

    queryset = ContractAmendment.objects.prefetch_related("changes")
    serializer_class = ContractAmendmentRow
    view_deed = "crm.view"
    filterset_fields: Any = ("contract",)


class CallOffs(ReadableRows):
    """Order lines that take from contracts."""

    queryset = CallOff.objects.select_related("contract_line", "order_line")
    serializer_class = CallOffRow
    view_deed = "crm.view"
    filterset_fields: Any = ("contract_line", "contract_line__contract", "order_line__order", "planned")


class PlannedCallOffs(ReadableRows):
    """Days and quantities that become orders in time."""

    queryset = PlannedCallOff.objects.all()
    serializer_class = PlannedCallOffRow
    view_deed = "crm.view"
    filterset_fields: Any = ("contract_line", "contract_line__contract", "state", "wanted_on")
    ordering_fields = ("wanted_on",)

    @deed(CALL)
    def drop(self, request: Request, pk: str) -> Response:
        """It is not wanted any more."""
        row = self.get_object()
        services.drop_planned(planned_id=row.pk, now=timezone.now())
        return self.answer(row)

    @deed(CALL)
    def call(self, request: Request, pk: str) -> Response:
        """Make its order now."""
        row = self.get_object()
        services.call_planned(planned_id=row.pk, now=timezone.now())
        return self.answer(row)


VIEWSETS = (
    ("contracts", Contracts),
    ("contract-amendments", ContractAmendments),
    ("call-offs", CallOffs),
    ("planned-call-offs", PlannedCallOffs),
)
