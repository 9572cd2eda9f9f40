"""Are promises kept? The figures of the page Reliability over REST."""

from __future__ import annotations

from decimal import ROUND_HALF_UP
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.selectors import reliability as kept
from masterdata import rights
from masterdata.api.endpoints import Endpoint, no_such_parameter, wrong_parameter
from masterdata.api.serializers import Body

SEE = "crm.view"
LONGEST = 60


def _percent(**given: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=4, decimal_places=1, rounding=ROUND_HALF_UP, allow_null=True, **given
    )  # fmt: skip


class KeptGroupShown(Body):
    """Lines that have the cause, sales person, customer, product or month in common. `key`: its id or code."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    delivered = serializers.IntegerField()
    kept = serializers.IntegerField()
    broken = serializers.IntegerField()
    percent = _percent()


class UncountedShown(Body):
    """What says nothing yet: open lines (of them past the day first promised), and cancelled ones."""

    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class ReliabilityShown(Body):
    """Of the lines delivered whole in that time: how many by the day first promised, and what broke the others."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    by = serializers.ChoiceField(choices=kept.BY)
    delivered = serializers.IntegerField()
    kept = serializers.IntegerField()
    broken = serializers.IntegerField()
    percent = _percent()
    left_out = UncountedShown()
    groups = KeptGroupShown(many=True)


class Reliability(Endpoint):
    """How well promises were kept."""

    permissions = {"get": SEE}

    @extend_schema(
        parameters=[
            OpenApiParameter("by", str, enum=kept.BY, description="What the lines are grouped by; usually `cause`."),
            OpenApiParameter("months", int, description="Months back, this one counted: 1 to 60, usually 12."),
            OpenApiParameter("plant", int, description="Only of this plant."),
        ],
        responses=ReliabilityShown,
    )
    def get(self, request: Request) -> Response:
        """Figures and groups, those that broke most first; months the newest first."""
        by, months, plants = self._asked(request)
        now = timezone.now()
        span: dict[str, Any] = {"plant_ids": plants, "since": kept.since_of(months, now), "until": now}
        lines = kept.lines_delivered(**span)
        whole = kept.KeptGroup("", "", len(lines), sum(line.is_kept for line in lines))
        told = {
            "since": span["since"],
            "until": now,
            "by": by,
            "delivered": whole.delivered,
            "kept": whole.kept,
            "broken": whole.broken,
            "percent": whole.percent,
            "left_out": kept.lines_uncounted(**span, now=now),
            "groups": kept.kept_by(lines, by),
        }
        return Response(ReliabilityShown(told).data)

    def _asked(self, request: Request) -> tuple[str, int, list[int]]:
        """Grouping, months and plants. Raises ValidationError for another parameter or value."""
        asked = request.query_params
        if unknown := [name for name in asked if name not in ("by", "months", "plant")]:
            raise no_such_parameter(unknown)
        by = asked.get("by", "cause")
        if by not in kept.BY:
            raise wrong_parameter("by", f"Expected one of {', '.join(kept.BY)}, got {by[:40]}.")
        months = _number(asked.get("months", "12"))
        if not 1 <= months <= LONGEST:
            raise wrong_parameter("months", f"Expected a number from 1 to {LONGEST}.")
        seen = rights.scope_of(request.user, SEE).plants
        if "plant" not in asked:
            return by, months, sorted(seen)
        plant = _number(asked["plant"])
        if plant not in seen:
            raise wrong_parameter("plant", "There is no such plant.")
        return by, months, [plant]


def _number(text: str) -> int:
    """What was typed; 0 when it is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
