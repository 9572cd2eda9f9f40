"""Leads over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors, services
from crm.models import Lead, LostReason
from crm.rest.pipeline import HopeBody, Versioned, hope, key
from masterdata.api.deeds import changes, creates, deed, part
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, Partner, User

WRITE = "crm.write_lead"


class LeadRow(Row):
    class Meta:
        model = Lead
        fields = (
            "id",
            "number",
            "company",
            "organisation",
            "person",
            "email",
            "phone",
            "source",
            "note",
            "owner",
            "state",
            "customer",
            "opportunity",
            "lost_reason",
            "lost_note",
            "closed_at",
            "made_at",
            "version",
        )


class LeadChange(Body):
    """Who it is: a firm or a person is needed."""

    organisation = serializers.CharField(max_length=160, default="", allow_blank=True)
    person = serializers.CharField(max_length=120, default="", allow_blank=True)
    email = serializers.EmailField(default="", allow_blank=True)
    phone = serializers.CharField(max_length=40, default="", allow_blank=True)
    source = serializers.ChoiceField(choices=Lead.Source.choices, default=Lead.Source.OTHER)  # type: ignore[assignment]
    note = serializers.CharField(max_length=4000, default="", allow_blank=True)
    owner = Visible(queryset=User.objects.all(), required=False, allow_null=True)


class LeadBody(LeadChange):
    company = Visible(queryset=Company.objects.all())


class LeadConversion(HopeBody):
    """What they may buy; without a customer a new one is made of the lead."""

    customer = Visible(queryset=Partner.objects.all(), required=False, allow_null=True)


class LeadLoss(Body):
    lost_reason = Visible(queryset=LostReason.objects.all())
    note = serializers.CharField(max_length=240, default="", allow_blank=True)


class DuplicateRow(serializers.Serializer):
    """Somebody known already: a `customer`, a `contact` of one, or another `lead`; `same` says by what."""

    kind = serializers.CharField()
    id = serializers.IntegerField(source="pk")
    code = serializers.CharField()
    name = serializers.CharField()
    same = serializers.CharField()
    customer = serializers.IntegerField(source="customer_id", allow_null=True)


def _said(given: dict[str, Any]) -> services.LeadInput:
    said = {name: value for name, value in given.items() if name not in ("company", "owner")}
    return services.LeadInput(**said, owner_id=key(given, "owner"))


class Leads(Versioned):
    """Who may become a customer."""

    queryset = Lead.objects.all()
    serializer_class = LeadRow
    view_deed = "crm.view"
    filterset_fields: Any = ("number", "state", "source", "owner", "customer", "company", "email")
    search_fields = ("number", "organisation", "person", "email", "phone")
    ordering_fields = ("number", "made_at")

    @creates(WRITE, takes=LeadBody, gives=LeadRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a lead."""
        given = self.taken(LeadBody)
        row = services.take_lead(
            company_id=given["company"].pk, lead=_said(given), now=timezone.now(), by=self.caller()
        )
        return self.answer(row, status=201)

    @changes(WRITE, takes=LeadChange, gives=LeadRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All that is known of it, anew."""
        row, version = self.get_object(), self.seen_version()
        services.change_lead(lead_id=row.pk, lead=_said(self.taken(LeadChange)), expected_version=version)
        return self.answer(row)

    @part("crm.view", gives=DuplicateRow(many=True))
    def duplicates(self, request: Request, pk: str) -> Response:
        """Who it may be already: the same address, phone number or name."""
        row = self.get_object()
        who = {"organisation": row.organisation, "person": row.person, "email": row.email, "phone": row.phone}
        return self.shown(DuplicateRow, selectors.duplicates(request.user, **who, but=row.pk), many=True)

    @deed("crm.write_opportunity", takes=LeadConversion)
    def convert(self, request: Request, pk: str) -> Response:
        """It becomes a customer with an opportunity, or nothing happens."""
        row, given = self.get_object(), self.taken()
        services.convert_lead(
            lead_id=row.pk,
            customer_id=key(given, "customer"),
            opportunity=hope(given),
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)

    @deed(WRITE, takes=LeadLoss)
    def disqualify(self, request: Request, pk: str) -> Response:
        """Nothing will come of it, for a reason."""
        row, given = self.get_object(), self.taken()
        services.disqualify_lead(
            lead_id=row.pk,
            lost_reason_id=given["lost_reason"].pk,
            note=given["note"],
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)

    @deed(WRITE)
    def reopen(self, request: Request, pk: str) -> Response:
        """Something may come of it after all."""
        row = self.get_object()
        services.reopen_lead(lead_id=row.pk, expected_version=self.expected_version())
        return self.answer(row)


VIEWSETS = (("leads", Leads),)
