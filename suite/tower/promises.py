"""Promises kept, and the open orders that will not keep theirs, each with its cause."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from crm import selectors as crm_now
from crm.models import Promise
from erp.models import SalesOrderLine
from masterdata.lateness import GRACE
from masterdata.line import Station
from masterdata.numbers import ZERO

TARGET_PERCENT = 95
WEEKS = 12
NARROW = dt.timedelta(days=1)

# Unfinished operations of orders that are planned on machines which are down now.
_STOPPED = """
    SELECT DISTINCT ON (l.order_id) l.order_id, m.id, m.code, d.since_at
    FROM erp_salesorderline l
    JOIN erp_workorder w ON w.sales_order_line_id = l.id AND w.state IN ('proposed', 'firm', 'released')
    JOIN erp_workorderoperation o ON o.work_order_id = w.id AND o.finished_at IS NULL
    JOIN masterdata_machine m ON m.id = coalesce(o.planned_machine_id, o.machine_id)
    JOIN mes_downtime d ON d.machine_id = m.id AND d.until_at IS NULL
    WHERE l.order_id = ANY(%s) ORDER BY l.order_id, d.since_at
"""
# Goods that orders wait for and that nobody has ordered, or that are overdue.
_GOODS = """
    SELECT DISTINCT ON (l.order_id) l.order_id, m.name, po.id, po.number
    FROM erp_salesorderline l
    JOIN erp_workorder w ON w.sales_order_line_id = l.id
    JOIN erp_workordermaterial n ON n.work_order_id = w.id
    JOIN erp_peg g ON g.work_order_material_id = n.id AND g.received_qty < g.quantity AND g.work_order_id IS NULL
    JOIN masterdata_material m ON m.id = n.material_id
    LEFT JOIN erp_purchaseorderline pl ON pl.id = g.purchase_order_line_id
    LEFT JOIN erp_purchaseorder po ON po.id = pl.order_id
    WHERE l.order_id = ANY(%s) AND (pl.id IS NULL OR coalesce(pl.confirmed_at, pl.due_at) < %s)
    ORDER BY l.order_id, pl.due_at NULLS FIRST
"""


@dataclass(frozen=True, slots=True)
class Week:
    """One week's bar: `percent` of the lines delivered in it were in time; none: nothing was delivered."""

    starts_on: dt.date
    kept: int
    all: int

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.kept) / self.all if self.all else None

    @property
    def is_under(self) -> bool:
        return self.percent is not None and self.percent < TARGET_PERCENT


@dataclass(frozen=True, slots=True)
class Reliability:
    weeks: list[Week]

    @property
    def kept(self) -> int:
        return sum(week.kept for week in self.weeks)

    @property
    def all(self) -> int:
        return sum(week.all for week in self.weeks)

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.kept) / self.all if self.all else None


