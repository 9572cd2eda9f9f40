"""What was promised for order lines, version by version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import F, QuerySet

from crm.models import Promise
from erp.models import SalesOrderLine
from masterdata.rights import visible_to


def promise_history(*, user: Any, order_id: int) -> QuerySet[Promise]:
    """All versions of an order's lines, the newest first, with the notices that tell of them."""
    return (
        visible_to(user, Promise.objects.filter(order_line__order_id=order_id))
        .select_related("order_line__material", "order_line__outlook", "fact", "machine", "operation")
        .prefetch_related("notice_lines__notice")
        .order_by("order_line__line_no", "-version_no")
    )


def expected_dates(plant_id: int) -> dict[int, dt.datetime]:
    """When each order line of the plant that is still to be shipped is expected, as the plan in force has it."""
    waiting = SalesOrderLine.objects.filter(
        plant_id=plant_id,
        expected_at__isnull=False,
        shipped_qty__lt=F("quantity"),
        order__confirmed_at__isnull=False,
        order__cancelled_at__isnull=True,
    )
    return {pk: at for pk, at in waiting.order_by("pk").values_list("pk", "expected_at") if at is not None}


def latest_promises(line_ids: Collection[int]) -> dict[int, Promise]:
    """The promise in force of each of these order lines that has one."""
    in_force = Promise.objects.filter(order_line_id__in=line_ids, closed_at__isnull=True)
    return {promise.order_line_id: promise for promise in in_force}
