"""An order's status: the nine stations with percentages, derived from quantities for many orders at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from erp.production.selectors.yields import YIELD
from masterdata import statements
from masterdata.lateness import GRACE
from masterdata.line import STATION_KEYS, Station, station_now
from masterdata.numbers import ZERO
from masterdata.statements import Rows, Statement
from masterdata.worktime import MINUTE

_NAMES = [
    "id",
    "made_at",
    "quoted_at",
    "confirmed_at",
    "cancelled_at",
    "ordered",
    "shipped",
    "invoiced",
    "is_late",
    "expected_at",
    "quantity",
    "share",
    "ready_at",
    "planned_share",
    "done_share",
    "due_share",
    "ends_at",
    "left_at",
    "gross",
    "charged",
    "paid",
    "issued_at",
    "paid_at",
]
_SQL = f"""
    SELECT o.id, o.made_at, o.quoted_at, o.confirmed_at, o.cancelled_at,
           line.ordered, line.shipped, line.invoiced, line.is_late, line.expected_at,
           ready.quantity, material.share, material.ready_at,
           work.planned_share, work.done_share * covered.share AS done_share, work.due_share, work.ends_at,
           goods.left_at, bill.gross, bill.net / nullif(line.net, 0) AS charged, bill.paid, bill.issued_at, bill.paid_at
    FROM erp_salesorder o
    LEFT JOIN LATERAL (
        SELECT sum(quantity) AS ordered, sum(net_amount) AS net, sum(shipped_qty) AS shipped,
               sum(least(quantity, invoiced_qty + taken_back_qty)) AS invoiced,
               bool_or(shipped_qty < quantity
                       AND expected_at >= promised_at + make_interval(mins => %s)) AS is_late,
               max(expected_at) AS expected_at
        FROM erp_salesorderline WHERE order_id = o.id
    ) line ON true
    LEFT JOIN LATERAL (  -- made for a line, kept for it, or gone to the customer
        SELECT sum(least(l.quantity, greatest(l.shipped_qty,
                   coalesce(made.good, 0) + coalesce(kept.quantity, 0) + coalesce(gone.quantity, 0)))) AS quantity
        FROM erp_salesorderline l
        LEFT JOIN LATERAL (SELECT sum(w.good_qty) AS good FROM erp_workorder w
            WHERE w.sales_order_line_id = l.id AND w.path NOT LIKE '%%.%%' AND w.state <> 'cancelled') made ON true
        LEFT JOIN LATERAL (SELECT sum(r.quantity) AS quantity FROM erp_reservation r
            WHERE r.sales_order_line_id = l.id) kept ON true
        LEFT JOIN LATERAL (SELECT sum(m.quantity) AS quantity FROM erp_stockmove m
            WHERE m.sales_order_line_id = l.id AND m.kind = 'shipment' AND m.source_order_id IS NULL) gone ON true
        WHERE l.order_id = o.id
    ) ready ON true
    LEFT JOIN LATERAL (  -- of what is not made for the order: how much is here or already used
        SELECT avg(CASE WHEN w.state = 'closed' THEN 1 ELSE
                   least(1, (greatest(need.issued_qty, 0) + coalesce(kept.quantity, 0)) / need.quantity) END) AS share,
               max(coming.ready_at) AS ready_at
        FROM erp_workorder w
        JOIN erp_salesorderline l ON l.id = w.sales_order_line_id AND l.order_id = o.id
        JOIN erp_workordermaterial need ON need.work_order_id = w.id
            AND NOT EXISTS (SELECT FROM erp_peg p
                            WHERE p.work_order_material_id = need.id AND p.work_order_id IS NOT NULL)
        LEFT JOIN LATERAL (SELECT sum(r.quantity) AS quantity FROM erp_reservation r
            WHERE r.work_order_material_id = need.id) kept ON true
        LEFT JOIN LATERAL (SELECT max(coalesce(b.confirmed_at, b.due_at)) AS ready_at FROM erp_peg p
            JOIN erp_purchaseorderline b ON b.id = p.purchase_order_line_id
            WHERE p.work_order_material_id = need.id) coming ON true
        WHERE w.state <> 'cancelled'
    ) material ON true
    LEFT JOIN LATERAL (  -- weighted by the planned minutes of the pieces that can still become good
        SELECT coalesce(sum(minutes) FILTER (WHERE planned_end_at IS NOT NULL OR started_at IS NOT NULL), 0)
                   / sum(minutes) AS planned_share,
               sum(minutes * CASE WHEN finished_at IS NOT NULL THEN 1 ELSE least(1, reported / quantity) END)
                   / sum(minutes) AS done_share,
               coalesce(sum(minutes) FILTER (WHERE finished_at IS NOT NULL OR planned_end_at <= %s), 0)
                   / sum(minutes) AS due_share,
               max(coalesce(finished_at, planned_end_at)) AS ends_at
        FROM (
            SELECT op.planned_end_at, op.started_at, op.finished_at, op.good_qty + op.scrap_qty AS reported, w.quantity,
                   greatest((op.setup_min + op.run_min_per_unit * w.quantity) * y.quantity / w.quantity, 0.001)
                       AS minutes
            FROM erp_workorder w
            JOIN erp_salesorderline l ON l.id = w.sales_order_line_id AND l.order_id = o.id
            JOIN LATERAL ({YIELD}) y ON true
            JOIN erp_workorderoperation op ON op.work_order_id = w.id AND op.mends_id IS NULL
            WHERE w.state <> 'cancelled' AND NOT w.is_rework
        ) op
    ) work ON true
    LEFT JOIN LATERAL (  -- of the lines that are made: what is to become good, kept or gone, against what was ordered
        SELECT sum(least(l.quantity, made.good + coalesce(kept.quantity, 0) + coalesce(gone.quantity, 0)))
                   / nullif(sum(l.quantity), 0) AS share
        FROM erp_salesorderline l
        JOIN LATERAL (SELECT sum(y.quantity) AS good FROM erp_workorder w JOIN LATERAL ({YIELD}) y ON true
            WHERE w.sales_order_line_id = l.id AND w.path NOT LIKE '%%.%%' AND w.state <> 'cancelled') made
            ON made.good IS NOT NULL
        LEFT JOIN LATERAL (SELECT sum(r.quantity) AS quantity FROM erp_reservation r
            WHERE r.sales_order_line_id = l.id) kept ON true
        LEFT JOIN LATERAL (SELECT sum(m.quantity) AS quantity FROM erp_stockmove m
            WHERE m.sales_order_line_id = l.id AND m.kind = 'shipment' AND m.source_order_id IS NULL) gone ON true
        WHERE l.order_id = o.id
    ) covered ON true
    LEFT JOIN LATERAL (
        SELECT max(shipped_at) AS left_at FROM erp_shipment WHERE order_id = o.id
    ) goods ON true
    LEFT JOIN LATERAL (
        SELECT sum(i.gross) AS gross, sum(i.net) AS net, sum(a.paid * i.gross / nullif(d.gross_amount, 0)) AS paid,
               max(e.posted_at) AS issued_at, max(a.at) AS paid_at
        FROM (SELECT id, gross_amount AS gross, net_amount AS net FROM erp_invoice WHERE order_id = o.id
            UNION ALL  -- its part of what is charged together with other orders
            SELECT c.id, sum(x.net_amount + x.tax_amount), sum(x.net_amount) FROM erp_invoiceline x
            JOIN erp_invoice c ON c.id = x.invoice_id AND c.order_id IS NULL WHERE x.order_id = o.id GROUP BY c.id) i
        JOIN erp_invoice d ON d.id = i.id
        JOIN erp_journalentry e ON e.id = d.entry_id
        LEFT JOIN LATERAL (SELECT sum(al.amount) AS paid, max(al.made_at) AS at FROM erp_allocation al
            WHERE al.invoice_id = i.id) a ON true
    ) bill ON true
    WHERE o.id = ANY(%s)
