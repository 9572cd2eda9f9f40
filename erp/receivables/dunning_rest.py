"""Reminders over REST: levels, notices, holds; and account statements."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from erp.receivables import services
from erp.receivables.account_letters import NOTICE_RELATED, reminder_pdf, statement_pdf
from erp.receivables.models import DunningHold, DunningLevel, DunningNotice, DunningNoticeLine, DunningText, Invoice
from masterdata.access import visible_to
from masterdata.api.deeds import creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, Partner
from masterdata.numbers import ZERO

SEE, DUN = "erp.view_invoice", "erp.send_dunning"


class DunningTextRow(Row):
    class Meta:
        model = DunningText
        fields = ("language", "subject", "body")


class DunningLevelRow(Row):
    texts = DunningTextRow(many=True)

    class Meta:
        model = DunningLevel
        fields = ("id", "company", "level_no", "after_days", "fee", "interest_percent", "version", "texts")


class DunningTextBody(Body):
    """{customer}, {invoices}, {total} and {fee} are filled in."""

    language = serializers.CharField(max_length=8)
    subject = serializers.CharField(max_length=120)
    body = serializers.CharField(max_length=4000)


class DunningLevelBody(Body):
    company = Visible(queryset=Company.objects.all())
    level_no = serializers.IntegerField(min_value=1, max_value=9)
    after_days = serializers.IntegerField(min_value=0, max_value=1000)
    fee = Amount(min_value=0, default=ZERO)
    interest_percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, default=ZERO)
    texts = DunningTextBody(many=True, required=False)


class DunningLineRow(Row):
    class Meta:
        model = DunningNoticeLine
        fields = ("id", "invoice", "instalment", "level_no", "open_amount", "days", "interest_days")


class DunningNoticeRow(Row):
    lines = DunningLineRow(many=True)

    class Meta:
        model = DunningNotice
        fields = (
            "id", "number", "company", "customer", "currency", "level_no", "state", "made_at", "sent_at", "language",
            "subject", "body", "fee_invoice", "lines",
        )  # fmt: skip


class DunningRunBody(Body):
    company = Visible(queryset=Company.objects.all())


class DunningRunRow(serializers.Serializer):
    notices = DunningNoticeRow(many=True)


class DunningHoldRow(Row):
    class Meta:
        model = DunningHold
        fields = ("id", "company", "customer", "invoice", "until_on", "reason", "made_at")


class DunningHoldBody(Body):
    company = Visible(queryset=Company.objects.all())
    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    invoice = Visible(queryset=Invoice.objects.all(), required=False, allow_null=True)
    until_on = Day()
    reason = serializers.CharField(max_length=200)


class DunningLevels(ReadableRows):
    """When a company reminds of overdue invoices, what it charges, what it writes."""

    queryset = DunningLevel.objects.prefetch_related("texts")
    serializer_class = DunningLevelRow
    view_deed = SEE
    filterset_fields = ("company",)

    @creates(DUN, takes=DunningLevelBody, gives=DunningLevelRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set a level, in place of what stood there; If-Match guards against somebody faster."""
        given = self.taken(DunningLevelBody)
        company, texts = given.pop("company"), given.pop("texts", [])
        level = services.set_dunning_level(
            company_id=company.pk,
            texts=[(text["language"], text["subject"], text["body"]) for text in texts],
            expected_version=self.expected_version(),
            **given,
        )
        return self.answer(level, status=201)


class DunningNotices(ReadableRows):
    """Reminders: proposed, sent, dropped."""

    queryset = DunningNotice.objects.select_related(*NOTICE_RELATED).prefetch_related("lines")
    serializer_class = DunningNoticeRow
    view_deed = SEE
    filterset_fields = ("number", "company", "customer", "state", "level_no")

    @deed(DUN, takes=DunningRunBody, gives=DunningRunRow, on_one=False)
    def propose(self, request: Request) -> Response:
        """Propose reminders of what is overdue by now."""
        company = self.taken()["company"]
        now = timezone.now()
        made = services.propose_dunning(company_id=company.pk, today=timezone.localdate(), now=now)
        rows = DunningNotice.objects.prefetch_related("lines").filter(pk__in=[one.pk for one in made])
        return self.shown(DunningRunRow, {"notices": rows})

    @deed(DUN)
    def send(self, request: Request, pk: str) -> Response:
        """Write and send it; fee and interest are posted."""
        notice = services.send_notice(notice_id=self.get_object().pk, by=self.caller(), now=timezone.now())
        return self.answer(notice)

    @deed(DUN)
    def drop(self, request: Request, pk: str) -> Response:
        """Do not send it."""
        return self.answer(services.drop_notice(notice_id=self.get_object().pk))

    @pdf_part(SEE)
    def pdf(self, request: Request, pk: str) -> Response:
        """The reminder as the customer gets it."""
        return pdf_answer(reminder_pdf(self.get_object(), timezone.now(), language_of(request)))


class DunningHolds(ReadableRows):
    """Who is not reminded, or of what, until when."""

    queryset = DunningHold.objects.all()
    serializer_class = DunningHoldRow
    view_deed = SEE
    filterset_fields = ("company", "customer", "invoice")

    @creates(DUN, takes=DunningHoldBody, gives=DunningHoldRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Hold a customer, or one invoice."""
        given = self.taken(DunningHoldBody)
        invoice = given.get("invoice")
        hold = services.hold_dunning(
            company_id=given["company"].pk,
            customer_id=given["customer"].pk,
            invoice_id=invoice.pk if invoice else None,
            until_on=given["until_on"],
            reason=given["reason"],
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(hold, status=201)


class StatementQuestion(serializers.Serializer):
    """Of which company (the first that the caller sees), at the end of which day (today)."""

    company = Visible(queryset=Company.objects.order_by("code"), required=False)
    on = Day(required=False)


class AccountStatements(RowDeeds):
    """What a customer owes, on paper."""

    queryset = Partner.objects.filter(is_customer=True)
    serializer_class = serializers.Serializer
    view_deed = SEE

    @extend_schema(
        parameters=[
            OpenApiParameter("company", int, description="Whose books; the first that the caller sees."),
            OpenApiParameter("on", OpenApiTypes.DATE, description="At the end of which day; today."),
        ]
    )
    @pdf_part(SEE)
    def pdf(self, request: Request, pk: str) -> Response:
        """The account statement as the customer gets it; `pk` is the customer."""
        customer, language = self.get_object(), language_of(request)
        question = StatementQuestion(data=request.query_params, context={"request": request, "view": self})
        question.is_valid(raise_exception=True)
        given = question.validated_data
        company = given.get("company") or visible_to(self.caller(), Company.objects.order_by("code"), SEE).first()
        if company is None:
            raise NotFound
        on = given.get("on") or timezone.localdate()
        return pdf_answer(statement_pdf(company=company, customer=customer, on=on, language=language))


VIEWSETS: list[tuple[str, Any]] = [
    ("dunning-levels", DunningLevels),
    ("dunning-notices", DunningNotices),
    ("dunning-holds", DunningHolds),
    ("account-statements", AccountStatements),
]
