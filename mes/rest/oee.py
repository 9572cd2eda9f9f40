"""OEE of machines, plants and orders over REST, with what is behind it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata.api.deeds import part
from masterdata.api.endpoints import wrong_parameter
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Moment, Row
from masterdata.models import Machine, Plant
from mes import selectors

LONGEST = dt.timedelta(days=92)


class Minutes(serializers.DecimalField):
    """Minutes or pieces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=20, decimal_places=3, **kwargs)


class Share(serializers.DecimalField):
    """A share of one with four decimals; null: not applicable."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=4, allow_null=True, **kwargs)


class FiguresShown(serializers.Serializer):
    """Numerators and denominators; add them up, never average the shares."""

    oee = Share()
    availability = Share()
    effectiveness = Share()
    quality = Share()
    coverage = Share()
    planned_busy = Minutes()
    production = Minutes()
    setup = Minutes()
    delay_in_order = Minutes(source="in_order")
    delay_without_order = Minutes(source="without_order")
    maintenance = Minutes()
    unknown = Minutes()
    planned_run = Minutes()
    planned_good = Minutes()
    good = Minutes()
    scrap = Minutes()
    rework = Minutes()


class MachineOee(serializers.Serializer):
    machine = serializers.IntegerField(source="machine_id")
    code = serializers.CharField()
    figures = FiguresShown()


class CentreOee(serializers.Serializer):
    code = serializers.CharField()
    figures = FiguresShown()
    machines = MachineOee(many=True, source="parts")


class PlantOee(serializers.Serializer):
    """The plant, its work centres, their machines in the period."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    figures = FiguresShown()
    work_centres = CentreOee(many=True)


class OrderHoursShown(serializers.Serializer):
    """Minutes and pieces of one operation in the period."""

    work_order = serializers.CharField()
    order = serializers.CharField()
    operation = serializers.IntegerField(source="operation_id")
    name = serializers.CharField(source="operation")
    material = serializers.CharField()
    producing = Minutes()
    setup = Minutes()
    stopped = Minutes()
    good = Minutes()
    scrap = Minutes()
    rework = Minutes()
    share_good = Share(source="yield_")


class StretchShown(serializers.Serializer):
    """Minutes that count under `kind`: production, setup, in_order, without_order, maintenance or unknown."""

    machine = serializers.IntegerField(source="machine.pk")
    code = serializers.CharField(source="machine.code")
    kind = serializers.CharField()
    since = serializers.DateTimeField(source="start")
    until = serializers.DateTimeField(source="end")
    minutes = Minutes()
    state = serializers.CharField(source="stay.state", default="unknown")
    reason = serializers.CharField(source="stay.reason", default="")
    operation = serializers.IntegerField(source="stay.operation_id", default=None, allow_null=True)
    document = serializers.CharField(source="stay.document", default="")
    event = serializers.CharField(source="stay.event_id", default=None, allow_null=True)


class MadeShown(serializers.Serializer):
    """A report with planned and real minutes; `event` null: production that nobody reported yet."""

    machine = serializers.IntegerField(source="machine.pk")
    code = serializers.CharField(source="machine.code")
    event = serializers.CharField(source="report.event_id", default=None, allow_null=True)
    at = serializers.DateTimeField(source="report.at", default=None, allow_null=True)
    operation = serializers.IntegerField(source="report.operation_id", default=None, allow_null=True)
    document = serializers.CharField(source="report.document", default="")
    good = Minutes(source="report.good", default="0")
    scrap = Minutes(source="report.scrap", default="0")
    rework = Minutes(source="report.rework", default="0")
    planned = Minutes()
    planned_good = Minutes()
    real = Minutes()


class PeriodQuestion(serializers.Serializer):
    """The last 24 hours unless it says otherwise."""

    since = Moment(required=False)
    until = Moment(required=False)


class OeePlantRow(Row):
    class Meta:
        model = Plant
        fields = ("id", "code", "name", "time_zone")


class Oee(ReadableRows):
    """Plants with their OEE after ISO 22400: each part takes `since` and `until`, 92 days at most."""

    queryset = Plant.objects.order_by("code")
    serializer_class = OeePlantRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("code",)

    def _asked(self) -> tuple[list[Machine], dt.datetime, dt.datetime, dt.datetime]:
        question = PeriodQuestion(data=self.request.query_params)
        question.is_valid(raise_exception=True)
        now = timezone.now()
        until = min(question.validated_data.get("until") or now, now)
        since = question.validated_data.get("since") or until - dt.timedelta(days=1)
        if since >= until:
            raise wrong_parameter("since", "The period must begin before it ends, and before now.")
        if until - since > LONGEST:
            raise wrong_parameter("since", f"Ask for {LONGEST.days} days at most.")
        return selectors.measured_machines(plant_ids=[self.get_object().pk]), since, until, now

    @extend_schema(parameters=[PeriodQuestion])
    @part("mes.view_floor", gives=PlantOee)
    def figures(self, request: Request, pk: str) -> Response:
        """Of the plant, its work centres and their machines."""
        machines, since, until, now = self._asked()
        _time, plants = selectors.figures_of(machines=machines, start=since, end=until, now=now)
        whole = plants[0] if plants else None
        answer = {
            "since": since,
            "until": until,
            "figures": whole.figures if whole else selectors.NOTHING,
            "work_centres": whole.parts if whole else (),
        }
        return self.shown(PlantOee, answer)

    @extend_schema(parameters=[PeriodQuestion])
    @part("mes.view_floor", gives=StretchShown(many=True))
    def intervals(self, request: Request, pk: str) -> Response:
        """What the minutes of the figures are made of; by kind they sum to them."""
        machines, since, until, now = self._asked()
        time = selectors.machine_time(machines=machines, start=since, end=until, now=now)
        kinds = (*selectors.BUSY, "maintenance", "unknown")
        return self.shown(StretchShown, selectors.stretches(machines, time, kinds), many=True)

    @extend_schema(parameters=[PeriodQuestion])
    @part("mes.view_floor", gives=MadeShown(many=True))
    def reports(self, request: Request, pk: str) -> Response:
        """What speed and quality are made of: `planned` sums to planned_run, `real` to production."""
        machines, since, until, now = self._asked()
        time = selectors.machine_time(machines=machines, start=since, end=until, now=now)
        return self.shown(MadeShown, selectors.made(machines, time), many=True)

    @extend_schema(parameters=[PeriodQuestion])
    @part("mes.view_floor", gives=OrderHoursShown(many=True))
    def orders(self, request: Request, pk: str) -> Response:
        """Hours and yield of what ran in the plant."""
        machines, since, until, now = self._asked()
        rows = selectors.order_hours(machine_ids=[one.pk for one in machines], start=since, end=until, now=now)
        return self.shown(OrderHoursShown, rows, many=True)


VIEWSETS: list[tuple[str, Any]] = [("oee", Oee)]