"""  # noqa: S608 (a constant)


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """Where an order is. Nothing of it is stored or typed; it follows from quantities."""

    order_id: int
    stations: tuple[Station, ...]
    is_cancelled: bool = False

    @property
    def station(self) -> Station:
        """The station where the order is now."""
        return station_now(self.stations) or self.stations[-1]

    @property
    def state(self) -> str:
        """One word for it: cancelled, draft, or the key of the station that it has reached or stands in.

        When all work is done (or none is needed) and yet not all is ready, it waits for bought goods: "material". It
        is "confirmed" only while its material is there and no plan has its work.
        """
        if self.is_cancelled:
            return "cancelled"
        if not self.percent("confirmed"):
            return "draft"
        for key in ("paid", "invoiced", "shipped", "ready"):
            if self.percent(key) == 100:
                return key
        if 0 < self.percent("in_production") < 100:
            return "in_production"
        if self.percent("in_production") == 100:
            return "material"
        if self.percent("scheduled"):
            return "scheduled"
        return "material" if self.percent("material") < 100 else "confirmed"

    def percent(self, key: str) -> int:
        """How far a station is."""
        return int(next(station.percent for station in self.stations if station.key == key))


def order_status(order_ids: Collection[int], now: dt.datetime | None = None) -> dict[int, OrderStatus]:
    """The status of each order, by one query. `now` is what the plan's progress is compared with."""
    if not order_ids:
        return {}
    return statuses_of(statements.run(*status_query(order_ids, now)))


