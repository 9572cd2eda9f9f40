"""Material planning of what a supplier makes of our components: they are demand on the day on which he begins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import (
    MaterialChange,
    Peg,
    PlannedComponent,
    PlannedOrder,
    PurchaseOrder,
    Reservation,
    SuppliedComponent,
    SupplierPrice,
)
from suite import audit
from tests.erp.planning.test_run import day, for_stock, plan, planned, regenerate
from tests.erp.shop import NOW, Shop

D = Decimal


class Legs:
    """Powder-coated legs, 3.00 each from the timber yard within 6 days: one takes a raw leg and 0.05 kg of powder.

    Of the powder 10 % are lost. Raw legs come within 4 days, powder within 2; all for stock, nothing there.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.leg, self.raw, self.powder = shop.buy("COATED"), shop.buy("RAW"), shop.buy("POWDER", shop.kilo)
        shop.bom(self.leg, (self.raw, "1"), (self.powder, "0.05", "10"))
        fee = shop.price(self.leg, "3", days=6)
        SupplierPrice.objects.filter(pk=fee.pk).update(is_subcontract=True)
        shop.price(self.raw, days=4)
        shop.price(self.powder, days=2)
        for material in (self.leg, self.raw, self.powder):
            for_stock(shop, material)

    def need(self, quantity: str) -> None:
        self.order = self.shop.order((self.leg, quantity))

    def planned_leg(self) -> PlannedOrder:
        return PlannedOrder.objects.get(material=self.leg, closed_at=None)

    def buy(self) -> PurchaseOrder:
        ordered = erp.order_planned_together(planned_order_ids=[self.planned_leg().pk], now=NOW)
        assert ordered.left == []
        return ordered.orders[0]


@pytest.fixture
def legs(shop: Shop) -> Legs:
    return Legs(shop)


def broken() -> list[str]:
    return [str(finding) for finding in audit.findings() if not finding.holds]


def quiet(shop: Shop) -> bool:
    """Neither net change nor planning everything finds anything new, and audit is clean."""
    assert plan(shop).changes == regenerate(shop).changes == 0
    return not MaterialChange.objects.exists() and broken() == []


def parts(planned_order: PlannedOrder) -> dict[str, Decimal]:
    return dict(planned_order.components.values_list("material__code", "quantity"))


def test_components_are_needed_when_the_supplier_begins(legs: Legs) -> None:
    """20 legs for Friday 20 March: ordered by Saturday 14. On that day 20 raw legs and 20 x 0.05 / 0.9 = 1.112 kg.

    In steps of a gram; raw legs are ordered by the 10th, powder (bought by the whole kilogram: 2) by the 12th.
    """
    legs.need("20")
    plan(legs.shop)
    assert planned(legs.shop, legs.leg) == [(D(20), dt.date(2026, 3, 14), dt.date(2026, 3, 20))]
    assert parts(legs.planned_leg()) == {"RAW": D(20), "POWDER": D("1.112")}
    assert planned(legs.shop, legs.raw) == [(D(20), dt.date(2026, 3, 10), dt.date(2026, 3, 14))]
    assert planned(legs.shop, legs.powder) == [(D(2), dt.date(2026, 3, 12), dt.date(2026, 3, 14))]
    peg = Peg.objects.get(planned_order__material=legs.raw)
    assert (peg.transfer, peg.quantity) == (legs.planned_leg(), D(20))
    assert quiet(legs.shop)


def test_another_quantity_goes_down(legs: Legs) -> None:
    """Ten more legs for the same day: the planned orders keep their numbers and need 30 raw legs."""
    legs.need("20")
    plan(legs.shop)
    numbers = set(PlannedOrder.objects.values_list("pk", flat=True))
    legs.need("10")
    plan(legs.shop)
    assert set(PlannedOrder.objects.values_list("pk", flat=True)) == numbers
    assert parts(legs.planned_leg())["RAW"] == D(30)
    assert planned(legs.shop, legs.raw)[0][0] == D(30)
    assert quiet(legs.shop)


