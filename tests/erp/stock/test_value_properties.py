"""Whatever is received, taken, revalued, landed, invoiced and undone, in any order: no value drifts, all ties."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp import services as erp
from erp.invariants import INVARIANTS
from erp.models import MaterialValue, PurchaseOrderLine, ReceiptLine, StockMove, SupplierInvoice
from masterdata.errors import Refusal
from tests.erp.payables.bought import invoice, order, receive, shop_at, tolerate
from tests.erp.stock.test_methods import take
from tests.factories import NOW, Factory

pytestmark = pytest.mark.django_db

CENTS = st.integers(1, 99999).map(lambda cents: Decimal(cents) / 100)


def _receive(shop: Factory, number: int, amount: Decimal) -> None:
    receive(order(shop, str(number), str(amount)))


def _take(shop: Factory, number: int, amount: Decimal) -> None:
    take(shop, str(number))


def _revalue(shop: Factory, number: int, amount: Decimal) -> None:
    value = erp.NewValue(shop.materials["BOARD"].pk, amount)
    erp.revalue_stock(plant_id=shop.plant.pk, values=[value], reason="Market", now=NOW, is_sure=True)


def _land(shop: Factory, number: int, amount: Decimal) -> None:
    got = list(ReceiptLine.objects.order_by("id"))
    if got:
        lines = sorted({got[number % len(got)].pk, got[-1].pk})
        erp.post_landed_cost(plant_id=shop.plant.pk, receipt_line_ids=lines, amount=amount, now=NOW)


def _invoice(shop: Factory, number: int, amount: Decimal) -> None:
    lines = list(PurchaseOrderLine.objects.order_by("id"))
    if not lines:
        return
    line = lines[number % len(lines)]
    left = min(line.received_qty - line.invoiced_qty, Decimal(number))
    if left > 0:
        reference = f"R-{SupplierInvoice.objects.count()}"
        paper = invoice(shop, line, str(left), str(amount), reference=reference)
        if paper.state == "held":
            erp.release_supplier_invoice(invoice_id=paper.pk, reason="Fine", now=NOW)


def _undo(shop: Factory, number: int, amount: Decimal) -> None:
    moves = list(StockMove.objects.filter(kind="adjustment").order_by("id"))
    if moves:
        erp.reverse_move(move_id=moves[number % len(moves)].pk, reason="Wrong", now=NOW)


def _return(shop: Factory, number: int, amount: Decimal) -> None:
    got = list(ReceiptLine.objects.order_by("id"))
    if got:
        line = got[number % len(got)]
        erp.return_to_supplier(
            receipt_id=line.receipt_id, lines=[(line.pk, Decimal(1))], reason="Bad", is_replaced=False, now=NOW
        )


DEEDS = {
    "receive": _receive,
    "take": _take,
    "revalue": _revalue,
    "land": _land,
    "invoice": _invoice,
    "undo": _undo,
    "return": _return,
}
DEED = st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(1, 9), CENTS)


def fallen() -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            if rows := cursor.fetchall():
                found[invariant.name] = list(rows)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return found


@pytest.mark.parametrize("method", ["moving_average", "fifo", "standard"])
def test_no_value_drifts(method: str) -> None:
    """After any deeds every invariant of the hub holds; when all is taken, nothing of the value is left."""
    shop = shop_at(method, standard_cost="3.337")
    tolerate(shop)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(st.lists(DEED, min_size=3, max_size=14))
    def tried(deeds: list[tuple[str, int, Decimal]]) -> None:
        with transaction.atomic():
            for what, number, amount in deeds:
                try:
                    with transaction.atomic():
                        DEEDS[what](shop, number, amount)
                except Refusal:
                    continue
            assert fallen() == {}
            area = MaterialValue.objects.filter(quantity__gt=0).first()
            if area is not None:
                take(shop, str(area.quantity))
                area.refresh_from_db()
                assert (area.quantity, area.value) == (0, 0)
                assert fallen() == {}
            transaction.set_rollback(True)

    tried()
