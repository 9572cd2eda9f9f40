"""Many at once: real connections, real commits."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from erp import services as erp
from erp.fulfilment.invariants import INVARIANTS as FULFILMENT
from erp.models import (
    Invoice,
    PurchaseOrder,
    PurchaseOrderLine,
    Reservation,
    SalesOrder,
    StockBalance,
    WorkOrder,
)
from erp.receivables.invariants import INVARIANTS as RECEIVABLES
from erp.sales.invariants import INVARIANTS as SALES
from erp.supply.invariants import INVARIANTS as SUPPLY
from suite import audit
from tests.erp import workbench
from tests.erp.crowd import at_once
from tests.erp.shop import NOW, Shop


@pytest.fixture
def open_shop(committed: None) -> Shop:
    """A shop that other connections see."""
    return Shop()


def broken() -> list[str]:
    """Names of the invariants that do not hold."""
    found = []
    with connection.cursor() as cursor:
        for invariant in [*FULFILMENT, *SALES, *RECEIVABLES, *SUPPLY]:
            cursor.execute(invariant.sql)
            if cursor.fetchall():
                found.append(invariant.name)
    return found


def test_the_last_pieces_are_reserved_once(open_shop: Shop) -> None:
    """8 orders of 3 lamps and 2 shades, named in turns in either order, race for 10 lamps and 7 shades: all of these
    are reserved, the other 14 lamps and 9 shades are bought, nobody deadlocks."""
    shop = open_shop
    lamp, shade = shop.buy("LAMP"), shop.buy("SHADE")
    for material, quantity in ((lamp, "10"), (shade, "7")):
        shop.price(material)
        shop.stock(material, quantity)
    lines = [(lamp, "3"), (shade, "2")]
    drafts = [shop.draft(*(lines if index % 2 else reversed(lines))) for index in range(8)]
    confirm = [lambda order=order: erp.confirm_order(order_id=order.pk, now=NOW) for order in drafts]

    assert at_once(confirm) == []

    for material, stocked, wanted in ((lamp, 10, 24), (shade, 7, 16)):
        balance = StockBalance.objects.get(material=material)
        assert balance.reserved == stocked
        kept = Reservation.objects.filter(balance=balance).aggregate(total=Sum("quantity"))["total"]
        assert kept == stocked
        bought = PurchaseOrderLine.objects.filter(material=material).aggregate(total=Sum("quantity"))["total"]
        assert bought == wanted - stocked
    assert broken() == []


def test_the_same_order_is_confirmed_once(open_shop: Shop) -> None:
    """Of 6 at once, 5 are refused."""
    shop = open_shop
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    order = shop.draft((lamp, "1"))
    failed = at_once([lambda: erp.confirm_order(order_id=order.pk, now=NOW)] * 6)
    assert [type(error) for error in failed] == [erp.AlreadyConfirmed] * 5
    assert StockBalance.objects.get().reserved == Decimal(1)


def test_what_is_on_order_for_nobody_is_claimed_once(open_shop: Shop) -> None:
    """One purchase line of 10 for nobody; 6 orders of 3: exactly 10 of it are pegged, 8 more are bought."""
    shop = open_shop
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    erp.create_purchase_order(
        plant=shop.plant,
        supplier=shop.supplier,
        lines=[erp.PurchaseLineInput(lamp.pk, Decimal(10), Decimal(1), NOW)],
        now=NOW,
    )
    drafts = [shop.draft((lamp, "3")) for _ in range(6)]
    assert at_once([lambda order=order: erp.confirm_order(order_id=order.pk, now=NOW) for order in drafts]) == []
    rows = PurchaseOrderLine.objects.order_by("id")
    assert rows[0].pegged_qty == Decimal(10)
    assert rows.aggregate(total=Sum("quantity"))["total"] == Decimal(18)
    assert broken() == []


def test_invoice_numbers_have_no_gap_under_parallel_posting(open_shop: Shop) -> None:
    """8 invoices at once, and 4 more that are undone after they had their number: 1 to 8 remain."""
    shop = open_shop
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "20")
    orders = [shop.order((lamp, "1")) for _ in range(12)]
    for order in orders:
        erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)

    def undone(order_id: int) -> None:
        with transaction.atomic():
            erp.post_invoice(order_id=order_id, now=NOW)
            transaction.set_rollback(True)

    posted = [lambda order=order: erp.post_invoice(order_id=order.pk, now=NOW) for order in orders[:8]]
    lost = [lambda order=order: undone(order.pk) for order in orders[8:]]
    assert at_once([*posted[:4], *lost, *posted[4:]]) == []
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-2026-{number:05d}" for number in range(1, 9)]
    assert broken() == []


def test_pieces_lost_at_once_are_replaced_once_each_and_nobody_deadlocks(open_shop: Shop) -> None:
    """4 orders of 2 tables of one frame of 2 boards; in each a table and a frame are scrapped at the same moment, while
    boards come in and 2 more orders are confirmed. Each loss is made again once: 2 + 2 work orders an order.

    Boards: 4 x 2 x 2 for the frames, 2 for each of the 4 frames made again for a frame, and as many for the frames of
    the tables made again; 2 x 4 for the new orders.
    """
    shop = open_shop
    table, frame, board = shop.make("TABLE"), shop.make("FRAME"), shop.buy("BOARD")
    shop.bom(table, (frame, "1"))
    shop.bom(frame, (board, "2"))
    shop.price(board)
    shop.stock(board, "10")
    orders = [shop.order((table, "2")) for _ in range(4)]
    drafts = [shop.draft((table, "2")) for _ in range(2)]
    bought = PurchaseOrder.objects.order_by("pk").first()
    assert bought is not None

    def lose(order: SalesOrder, path: str) -> None:
        work_order = WorkOrder.objects.get(sales_order_line__order=order, path=path)
        workbench.report(work_order, 10, "0", "1", now=NOW)

    deeds: list[Callable[[], object]] = [
        lambda order=order, path=path: lose(order, path)  # type: ignore[misc]
        for order in orders
        for path in ("1", "1.1")
    ]
    deeds.append(lambda: erp.receive_purchase(purchase_order_id=bought.pk, now=NOW))
    deeds += [lambda order=order: erp.confirm_order(order_id=order.pk, now=NOW) for order in drafts]  # type: ignore[misc]
    assert at_once(deeds) == []

    for order in orders:
        made = WorkOrder.objects.filter(sales_order_line__order=order).order_by("path", "id")
        assert [row.quantity for row in made.filter(path="1")] == [2, 1]
        assert made.filter(path="1.1").aggregate(total=Sum("quantity"))["total"] == 4
    assert broken() == []
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