def test_another_bom_goes_down(legs: Legs) -> None:
    """With a new BOM without powder its planned order goes; a raw leg and a half are taken now."""
    legs.need("20")
    plan(legs.shop)
    legs.shop.bom(legs.leg, (legs.raw, "1.5"))
    plan(legs.shop)
    assert parts(legs.planned_leg()) == {"RAW": D(30)}
    assert planned(legs.shop, legs.powder) == []
    assert planned(legs.shop, legs.raw)[0][0] == D(30)
    assert quiet(legs.shop)


def test_bought_ready_it_needs_no_components(legs: Legs) -> None:
    """The fee becomes the price of ready legs: what was planned below goes."""
    legs.need("20")
    plan(legs.shop)
    price = SupplierPrice.objects.get(material=legs.leg)
    price.is_subcontract = False
    price.save()
    plan(legs.shop)
    assert PlannedComponent.objects.count() == 0
    assert planned(legs.shop, legs.raw) == planned(legs.shop, legs.powder) == []
    assert quiet(legs.shop)


def test_ordered_it_keeps_what_is_free_and_plans_the_rest(legs: Legs) -> None:
    """12 raw legs are there: kept, hard, when the 20 are ordered; the other 8 are planned for the 14th.

    The planned order's own demand is gone. Powder 1.112 kg as before. When the 8 come, they are kept too.
    """
    legs.shop.stock(legs.raw, "12")
    legs.need("20")
    plan(legs.shop)
    assert planned(legs.shop, legs.raw)[0][0] == D(8)
    order = legs.buy()
    assert PlannedComponent.objects.count() == 0
    raw = SuppliedComponent.objects.get(material=legs.raw)
    assert raw.lead_days == 6
    kept = Reservation.objects.get(supplied_component=raw)
    assert (kept.kind, kept.quantity) == ("hard", D(12))
    plan(legs.shop)
    assert planned(legs.shop, legs.raw) == [(D(8), dt.date(2026, 3, 10), dt.date(2026, 3, 14))]
    peg = Peg.objects.get(planned_order__material=legs.raw)
    assert (peg.supplied_component, peg.quantity) == (raw, D(8))
    assert quiet(legs.shop)
    bought = erp.order_planned_together(planned_order_ids=[peg.planned_order_id or 0], now=NOW).orders[0]
    erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    assert sum(Reservation.objects.filter(supplied_component=raw).values_list("quantity", flat=True)) == D(20)
    plan(legs.shop)
    assert quiet(legs.shop)
    part = erp.ComponentPart(component_id=raw.pk, quantity=D(20))
    erp.send_components(order_id=order.pk, parts=[part], now=NOW)
    assert Reservation.objects.filter(supplied_component=raw, quantity__gt=0).count() == 0
    plan(legs.shop)
    assert planned(legs.shop, legs.raw) == []
    assert quiet(legs.shop)


def test_another_day_of_the_order_moves_its_components(legs: Legs) -> None:
    """The supplier confirms 26 March: his components are needed on the 20th, so raw legs are ordered by the 16th."""
    legs.need("20")
    plan(legs.shop)
    order = legs.buy()
    erp.confirm_purchase_date(line_id=order.lines.get().pk, confirmed_at=NOW + dt.timedelta(days=24))
    plan(legs.shop)
    assert planned(legs.shop, legs.raw) == [(D(20), day(14), day(18))] or planned(legs.shop, legs.raw) == [
        (D(20), dt.date(2026, 3, 16), dt.date(2026, 3, 20))
    ]
    assert quiet(legs.shop)


def test_a_cancelled_order_needs_nothing(legs: Legs) -> None:
    """What was kept is free again, what was planned for it is planned for the next order of the same legs."""
    legs.shop.stock(legs.raw, "12")
    legs.need("20")
    plan(legs.shop)
    order = legs.buy()
    plan(legs.shop)
    erp.cancel_purchase(order_id=order.pk, now=NOW)
    assert Reservation.objects.filter(quantity__gt=0).count() == 0
    plan(legs.shop)
    assert parts(legs.planned_leg())["RAW"] == D(20)
    assert planned(legs.shop, legs.raw)[0][0] == D(8)
    assert quiet(legs.shop)
