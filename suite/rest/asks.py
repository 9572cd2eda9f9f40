"""Asks and deeds across apps over REST: offers and rush orders."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from crm.models import RushDriver, RushOption, RushRequest, RushVictim
from erp.sales.rest import OrderRow, SalesOrders
from masterdata.access import may
from masterdata.api import problems
from masterdata.api.deeds import asks, creates, deed
from masterdata.api.endpoints import Endpoint
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Material, Partner, Plant
from suite.asks import answers, offer
from suite.deeds import accept_rush, ask_rush
from suite.sealed import seal_best

COST = ("material_cost", "labour_cost", "machine_cost", "overhead_cost", "cost", "margin")
OPTION_COST = ("cost", "extra_cost", "margin_percent")


class QuestionBody(Body):
    """Can we deliver this, when, at what cost?"""

    plant = Visible(queryset=Plant.objects.all())
    material = Visible(queryset=Material.objects.filter(is_active=True))
    quantity = Amount()
    wanted_on = Day()


class VictimShown(Body):
    order_line_id = serializers.IntegerField()
    order_number = serializers.CharField()
    old_end_at = serializers.DateTimeField()
    new_end_at = serializers.DateTimeField()


class ChoiceShown(Body):
    """A: nobody else moves. B, when it is no other: nobody newly late. C: as early as possible, with its victims.

    Nothing that moves nobody is at the customer before `bound_at` (of A).

    `offer` is handed back with the line of a quotation, within twelve hours: its date is then what is promised. It is
    empty for an option that only holds when a rush order is taken.
    """

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_possible = serializers.BooleanField()
    deliver_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    cause = serializers.CharField(allow_blank=True)
    setup_min = serializers.IntegerField()
    machine_min = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    extra_cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    margin_percent = serializers.DecimalField(max_digits=9, decimal_places=2, required=False, allow_null=True)
    victims = VictimShown(many=True)
    bound_at = serializers.DateTimeField(allow_null=True)
    is_proved = serializers.BooleanField()
    offer = serializers.CharField(allow_blank=True)


class ReplyShown(Body):
    """The options with their dates; costs only for those who may see them. 202: `token` is where to fetch it."""

    options = ChoiceShown(many=True)
    price = serializers.DecimalField(max_digits=20, decimal_places=4)
    material_cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    labour_cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    machine_cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    overhead_cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    cost = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    margin = serializers.DecimalField(max_digits=20, decimal_places=4, required=False)
    currency = serializers.CharField()
    plan_no = serializers.IntegerField()
    input_version = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    computed_ms = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)


class PendingShown(Body):
    token = serializers.CharField()
    url = serializers.CharField()


class OfferEndpoint(Endpoint):
    """What both addresses of an offer share."""

    def told(self, found: answers.OfferReply | answers.Pending) -> Response:
        """The answer, without what the caller may not see; or where to fetch it."""
        if isinstance(found, answers.Pending):
            url = reverse("api:asks:offer", args=[found.token])
            return Response({"token": found.token, "url": url}, status=202, headers={"Location": url})
        told, sees_cost = answers.reply_to_json(found), may(self.request.user, "erp.view_cost")
        told.pop("question")
        for option, choice in zip(told["options"], found.options, strict=True):
            option.pop("offer_key")
            option["offer"] = seal_best(found, with_cost=sees_cost) if choice is found.best else ""
        if not sees_cost:
            for name in COST:
                told.pop(name)
            for option in told["options"]:
                for name in OPTION_COST:
                    option.pop(name)
        return Response(told)


class Offers(OfferEndpoint):
    """Delivery dates and prices for orders that do not exist yet; nothing is written."""

    permissions = {"post": "aps.ask_offer"}
    keyless = frozenset({"post"})

    @extend_schema(request=QuestionBody, responses={200: ReplyShown, 202: PendingShown})
    def post(self, request: Request) -> Response:
        """Ask. 202 when it takes longer: fetch the answer at `url` within a minute."""
        given = self.taken(QuestionBody)
        found = offer.ask_offer(
            plant_id=given["plant"].pk,
            material_id=given["material"].pk,
            quantity=given["quantity"],
            wanted_on=given["wanted_on"],
            now=timezone.now(),
        )
        return self.told(found)


class Offer(OfferEndpoint):
    """The answer to a pending question."""

    permissions = {"get": "aps.ask_offer"}

    @extend_schema(responses={200: ReplyShown, 202: PendingShown})
    def get(self, request: Request, token: str) -> Response:
        """Fetch it; 202 while it is being computed, 404 after a minute."""
        return self.told(offer.answer_of(token))


class RushVictimRow(Row):
    order_number = serializers.CharField(source="order_line.order.number")

    class Meta:
        model = RushVictim
        fields = ("order_line", "order_number", "old_end_at", "new_end_at")


class RushDriverRow(Row):
    class Meta:
        model = RushDriver
        fields = ("text", "amount")


class RushOptionRow(Row):
    """A card. `lever` names what it does beside the plan; with `ask_first` somebody has to be asked, and it is not
    taken. `plant` is another than was asked; of a part, the first `first_qty` is there at `deliver_at`."""

    victims = RushVictimRow(many=True)
    drivers = RushDriverRow(many=True)

    class Meta:
        model = RushOption
        fields = (
            "id",
            "request",
            "answer_no",
            "key",
            "label",
            "state",
            "is_possible",
            "deliver_at",
            "cause",
            "cost",
            "extra_cost",
            "margin_percent",
            "victims",
            "drivers",
            "lever",
            "ask_first",
            "plant",
            "first_qty",
            "rest_at",
        )
        needs = dict.fromkeys(("cost", "extra_cost", "margin_percent", "drivers"), "erp.view_cost")


class RushRow(Row):
    """A request with all its options; those of the latest `answer_no` that are open may be taken.

    Levers come behind the first options, one by one; all of an answer are there when `levers_no` is `answer_no`.
    `note` says how the latest answer was computed when it was not as usual, else it is empty.
    """

    options = RushOptionRow(many=True)

    class Meta:
        model = RushRequest
        fields = (
            "id",
            "number",
            "customer",
            "plant",
            "material",
            "quantity",
            "unit_price",
            "wanted_on",
            "state",
            "asked_at",
            "answered_at",
            "input_version",
            "note",
            "answer_no",
            "levers_no",
            "order",
            "options",
        )


class RushBody(QuestionBody):
    """Without a price the list price is taken."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True, is_active=True))
    unit_price = Amount(required=False, allow_null=True)


