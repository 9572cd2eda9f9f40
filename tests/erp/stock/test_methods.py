"""First in first out and standard cost: what goes out takes, what comes in brings, and where a difference goes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, MaterialValue, StockMove, ValueLayer
from masterdata.models import MaterialCategory
from tests.erp.workbench import order_line, worth
from tests.factories import NOW, Factory, factory, material, stock

pytestmark = pytest.mark.django_db

Kind, Role = StockMove.Kind, Account.Role


def shop_at(method: str, *, standard_cost: str = "0") -> Factory:
    """A factory whose BOARD is valued by the method."""
    shop = factory()
    shop.category = MaterialCategory.objects.create(code=method, name=method, valuation=method)
    material(shop, "BOARD", standard_cost=standard_cost)
    return shop


def bring(shop: Factory, quantity: str, value: str, code: str = "BOARD") -> StockMove:
    """Order and receive a quantity that costs this in all."""
    line = erp.PurchaseLineInput(
        material_id=shop.materials[code].pk,
        quantity=Decimal(quantity),
        unit_price=round(Decimal(value) / Decimal(quantity), 6),
        due_at=NOW,
    )
    order = erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=NOW)
    erp.receive_purchase(purchase_order_id=order.pk, now=NOW)
    return StockMove.objects.get(purchase_order_line__order=order)


def take(shop: Factory, quantity: str, code: str = "BOARD") -> StockMove:
    """Write off."""
    return erp.post_moves(
        moves=[
            erp.MoveIntent(
                kind=Kind.ADJUSTMENT,
                plant=shop.plant,
                material_id=shop.materials[code].pk,
                source_id=shop.locations["stock"].pk,
                target_id=shop.locations["loss"].pk,
                quantity=Decimal(quantity),
                document="test:take",
            )
        ],
        now=NOW,
    )[0]


def layers() -> list[tuple[Decimal, Decimal]]:
    """What is open, the oldest first."""
    return list(ValueLayer.objects.filter(quantity__gt=0).order_by("id").values_list("quantity", "value"))


def account(shop: Factory, role: str) -> Decimal:
    return erp_now.account_balance(shop.company, role)


def test_fifo_takes_the_oldest_first_and_the_last_of_a_layer_takes_the_rest() -> None:
    """3 for 10.00, then 4 for 20.00. Taking 2 costs 6.67 (10 x 2/3); taking 2 more the last for 3.33 and one at 5.00;
    taking 3 the 15.00 that are left."""
    shop = shop_at("fifo")
    bring(shop, "3", "10")
    bring(shop, "4", "20")
    assert take(shop, "2").value == Decimal("6.67")
    assert layers() == [(1, Decimal("3.33")), (4, 20)]
    assert take(shop, "2").value == Decimal("8.33")
    assert worth(shop, "BOARD") == (3, 15)
    assert take(shop, "3").value == 15
    assert (worth(shop, "BOARD"), layers()) == ((0, 0), [])


def test_fifo_layers_of_one_posting_stand_in_its_order() -> None:
    """A gain and a loss in one posting: the loss of 3 takes the 2 there for 2.00 and one of the gain's for 5.00."""
    shop = shop_at("fifo")
    stock(shop, "BOARD", "2", "1")
    places = {"source_id": shop.locations["loss"].pk, "target_id": shop.locations["stock"].pk}
    back = {"source_id": shop.locations["stock"].pk, "target_id": shop.locations["loss"].pk}
    common = {"kind": Kind.ADJUSTMENT, "plant": shop.plant, "material_id": shop.materials["BOARD"].pk}
    moves = erp.post_moves(
        moves=[
            erp.MoveIntent(**common, **places, quantity=Decimal(2), value=Decimal(10), document="test:count"),
            erp.MoveIntent(**common, **back, quantity=Decimal(3), document="test:count"),
        ],
        now=NOW,
    )
    assert [move.value for move in moves] == [10, 7]
    assert layers() == [(1, 5)]


def test_standard_cost_keeps_stock_at_standard_and_books_the_difference() -> None:
    """Standard 2.345. 3 received for 10.00: stock gains 7.04 (7.035 half up), price variance 2.96, GRNI 10.00.

    One taken: 7.04 - 4.69 = 2.35. Two more received for 4.00: 4 x 2.345 = 9.38, gained 4.69, variance -0.69."""
    shop = shop_at("standard", standard_cost="2.345")
    move = bring(shop, "3", "10")
    assert (move.value, move.difference) == (10, Decimal("2.96"))
    assert worth(shop, "BOARD") == (3, Decimal("7.04"))
    assert account(shop, Role.PRICE_VARIANCE) == Decimal("2.96")
    assert account(shop, Role.GRNI) == -10
    assert take(shop, "1").value == Decimal("2.35")
    bring(shop, "2", "4")
    assert worth(shop, "BOARD") == (4, Decimal("9.38"))
    assert account(shop, Role.PRICE_VARIANCE) == Decimal("2.27")
    assert take(shop, "4").value == Decimal("9.38")
    assert worth(shop, "BOARD") == (0, 0)


