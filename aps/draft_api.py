"""A planner's draft and pins over REST: the draft is the caller's own."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aps import edits, services
from aps.models import BoardDraft, OperationPin, Plan
from masterdata.api.deeds import deed, part
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Body, Row
from masterdata.models import Plant


class DraftShown(Body):
    """`version` is handed back with the next change; 0: nothing was ever kept. `base_no` is the plan then in force."""

    version = serializers.IntegerField()
    base_no = serializers.IntegerField()
    edits = serializers.ListField(child=serializers.DictField())


class DraftBody(Body):
    """All steps of the draft, in their order: `do` is move, pin, unpin, split or plant."""

    version = serializers.IntegerField(min_value=0)
    edits = serializers.ListField(child=serializers.DictField(), max_length=edits.MOST_EDITS)


class PublishBody(Body):
    """`left_out`: so many refused parts of the draft were seen and are left out. `plan_no`: the plan that its effect
    was told against; 409 `plan_renewed` when another is in force by now. Without it that is not asked."""

    version = serializers.IntegerField(min_value=0)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    left_out = serializers.IntegerField(required=False, min_value=0)
    plan_no = serializers.IntegerField(required=False, min_value=0)


class PublishedShown(Body):
    """The plan that the draft became."""

    plan_no = serializers.IntegerField()


class PinRow(Row):
    """An operation that later plans leave on its machine; its run begins at `runs_at`."""

    class Meta:
        model = OperationPin
        fields = ("id", "plant", "operation", "machine", "runs_at", "pinned_by", "pinned_at")


class Pins(ReadableRows):
    """What planners keep where it is."""

    queryset = OperationPin.objects.all()
    serializer_class = PinRow
    view_deed = "aps.view_plan"
    filterset_fields = ("plant", "machine", "operation")


class PlantDrafts(RowDeeds):
    """The caller's draft of a plant's plan."""

    queryset = Plant.objects.all()
    view_deed = "aps.view_plan"

    @part("aps.view_plan", gives=DraftShown)
    def draft(self, request: Request, pk: str) -> Response:
        """One's own changes that are not published yet."""
        return _told(services.draft_of(self.get_object().pk, self.caller()))

    @deed("aps.publish_plan", takes=DraftBody, gives=DraftShown)
    def save_draft(self, request: Request, pk: str) -> Response:
        """Keep these changes in place of those before; 409 when the version is not the last."""
        plant, given = self.get_object(), self.taken()
        kept = services.save_draft(
            plant_id=plant.pk,
            by=self.caller(),
            edits=edits.edits_from(given["edits"]),
            expected_version=given["version"],
            now=timezone.now(),
        )
        return _told(kept)

    @deed("aps.publish_plan", takes=PublishBody, gives=PublishedShown)
    def publish_draft(self, request: Request, pk: str) -> Response:
        """Make the draft the plan, whole or not at all; 422 names what is not possible any more."""
        plant, given = self.get_object(), self.taken()
        plan: Plan = services.publish_draft(plant_id=plant.pk, by=self.caller(), now=timezone.now(), **given)
        return Response({"plan_no": plan.number})


def _told(draft: BoardDraft) -> Response:
    return Response({"version": draft.version, "base_no": draft.base_no, "edits": draft.edits})
