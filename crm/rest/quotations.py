"""Quotations over REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.letters import quotation_pdf
from crm.models import LostReason, Opportunity, Quotation, QuotationLine
from crm.offered import opened_for, seal_line
from masterdata.access import may
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Material, Partner, Plant


class QuotationLineRow(Row):
    """`offer` keeps the offered date when the line is written again as it is."""

    offer = serializers.SerializerMethodField()

    def get_offer(self, line: QuotationLine) -> str:
        request = self.context.get("request")
        sees_cost = request is not None and may(request.user, "erp.view_cost")
        return seal_line(line, with_cost=sees_cost, now=timezone.now())

    class Meta:
        model = QuotationLine
        fields = (
            "id",
            "line_no",
            "plant",
            "material",
            "quantity",
            "unit_price",
            "net_amount",
            "wanted_on",
            "offered_at",
            "offered_cost",
            "offered_cause",
            "plan_no",
            "offer",
        )
        needs = {"offered_cost": "erp.view_cost"}


class QuotationRow(Row):
    lines = QuotationLineRow(many=True)

    class Meta:
        model = Quotation
        fields = (
            "id",
            "number",
            "company",
            "customer",
            "currency",
            "state",
            "customer_reference",
            "valid_until",
            "made_at",
            "accepted_at",
            "order",
            "opportunity",
            "lost_reason",
            "lost_note",
            "version",
            "lines",
        )


class QuotationLineBody(Body):
    """Without a price the list price is taken. `offer` is what planning answered for this very line, handed back."""

    plant = Visible(queryset=Plant.objects.all())
    material = Visible(queryset=Material.objects.all())
    quantity = Amount()
    wanted_on = Day()
    unit_price = Amount(required=False, allow_null=True)
    offer = serializers.CharField(max_length=2000, default="", allow_blank=True)


class QuotationBody(Body):
    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    customer_reference = serializers.CharField(max_length=60, default="", allow_blank=True)
    valid_until = Day(required=False, allow_null=True)
    opportunity = Visible(queryset=Opportunity.objects.all(), required=False, allow_null=True)
    lines = QuotationLineBody(many=True, allow_empty=False)


class QuotationLoss(Body):
    """Why the customer said no."""

    lost_reason = Visible(queryset=LostReason.objects.all(), required=False, allow_null=True)
    lost_note = serializers.CharField(max_length=240, default="", allow_blank=True)


class CreditReasonBody(Body):
    """Why the customer's credit does not matter this time."""

    reason = serializers.CharField(max_length=200)


class QuotationChange(Body):
    """The lines as they shall be, all of them."""

    customer_reference = serializers.CharField(max_length=60, required=False, allow_blank=True)
    valid_until = Day(required=False)
    lines = QuotationLineBody(many=True, allow_empty=False)


def _lines(given: Sequence[dict[str, Any]]) -> list[services.QuotationLineInput]:
    """As the service takes them: a date that is offered comes from planning, sealed, or not at all."""
    return [_line(line, f"lines.{index}.offer") for index, line in enumerate(given)]


def _line(line: dict[str, Any], field: str) -> services.QuotationLineInput:
    asked = {
        "plant_id": line["plant"].pk,
        "material_id": line["material"].pk,
        "quantity": line["quantity"],
        "wanted_on": line["wanted_on"],
    }
    offered = opened_for(line["offer"], field=field, **asked)
    return services.QuotationLineInput(
        **asked,
        unit_price=line.get("unit_price"),
        offered_at=offered.offered_at if offered else None,
        offered_cost=offered.cost if offered else None,
        offered_cause=offered.cause if offered else "",
        plan_no=offered.plan_no if offered else None,
    )


class Quotations(ReadableRows):
    """What we offer customers."""

    queryset = Quotation.objects.prefetch_related("lines")
    serializer_class = QuotationRow
    view_deed = "crm.view"
    filterset_fields: Any = ("number", "customer", "state", "order", "lines__plant", "lines__material")
    search_fields = ("number", "customer_reference", "customer__name")
    ordering_fields = ("number", "valid_until", "made_at")

    @pdf_part("crm.view")
    def pdf(self, request: Request, pk: str) -> Response:
        """The quotation as PDF, in the customer's language."""
        return pdf_answer(quotation_pdf(self.get_object(), language_of(request)))

    @creates("crm.write_quotation", takes=QuotationBody, gives=QuotationRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a quotation."""
        given = self.taken(QuotationBody)
        quotation = services.write_quotation(
            customer_id=given["customer"].pk,
            lines=_lines(given["lines"]),
            now=timezone.now(),
            by=self.caller(),
            valid_until=given.get("valid_until"),
            customer_reference=given["customer_reference"],
            opportunity_id=given["opportunity"].pk if given.get("opportunity") else None,
        )
        return self.answer(quotation, status=201)

    @changes("crm.write_quotation", takes=QuotationChange, gives=QuotationRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace the lines of a draft, and what else is given."""
        quotation, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the quotation's ETag as If-Match, so that nobody's change is overwritten.")
        given = self.taken(QuotationChange)
        services.rewrite_quotation(
            quotation_id=quotation.pk,
            lines=_lines(given.pop("lines")),
            now=timezone.now(),
            expected_version=version,
            **given,
        )
        return self.answer(quotation)

    @deed("crm.accept_quotation")
    def accept(self, request: Request, pk: str) -> Response:
        """The customer said yes: the order is made and confirmed with it, and stands in `order`."""
        quotation = self.get_object()
        services.accept_quotation(
            quotation_id=quotation.pk, now=timezone.now(), expected_version=self.expected_version()
        )
        return self.answer(quotation)

    @deed("erp.release_credit", takes=CreditReasonBody)
    def accept_despite_credit(self, request: Request, pk: str) -> Response:
        """The customer said yes, and owes too much or too long: the order is let pass, with a reason that stays."""
        quotation = self.get_object()
        services.accept_quotation(
            quotation_id=quotation.pk,
            now=timezone.now(),
            expected_version=self.expected_version(),
            credit_reason=self.taken()["reason"],
            by=self.caller(),
        )
        return self.answer(quotation)

    @deed("crm.write_quotation", takes=QuotationLoss)
    def lose(self, request: Request, pk: str) -> Response:
        """The customer said no, for a reason."""
        quotation, given = self.get_object(), self.taken()
        reason = given.get("lost_reason")
        services.lose_quotation(
            quotation_id=quotation.pk,
            now=timezone.now(),
            expected_version=self.expected_version(),
            lost_reason_id=reason.pk if reason else None,
            lost_note=given["lost_note"],
        )
        return self.answer(quotation)


VIEWSETS = (("quotations", Quotations),)