def test_the_first_to_come_sets_a_standard_that_nobody_set() -> None:
    """5 for 10.00 without a standard: worth 10.00 at 2.00 each. 1 more for 3.00 is worth 2.00, 1.00 a variance.

    Used up and bought again for 9.00, 2 pieces are worth 4.00: the standard stays until somebody sets another.
    """
    shop = shop_at("standard")
    bring(shop, "5", "10")
    assert worth(shop, "BOARD") == (5, 10)
    bring(shop, "1", "3")
    assert worth(shop, "BOARD") == (6, 12)
    assert account(shop, Role.PRICE_VARIANCE) == 1
    take(shop, "6")
    bring(shop, "2", "9")
    assert worth(shop, "BOARD") == (2, 4)


def test_opening_stock_at_standard_cost_is_worth_the_standard() -> None:
    """5 opened at 3.00 with a standard of 2.00: worth 10.00, the opening balance too, no variance."""
    shop = shop_at("standard", standard_cost="2")
    stock(shop, "BOARD", "5", "3")
    assert worth(shop, "BOARD") == (5, 10)
    assert account(shop, Role.OPENING) == -10
    assert account(shop, Role.PRICE_VARIANCE) == 0


def test_order_stock_set_free_at_standard_leaves_its_difference() -> None:
    """2 pieces of order stock worth 7.00 become free stock at 3.00 each: 6.00, price variance 1.00."""
    shop = shop_at("standard", standard_cost="3")
    order = order_line(shop, "BOARD", "2").order
    place = shop.locations["stock"].pk
    common = {"plant": shop.plant, "material_id": shop.materials["BOARD"].pk, "quantity": Decimal(2)}
    gain = erp.MoveIntent(
        **common,
        kind=Kind.ADJUSTMENT,
        source_id=shop.locations["loss"].pk,
        target_id=place,
        value=Decimal(7),
        target_order_id=order.pk,
        document="test:1",
    )
    free = erp.MoveIntent(
        **common, kind=Kind.RELEASE, source_id=place, target_id=place, source_order_id=order.pk, document="test:2"
    )
    erp.post_moves(moves=[gain], now=NOW)
    assert worth(shop, "BOARD", order.pk) == (2, 7)
    erp.post_moves(moves=[free], now=NOW)
    assert worth(shop, "BOARD") == (2, 6)
    assert account(shop, Role.PRICE_VARIANCE) == 1


def test_another_method_applies_once_stock_has_run_out() -> None:
    """Moving average while there is stock; filled again from nothing it is first in, first out."""
    shop = shop_at("moving_average")
    bring(shop, "2", "3")
    MaterialCategory.objects.update(valuation="fifo")
    bring(shop, "2", "5")
    assert take(shop, "1").value == 2
    assert layers() == []
    take(shop, "3")
    bring(shop, "1", "9")
    assert layers() == [(1, 9)]
    assert MaterialValue.objects.get().method == "fifo"


def test_revaluing_a_moving_average() -> None:
    """3 worth 10.00 at 2.50 each: 7.50, so 2.50 are written off to revaluation of stock."""
    shop = shop_at("moving_average")
    bring(shop, "3", "10")
    change = revalue(shop, "2.5")[0]
    assert (change.amount, change.is_stock, change.quantity) == (Decimal("-2.5"), True, 3)
    assert worth(shop, "BOARD") == (3, Decimal("7.5"))
    assert account(shop, Role.REVALUATION) == Decimal("2.5")


def test_revaluing_fifo_revalues_each_layer_by_its_quantity() -> None:
    """1 for 1.00 and 2 for 8.00 at 3.335 each: 10.01 (10.005 half up), 3.34 and 6.67 by largest remainder."""
    shop = shop_at("fifo")
    bring(shop, "1", "1")
    bring(shop, "2", "8")
    revalue(shop, "3.335")
    assert layers() == [(1, Decimal("3.34")), (2, Decimal("6.67"))]


def test_another_standard_revalues_what_is_there_and_values_what_comes() -> None:
    """3 at a standard of 2.00 become 3 at 2.50: 1.50 gained. 2 more for 6.00: worth 5.00, variance 1.00."""
    shop = shop_at("standard", standard_cost="2")
    bring(shop, "3", "6")
    revalue(shop, "2.5")
    assert worth(shop, "BOARD") == (3, Decimal("7.5"))
    assert account(shop, Role.REVALUATION) == Decimal("-1.5")
    bring(shop, "2", "6")
    assert worth(shop, "BOARD") == (5, Decimal("12.5"))
    assert account(shop, Role.PRICE_VARIANCE) == 1


def test_nothing_on_hand_can_not_be_revalued() -> None:
    shop = shop_at("moving_average")
    with pytest.raises(erp.NothingOnHand):
        revalue(shop, "1")


def test_the_database_holds_layers_above_nothing() -> None:
    shop = shop_at("fifo")
    bring(shop, "3", "10")
    for change in ("quantity = -1", "value = -1", "quantity = 0"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE erp_valuelayer SET {change}")


def revalue(shop: Factory, unit_value: str) -> Sequence[erp.ValueChange]:
    return erp.revalue_stock(
        plant_id=shop.plant.pk,
        values=[erp.NewValue(shop.materials["BOARD"].pk, Decimal(unit_value))],
        reason="Market price",
        now=NOW,
    )
