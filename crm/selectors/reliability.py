"""Promises kept: of the lines delivered in a time, by cause, sales person, product, customer and month.

The measure is the day first promised (else the one wanted), as in `crm.selectors.kept`. A line that missed it is owed
to the cause of the version that first went past that day; where no version did, it simply left late.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Promise

LEFT_LATE = "shipping"
"""The cause of a line that its promises kept to the end, and that was shipped too late."""
BY = ("cause", "person", "customer", "product", "month")

_LINES = """
    SELECT l.id, l.order_id, l.plant_id, o.customer_id, c.name, l.material_id, m.name, coalesce(who.id, 0),
        coalesce(nullif(trim(who.first_name || ' ' || who.last_name), ''), who.username, ''),
        d.at, d.at AT TIME ZONE p.time_zone, due.on_day, first.promised_at IS NULL,
        CASE WHEN (d.at AT TIME ZONE p.time_zone)::date <= due.on_day THEN '' ELSE coalesce(
            (SELECT b.reason FROM crm_promise b WHERE b.order_line_id = l.id AND b.version_no > 1
                AND (b.promised_at AT TIME ZONE p.time_zone)::date > due.on_day ORDER BY b.version_no LIMIT 1),
            'shipping') END
    FROM erp_salesorderline l
    JOIN erp_salesorder o ON o.id = l.order_id
    JOIN masterdata_partner c ON c.id = o.customer_id
    JOIN masterdata_material m ON m.id = l.material_id
    JOIN masterdata_plant p ON p.id = l.plant_id
    JOIN LATERAL (
        SELECT max(s.shipped_at) AS shipped_at, max(s.shipped_at + make_interval(mins => p.transport_min)) AS at
        FROM erp_shipmentline sl JOIN erp_shipment s ON s.id = sl.shipment_id AND s.shipped_at IS NOT NULL
        WHERE sl.order_line_id = l.id
    ) d ON d.at IS NOT NULL
    LEFT JOIN crm_promise first ON first.order_line_id = l.id AND first.version_no = 1
    CROSS JOIN LATERAL (SELECT coalesce(
        (coalesce(first.promised_at, l.promised_at) AT TIME ZONE p.time_zone)::date, l.wanted_on) AS on_day) due
    LEFT JOIN crm_quotation q ON q.order_id = o.id
    LEFT JOIN LATERAL (
        SELECT f.by_id FROM masterdata_factrecord f
        WHERE q.id IS NULL AND f.subject = 'order:' || o.id AND f.kind = 'OrderConfirmed' ORDER BY f.stated_at LIMIT 1
    ) confirmed ON true
    LEFT JOIN masterdata_user who ON who.id = coalesce(q.made_by_id, confirmed.by_id)
    WHERE l.plant_id = ANY(%(plants)s) AND l.quantity > 0 AND l.shipped_qty = l.quantity
        AND d.shipped_at >= %(since)s AND d.shipped_at < %(until)s
    ORDER BY d.at, l.id
"""
_UNCOUNTED = """
    SELECT count(*) FILTER (WHERE NOT gone),
        count(*) FILTER (WHERE NOT gone AND due < (%(now)s AT TIME ZONE time_zone)::date),
        count(*) FILTER (WHERE gone)
    FROM (
        SELECT l.quantity = 0 OR o.cancelled_at IS NOT NULL AS gone, p.time_zone,
            coalesce((coalesce(l.first_promised_at, l.promised_at) AT TIME ZONE p.time_zone)::date, l.wanted_on) AS due
        FROM erp_salesorderline l
        JOIN erp_salesorder o ON o.id = l.order_id AND o.confirmed_at IS NOT NULL
        JOIN masterdata_plant p ON p.id = l.plant_id
        WHERE l.plant_id = ANY(%(plants)s) AND o.confirmed_at < %(until)s
            AND (l.shipped_qty < l.quantity OR l.quantity = 0)
            AND (o.cancelled_at IS NULL OR o.cancelled_at >= %(since)s)
    ) x
"""


@dataclass(frozen=True, slots=True)
class DeliveredLine:
    """An order line that was delivered whole. `cause` is empty when it was kept, else what broke it."""

    line_id: int
    order_id: int
    plant_id: int
    customer_id: int
    customer: str
    material_id: int
    product: str
    person_id: int
    person: str
    at: dt.datetime
    at_plant: dt.datetime
    due_on: dt.date
    is_by_wish: bool
    cause: str

    @property
    def is_kept(self) -> bool:
        return not self.cause

    @property
    def days_late(self) -> int:
        return max((self.at_plant.date() - self.due_on).days, 0)


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """Lines that have something in common: `key` finds them again, `label` names it."""

    key: str
    label: str
    delivered: int
    kept: int

    @property
    def broken(self) -> int:
        return self.delivered - self.kept

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.kept) / self.delivered if self.delivered else None


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Lines that say nothing yet: open (of them past the day first promised), cancelled."""

    open: int
    overdue: int
    cancelled: int


def since_of(months: int, now: dt.datetime) -> dt.datetime:
    """The first of the month so many months ago, this one counted."""
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    number = first.year * 12 + first.month - 1 - (months - 1)
    return first.replace(year=number // 12, month=number % 12 + 1)


def lines_delivered(*, plant_ids: Collection[int], since: dt.datetime, until: dt.datetime) -> list[DeliveredLine]:
    """The lines of these plants whose last piece left in that time. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"plants": list(plant_ids), "since": since, "until": until})
        return [DeliveredLine(*row) for row in cursor.fetchall()]


def lines_uncounted(
    *, plant_ids: Collection[int], since: dt.datetime, until: dt.datetime, now: dt.datetime
) -> Uncounted:
    """What is left out of the figures, so that nothing is left out in silence. One query."""
    values: dict[str, list[int] | dt.datetime] = {"plants": list(plant_ids), "since": since, "until": until, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_UNCOUNTED, values)
        return Uncounted(*cursor.fetchone())


def key_of(line: DeliveredLine, by: str) -> str:
    """In which group of a kind the line is."""
    keys: dict[str, Callable[[], str]] = {
        "cause": lambda: line.cause or "kept",
        "person": lambda: str(line.person_id),
        "customer": lambda: str(line.customer_id),
        "product": lambda: str(line.material_id),
        "month": lambda: f"{line.at_plant:%Y-%m}",
    }
    return keys[by]()


def kept_by(lines: Sequence[DeliveredLine], by: str) -> list[KeptGroup]:
    """Groups of a kind, those that broke most first; months in their order, the newest first."""
    groups = defaultdict[str, list[DeliveredLine]](list)
    for line in lines:
        groups[key_of(line, by)].append(line)
    found = [
        KeptGroup(key, _label(some[0], by), len(some), sum(line.is_kept for line in some))
        for key, some in groups.items()
    ]
    if by == "month":
        return sorted(found, key=lambda group: group.key, reverse=True)
    return sorted(found, key=lambda group: (-group.broken, -group.delivered, group.label))


def _label(line: DeliveredLine, by: str) -> str:
    if by == "cause":
        return cause_label(line.cause)
    if by == "month":
        return f"{line.at_plant:%b %Y}"
    return {"person": line.person or _("By an integration"), "customer": line.customer, "product": line.product}[by]


def cause_label(cause: str) -> str:
    if not cause:
        return _("Kept")
    return _("Left late, no promise moved") if cause == LEFT_LATE else str(Promise.Reason(cause).label)
