"""Work orders over REST, with what concerns the order that waits for them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.production import rest as production
from erp.sales.services.releasing import release_work_order
from erp.sales.services.short_close import close_short
from erp.sales.services.splitting import split_work_order
from masterdata.api.deeds import deed
from masterdata.api.serializers import Amount, Body


class ShortBody(Body):
    reason = serializers.CharField(max_length=200)


class SplitBody(Body):
    """How many pieces go to a work order of their own, and why."""

    quantity = Amount()
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class WorkOrders(production.WorkOrders):
    """What is made: materials, operations, planned and real times."""

    @deed("erp.release_work_order", takes=production.ReleaseBody)
    def release(self, request: Request, pk: str) -> Response:
        """Freeze it and keep all that it needs: everything, or a refusal that lists what lacks; deposits come first."""
        return self._done(release_work_order)

    @deed("erp.release_work_order", takes=ShortBody)
    def close_short(self, request: Request, pk: str) -> Response:
        """End it with what is reported; what an order lacks by it is supplied again."""
        return self._done(close_short)

    @deed("erp.release_work_order", takes=SplitBody)
    def split(self, request: Request, pk: str) -> Response:
        """Pieces of which nothing is reported become a work order of their own, which is the answer."""
        order_id, given, version = self.row_id(), self.taken(), self.expected_version()
        made = split_work_order(
            work_order_id=order_id, now=timezone.now(), by=self.caller(), expected_version=version, **given
        )
        return self.answer(made.pk)


VIEWSETS: list[tuple[str, Any]] = [("work-orders", WorkOrders)]
