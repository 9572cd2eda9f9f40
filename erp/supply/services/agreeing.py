"""What is agreed with a subcontractor when a line is ordered: which components we supply, kept for him when free."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from django.db import connection

from erp.stock.locks import hold_balances
from erp.stock.models import Reservation
from erp.stock.services import StockDemand, reserve
from erp.supply.models import PlannedComponent, PurchaseOrder, PurchaseOrderLine
from erp.supply.services.supplied import NoComponents, components, still_to_send
from masterdata.numbers import ZERO
from masterdata.statements import columns

# The supplier's fee for the material that holds on the day of the order, and the lines of the BOM in force. A line
# bought by a fee without a BOM comes with no component.
_FEES = """
    SELECT l.id, l.line_no, m.code, s.name, bom.id
    FROM erp_purchaseorderline l
    JOIN erp_purchaseorder o ON o.id = l.order_id
    JOIN masterdata_plant p ON p.id = o.plant_id
    JOIN masterdata_material m ON m.id = l.material_id
    JOIN masterdata_partner s ON s.id = o.supplier_id
    JOIN LATERAL (SELECT min(x.lead_time_days) AS days FROM erp_supplierprice x
        WHERE x.supplier_id = o.supplier_id AND x.material_id = l.material_id AND x.is_subcontract
            AND coalesce(x.valid_from, '-infinity') <= (o.ordered_at AT TIME ZONE p.time_zone)::date
            AND coalesce(x.valid_until, 'infinity') >= (o.ordered_at AT TIME ZONE p.time_zone)::date
    ) fee ON fee.days IS NOT NULL
    LEFT JOIN masterdata_bom bom ON bom.material_id = l.material_id AND bom.state = 'frozen'
    WHERE l.id = ANY(%s) ORDER BY l.id
"""
_AGREE = """
    INSERT INTO erp_suppliedcomponent (order_line_id, line_no, material_id, quantity, base_qty, scrap_percent,
        lead_days, sent_qty, used_qty, returned_qty)
    SELECT l.id, b.line_no, b.component_id, b.quantity, bom.base_qty, b.scrap_percent,
        coalesce((SELECT min(x.lead_time_days) FROM erp_supplierprice x
            WHERE x.supplier_id = o.supplier_id AND x.material_id = l.material_id), 0), 0, 0, 0
    FROM erp_purchaseorderline l
    JOIN erp_purchaseorder o ON o.id = l.order_id
    JOIN masterdata_bom bom ON bom.material_id = l.material_id AND bom.state = 'frozen'
    JOIN masterdata_bomline b ON b.bom_id = bom.id
    WHERE l.id = ANY(%s) ORDER BY l.id, b.line_no
"""
_HOLD_LINES = """
    SELECT l.id FROM erp_purchaseorderline l
    WHERE l.id IN (SELECT p.purchase_order_line_id FROM erp_peg p WHERE p.transfer_id = ANY(%s))
    ORDER BY l.id FOR NO KEY UPDATE
"""
_UNPEG = """
    WITH gone AS (
        DELETE FROM erp_peg p USING erp_plannedorder n
        WHERE n.id = ANY(%s) AND n.kind = 'buy' AND p.transfer_id = n.id
        RETURNING p.purchase_order_line_id AS id, p.quantity - p.received_qty AS quantity
    )
    UPDATE erp_purchaseorderline l SET pegged_qty = l.pegged_qty - g.quantity
    FROM (SELECT id, sum(quantity) AS quantity FROM gone GROUP BY 1) g WHERE l.id = g.id
"""
_LET_GO = """
    UPDATE erp_reservation r SET quantity = r.quantity - n.quantity
    FROM unnest(%s::bigint[], %s::numeric[]) AS n(id, quantity) WHERE r.id = n.id
"""
_FREE = """
    UPDATE erp_stockbalance b SET reserved = b.reserved - n.quantity
    FROM unnest(%s::bigint[], %s::numeric[]) AS n(id, quantity) WHERE b.id = n.id
"""


def agree_components(line_ids: Collection[int]) -> None:
    """Lines that are bought for a fee get the components of the BOM in force, for good. Raises NoComponents."""
    with connection.cursor() as cursor:
        cursor.execute(_FEES, [sorted(line_ids)])
        rows = cursor.fetchall()
    for line_id, line_no, code, supplier, bom_id in rows:
        if bom_id is None:
            raise NoComponents(
                f"Line {line_no}: {supplier} makes {code} of what we supply, but it has no BOM in force: write and "
                "freeze one first.",
                line_id=line_id,
            )
    write_components([row[0] for row in rows])


def write_components(line_ids: Collection[int]) -> None:
    """These lines are supplied with what their materials' BOMs in force say."""
    if line_ids:
        with connection.cursor() as cursor:
            cursor.execute(_AGREE, [sorted(line_ids)])


def keep_components(*, order: PurchaseOrder, now: dt.datetime, line_ids: Collection[int] | None = None) -> None:
    """Keep for the lines (none named: all) what they still have to send, as far as it is free; let go what is too much.

    Hard, so that no other demand takes it. The order's lines are locked by the caller; locks balances.
    """
    known = components(order, line_ids)
    if not known:
        return
    hold_balances(plant_ids=[order.plant_id], material_ids={one.material_id for one in known.values()})
    rows = list(Reservation.objects.filter(supplied_component__in=known, quantity__gt=0).order_by("-id"))
    kept: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        kept[row.supplied_component_id or 0] += row.quantity
    wanted = {pk: still_to_send(one, one.order_line) for pk, one in known.items()}
    loose = []
    for row in rows:
        pk = row.supplied_component_id or 0
        part = min(row.quantity, kept[pk] - wanted[pk])
        if part > 0:
            kept[pk] -= part
            loose.append((row, part))
    _let_go(loose)
    reserve(
        demands=[
            StockDemand(
                plant_id=order.plant_id,
                material_id=one.material_id,
                quantity=wanted[pk] - kept[pk],
                supplied_component_id=pk,
                kind=Reservation.Kind.HARD,
            )
            for pk, one in known.items()
            if wanted[pk] > kept[pk]
        ],
        now=now,
    )


def supply_new(orders: Collection[PurchaseOrder], lines: Collection[PurchaseOrderLine], now: dt.datetime) -> None:
    """Lines just ordered for a fee get their components, kept for them as far as they are free."""
    write_components([line.pk for line in lines])
    supplied = {line.order_id for line in lines}
    for order in orders:
        if order.pk in supplied:
            keep_components(order=order, now=now)


def forget_planned_components(planned_order_ids: Collection[int]) -> None:
    """What planned orders needed of components is the purchase order's to say now; planning pegs it anew."""
    components_of = PlannedComponent.objects.filter(planned_order__in=planned_order_ids)
    if not components_of.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_LINES, [sorted(planned_order_ids)])
        cursor.execute(_UNPEG, [sorted(planned_order_ids)])
    components_of.delete()


def _let_go(loose: list[tuple[Reservation, Decimal]]) -> None:
    if not loose:
        return
    free: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row, part in loose:
        free[row.balance_id] += part
    with connection.cursor() as cursor:
        cursor.execute(_LET_GO, columns([(row.pk, part) for row, part in loose]))
        cursor.execute(_FREE, columns(sorted(free.items())))
