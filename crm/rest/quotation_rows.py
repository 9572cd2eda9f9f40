"""Quotations as JSON: what is read of them, what is written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm import services
from crm.models import Incoterm, LostReason, Opportunity, Quotation, QuotationLine
from crm.offered import opened_for, seal_line
from crm.selectors import taxes_of
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Currency, Material, Partner, PaymentTerm, Plant
from masterdata.models.languages import Language
from masterdata.numbers import ZERO


class Discount(serializers.DecimalField):
    """A percentage from 0 to 100."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=7, decimal_places=4, min_value=ZERO, max_value=Decimal(100), **kwargs)


class QuotationLineRow(Row):
    """`offer` keeps the offered date when the line is written again as it is. Where nobody knows what a line costs,
    the margin floor cannot be checked."""

    offer = serializers.SerializerMethodField()
    is_cost_known = serializers.SerializerMethodField()

    def get_is_cost_known(self, line: QuotationLine) -> bool:
        return line.offered_cost is not None

    def get_offer(self, line: QuotationLine) -> str:
        return seal_line(line, now=timezone.now())

    class Meta:
        model = QuotationLine
        fields = (
            "id",
            "line_no",
            "plant",
            "material",
            "quantity",
            "base_price",
            "price_source",
            "price_rule",
            "unit_price",
            "discount_percent",
            "discounted_price",
            "net_amount",
            "tax_code",
            "tax_amount",
            "is_option",
            "is_chosen",
            "note",
            "wanted_on",
            "offered_at",
            "offered_cost",
            "is_cost_known",
            "offered_cause",
            "plan_no",
            "offer",
        )
        needs = {"offered_cost": "erp.view_cost"}


class QuotationTax(serializers.Serializer):
    """What a tax code comes to on the document."""

    name = serializers.CharField()
    percent = serializers.DecimalField(max_digits=7, decimal_places=4)
    base = serializers.DecimalField(max_digits=20, decimal_places=4)
    tax = serializers.DecimalField(max_digits=20, decimal_places=4)


class QuotationRow(Row):
    """`net_amount` and `taxes` are of the lines that count: all but options that nobody chose."""

    lines = QuotationLineRow(many=True)
    net_amount = serializers.SerializerMethodField()
    taxes = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DecimalField(max_digits=20, decimal_places=4))
    def get_net_amount(self, row: Quotation) -> str:
        return f"{sum((line.net_amount for line in row.lines.all() if line.is_taken), ZERO):.4f}"

    @extend_schema_field(QuotationTax(many=True))
    def get_taxes(self, row: Quotation) -> Any:
        return QuotationTax(taxes_of(list(row.lines.all())), many=True).data

    class Meta:
        model = Quotation
        fields = (
            "id",
            "number",
            "revision_no",
            "replaced_by",
            "company",
            "customer",
            "currency",
            "rate",
            "state",
            "approval",
            "customer_reference",
            "valid_until",
            "discount_percent",
            "incoterm",
            "incoterm_place",
            "payment_term",
            "language",
            "note",
            "made_at",
            "sent_at",
            "accepted_at",
            "accepted_name",
            "accepted_how",
            "order",
            "opportunity",
            "lost_reason",
            "lost_note",
            "version",
            "net_amount",
            "taxes",
            "lines",
        )


class QuotationLineBody(Body):
    """Without a price that of price lists and contracts is taken. `offer` is what planning answered for this very line,
    handed back. An option is not in the total."""

    plant = Visible(queryset=Plant.objects.all())
    material = Visible(queryset=Material.objects.all())
    quantity = Amount()
    wanted_on = Day()
    unit_price = Amount(required=False, allow_null=True)
    discount_percent = Discount(required=False, default=ZERO)
    is_option = serializers.BooleanField(required=False, default=False)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    offer = serializers.CharField(max_length=2000, default="", allow_blank=True)


class QuotationTermsBody(Body):
    """What holds for the whole quotation."""

    customer_reference = serializers.CharField(max_length=60, required=False, allow_blank=True)
    discount_percent = Discount(required=False)
    incoterm = serializers.ChoiceField(choices=Incoterm.choices, required=False, allow_blank=True)
    incoterm_place = serializers.CharField(max_length=80, required=False, allow_blank=True)
    payment_term = Visible(queryset=PaymentTerm.objects.all(), required=False, allow_null=True)
    language = serializers.ChoiceField(choices=Language.choices, required=False, allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    rate = serializers.DecimalField(
        max_digits=20, decimal_places=10, min_value=Decimal("0.0000000001"), required=False, allow_null=True
    )


class QuotationBody(QuotationTermsBody):
    """Without a currency the customer's, else the company's; `rate` is the company's for one of it, else of the day."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    valid_until = Day(required=False, allow_null=True)
    opportunity = Visible(queryset=Opportunity.objects.all(), required=False, allow_null=True)
    lines = QuotationLineBody(many=True, allow_empty=False)


class QuotationChange(QuotationTermsBody):
    """The lines as they shall be, all of them; of the terms what is given."""

    valid_until = Day(required=False)
    lines = QuotationLineBody(many=True, allow_empty=False)


class QuotationYes(Body):
    """Who said yes for the customer and how; `options` are the ids of optional lines that are taken as well."""

    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    how = serializers.CharField(max_length=200, default="", allow_blank=True)
    options = serializers.ListField(child=serializers.IntegerField(min_value=1), default=list, max_length=500)


class QuotationLoss(Body):
    """Why the customer said no."""

    lost_reason = Visible(queryset=LostReason.objects.all(), required=False, allow_null=True)
    lost_note = serializers.CharField(max_length=240, default="", allow_blank=True)


class CreditReasonBody(Body):
    """Why the customer's credit does not matter this time."""

    reason = serializers.CharField(max_length=200)


class QuotationSending(Body):
    """Where it goes; without an address it is only marked as sent. `<link>` in the text becomes the customer's link."""

    to = serializers.CharField(max_length=400, default="", allow_blank=True)
    subject = serializers.CharField(max_length=160, default="", allow_blank=True)
    body = serializers.CharField(max_length=10_000, default="", allow_blank=True)


class QuotationLink(serializers.Serializer):
    """The link by which the customer reads and accepts the quotation; it is told this once."""

    quotation = serializers.IntegerField()
    revision_no = serializers.IntegerField()
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class QuotationExtension(Body):
    valid_until = Day()


class ApprovalRequest(Body):
    """Why it should pass."""

    note = serializers.CharField(max_length=400, default="", allow_blank=True)


def lines_of(given: Sequence[dict[str, Any]]) -> list[services.QuotationLineInput]:
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
        discount_percent=line["discount_percent"],
        is_option=line["is_option"],
        note=line["note"],
        offered_at=offered.offered_at if offered else None,
        offered_cost=offered.cost if offered else None,
        offered_cause=offered.cause if offered else "",
        plan_no=offered.plan_no if offered else None,
    )


def terms_of(given: dict[str, Any], before: Quotation | None = None) -> services.QuotationTerms:
    """The terms as given; those that are not stay as they were."""
    names = ("discount_percent", "incoterm", "incoterm_place", "language", "note")
    kept = {name: getattr(before, name) for name in names} if before else {}
    kept["payment_term_id"] = before.payment_term_id if before else None
    said = {name: given[name] for name in names if name in given}
    if "payment_term" in given:
        said["payment_term_id"] = given["payment_term"].pk if given["payment_term"] else None
    return services.QuotationTerms(**(kept | said))
