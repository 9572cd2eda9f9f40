"""Cases over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import Case
from crm.rest.pipeline import key
from erp.models import SalesOrder, SalesOrderLine
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, Contact, Partner, User

HANDLE = "crm.handle_case"


class CaseRow(Row):
    class Meta:
        model = Case
        fields = (
            "id",
            "number",
            "company",
            "customer",
            "contact",
            "order",
            "order_line",
            "topic",
            "urgency",
            "subject",
            "body",
            "state",
            "owner",
            "opened_at",
            "answered_at",
            "closed_at",
            "outcome",
            "outcome_note",
            "version",
        )


class CaseBody(Body):
    """An order (or a line) says customer and company; without one both are given."""

    subject = serializers.CharField(max_length=160)
    customer = Visible(queryset=Partner.objects.filter(is_customer=True), required=False, allow_null=True)
    company = Visible(queryset=Company.objects.all(), required=False, allow_null=True)
    order = Visible(queryset=SalesOrder.objects.all(), required=False, allow_null=True)
    order_line = Visible(queryset=SalesOrderLine.objects.all(), required=False, allow_null=True)
    contact = Visible(queryset=Contact.objects.all(), required=False, allow_null=True)
    topic = serializers.ChoiceField(choices=Case.Topic.choices, default=Case.Topic.QUESTION)
    urgency = serializers.ChoiceField(choices=Case.Urgency.choices, default=Case.Urgency.NORMAL)
    body = serializers.CharField(max_length=20000, default="", allow_blank=True)
    owner = Visible(queryset=User.objects.all(), required=False, allow_null=True)


class CaseOwner(Body):
    owner = Visible(queryset=User.objects.all(), allow_null=True)


class CaseAnswer(Body):
    """A `mail` goes to `to`: without it to the case's contact, else the customer, else whoever wrote last in the case.

    A `call` or a `note` is logged.
    """

    kind = serializers.ChoiceField(choices=["mail", "call", "note"], default="mail")
    to = serializers.EmailField(default="", allow_blank=True)
    body = serializers.CharField(max_length=100000)


class CaseOutcome(Body):
    outcome = serializers.ChoiceField(choices=[one for one in Case.Outcome.choices if one[0]])
    note = serializers.CharField(max_length=400, default="", allow_blank=True)


class Cases(ReadableRows):
    """What customers ask or complain about."""

    queryset = Case.objects.all()
    serializer_class = CaseRow
    view_deed = "crm.view"
    filterset_fields: Any = ("number", "customer", "order", "order_line", "state", "topic", "owner", "outcome")
    search_fields = ("number", "subject", "customer__name", "order__number")
    ordering_fields = ("number", "opened_at", "urgency")

    @creates(HANDLE, takes=CaseBody, gives=CaseRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open a case."""
        given = self.taken(CaseBody)
        ids: dict[str, Any] = {
            f"{name}_id": key(given, name)
            for name in ("customer", "company", "order", "order_line", "contact", "owner")
        }
        said = {name: given[name] for name in ("subject", "topic", "urgency", "body")}
        return self.answer(services.open_case(**said, **ids, now=timezone.now(), by=self.caller()), status=201)

    @deed(HANDLE, takes=CaseOwner)
    def assign(self, request: Request, pk: str) -> Response:
        """Somebody takes care of it, or nobody (null)."""
        row = self.get_object()
        services.assign_case(
            case_id=row.pk, owner_id=key(self.taken(), "owner"), expected_version=self.expected_version()
        )
        return self.answer(row)

    @deed(HANDLE, takes=CaseAnswer)
    def reply(self, request: Request, pk: str) -> Response:
        """Answer the customer, or note something."""
        row = self.get_object()
        services.answer_case(
            case_id=row.pk,
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
            **self.taken(),
        )
        return self.answer(row)

    @deed(HANDLE, takes=CaseOutcome)
    def close(self, request: Request, pk: str) -> Response:
        """It ended, with an outcome."""
        row = self.get_object()
        services.close_case(
            case_id=row.pk,
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
            **self.taken(),
        )
        return self.answer(row)

    @deed(HANDLE)
    def reopen(self, request: Request, pk: str) -> Response:
        """It was not over."""
        row = self.get_object()
        services.reopen_case(
            case_id=row.pk, now=timezone.now(), by=self.caller(), expected_version=self.expected_version()
        )
        return self.answer(row)


VIEWSETS = (("cases", Cases),)
