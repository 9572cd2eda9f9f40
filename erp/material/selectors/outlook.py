"""What will be there when: stock now, then everything that comes and goes in the order of days, with the balance.

It counts gross: all that lies in the plant's stock places (also what is kept for an order), all that is still to be
issued or shipped, all that work, purchases and planned orders still bring. So nothing is counted twice, whoever it is
for. What was due earlier and is still open counts today.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection

from erp.production.selectors.yields import YIELD
from masterdata.models import MaterialPlant, Plant
from masterdata.numbers import ZERO

LINE, NEED, TRANSFER, SUPPLIED = "sales_line", "need", "transfer", "supplied"
WORK, BOUGHT, PLANNED = "work_order", "purchase_line", "planned_order"
DEMANDS = (LINE, NEED, TRANSFER, SUPPLIED)

_STOCK = """
    SELECT b.material_id, b.plant_id, sum(b.on_hand), sum(b.on_hand) FILTER (WHERE b.sales_order_id IS NULL)
        - coalesce(sum(b.reserved) FILTER (WHERE b.sales_order_id IS NULL), 0)
    FROM erp_stockbalance b
    JOIN masterdata_location l ON l.id = b.location_id AND l.kind = 'stock' AND NOT l.is_blocked
    LEFT JOIN erp_lot t ON t.id = b.lot_id
    WHERE b.plant_id = ANY(%(plants)s) AND b.material_id = ANY(%(materials)s) AND t.is_blocked IS NOT TRUE
    GROUP BY 1, 2
