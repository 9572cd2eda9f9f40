"""Goods between plants as supply: what is sent is firm for the plant it goes to, until it arrives or is given up.

What planning wanted moved is taken over by what really leaves, with whom it is for; what arrives is kept for them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from erp.stock import transit
from erp.stock.models import StockBalance, StockMove, Transfer, TransferLine
from erp.stock.services import reserve
from erp.stock.transferring import Piece
from erp.supply.models import Peg, PlannedOrder, PurchaseOrderLine
from erp.supply.services.pegs import another, cut_pegs, cut_surplus
from erp.supply.services.serving import demands_of
from masterdata.errors import InvalidInput
from masterdata.models import MaterialPlant, Plant
from masterdata.numbers import ZERO

Kind = PlannedOrder.Kind


@transaction.atomic
def send_transfer(
    *,
    pieces: Sequence[Piece],
    to_plant: Plant,
    now: dt.datetime,
    expected_at: dt.datetime | None = None,
    note: str = "",
    planned_order_ids: Collection[int] = (),
) -> Transfer:
    """Free stock leaves for another plant of the company, and is supply there from now on.

    It takes over what planning wanted moved between the two: `planned_order_ids` first, then what is due first. Without
    `expected_at` it is expected after the material's lead time in the other plant.

    Locks what was planned, purchase lines pegged to it, balances, the number series last. Raises
    InvalidInput, LocationBlocked, NotEnoughStock.
    """
    rows = list(
        StockBalance.objects.filter(pk__in=[piece.balance_id for piece in pieces]).values_list("plant", "material")
    )
    wanted = _hold_wanted({row[0] for row in rows}, {row[1] for row in rows}, to_plant, planned_order_ids)
    known = {one.pk for found in wanted.values() for one in found}
    if stranger := sorted(set(planned_order_ids) - known):
        raise InvalidInput(
            f"Planned order {stranger[0]} is no planned transfer of these goods to that plant, or has left already.",
            field="planned_orders",
        )
    transfer = transit.send_transfer(pieces=pieces, to_plant=to_plant, now=now, expected_at=expected_at, note=note)
    days = dict(
        MaterialPlant.objects.filter(plant=to_plant, material__in={row[1] for row in rows}).values_list(
            "material", "lead_time_days"
        )
    )
    for line in transfer.lines.order_by("line_no"):
        due_at = expected_at or now + dt.timedelta(days=days.get(line.material_id) or 0)
        coming = _coming(line, transfer, due_at)
        coming.save()
        left = line.quantity
        for planned in wanted[line.material_id]:
            left -= _take_over(planned, coming, left, now)
    return transfer


@transaction.atomic
def send_for_lines(
    *,
    pieces: Sequence[Piece],
    to_plant: Plant,
    now: dt.datetime,
    wanted: Sequence[tuple[int, int, Decimal]],
    expected_at: dt.datetime | None = None,
    note: str = "",
) -> Transfer:
    """Free stock leaves for another plant for known order lines: (material, order line, quantity). They wait for it.

    What planning wanted moved is left as it is. Locks and raises as `send_transfer`.
    """
    transfer = transit.send_transfer(pieces=pieces, to_plant=to_plant, now=now, expected_at=expected_at, note=note)
    left = [quantity for _material, _line, quantity in wanted]
    for line in transfer.lines.order_by("line_no"):
        coming = _coming(line, transfer, expected_at or now)
        coming.save()
        rest = line.quantity
        for index, (material_id, line_id, _quantity) in enumerate(wanted):
            part = min(rest, left[index]) if material_id == line.material_id else ZERO
            if part > 0:
                rest -= part
                left[index] -= part
                Peg.objects.create(planned_order=coming, sales_order_line_id=line_id, quantity=part)
    return transfer


def _coming(line: TransferLine, transfer: Transfer, due_at: dt.datetime) -> PlannedOrder:
    return PlannedOrder(
        plant_id=transfer.to_plant_id,
        material_id=line.material_id,
        kind=Kind.TRANSFER,
        quantity=line.quantity,
        due_at=due_at,
        source_plant_id=transfer.plant_id,
        transfer_line=line,
        is_firm=True,
    )


def _hold_wanted(
    plant_ids: set[int], material_ids: set[int], to_plant: Plant, first: Collection[int]
) -> dict[int, list[PlannedOrder]]:
    """What is to be moved there, by material, the first to be taken over first; locked."""
    rows = PlannedOrder.objects.filter(
        plant=to_plant,
        material__in=material_ids,
        kind=Kind.TRANSFER,
        source_plant__in=plant_ids,
        closed_at=None,
        transfer_line=None,
    )
    held = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    lines = PurchaseOrderLine.objects.filter(pegs__transfer__in=[row.pk for row in held]).values("pk")
    list(PurchaseOrderLine.objects.select_for_update(no_key=True).filter(pk__in=lines).order_by("pk"))
    found: dict[int, list[PlannedOrder]] = defaultdict(list)
    for row in sorted(held, key=lambda one: (one.pk not in first, one.due_at, one.pk)):
        found[row.material_id].append(row)
    return found


def _take_over(planned: PlannedOrder, coming: PlannedOrder, left: Decimal, now: dt.datetime) -> Decimal:
    """So much of what was planned is on the way now; whom it is for waits for that."""
    if planned.closed_at is not None or left <= 0:
        return ZERO
    part = min(left, planned.quantity)
    _move_pegs(planned, coming, part)
    cut_surplus(planned.outgoing_pegs.order_by("-pk"), part)
    if part == planned.quantity:
        planned.closed_at = now
    else:
        planned.quantity -= part
    planned.version += 1
    planned.save(update_fields=["quantity", "closed_at", "version"])
    return part


def _move_pegs(planned: PlannedOrder, coming: PlannedOrder, part: Decimal) -> None:
    cut = []
    for peg in planned.pegs.order_by("pk"):
        moved = min(part, peg.quantity)
        if moved > 0:
            part -= moved
            another(peg, moved, planned_order=coming).save()
            cut.append((peg, moved))
    cut_pegs(cut)


@transaction.atomic
def receive_transfer(
    *,
    transfer_id: int,
    now: dt.datetime,
    lines: Sequence[tuple[int, Decimal]] | None = None,
    target_id: int | None = None,
) -> list[StockMove]:
    """What has arrived: all that is on the way, or (line id, quantity) of it; who waits for it gets it kept.

    Locks planned orders on the way, the transfer, balances. Raises TransferClosed, OverArrival, InvalidInput,
    LocationBlocked.
    """
    on_the_way = _hold_on_the_way(transfer_id)
    moves = transit.receive_transfer(transfer_id=transfer_id, now=now, lines=lines, target_id=target_id)
    served: list[tuple[Peg, Decimal]] = []
    for coming, came in _settle(transfer_id, on_the_way, now):
        left = came
        for peg in coming.pegs.select_related(*WAITING).order_by("pk"):
            part = min(left, peg.quantity)
            if part > 0:
                left -= part
                served.append((peg, part))
    demands = demands_of(moves[0].plant_id, served) if moves else []
    cut_pegs(served)
    reserve(demands=demands, now=now)
    return moves


WAITING = (
    "work_order_material__work_order", "sales_order_line", "supplied_component__material__unit",
    "supplied_component__order_line",
)  # fmt: skip


@transaction.atomic
def give_up_transfer(*, transfer_id: int, now: dt.datetime, note: str) -> list[StockMove]:
    """What is still on the way will not arrive: planning supplies who waited for it anew. Raises TransferClosed."""
    on_the_way = _hold_on_the_way(transfer_id)
    moves = transit.give_up_transfer(transfer_id=transfer_id, now=now, note=note)
    for coming, _ in _settle(transfer_id, on_the_way, now):
        cut_pegs([(peg, peg.quantity) for peg in coming.pegs.order_by("pk")])
    return moves


def _hold_on_the_way(transfer_id: int) -> list[PlannedOrder]:
    rows = PlannedOrder.objects.filter(transfer_line__transfer=transfer_id, closed_at=None)
    return list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _settle(
    transfer_id: int, on_the_way: Sequence[PlannedOrder], now: dt.datetime
) -> list[tuple[PlannedOrder, Decimal]]:
    """Write what is still on the way of each; how much of it no longer is."""
    left = dict(
        TransferLine.objects.filter(transfer=transfer_id).values_list(
            "pk", F("quantity") - F("arrived_qty") - F("lost_qty")
        )
    )
    found = []
    for row in on_the_way:
        still = left[row.transfer_line_id or 0]
        if still == row.quantity:
            continue
        found.append((row, row.quantity - still))
        if still:
            row.quantity = still
        else:
            row.closed_at = now
        row.version += 1
        row.save(update_fields=["quantity", "closed_at", "version"])
    return found
