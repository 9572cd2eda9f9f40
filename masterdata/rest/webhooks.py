"""Webhooks over REST: endpoints, what was and is to be sent to them, and the facts themselves."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata import services
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, Plant, WebhookDelivery, WebhookEndpoint

MANAGE = "masterdata.manage_webhooks"


class WebhookEndpointRow(Row):
    class Meta:
        model = WebhookEndpoint
        fields = (
            "id",
            "name",
            "url",
            "company",
            "plants",
            "kinds",
            "is_active",
            "stopped_because",
            "failures",
            "last_no",
            "previous_until_at",
            "made_at",
            "made_by",
            "version",
        )


class IssuedWebhookRow(WebhookEndpointRow):
    """With the secret, which stands in this answer and nowhere else."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookEndpointRow.Meta):
        fields: Any = (*WebhookEndpointRow.Meta.fields, "secret")


class WebhookDeliveryRow(Row):
    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "endpoint",
            "event_id",
            "kind",
            "sequence_no",
            "state",
            "attempts",
            "made_at",
            "next_at",
            "status",
            "duration_ms",
            "excerpt",
            "done_at",
        )


class WebhookBody(Body):
    """`kinds` and `plants` empty: all."""

    company = Visible(queryset=Company.objects.all())
    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=500)
    kinds = serializers.ListField(child=serializers.CharField(max_length=60), default=list)
    plants = Visible(queryset=Plant.objects.all(), many=True, default=list)


class WebhookChange(Body):
    """What is given is changed."""

    name = serializers.CharField(max_length=80, required=False)
    url = serializers.CharField(max_length=500, required=False)
    kinds = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
    plants = Visible(queryset=Plant.objects.all(), many=True, required=False)


class WebhookEndpoints(ReadableRows):
    """Addresses that are told of facts. Secrets stand in the answers that make or rotate them and nowhere else."""

    queryset = WebhookEndpoint.objects.prefetch_related("plants").order_by("pk")
    serializer_class = WebhookEndpointRow
    view_deed = MANAGE
    filterset_fields: Any = ("company", "is_active")
    search_fields = ("name", "url")
    keyless = frozenset({"create", "rotate"})

    def issued(self, issued: services.IssuedWebhook, status: int) -> Response:
        row = self.read_again(issued.endpoint.pk)
        row.secret = issued.secret
        return self.shown(IssuedWebhookRow, row, status=status)

    @creates(MANAGE, takes=WebhookBody, gives=IssuedWebhookRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make an endpoint; the answer has its secret, and is not kept for a twin."""
        given = self.taken(WebhookBody)
        return self.issued(services.make_endpoint(now=timezone.now(), by=self.caller(), **given), 201)

    @changes(MANAGE, takes=WebhookChange, gives=WebhookEndpointRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Another name, address, other kinds or plants."""
        endpoint, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the endpoint's ETag as If-Match, so that nobody's change is overwritten.")
        now: dict[str, Any] = {
            "name": endpoint.name,
            "url": endpoint.url,
            "kinds": endpoint.kinds,
            "plants": list(endpoint.plants.all()),
        }
        services.change_endpoint(endpoint_id=endpoint.pk, expected_version=version, **(now | self.taken(WebhookChange)))
        return self.answer(endpoint)

    @deed(MANAGE, gives=IssuedWebhookRow, needs_key=False)
    def rotate(self, request: Request, pk: str) -> Response:
        """A new secret; for a day both sign."""
        return self.issued(services.rotate_secret(endpoint_id=self.get_object().pk, now=timezone.now()), 200)

    @deed(MANAGE)
    def pause(self, request: Request, pk: str) -> Response:
        """Nothing is noted for it or sent to it."""
        return self.answer(services.pause_endpoint(endpoint_id=self.get_object().pk))

    @deed(MANAGE)
    def resume(self, request: Request, pk: str) -> Response:
        """It is told again, and what waits is sent."""
        return self.answer(services.resume_endpoint(endpoint_id=self.get_object().pk, now=timezone.now()))

    @deed(MANAGE, gives=WebhookDeliveryRow, status=201)
    def test(self, request: Request, pk: str) -> Response:
        """Send a TestEvent."""
        delivery = services.send_test(endpoint_id=self.get_object().pk, now=timezone.now())
        return self.shown(WebhookDeliveryRow, delivery, status=201)


class WebhookDeliveries(ReadableRows):
    """What endpoints were and are to be told."""

    queryset = WebhookDelivery.objects.all()
    serializer_class = WebhookDeliveryRow
    view_deed = MANAGE
    filterset_fields: Any = ("endpoint", "state", "kind", "event_id")
    ordering_fields = ("made_at", "sequence_no")

    @deed(MANAGE)
    def retry(self, request: Request, pk: str) -> Response:
        """Try it again at once."""
        return self.answer(services.retry_delivery(delivery_id=self.get_object().pk, now=timezone.now()))


VIEWSETS: list[tuple[str, Any]] = [
    ("webhook-endpoints", WebhookEndpoints),
    ("webhook-deliveries", WebhookDeliveries),
]
