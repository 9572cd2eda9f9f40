"""The reason behind a line's date over REST, and what would make it earlier."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from aps import selectors
from aps.problem import CannotPlan
from erp.models import SalesOrderLine
from masterdata import rights
from masterdata.api.deeds import part
from masterdata.api.endpoints import Endpoint, no_such_parameter, wrong_parameter
from masterdata.api.serializers import Body
from masterdata.errors import Refusal


class NotPlannable(Refusal):
    """The plant cannot be planned as its master data stand; the sentence says what to do."""

    code = "cannot_plan"


class LinkShown(Body):
    """One wait; `is_binding`: it explains most. `orders` are those ahead, the line's own among them."""

    kind = serializers.CharField()
    operation = serializers.IntegerField(source="operation_id")
    operation_name = serializers.CharField(source="operation")
    order = serializers.CharField()
    machine = serializers.CharField()
    since_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField()
    wait_min = serializers.IntegerField()
    orders = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()
    is_binding = serializers.SerializerMethodField()

    def get_is_binding(self, link: selectors.WhyLink) -> bool:
        return bool(link == self.context["binding"])


class LaterShown(Body):
    """An order, as in `orders` of a link, that the change delays; `late_min` after its due date."""

    order = serializers.CharField()
    old_end_at = serializers.DateTimeField()
    new_end_at = serializers.DateTimeField()
    late_min = serializers.IntegerField()


class ChangeShown(Body):
    """A change, really planned, and when the line is at the customer with it."""

    kind = serializers.CharField()
    operation = serializers.IntegerField(source="operation_id")
    operation_name = serializers.CharField(source="operation")
    machine = serializers.CharField(allow_blank=True)
    from_at = serializers.DateTimeField(allow_null=True)
    until_at = serializers.DateTimeField(allow_null=True)
    sentence = serializers.CharField()
    ends_at = serializers.DateTimeField()
    gain_min = serializers.IntegerField()
    delayed = LaterShown(many=True)


class EarlierShown(Body):
    """At most five changes, the greatest gain first; when there are none, `tried` says what does not help.

    `ends_at` is when the line is at the customer as things stand.
    """

    ends_at = serializers.DateTimeField()
    changes = ChangeShown(many=True)
    tried = serializers.ListField(child=serializers.CharField())


class WhyShown(Body):
    """`ends_at` is when the last operation ends; links come latest first. `sooner` only when asked for.

    When nothing of the line is open in the plan, `sentence` says so, and the rest is empty.
    """

    ends_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    late_min = serializers.IntegerField()
    sentence = serializers.CharField()
    chain = LinkShown(source="links", many=True)
    sooner = EarlierShown(required=False, allow_null=True)


NOTHING: dict[str, Any] = {
    "ends_at": None,
    "due_at": None,
    "late_min": 0,
    "sentence": "Nothing of this line is open in the plan.",
    "chain": [],
}


class OrderLines(Endpoint, GenericViewSet):
    """What planning says of an order line; the lines themselves are ERP's."""

    queryset = SalesOrderLine.objects.all()
    serializer_class = WhyShown
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[SalesOrderLine]:
        """Lines of plants whose plan the caller may see."""
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rights.visible_to(self.request.user, rows, self.permission_now())

    @extend_schema(
        parameters=[OpenApiParameter("sooner", int, enum=[0, 1], description="1: what would make it earlier, too.")]
    )
    @part("aps.view_plan", gives=WhyShown)
    def why(self, request: Request, pk: str) -> Response:
        """The chain of waits; with `sooner=1` the changes that would help, which takes up to a few seconds."""
        with_changes, line = self._with_changes(), self.get_object()
        asked: dict[str, Any] = {"plant_id": line.plant_id, "line_id": line.pk, "now": timezone.now()}
        try:
            why = selectors.why(**asked)
            changes = selectors.earlier(**asked) if with_changes and why is not None else None
        except CannotPlan as error:
            raise NotPlannable(str(error)) from error
        told = dict(NOTHING) if why is None else dict(WhyShown(why, context={"binding": why.binding}).data)
        told.pop("sooner", None)
        if with_changes:
            told["sooner"] = None if changes is None else EarlierShown(changes).data
        return Response(told)

    def _with_changes(self) -> bool:
        """Raises ValidationError for another parameter or value."""
        asked = self.request.query_params
        if unknown := [name for name in asked if name != "sooner"]:
            raise no_such_parameter(unknown)
        if asked.get("sooner", "0") not in ("0", "1"):
            raise wrong_parameter("sooner", f"Expected 0 or 1, got {asked['sooner']}.")
        return asked.get("sooner") == "1"
