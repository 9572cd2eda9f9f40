"""Reversals at the original value, linked and at most one, and stock as it was at any moment."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, StockMove
from masterdata.errors import Refusal
from tests.erp.payables.bought import account, order, receive, shop_at
from tests.erp.payables.test_later_costs import made
from tests.erp.stock.test_methods import layers, take
from tests.erp.workbench import report, wip, worth
from tests.factories import NOW, stock

pytestmark = pytest.mark.django_db

D = Decimal


def undo(move: StockMove) -> StockMove:
    return erp.reverse_move(move_id=move.pk, reason="Wrong place", now=NOW)


def test_what_was_written_off_comes_back_at_its_value_once() -> None:
    """3 worth 10.00: 1 written off at 3.33; the rest revalued to 2.00 each; it comes back for 3.33, not for 2.00."""
    shop = shop_at()
    stock(shop, "BOARD", "2", "3")
    stock(shop, "BOARD", "1", "4")
    gone = take(shop, "1")
    erp.revalue_stock(
        plant_id=shop.plant.pk, values=[erp.NewValue(shop.materials["BOARD"].pk, D(2))], reason="Market", now=NOW
    )
    back = undo(gone)
    assert (back.value, back.reverses_id) == (D("3.33"), gone.pk)
    assert worth(shop, "BOARD") == (3, D("7.33"))
    assert account(shop, Account.Role.STOCK_DIFFERENCE) == 0
    with pytest.raises(erp.AlreadyReversed):
        undo(gone)
    with pytest.raises(erp.NotReversible):
        undo(back)


def test_fifo_gives_back_into_the_layers_it_took_from() -> None:
    """2 for 2.00 and 2 for 10.00, 3 taken for 7.00 and given back: both layers are whole again."""
    shop = shop_at("fifo")
    stock(shop, "BOARD", "2", "1")
    stock(shop, "BOARD", "2", "5")
    gone = take(shop, "3")
    undo(gone)
    assert layers() == [(2, 2), (2, 10)]
    assert take(shop, "2").value == 2


def test_opening_stock_is_undone_while_it_is_there() -> None:
    """FIFO: 2 of 2 opened are used by one, so they cannot be undone; once that is undone, they can."""
    shop = shop_at("fifo")
    stock(shop, "BOARD", "2", "1")
    opened = StockMove.objects.get()
    stock(shop, "BOARD", "2", "5")
    gone = take(shop, "1")
    with pytest.raises(erp.AlreadyUsed):
        undo(opened)
    undo(gone)
    undo(opened)
    assert layers() == [(2, 10)]
    assert account(shop, Account.Role.OPENING) == -10


def test_the_average_loses_the_original_value_and_never_more_than_it_has() -> None:
    """2 opened for 20.00, then 2 for 2.00, 2 taken for 11.00. Undone: the 2 left go for 11.00, variance -9."""
    shop = shop_at()
    stock(shop, "BOARD", "2", "10")
    opened = StockMove.objects.get()
    stock(shop, "BOARD", "2", "1")
    take(shop, "2")
    back = undo(opened)
    assert (back.value, back.difference) == (11, -9)
    assert worth(shop, "BOARD") == (0, 0)
    assert account(shop, Account.Role.PRICE_VARIANCE) == -9


def test_an_issue_goes_back_out_of_work_in_progress_while_the_work_runs() -> None:
    """The first of two tables took 2 boards for 6.00; undone, WIP lacks 6.00 and the boards are back."""
    shop = shop_at()
    receive(order(shop, "4", "3"))
    work_order, _ = made(shop, of_order=True)
    report(work_order, 10, "1")
    stock_before = wip(work_order)
    issue = StockMove.objects.get(kind="issue")
    undo(issue)
    assert wip(work_order) == stock_before - 6
    assert worth(shop, "BOARD") == (4, 12)
    need = work_order.materials.get()
    assert (need.issued_qty, need.issued_value) == (0, 0)
    report(work_order, 10, "1", finish=True)
    assert wip(work_order) == 0
    with pytest.raises(erp.NotReversible):
        undo(StockMove.objects.filter(kind="issue").latest("id"))


def test_receipts_are_sent_back_not_undone() -> None:
    shop = shop_at()
    got = receive(order(shop, "4", "3"))
    with pytest.raises(Refusal, match="send it back"):
        erp.reverse_move(move_id=got.move_id or 0, reason="Wrong", now=NOW)


def test_stock_as_it_was_at_any_moment_ties_to_the_ledger_of_that_moment() -> None:
    """At 9:00 5 opened for 10.00, at 10:00 revalued to 15.00, at 11:00 2 taken for 6.00: 3 for 9.00 are left."""
    shop = shop_at()
    hour = dt.timedelta(hours=1)
    stock(shop, "BOARD", "5", "2", now=NOW)
    board = shop.materials["BOARD"]
    erp.revalue_stock(plant_id=shop.plant.pk, values=[erp.NewValue(board.pk, D(3))], reason="Market", now=NOW + hour)
    intent = erp.MoveIntent(
        kind=StockMove.Kind.ADJUSTMENT,
        plant=shop.plant,
        material_id=board.pk,
        source_id=shop.locations["stock"].pk,
        target_id=shop.locations["loss"].pk,
        quantity=D(2),
        document="test:1",
    )
    erp.post_moves(moves=[intent], now=NOW + 2 * hour)
    seen = []
    for minutes in (-1, 0, 60, 119, 120):
        moment = NOW + dt.timedelta(minutes=minutes)
        places = erp_now.places_at(moment=moment, plant_ids=[shop.plant.pk], material_ids=[board.pk])
        then = erp_now.value_at(moment=moment, plant_ids=[shop.plant.pk])[0]
        assert then.ties
        seen.append((sum(place.quantity for place in places), then.value))
    assert seen == [(0, 0), (5, 10), (5, 15), (5, 15), (3, 9)]
