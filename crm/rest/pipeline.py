"""Opportunities, stages and lost reasons over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import LostReason, Opportunity, Stage
from crm.selectors import pipeline
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, Contact, Currency, Partner, Plant, User

WRITE = "crm.write_opportunity"
EDIT = "crm.edit_pipeline"


class Versioned(ReadableRows):
    """Rows whose change names the version that was read."""

    def seen_version(self) -> int:
        version = self.expected_version()
        if version is None:
            raise VersionMissing("Send the row's ETag as If-Match, so that nobody's change is overwritten.")
        return version


class OpportunityRow(Row):
    """`weighted`: the value times the probability of its stage, rounded half up to the currency."""

    weighted = serializers.DecimalField(max_digits=24, decimal_places=4, read_only=True)

    class Meta:
        model = Opportunity
        fields = (
            "id",
            "number",
            "company",
            "customer",
            "contact",
            "title",
            "value",
            "currency",
            "weighted",
            "stage",
            "state",
            "stage_since_at",
            "expected_on",
            "owner",
            "plant",
            "note",
            "lost_reason",
            "lost_note",
            "closed_at",
            "made_at",
            "version",
        )


class StageRow(Row):
    class Meta:
        model = Stage
        fields = ("id", "name", "kind", "probability", "place", "is_active", "version")


class LostReasonRow(Row):
    class Meta:
        model = LostReason
        fields = ("id", "code", "name", "is_active", "version")


class HopeBody(Body):
    """What an opportunity says of itself; without a currency the company's."""

    title = serializers.CharField(max_length=160)
    value = Amount(min_value=Decimal(0))
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    expected_on = Day()
    contact = Visible(queryset=Contact.objects.all(), required=False, allow_null=True)
    owner = Visible(queryset=User.objects.all(), required=False, allow_null=True)
    plant = Visible(queryset=Plant.objects.all(), required=False, allow_null=True)
    note = serializers.CharField(max_length=4000, default="", allow_blank=True)


class OpportunityBody(HopeBody):
    company = Visible(queryset=Company.objects.all())
    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    stage = Visible(queryset=Stage.objects.all(), required=False, allow_null=True)


class OpportunityMove(Body):
    """To which stage; to that of what is lost with a reason."""

    stage = Visible(queryset=Stage.objects.all())
    lost_reason = Visible(queryset=LostReason.objects.all(), required=False, allow_null=True)
    lost_note = serializers.CharField(max_length=240, default="", allow_blank=True)


class StageBody(Body):
    name = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField(choices=Stage.Kind.choices, default=Stage.Kind.OPEN)
    probability = serializers.IntegerField(min_value=0, max_value=100)
    place = serializers.IntegerField(min_value=0, max_value=999)
    is_active = serializers.BooleanField(default=True)


class LostReasonBody(Body):
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=80)
    is_active = serializers.BooleanField(default=True)


def hope(given: dict[str, Any]) -> services.OpportunityInput:
    """As the service takes it."""
    ids: dict[str, Any] = {f"{name}_id": key(given, name) for name in ("currency", "contact", "owner", "plant")}
    said = {name: given[name] for name in ("title", "value", "expected_on", "note")}
    return services.OpportunityInput(**said, **ids)


def key(given: dict[str, Any], name: str) -> int | None:
    row = given.get(name)
    return row.pk if row is not None else None


class Opportunities(Versioned):
    """What customers may buy."""

    queryset = Opportunity.objects.annotate(weighted=pipeline.weighted())
    serializer_class = OpportunityRow
    view_deed = "crm.view"
    filterset_fields: Any = ("number", "customer", "state", "stage", "owner", "plant", "company", "lost_reason")
    search_fields = ("number", "title", "customer__name")
    ordering_fields = ("number", "expected_on", "value", "stage_since_at")

    @creates(WRITE, takes=OpportunityBody, gives=OpportunityRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open an opportunity, in the first stage unless another open one is given."""
        given = self.taken(OpportunityBody)
        row = services.open_opportunity(
            customer_id=given["customer"].pk,
            company_id=given["company"].pk,
            stage_id=key(given, "stage"),
            opportunity=hope(given),
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(row, status=201)

    @changes(WRITE, takes=HopeBody, gives=OpportunityRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All that it says of itself, anew."""
        row, version = self.get_object(), self.seen_version()
        services.change_opportunity(
            opportunity_id=row.pk, opportunity=hope(self.taken(HopeBody)), expected_version=version
        )
        return self.answer(row)

    @deed(WRITE, takes=OpportunityMove)
    def move(self, request: Request, pk: str) -> Response:
        """To another stage; with If-Match only when nobody moved it meanwhile."""
        row, given = self.get_object(), self.taken()
        services.move_opportunity(
            opportunity_id=row.pk,
            stage_id=given["stage"].pk,
            lost_reason_id=key(given, "lost_reason"),
            lost_note=given["lost_note"],
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)


class Stages(Versioned):
    """The columns of the pipeline, from left to right."""

    queryset = Stage.objects.all()
    serializer_class = StageRow
    view_deed = "crm.view"
    filterset_fields: Any = ("kind", "is_active")
    ordering_fields = ("place", "name")

    @creates(EDIT, takes=StageBody, gives=StageRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Another column."""
        return self.answer(services.create_stage(stage=services.StageInput(**self.taken(StageBody))), status=201)

    @changes(EDIT, takes=StageBody, gives=StageRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The column as it shall be."""
        row, version = self.get_object(), self.seen_version()
        given = services.StageInput(**self.taken(StageBody))
        return self.answer(services.change_stage(stage_id=row.pk, stage=given, expected_version=version))


class LostReasons(Versioned):
    """Why leads, opportunities and quotations came to nothing."""

    queryset = LostReason.objects.all()
    serializer_class = LostReasonRow
    view_deed = "crm.view"
    filterset_fields: Any = ("code", "is_active")
    ordering_fields = ("code", "name")

    @creates(EDIT, takes=LostReasonBody, gives=LostReasonRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Another reason."""
        return self.answer(services.write_lost_reason(**self.taken(LostReasonBody)), status=201)

    @changes(EDIT, takes=LostReasonBody, gives=LostReasonRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The reason as it shall be."""
        row, version = self.get_object(), self.seen_version()
        given = self.taken(LostReasonBody)
        return self.answer(services.write_lost_reason(reason_id=row.pk, expected_version=version, **given))


VIEWSETS = (("opportunities", Opportunities), ("stages", Stages), ("lost-reasons", LostReasons))
