"""Later costs while the goods are being used by somebody else."""

from __future__ import annotations

import threading
from collections.abc import Collection

import pytest
from django.db import connection

from erp.models import StockMove
from erp.payables.services import landed
from erp.stock.later_costs import hold_users
from tests.erp.payables.bought import order, receive, shop_at
from tests.erp.payables.test_later_costs import land, made
from tests.erp.workbench import report, wip, worth

pytestmark = pytest.mark.usefixtures("committed")


def test_goods_used_between_the_look_and_the_lock_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report takes 2 of 4 boards at 3.00 after the freight's first look: 1.00 of its 2.00 joins the work's WIP."""
    shop = shop_at()
    got = receive(order(shop, "4", "3"))
    work_order, _ = made(shop, of_order=True)
    looks: list[set[int]] = []

    def reported() -> None:
        report(work_order, 10, "1")
        connection.close()

    def hold(moves: Collection[StockMove]) -> set[int]:
        held = hold_users(moves)
        looks.append(held)
        if len(looks) == 1:
            other = threading.Thread(target=reported)
            other.start()
            other.join(timeout=30)
        return held

    monkeypatch.setattr(landed, "hold_users", hold)
    land(shop, "2", got.pk)
    assert looks == [set(), {work_order.pk}]
    assert worth(shop, "BOARD") == (2, 7)
    assert wip(work_order) == 1  # the table took what its boards had cost when it was made
