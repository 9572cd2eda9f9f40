"""Activities over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import Activity, Case, Lead, Opportunity, Quotation
from crm.rest.pipeline import Versioned, key
from erp.models import SalesOrder
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.serializers import Body, Moment, Row, Visible
from masterdata.models import Company, Partner, User

WRITE = "crm.write_activity"


class ActivityRow(Row):
    class Meta:
        model = Activity
        fields = (
            "id",
            "company",
            "kind",
            "subject",
            "note",
            "due_at",
            "is_whole_day",
            "remind_at",
            "rung_at",
            "owner",
            "lead",
            "customer",
            "opportunity",
            "quotation",
            "order",
            "case",
            "done_at",
            "outcome",
            "made_at",
            "version",
        )


class ActivityChange(Body):
    """What is to be done; `due_at` of a whole day is its end."""

    kind = serializers.ChoiceField(choices=Activity.Kind.choices)
    subject = serializers.CharField(max_length=160)
    due_at = Moment()
    is_whole_day = serializers.BooleanField(default=False)
    remind_at = Moment(required=False, allow_null=True)
    owner = Visible(queryset=User.objects.all())
    note = serializers.CharField(max_length=4000, default="", allow_blank=True)


class ActivityBody(ActivityChange):
    """Whom it is about: a lead or a customer, or a document of theirs. `company` where nothing else says it."""

    lead = Visible(queryset=Lead.objects.all(), required=False, allow_null=True)
    customer = Visible(queryset=Partner.objects.filter(is_customer=True), required=False, allow_null=True)
    opportunity = Visible(queryset=Opportunity.objects.all(), required=False, allow_null=True)
    quotation = Visible(queryset=Quotation.objects.all(), required=False, allow_null=True)
    order = Visible(queryset=SalesOrder.objects.all(), required=False, allow_null=True)
    case = Visible(queryset=Case.objects.all(), required=False, allow_null=True)
    company = Visible(queryset=Company.objects.all(), required=False, allow_null=True)


class ActivityOutcome(Body):
    """What came of it, and the next one about the same."""

    outcome = serializers.CharField(max_length=400, default="", allow_blank=True)
    following = ActivityChange(required=False, allow_null=True)


def _said(given: dict[str, Any]) -> services.ActivityInput:
    names = ("kind", "subject", "due_at", "is_whole_day", "note")
    said = {name: given[name] for name in names}
    return services.ActivityInput(**said, remind_at=given.get("remind_at"), owner_id=given["owner"].pk)


ABOUT = ("lead", "customer", "opportunity", "quotation", "order", "case", "company")


class Activities(Versioned):
    """What is to be done with whom, and what came of it."""

    queryset = Activity.objects.all()
    serializer_class = ActivityRow
    view_deed = "crm.view"
    filterset_fields: Any = {
        **{name: ["exact"] for name in (*ABOUT, "owner", "kind")},
        "done_at": ["isnull"],
        "due_at": ["gte", "lte"],
    }
    search_fields = ("subject", "outcome", "customer__name")
    ordering_fields = ("due_at", "made_at", "done_at")

    @creates(WRITE, takes=ActivityBody, gives=ActivityRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Plan an activity."""
        given = self.taken(ActivityBody)
        about = services.About(**{f"{name}_id": key(given, name) for name in ABOUT})
        row = services.plan_activity(about=about, activity=_said(given), now=timezone.now(), by=self.caller())
        return self.answer(row, status=201)

    @changes(WRITE, takes=ActivityChange, gives=ActivityRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What, who and when, anew."""
        row, version = self.get_object(), self.seen_version()
        given = _said(self.taken(ActivityChange))
        services.change_activity(activity_id=row.pk, activity=given, now=timezone.now(), expected_version=version)
        return self.answer(row)

    @deed(WRITE, takes=ActivityOutcome)
    def finish(self, request: Request, pk: str) -> Response:
        """Done; with `following` the next one is planned in the same step."""
        row, given = self.get_object(), self.taken()
        following = given.get("following")
        services.finish_activity(
            activity_id=row.pk,
            outcome=given["outcome"],
            following=_said(following) if following else None,
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)


VIEWSETS = (("activities", Activities),)
