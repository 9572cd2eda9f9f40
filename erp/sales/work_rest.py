"""Work orders over REST, with what concerns the order that waits for them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.production import rest as production
from erp.sales.services.short_close import close_short
from masterdata.api.deeds import deed
from masterdata.api.serializers import Body


class ShortBody(Body):
    reason = serializers.CharField(max_length=200)


class WorkOrders(production.WorkOrders):
    """What is made: materials, operations, planned and real times."""

    @deed("erp.release_work_order", takes=ShortBody)
    def close_short(self, request: Request, pk: str) -> Response:
        """End it with what is reported; what an order lacks by it is supplied again."""
        return self._done(close_short)


VIEWSETS: list[tuple[str, Any]] = [("work-orders", WorkOrders)]
