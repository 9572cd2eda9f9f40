"""Asks across apps over REST: offers. Rush orders stand beside it."""

from __future__ import annotations

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from masterdata.access import may
from masterdata.api.endpoints import Endpoint
from masterdata.api.serializers import Body
from suite.asks import answers, offer
from suite.rest.rush import COST, OPTION_COST, QuestionBody
from suite.rest.rush import urlpatterns as rush_patterns
from suite.sealed import seal_best


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
            option["offer"] = seal_best(found) if choice is found.best else ""
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


urlpatterns = [
    path("aps/offers/", Offers.as_view(), name="offers"),
    path("aps/offers/<slug:token>/", Offer.as_view(), name="offer"),
    *rush_patterns,
]