def status_query(order_ids: Collection[int], now: dt.datetime | None = None) -> Statement:
    """The query of `order_status`, for whoever asks it together with others; `statuses_of` reads its rows."""
    return _SQL, [GRACE // MINUTE, now or timezone.now(), statements.array(sorted(order_ids))]


def statuses_of(rows: Rows) -> dict[int, OrderStatus]:
    """The status of each order in the answer to `status_query`."""
    found = [_Row(zip(_NAMES, values, strict=True)) for values in rows]
    return {row["id"]: row.status() for row in found}


class _Row(dict[str, Any]):
    """One order's figures."""

    def status(self) -> OrderStatus:
        return OrderStatus(self["id"], tuple(self._station(key) for key in STATION_KEYS), bool(self["cancelled_at"]))

    def _station(self, key: str) -> Station:
        percent, at = self._reached(key)
        return Station(
            key=key,
            percent=percent,
            at=at,
            planned_percent=_percent(self["due_share"])
            if key == "in_production" and self["due_share"] is not None
            else None,
            late=bool(self["is_late"]) and percent < 100 and key in ("in_production", "ready", "shipped"),
        )

    def _reached(self, key: str) -> tuple[int, dt.datetime | None]:
        """Percent done (100 only when all of it is) and when, or when it is expected."""
        confirmed = self["confirmed_at"] is not None
        ordered = self["ordered"] or ZERO
        if key == "quoted":
            return 100, self["quoted_at"] or self["made_at"]
        if key == "confirmed":
            return (100 if confirmed else 0), self["confirmed_at"]
        if not confirmed:
            return 0, None
        if key in ("material", "scheduled", "in_production"):
            return self._work(key, ordered)
        if key == "paid":
            return self._paid(ordered), self["paid_at"]
        done, at = {
            "ready": (self["quantity"], self["ends_at"]),
            "shipped": (self["shipped"], self["left_at"] or self["expected_at"]),
            "invoiced": (self["invoiced"], self["issued_at"]),
        }[key]
        return _percent((done or ZERO) / ordered) if ordered else 0, at

    def _work(self, key: str, ordered: Decimal) -> tuple[int, dt.datetime | None]:
        """An order without work of its own needs no scheduling; its material is what its lines wait for."""
        share, at = {
            "material": (self["share"], self["ready_at"]),
            "scheduled": (self["planned_share"], None),
            "in_production": (self["done_share"], self["ends_at"]),
        }[key]
        if share is None and key == "material" and self["done_share"] is None:
            share = (self["quantity"] or ZERO) / ordered if ordered else ZERO
        return (100 if share is None else _percent(share)), at

    def _paid(self, ordered: Decimal) -> int:
        """The settled share of what is charged, times how much is charged: pieces, or with deposits, of the amount."""
        if not self["gross"] or not ordered:
            return 0
        charged = max((self["invoiced"] or ZERO) / ordered, min(Decimal(1), self["charged"] or ZERO))
        return _percent((self["paid"] or ZERO) / self["gross"] * charged)


def _percent(share: Decimal | None) -> int:
    """Rounded down: 100 means all of it."""
    return int(min(Decimal(100), (share or ZERO) * 100 + Decimal("0.0000001")))