def reliability(plant_ids: Collection[int], now: dt.datetime) -> Reliability:
    """The lines delivered in the last twelve weeks."""
    monday = (now - dt.timedelta(days=now.weekday())).date()
    first = monday - dt.timedelta(weeks=WEEKS - 1)
    since = dt.datetime.combine(first, dt.time(), tzinfo=dt.UTC)
    found: dict[int, list[bool]] = defaultdict(list)
    for line in crm_now.delivered_lines(plant_ids=plant_ids, since=since):
        found[min((line.at - since).days // 7, WEEKS - 1)].append(line.is_kept)
    return Reliability(
        [Week(first + dt.timedelta(weeks=n), sum(found[n]), len(found[n])) for n in range(WEEKS)],
    )


@dataclass(slots=True)
class Cause:
    """Why: an icon, what, a detail, and where it leads."""

    icon: str
    title: str
    detail: str = ""
    url_name: str = ""
    pk: int = 0


@dataclass(slots=True)
class OpenOrder:
    """A confirmed order with something still to ship: its worst line counts, and the one least sure."""

    pk: int
    number: str
    customer: str
    plant_id: int = 0
    amount: Decimal = ZERO
    promised_at: dt.datetime | None = None
    expected_at: dt.datetime | None = None
    spare: dt.timedelta | None = None
    sure_percent: int | None = None
    line_ids: list[int] = field(default_factory=list)
    stations: Sequence[Station] = ()
    cause: Cause | None = None

    @property
    def is_late(self) -> bool:
        return self.spare is not None and self.spare <= -GRACE

    @property
    def is_unsure(self) -> bool:
        """In time but not sure enough; where too little was observed to say, with less than a day to spare."""
        if self.spare is None or self.is_late:
            return False
        return self.spare < NARROW if self.sure_percent is None else self.sure_percent < crm_now.SURE_PERCENT

    @property
    def weight(self) -> Decimal:
        """Money times days late; what is only unsure comes after."""
        late = -(self.spare or dt.timedelta(0)) / dt.timedelta(days=1)
        return self.amount * Decimal(late) if late > 0 else Decimal(late)


def open_orders(lines: Iterable[Any]) -> list[OpenOrder]:
    """Orders from their open lines (values of `open_lines`)."""
    found: dict[int, OpenOrder] = {}
    for line in lines:
        order = found.setdefault(
            line["order_id"], OpenOrder(line["order_id"], line["order__number"], line["order__customer__name"])
        )
        order.amount += line["net_amount"]
        order.line_ids.append(line["pk"])
        promised, expected = line["promised_at"], line["expected_at"]
        if promised and expected and (order.spare is None or promised - expected < order.spare):
            order.spare, order.promised_at, order.expected_at = promised - expected, promised, expected
            order.plant_id = line["plant_id"]
        sure = line["outlook__sure_percent"]
        if sure is not None and (order.sure_percent is None or sure < order.sure_percent):
            order.sure_percent = sure
    return list(found.values())


def open_lines(plant_ids: Collection[int]) -> Iterable[Any]:
    """What is confirmed and not shipped, of these plants."""
    from django.db.models import F

    rows = SalesOrderLine.objects.filter(
        plant__in=plant_ids,
        shipped_qty__lt=F("quantity"),
        order__confirmed_at__isnull=False,
        order__cancelled_at=None,
    )
    order = "order_id", "order__number", "order__customer__name"
    own = "pk", "plant_id", "net_amount", "promised_at", "expected_at", "outlook__sure_percent"
    return rows.order_by("order_id", "line_no").values(*order, *own)


def name_causes(orders: Sequence[OpenOrder], now: dt.datetime) -> None:
    """Give each order the cause that is known: a stopped machine, goods that lack, else what its promise says."""
    ids = [order.pk for order in orders]
    with connection.cursor() as cursor:
        cursor.execute(_STOPPED, [ids])
        stopped = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_GOODS, [ids, now])
        goods = {row[0]: row[1:] for row in cursor.fetchall()}
    lines = [pk for order in orders for pk in order.line_ids]
    told: dict[int, Promise] = {}
    for promise in Promise.objects.filter(order_line__in=lines, version_no__gt=1, closed_at=None):
        told[promise.order_line_id] = promise
    for order in orders:
        order.cause = _cause(order, stopped, goods, told, now)


def _cause(order: OpenOrder, stopped: Any, goods: Any, told: dict[int, Promise], now: dt.datetime) -> Cause:
    if order.pk in stopped:
        machine_id, code, since = stopped[order.pk]
        minutes = int((now - since).total_seconds() // 60)
        since_words = _("%(h)d h %(m)02d min") % {"h": minutes // 60, "m": minutes % 60}
        title = _("%(code)s stopped") % {"code": code}
        return Cause("engine-off", title, since_words, "masterdata:machine", machine_id)
    if order.pk in goods:
        name, purchase_id, number = goods[order.pk]
        if purchase_id:
            return Cause("truck-delivery", name, _("%(number)s is overdue") % {"number": number},
                         "erp:purchase_order", purchase_id)  # fmt: skip
        return Cause("packages", name, _("nobody has ordered it"))
    promise = next((told[pk] for pk in order.line_ids if pk in told), None)
    if promise is not None:
        return Cause("flag", promise.cause, promise.get_reason_display(), "erp:order", order.pk)
    return Cause("hourglass", _("Queue before its machines"), _("the plan has no room left"), "erp:order", order.pk)