"""
# kind, id, material, plant, day, quantity, document's id and number, is it firm, the customer order behind it.
_EVENTS = f"""
    SELECT 'sales_line', l.id, l.material_id, l.plant_id,
        (coalesce(l.promised_at AT TIME ZONE p.time_zone, (l.wanted_on + 1)::timestamp)
            - make_interval(mins => p.transport_min) - interval '1 second')::date,
        l.shipped_qty - l.quantity, o.id, o.number || '/' || l.line_no, true, o.id, o.number
    FROM erp_salesorderline l
    JOIN erp_salesorder o ON o.id = l.order_id AND o.confirmed_at IS NOT NULL AND o.cancelled_at IS NULL
    JOIN masterdata_plant p ON p.id = l.plant_id
    WHERE l.plant_id = ANY(%(plants)s) AND l.material_id = ANY(%(materials)s) AND l.shipped_qty < l.quantity
    UNION ALL
    SELECT 'need', m.id, m.material_id, w.plant_id,
        coalesce((q.planned_start_at AT TIME ZONE p.time_zone)::date, w.start_by_on,
            (w.planned_start_at AT TIME ZONE p.time_zone)::date),
        m.issued_qty - m.quantity, w.id, w.number, w.state <> 'proposed', o.id, o.number
    FROM erp_workordermaterial m
    JOIN erp_workorder w ON w.id = m.work_order_id AND w.state IN ('proposed', 'firm', 'released')
    JOIN masterdata_plant p ON p.id = w.plant_id
    LEFT JOIN erp_workorderoperation q ON q.work_order_id = w.id AND q.sequence = m.operation_sequence
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder o ON o.id = l.order_id
    WHERE w.plant_id = ANY(%(plants)s) AND m.material_id = ANY(%(materials)s) AND m.issued_qty < m.quantity
    UNION ALL
    SELECT 'transfer', n.id, n.material_id, n.source_plant_id, n.order_by_on, -n.quantity, n.id, t.code, n.is_firm,
        NULL, NULL
    FROM erp_plannedorder n JOIN masterdata_plant t ON t.id = n.plant_id
    WHERE n.kind = 'transfer' AND n.closed_at IS NULL AND n.transfer_line_id IS NULL
        AND n.source_plant_id = ANY(%(plants)s) AND n.material_id = ANY(%(materials)s)
    UNION ALL
    SELECT 'transfer', n.id, c.material_id, n.plant_id, n.order_by_on, -c.quantity, n.id, m.code, n.is_firm, NULL, NULL
    FROM erp_plannedcomponent c
    JOIN erp_plannedorder n ON n.id = c.planned_order_id AND n.kind = 'buy' AND n.closed_at IS NULL
    JOIN masterdata_material m ON m.id = n.material_id
    WHERE n.plant_id = ANY(%(plants)s) AND c.material_id = ANY(%(materials)s)
    UNION ALL
    SELECT 'supplied', d.component_id, d.material_id, d.plant_id, d.send_on, -d.to_send, o.id, o.number, true, NULL,
        NULL
    FROM erp_componentdemand d JOIN erp_purchaseorder o ON o.id = d.order_id
    WHERE d.plant_id = ANY(%(plants)s) AND d.material_id = ANY(%(materials)s) AND d.to_send > 0
    UNION ALL
    SELECT 'work_order', w.id, w.material_id, w.plant_id,
        coalesce((w.planned_end_at AT TIME ZONE p.time_zone)::date, w.needed_on),
        y.quantity - w.good_qty, w.id, w.number, w.state <> 'proposed', o.id, o.number
    FROM erp_workorder w
    JOIN LATERAL ({YIELD}) y ON true
    JOIN masterdata_plant p ON p.id = w.plant_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder o ON o.id = l.order_id
    WHERE w.plant_id = ANY(%(plants)s) AND w.material_id = ANY(%(materials)s)
        AND w.state IN ('proposed', 'firm', 'released') AND y.quantity > w.good_qty
    UNION ALL
    SELECT 'work_order', w.id, b.material_id, w.plant_id,
        coalesce((w.planned_end_at AT TIME ZONE p.time_zone)::date, w.needed_on),
        (floor(y.quantity * b.quantity / (yb.base_qty * u.rounding))
            - floor(w.good_qty * b.quantity / (yb.base_qty * u.rounding))) * u.rounding,
        w.id, w.number, w.state <> 'proposed', NULL, NULL
    FROM masterdata_bombyproduct b JOIN masterdata_bom yb ON yb.id = b.bom_id
    JOIN masterdata_unit u ON u.id = b.unit_id
    JOIN erp_workorder w ON w.bom_id = yb.id AND w.state IN ('proposed', 'firm', 'released')
    JOIN LATERAL ({YIELD}) y ON true
    JOIN masterdata_plant p ON p.id = w.plant_id
    WHERE w.plant_id = ANY(%(plants)s) AND b.material_id = ANY(%(materials)s)
        AND floor(y.quantity * b.quantity / (yb.base_qty * u.rounding))
            > floor(w.good_qty * b.quantity / (yb.base_qty * u.rounding))
    UNION ALL
    SELECT 'purchase_line', l.id, l.material_id, o.plant_id,
        (coalesce(l.confirmed_at, l.due_at) AT TIME ZONE p.time_zone)::date,
        l.quantity - l.received_qty, o.id, o.number, l.confirmed_at IS NOT NULL, NULL, NULL
    FROM erp_purchaseorderline l
    JOIN erp_purchaseorder o ON o.id = l.order_id AND o.cancelled_at IS NULL
    JOIN masterdata_plant p ON p.id = o.plant_id
    WHERE o.plant_id = ANY(%(plants)s) AND l.material_id = ANY(%(materials)s) AND l.received_qty < l.quantity
    UNION ALL
    SELECT 'planned_order', n.id, n.material_id, n.plant_id, (n.due_at AT TIME ZONE p.time_zone)::date, n.quantity,
        n.id, coalesce(t.code, ''), n.is_firm, NULL, NULL
    FROM erp_plannedorder n JOIN masterdata_plant p ON p.id = n.plant_id
    LEFT JOIN masterdata_plant t ON t.id = n.source_plant_id
    WHERE n.closed_at IS NULL AND n.plant_id = ANY(%(plants)s) AND n.material_id = ANY(%(materials)s)
