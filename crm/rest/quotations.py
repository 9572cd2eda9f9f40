"""Quotations over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.letters import RELATED, quotation_pdf, signed_pdf
from crm.models import PortalLink, Quotation, QuotationLine
from crm.rest.quotation_rows import (
    ApprovalRequest,
    CreditReasonBody,
    QuotationBody,
    QuotationChange,
    QuotationExtension,
    QuotationLink,
    QuotationLoss,
    QuotationRow,
    QuotationSending,
    QuotationYes,
    lines_of,
    terms_of,
)
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Row

LINES = Prefetch("lines", QuotationLine.objects.select_related("tax_code"))


class Quotations(ReadableRows):
    """What we offer customers. The list gives the newest revision of each; `replaced_by` asks for the older ones."""

    queryset = Quotation.objects.select_related(*RELATED).prefetch_related(LINES)
    serializer_class = QuotationRow
    view_deed = "crm.view"
    filterset_fields: Any = (
        "number", "customer", "state", "approval", "replaced_by", "order", "lines__plant", "lines__material",
    )  # fmt: skip
    search_fields = ("number", "customer_reference", "customer__name")
    ordering_fields = ("number", "valid_until", "made_at")

    def get_queryset(self) -> QuerySet[Quotation]:
        rows = super().get_queryset()
        newest_only = self.action == "list" and "replaced_by" not in self.request.query_params
        return rows.filter(replaced_by=None) if newest_only else rows

    @pdf_part("crm.view")
    def pdf(self, request: Request, pk: str) -> Response:
        """The quotation as PDF, in the customer's language: a draft as it is, what was sent byte for byte as sent."""
        return pdf_answer(quotation_pdf(self.get_object(), language_of(request), now=timezone.now()))

    @pdf_part("crm.view")
    def signed_pdf(self, request: Request, pk: str) -> Response:
        """The quotation with the customer's signature; 404 when nobody signed it."""
        signed = signed_pdf(self.get_object(), timezone.now())
        if signed is None:
            raise Http404
        return pdf_answer(signed)

    @creates("crm.write_quotation", takes=QuotationBody, gives=QuotationRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a quotation."""
        given = self.taken(QuotationBody)
        currency = given.get("currency")
        quotation = services.write_quotation(
            customer_id=given["customer"].pk,
            lines=lines_of(given["lines"]),
            now=timezone.now(),
            by=self.caller(),
            currency_id=currency.pk if currency else None,
            rate=given.get("rate"),
            opportunity_id=given["opportunity"].pk if given.get("opportunity") else None,
            valid_until=given.get("valid_until"),
            customer_reference=given.get("customer_reference", ""),
            terms=terms_of(given),
        )
        return self.answer(quotation, status=201)

    @changes("crm.write_quotation", takes=QuotationChange, gives=QuotationRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace the lines of a draft, and what else is given. An approval of other figures falls."""
        quotation, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the quotation's ETag as If-Match, so that nobody's change is overwritten.")
        given = self.taken(QuotationChange)
        services.rewrite_quotation(
            quotation_id=quotation.pk,
            lines=lines_of(given["lines"]),
            now=timezone.now(),
            by=self.caller(),
            expected_version=version,
            valid_until=given.get("valid_until"),
            customer_reference=given.get("customer_reference"),
            rate=given.get("rate"),
            terms=terms_of(given, quotation),
        )
        return self.answer(quotation)

    @deed("crm.write_quotation", takes=QuotationSending, gives=QuotationLink)
    def send(self, request: Request, pk: str) -> Response:
        """Freeze a draft as sent, mail it when an address is given, and tell the customer's link, this once."""
        given = self.taken_if_any()
        sent = services.post_quotation(
            quotation_id=self.get_object().pk,
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
            mail=services.QuotationMail(portal=_portal(request), **given),
        )
        return Response(_link(request, sent.link, sent.token))

    @deed("crm.write_quotation", gives=QuotationLink)
    def make_link(self, request: Request, pk: str) -> Response:
        """One more link to what was sent, told this once."""
        link, token = services.make_link(quotation_id=self.get_object().pk, now=timezone.now(), by=self.caller())
        return Response(_link(request, link, token))

    @deed("crm.write_quotation")
    def revise(self, request: Request, pk: str) -> Response:
        """Open the next revision of what was sent as a draft; the one before stays, under an id of its own."""
        quotation = self.get_object()
        services.revise_quotation(
            quotation_id=quotation.pk, now=timezone.now(), by=self.caller(), expected_version=self.expected_version()
        )
        return self.answer(quotation)

    @deed("crm.write_quotation", takes=QuotationExtension)
    def extend(self, request: Request, pk: str) -> Response:
        """Give what was sent a new last day at the same prices."""
        quotation = self.get_object()
        services.extend_quotation(
            quotation_id=quotation.pk,
            valid_until=self.taken()["valid_until"],
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(quotation)

    @deed("crm.write_quotation", takes=ApprovalRequest)
    def ask_approval(self, request: Request, pk: str) -> Response:
        """Put a draft whose price is beyond the limits before those who may approve it."""
        quotation = self.get_object()
        services.ask_approval(
            quotation_id=quotation.pk,
            note=self.taken_if_any().get("note", ""),
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return self.answer(quotation)

    @deed("crm.accept_quotation", takes=QuotationYes)
    def accept(self, request: Request, pk: str) -> Response:
        """The customer said yes: the order is made and confirmed with it, and stands in `order`."""
        quotation = self.get_object()
        services.accept_quotation(
            quotation_id=quotation.pk,
            now=timezone.now(),
            expected_version=self.expected_version(),
            yes=services.Yes(**self.taken_if_any()),
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
        quotation, given = self.get_object(), self.taken_if_any()
        reason = given.get("lost_reason")
        services.lose_quotation(
            quotation_id=quotation.pk,
            now=timezone.now(),
            expected_version=self.expected_version(),
            lost_reason_id=reason.pk if reason else None,
            lost_note=given.get("lost_note", ""),
        )
        return self.answer(quotation)


class PortalLinkRow(Row):
    class Meta:
        model = PortalLink
        fields = ("id", "quotation", "revision_no", "made_at", "made_by", "expires_at", "revoked_at", "opened_at")


class PortalLinks(ReadableRows):
    """Links by which customers read and accept a quotation: when they were opened first, whether they still open."""

    queryset = PortalLink.objects.all()
    serializer_class = PortalLinkRow
    view_deed = "crm.view"
    filterset_fields: Any = ("quotation", "revision_no")

    @deed("crm.write_quotation")
    def revoke(self, request: Request, pk: str) -> Response:
        """Take a link back: it opens nothing any more."""
        link = self.get_object()
        services.revoke_link(link_id=link.pk, now=timezone.now())
        return self.answer(link)


def _portal(request: Request) -> str:
    return str(request.build_absolute_uri(reverse("crm:offer", args=["-"]))).removesuffix("-/")


def _link(request: Request, link: PortalLink, token: str) -> dict[str, Any]:
    return {
        "quotation": link.quotation_id,
        "revision_no": link.revision_no,
        "url": f"{_portal(request)}{token}/",
        "expires_at": link.expires_at.isoformat(),
    }


VIEWSETS: tuple[tuple[str, Any], ...] = (("quotations", Quotations), ("portal-links", PortalLinks))
