"""What changes of a plant's plan would do, over REST; nothing is written."""

from __future__ import annotations

import json

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from masterdata.access import may
from masterdata.api.deeds import deed
from masterdata.api.rows import RowDeeds
from masterdata.api.serializers import Body
from masterdata.models import Plant
from suite.asks import offer
from suite.desk.board import COST, DECIDE, demand_plants, question_of, told


class EffectBody(Body):
    """The steps of a draft, and one that is only tried, as in a plant's `draft`; `places` false leaves `moved` out."""

    edits = serializers.ListField(child=serializers.DictField(), required=False)
    trial = serializers.DictField(required=False, allow_null=True)
    places = serializers.BooleanField(required=False, default=True)


class PlacesShown(Body):
    """Columns: operation, machine, first minute (from the board's epoch), minutes of setup and in all."""

    id = serializers.ListField(child=serializers.IntegerField())
    machine = serializers.ListField(child=serializers.IntegerField())
    start = serializers.ListField(child=serializers.IntegerField())
    setup = serializers.ListField(child=serializers.IntegerField())
    length = serializers.ListField(child=serializers.IntegerField())


class TurnedShown(Body):
    """A line that is late, or was: minutes after its date, before and after."""

    order = serializers.CharField()
    line_no = serializers.IntegerField()
    line = serializers.IntegerField()
    was = serializers.IntegerField()
    now = serializers.IntegerField()


class ChangeShown(Body):
    """`cost` of machine time and lateness, and of it `late_cost`: null where the plant has not said what an hour late
    costs. Both are null for those who may not see money.
    """

    late = TurnedShown(many=True)
    better = TurnedShown(many=True)
    setup_min = serializers.IntegerField()
    cost = serializers.CharField(allow_null=True)
    late_cost = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    moved = serializers.IntegerField()
    machines = serializers.IntegerField()
    soon = serializers.IntegerField()


class RefusedShown(Body):
    """A step (its position, or "trial"), or one operation of it, that is not possible, and why."""

    edit = serializers.CharField()
    code = serializers.CharField()
    operation = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()


class AwayShown(Body):
    """A step that makes a line in another plant: operations that leave, minutes to spare of the line's date, negative
    behind it, and columns of its work there.
    """

    edit = serializers.IntegerField()
    plant = serializers.IntegerField()
    line = serializers.IntegerField()
    leaves = serializers.ListField(child=serializers.IntegerField())
    spare = serializers.IntegerField()
    machine = serializers.ListField(child=serializers.IntegerField())
    start = serializers.ListField(child=serializers.IntegerField())
    setup = serializers.ListField(child=serializers.IntegerField())
    length = serializers.ListField(child=serializers.IntegerField())
    name = serializers.ListField(child=serializers.CharField())
    title = serializers.ListField(child=serializers.CharField())
    quantity = serializers.ListField(child=serializers.CharField())


class EffectShown(Body):
    """`effect` is of the trial against the draft, without a trial of the draft against the plan. `moved` is where the
    draft puts whatever does not stand as published, `trial` what the trial changes besides.
    """

    plan_no = serializers.IntegerField()
    version = serializers.CharField()
    moved = PlacesShown(allow_null=True)
    trial = PlacesShown(allow_null=True)
    effect = ChangeShown()
    figures = serializers.DictField()
    away = AwayShown(many=True)
    legal = serializers.DictField()
    refused = RefusedShown(many=True)
    ms = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]


class PlanEffects(RowDeeds):
    """What moving, pinning or splitting work would do."""

    queryset = Plant.objects.all()
    view_deed = "aps.view_plan"

    @deed(DECIDE, takes=EffectBody, gives=EffectShown, needs_key=False)
    def plan_effect(self, request: Request, pk: str) -> Response:
        """Who becomes late or on time, setup, cost, and where everything would stand."""
        question = question_of(self.get_object().pk, dict(self.taken()))
        demand_plants(self.caller(), question)
        found = offer.effect_and_wait(question)
        places = {name: json.loads(text) for name, text in found.places.items()}
        return Response({**told(found, sees_cost=may(request.user, COST)), **places})


router = SimpleRouter()
router.register("aps/plants", PlanEffects, basename="plan-effects")

urlpatterns = router.urls