"""  # noqa: S608 (constants)


@dataclass(slots=True)
class Event:
    """One demand (below zero) or supply of a day. `balance` is what is there after it; `was_on` the day it was due.

    `is_firm`: nobody's proposal; of a purchase: the supplier confirmed the day. `number` of a transfer or planned order
    is the other plant's code, of one that a subcontractor needs it for what he makes of it.
    """

    kind: str
    id: int
    on: dt.date
    was_on: dt.date | None
    quantity: Decimal
    document_id: int
    number: str
    is_firm: bool
    order_id: int | None
    order_number: str
    balance: Decimal = ZERO

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from every other one."""
        return self.kind, self.id

    @property
    def is_demand(self) -> bool:
        """Whether it takes."""
        return self.kind in DEMANDS

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed."""
        return self.was_on is not None and self.was_on < self.on


@dataclass(slots=True)
class Outlook:
    """A material in a plant from `today` on. Quantities in base units; `free` is neither reserved nor an order's."""

    material_id: int
    plant: Plant
    today: dt.date
    on_hand: Decimal = ZERO
    free: Decimal = ZERO
    safety_stock: Decimal = ZERO
    lead_time_days: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing is there, comes or goes."""
        return not self.events and not self.on_hand

    @property
    def days(self) -> list[tuple[dt.date, Decimal]]:
        """The balance at the end of each day on which something happens."""
        return list({event.on: event.balance for event in self.events}.items())

    @property
    def lowest(self) -> tuple[dt.date, Decimal]:
        """The first day on which the least is there, at its end."""
        return min([(self.today, self.on_hand), *self.days], key=lambda one: (one[1], one[0]))

    @property
    def short_on(self) -> dt.date | None:
        """The first day at whose end less than nothing is there."""
        return next((on for on, balance in self.days if balance < 0), None)

    @property
    def below_safety_on(self) -> dt.date | None:
        """The first day at whose end less than the safety stock is there."""
        if not self.safety_stock:
            return None
        ends = [(self.today, self.on_hand), *self.days]
        return next((on for on, balance in ends if balance < self.safety_stock), None)

    @property
    def next_supply(self) -> Event | None:
        """What comes next."""
        return next((event for event in self.events if not event.is_demand), None)

    def available_on(self, quantity: Decimal) -> dt.date | None:
        """The first day from which on so much can be taken and nobody else lacks it; None: not with what is known.

        What is not free today is kept for somebody: then it is a day on which something comes.
        """
        least, found = None, None
        ends = {self.today: self.on_hand} | dict(self.days)
        comes = {event.on for event in self.events if not event.is_demand}
        if self.free >= quantity:
            comes.add(self.today)
        for on, balance in sorted(ends.items(), reverse=True):
            least = balance if least is None else min(least, balance)
            if least < quantity:
                break
            found = on if on in comes else found
        return found


def outlooks(
    *, material_ids: Collection[int], plant_ids: Collection[int], now: dt.datetime
) -> dict[tuple[int, int], Outlook]:
    """The outlook of each material in each plant, by (material, plant), by four queries however many there are.

    Supply of a day comes before its demand. `plant_ids` are those that the caller may see.
    """
    plants = Plant.objects.in_bulk(list(plant_ids))
    found = {
        (material_id, plant.pk): Outlook(material_id, plant, now.astimezone(ZoneInfo(plant.time_zone)).date())
        for material_id in material_ids
        for plant in plants.values()
    }
    parameters = MaterialPlant.objects.filter(material__in=list(material_ids), plant__in=plants)
    for row in parameters:
        one = found[row.material_id, row.plant_id]
        one.safety_stock, one.lead_time_days = row.safety_stock, row.lead_time_days
    values = {"plants": list(plants), "materials": list(material_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_STOCK, values)
        for material_id, plant_id, on_hand, free in cursor.fetchall():
            one = found[material_id, plant_id]
            one.on_hand, one.free = on_hand, free or ZERO
        cursor.execute(_EVENTS, values)
        _take(found, cursor.fetchall())
    return found


def _take(found: Mapping[tuple[int, int], Outlook], rows: list[tuple]) -> None:
    events: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for kind, pk, material_id, plant_id, on, quantity, document_id, number, is_firm, order_id, order in rows:
        today = found[material_id, plant_id].today
        event = Event(
            kind, pk, max(on or today, today), on, quantity, document_id, number, is_firm, order_id, order or ""
        )
        events[material_id, plant_id].append(event)
    for key, mine in events.items():
        mine.sort(key=lambda event: (event.on, event.is_demand, event.kind, event.id))
        balance = found[key].on_hand
        for event in mine:
            balance += event.quantity
            event.balance = balance
        found[key].events = mine
