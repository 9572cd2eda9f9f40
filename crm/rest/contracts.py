"""Contracts over REST: frame agreements, their call-offs, what is planned, and amendments."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.letters import contract_pdf
from crm.models import CallOff, Contract, ContractAmendment, PlannedCallOff
from crm.rest.contract_bodies import (
    AmendBody,
    BookBody,
    CalledOrder,
    CallOffBody,
    CallOffRow,
    ContractAmendmentRow,
    ContractBody,
    ContractChangeBody,
    ContractReasonBody,
    ContractRow,
    PlanCallOffsBody,
    PlannedCallOffRow,
    RenewBody,
    given_terms,
    line_inputs,
)
from crm.selectors.contracts import uses_of
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows

WRITE, RELEASE, CALL = "crm.write_contract", "crm.release_contract", "crm.call_off"


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
            user=self.request.user,  # type: ignore[arg-type]
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
