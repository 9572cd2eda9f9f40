"""Standard times that the floor disproves, over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata.api.deeds import deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from mes import services
from mes.models import TimeProposal

DECIDE = "mes.decide_standard_times"


class TimeProposalRow(Row):
    class Meta:
        model = TimeProposal
        fields = (
            "id",
            "plant",
            "material",
            "routing",
            "sequence",
            "name",
            "machine",
            "kind",
            "state",
            "planned",
            "observed",
            "low",
            "high",
            "run_count",
            "outlier_count",
            "monthly_min",
            "monthly_cost",
            "made_at",
            "decided_at",
            "decided_by",
            "note",
            "became",
        )


class AcceptTimesBody(Body):
    """Several operations of one routing become one version."""

    proposals = Visible(queryset=TimeProposal.objects.all(), many=True)


class RejectTimeBody(Body):
    """It is proposed again only when other runs say so."""

    note = serializers.CharField(max_length=400)


class AcceptedTimes(serializers.Serializer):
    """The routings that are in force now."""

    routings = serializers.ListField(child=serializers.IntegerField())


class StandardTimes(ReadableRows):
    """Planned minutes that lie outside of what was observed, what it costs, and what was decided."""

    queryset = TimeProposal.objects.all()
    serializer_class = TimeProposalRow
    view_deed = "mes.view_standard_times"
    filterset_fields: Any = ("state", "kind", "material", "machine", "plant", "routing")

    @deed(DECIDE, takes=AcceptTimesBody, gives=AcceptedTimes, on_one=False)
    def accept(self, request: Request) -> Response:
        """Write the observed minutes into a new version of each routing and put it in force."""
        ids = [row.pk for row in self.taken()["proposals"]]
        routings = services.accept_times(proposal_ids=ids, by=self.caller(), now=timezone.now())
        return self.shown(AcceptedTimes, {"routings": [row.pk for row in routings]})

    @deed(DECIDE, takes=RejectTimeBody)
    def reject(self, request: Request, pk: str) -> Response:
        """Leave the planned minutes as they are, and say why."""
        row = self.get_object()
        services.reject_time(proposal_id=row.pk, note=self.taken()["note"], by=self.caller(), now=timezone.now())
        return self.answer(row)


VIEWSETS: list[tuple[str, Any]] = [("standard-times", StandardTimes)]
