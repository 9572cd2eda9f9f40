"""More than ordered, within the tolerance of planning's parameters: what is beyond uses and takes its share."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.models import WorkOrder
from erp.production.services.floor import OverReport
from masterdata.models import MaterialPlant
from tests.erp.production.test_reports import shop_with_boards, ten_shelves
from tests.erp.workbench import report, step, wip, worth
from tests.factories import Factory

pytestmark = pytest.mark.django_db

D = Decimal


def tolerant(percent: str) -> tuple[Factory, WorkOrder]:
    shop = shop_with_boards()
    MaterialPlant.objects.create(material=shop.materials["SHELF"], plant=shop.plant, over_percent=D(percent))
    return shop, ten_shelves(shop)


def test_pieces_beyond_use_their_share_and_the_last_take_the_rest() -> None:
    """10 shelves of 2 boards, 25 % may be made more: 2 pieces. Saw 12 in 60 min: 24 boards 72.00 + 90.00 = 162.00.

    Packing 11 in 20 min: 8.00. The eleven go out at 11 x 15.80 = 173.80, but there are 170.00: they take these. The
    twelfth takes 1 min of packing, 0.40.
    """
    shop, order = tolerant("25")
    report(order, 10, "9")
    said = report(order, 10, "3", minutes="60")
    assert (said.is_finished, said.remaining_qty) == (True, 0)
    order.refresh_from_db()
    assert (order.quantity, order.over_qty) == (10, 2)
    assert order.materials.get().issued_qty == 24
    assert wip(order) == 162
    report(order, 20, "11", minutes="20")
    assert worth(shop, "SHELF") == (11, 170)
    assert report(order, 20, "1", minutes="1").is_closed
    order.refresh_from_db()
    assert order.good_qty == 12
    assert worth(shop, "SHELF") == (12, D("170.40"))


def test_beyond_the_tolerance_is_refused() -> None:
    """25 % of 10 are 2.5, so 2 whole pieces more: 13 are refused, and the packers pack no more than was sawn."""
    _, order = tolerant("25")
    with pytest.raises(OverReport, match="Only 12 pc of WO-2026-00001, 2 pc of that beyond its quantity") as refused:
        report(order, 10, "13")
    assert Decimal(refused.value.values["remaining"]) == 12
    report(order, 10, "8")
    with pytest.raises(OverReport, match="Only 8 pc that came"):
        report(order, 20, "9")
    report(order, 10, "3", "1")  # scrap counts as well
    assert step(order, 10).scrap_qty == 1


def test_without_a_tolerance_no_piece_more() -> None:
    _, order = tolerant("0")
    with pytest.raises(OverReport, match="Only 10 pc of"):
        report(order, 10, "11")
    order.refresh_from_db()
    assert order.over_qty == 0
