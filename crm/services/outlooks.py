"""How sure each open line of a plant is after a new plan, and what could come earlier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import F, Q

from crm.models import EarlierOffer, PromiseOutlook
from crm.selectors.confidence import Spread
from crm.selectors.exposures import spreads_of_lines
from crm.services.earlier import DAY, look_for_earlier
from erp.models import SalesOrderLine


def look_ahead(
    *,
    plant_id: int,
    plan_no: int,
    line_ids: Collection[int] | None,
    anew: Mapping[int, dt.datetime],
    now: dt.datetime,
) -> dict[int, Spread]:
    """Write the outlook of the plant's open lines (or of those named) and look for earlier dates; the lines' spreads.

    `anew` are locked: what these lines are promised with this plan, in place of what they were.
    """
    rows = SalesOrderLine.objects.filter(
        plant_id=plant_id,
        expected_at__isnull=False,
        shipped_qty__lt=F("quantity"),
        order__confirmed_at__isnull=False,
        order__cancelled_at__isnull=True,
    )
    if line_ids is not None:
        rows = rows.filter(pk__in=line_ids)
    lines = list(rows.select_related("plant").order_by("pk"))
    spreads = spreads_of_lines(lines, now=now)
    PromiseOutlook.objects.bulk_create(
        [_outlook(line, spreads[line.pk], anew.get(line.pk), plan_no, now) for line in lines],
        update_conflicts=True,
        unique_fields=["order_line"],
        update_fields=["p50_at", "p90_at", "sure_percent", "why_unknown", "plan_no", "seen_at"],
    )
    if line_ids is None:
        _look_for_earlier(plant_id, spreads, plan_no, now)
    return spreads


def _outlook(
    line: SalesOrderLine, spread: Spread, anew: dt.datetime | None, plan_no: int, now: dt.datetime
) -> PromiseOutlook:
    if line.expected_at is None:
        raise ValueError(f"order line {line.pk} has no expected date")
    due_at = anew or line.promised_at
    return PromiseOutlook(
        order_line=line,
        p50_at=spread.p50(line.expected_at),
        p90_at=spread.p90(line.expected_at),
        sure_percent=spread.sure(line.expected_at, due_at or line.expected_at),
        why_unknown=spread.why_unknown[:120],
        plan_no=plan_no,
        seen_at=now,
    )


def _look_for_earlier(plant_id: int, spreads: dict[int, Spread], plan_no: int, now: dt.datetime) -> None:
    """Lines that are expected a day or more before they are promised, and those with an open offer; locked by id."""
    offered = EarlierOffer.objects.filter(state=EarlierOffer.State.OPEN, order_line__plant_id=plant_id)
    rows = SalesOrderLine.objects.filter(
        Q(promised_at__gte=F("expected_at") + DAY) | Q(pk__in=offered.values("order_line")), pk__in=spreads
    )
    lines = list(rows.select_for_update(of=("self",), no_key=True).select_related("plant").order_by("pk"))
    if lines:
        look_for_earlier(lines=lines, spreads=spreads, plan_no=plan_no, now=now)