class RushRequests(ReadableRows):
    """Can we promise this by then? Answered with options."""

    queryset = RushRequest.objects.prefetch_related("options__victims__order_line__order", "options__drivers")
    serializer_class = RushRow
    view_deed = "crm.view"
    filterset_fields = ("number", "customer", "plant", "material", "state", "order")

    @creates("crm.ask_rush", takes=RushBody, gives=RushRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask: the answer carries the options."""
        given = self.taken(RushBody)
        asked = ask_rush.ask_rush(
            customer_id=given["customer"].pk,
            material_id=given["material"].pk,
            quantity=given["quantity"],
            plant_id=given["plant"].pk,
            wanted_on=given["wanted_on"],
            unit_price=given.get("unit_price"),
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(asked, status=201)

    @asks("crm.ask_rush", gives=RushRow)
    def ask_again(self, request: Request, pk: str) -> Response:
        """Answer the request again; options of older answers become stale."""
        asked = self.get_object()
        ask_rush.ask_again(request_id=asked.pk, now=timezone.now())
        return self.answer(asked)


class RushOptions(ReadableRows):
    """The cards of the answers."""

    queryset = RushOption.objects.prefetch_related("victims__order_line__order", "drivers")
    serializer_class = RushOptionRow
    view_deed = "crm.view"
    filterset_fields: Any = ("request", "state", "answer_no")

    @deed("crm.accept_rush", gives=OrderRow)
    def accept(self, request: Request, pk: str) -> Response:
        """Take the option: order, plan and displaced promises commit together.

        409 `stale_offer` when the world has moved on; `values.answer` is the new answer, and the request shows it.
        """
        option = self.get_object()
        try:
            order = accept_rush.accept_rush(option_id=option.pk, now=timezone.now(), by=self.caller())
        except accept_rush.StaleOffer as refusal:
            # Said, not raised: the new answer that was written with the refusal must be committed.
            self._hide_cost(refusal.values)
            return problems.refusal(refusal)
        found = SalesOrders.queryset.get(pk=order.pk) if SalesOrders.queryset is not None else order
        return self.shown(OrderRow, SalesOrders().prepare([found])[0])

    def _hide_cost(self, values: dict[str, Any]) -> None:
        if may(self.request.user, "erp.view_cost"):
            return
        answer = values.get("answer") or {}
        for name in COST:
            answer.pop(name, None)
        for one in answer.get("options", ()):
            for name in OPTION_COST:
                one.pop(name, None)


router = SimpleRouter()
router.register("crm/rush-requests", RushRequests, basename="rush-requests")
router.register("crm/rush-options", RushOptions, basename="rush-options")

urlpatterns = [
    path("aps/offers/", Offers.as_view(), name="offers"),
    path("aps/offers/<slug:token>/", Offer.as_view(), name="offer"),
    *router.urls,
]
