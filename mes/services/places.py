"""Where the pieces of an operation are that are not as they should be: to be reported yet, or counted already."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from erp.models import StockBalance, WorkOrderOperation
from masterdata.errors import InvalidInput
from masterdata.numbers import ZERO
from mes.models import CheckResult, NonConformance

Place, State = NonConformance.Place, NonConformance.State


def claimed(rows: QuerySet[NonConformance]) -> Decimal:
    """Pieces that these non-conformances name."""
    total: Decimal | None = rows.exclude(state=State.WITHDRAWN).aggregate(total=Sum("quantity"))["total"]
    return total or ZERO


def to_report(operation: WorkOrderOperation) -> Decimal:
    """Pieces that have come into the operation and are not reported there; none when it is finished."""
    if operation.finished_at is not None:
        return ZERO
    order = operation.work_order
    came = operation.pieces_of(order) + (order.over_qty if operation.quantity is None else ZERO)
    if operation.mends_id is None:
        earlier = WorkOrderOperation.objects.filter(
            work_order=order, mends=None, sequence__lt=operation.sequence
        ).order_by("-sequence")
        came = next((good for good in earlier.values_list("good_qty", flat=True)[:1]), came)
    return max(ZERO, came - operation.reported_qty)


def is_reported(result: CheckResult) -> bool:
    """Whether the piece that was checked is one of those that are reported as good."""
    good = WorkOrderOperation.objects.only("good_qty", "scrap_qty", "rework_qty").get(pk=result.operation_id)
    return result.piece_no <= good.reported_qty and good.good_qty >= 1


def place_of(
    operation: WorkOrderOperation, quantity: Decimal, *, is_scrapped: bool, is_reported: bool | None
) -> NonConformance.Place:
    """Where the pieces are. Raises InvalidInput when not so many are there. The operation must be locked."""
    if is_scrapped:
        _check(operation, quantity, operation.scrap_qty, Place.SCRAPPED, "scrap")
        return Place.SCRAPPED
    if is_reported is None:
        is_reported = to_report(operation) < quantity <= operation.good_qty
    if not is_reported:
        return Place.BENCH
    _check(operation, quantity, operation.good_qty, Place.GOOD, "good")
    return Place.GOOD


def _check(
    operation: WorkOrderOperation, quantity: Decimal, reported: Decimal, place: NonConformance.Place, word: str
) -> None:
    others = NonConformance.objects.filter(operation=operation, place=place)
    if place == Place.GOOD:
        others = others.filter(state=State.OPEN)
    left = max(ZERO, reported - claimed(others))
    if quantity > left:
        raise InvalidInput(
            f"Of {operation.name} {left.normalize() + ZERO:f} pieces are reported as {word} and named nowhere else.",
            field="quantity",
        )


def made_goods(row: NonConformance, quantity: Decimal) -> int:
    """The stock balance that holds goods which the non-conformance's work order has made. Raises InvalidInput."""
    rows = StockBalance.objects.filter(plant=row.plant_id, material=row.material_id, on_hand__gte=quantity)
    if row.lot_id is not None:
        rows = rows.filter(lot=row.lot_id)
    owners = Q(sales_order=row.sales_order_id) | Q(sales_order=None) if row.sales_order_id else Q(sales_order=None)
    found = rows.filter(owners).order_by(F("sales_order").asc(nulls_last=True), "-location__kind", "pk").first()
    if found is None:
        raise InvalidInput(
            f"{row.operation} is closed and {quantity.normalize() + ZERO:f} of its pieces lie nowhere in stock "
            "any more: used, or shipped. Raise it where they are now.",
            field="quantity",
        )
    return found.pk
