"""Why was this date promised? The chain of a promise over REST."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from crm.models import Promise
from masterdata.api.deeds import part
from masterdata.api.rows import RowDeeds
from masterdata.api.serializers import Body
from suite.desk.promise_chain import RELATED, chain_of


class CauseShown(Body):
    """One link. `kind`: promise, operation, plan, cause, or the name of a fact.

    `value` and `was` are how it is and was before, in the plant's time.
    """

    kind = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    value = serializers.CharField(allow_blank=True)
    was = serializers.CharField(allow_blank=True)


class PromiseChainShown(Body):
    """From the promise to its first cause: each link rests on the next."""

    promise = serializers.IntegerField()
    promised_at = serializers.DateTimeField()
    chain = CauseShown(many=True)


class PromiseChains(RowDeeds):
    """What a promise hung on when it was given."""

    queryset = Promise.objects.select_related(*RELATED, "order_line__plant")
    view_deed = "crm.view"

    @part("crm.view", gives=PromiseChainShown)
    def why(self, request: Request, pk: str) -> Response:
        """Line, operation and machine, plan, fact, and the facts before it; an old version's stands as it was."""
        promise = self.get_object()
        with timezone.override(promise.order_line.plant.time_zone):
            chain = chain_of(promise)
        told = {"promise": promise.pk, "promised_at": promise.promised_at, "chain": chain}
        return Response(PromiseChainShown(told).data)


router = SimpleRouter()
router.register("crm/promises", PromiseChains, basename="promise-chains")

urlpatterns = router.urls
