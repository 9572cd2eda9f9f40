"""What bounds an offer: free stock, what is on order for nobody, and what suppliers still have to be asked for."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import PurchaseOrderLine
from masterdata.models import Material, MaterialPlant
from tests.erp.shop import NOW, Shop

D = Decimal
DAY = dt.timedelta(days=1)


@dataclass
class Legs:
    """A table takes 4 legs. 30 legs lie there, 3 are safety stock; an order of 5 tables keeps 20: 7 are free."""

    shop: Shop
    table: Material
    leg: Material

    def offered(self, quantity: str) -> erp_now.Explosion:
        return self.supply().explode(D(quantity))

    def supply(self) -> erp_now.Supply:
        return erp_now.supply_for(plant_id=self.shop.plant.pk, material_id=self.table.pk, now=NOW)

    def on_order(self, quantity: str, days: int) -> PurchaseOrderLine:
        """Legs ordered by a buyer, for nobody yet."""
        lines = [erp.PurchaseLineInput(self.leg.pk, D(quantity), D(2), NOW + days * DAY)]
        order = erp.create_purchase_order(plant=self.shop.plant, supplier=self.shop.supplier, lines=lines, now=NOW)
        return order.lines.get()


@pytest.fixture
def legs(shop: Shop) -> Legs:
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    shop.price(leg, "2", days=10, least="50")
    shop.stock(leg, "30"), shop.safety(leg, "3")
    shop.order((table, "5"))
    return Legs(shop, table, leg)


def test_free_stock_is_what_nobody_reserved_and_safety_leaves(legs: Legs) -> None:
    """7 legs are free: one table has its legs at once, two need 8 and wait 10 days for the eighth, 50 at least."""
    assert legs.offered("1").work_orders[0].ready_at(10) is None
    two = legs.offered("2")
    assert two.work_orders[0].ready_at(10) == NOW + 10 * DAY
    assert [(one.quantity, [part for _, part in one.pegs]) for one in two.purchases] == [(D(50), [D(1)])]
    wait = erp_now.material_wait(two, path="1", sequence=10)
    assert wait is not None
    assert (wait.code, wait.quantity, wait.ready_at) == ("LEG", D(1), NOW + 10 * DAY)
    assert (wait.purchase_no, wait.supplier) == ("", "Timber yard")


def test_what_is_on_order_for_nobody_counts_with_its_date(legs: Legs) -> None:
    """Three tables need 12 legs: 7 free, 5 of the 8 that come in 4 days. The supplier confirms day 6: then day 6. Four
    tables need 16 and there are 15: the last one has to be bought, day 10."""
    line = legs.on_order("8", 4)
    found = legs.offered("3")
    assert found.work_orders[0].ready_at(10) == NOW + 4 * DAY
    assert not found.purchases
    wait = erp_now.material_wait(found, path="1", sequence=10)
    assert wait is not None
    assert (wait.quantity, wait.purchase_no, wait.supplier) == (D(5), line.order.number, "Timber yard")
    erp.confirm_purchase_date(line_id=line.pk, confirmed_at=NOW + 6 * DAY)
    assert legs.offered("3").work_orders[0].ready_at(10) == NOW + 6 * DAY
    assert legs.offered("4").work_orders[0].ready_at(10) == NOW + 10 * DAY


def test_claimed_purchases_are_for_nobody_else(legs: Legs) -> None:
    """8 legs are on order; an order of 2 tables takes the 7 free and 1 of them: 7 are left, enough for one table on
    day 4; two tables need 8, so one has to be bought."""
    line = legs.on_order("8", 4)
    legs.shop.order((legs.table, "2"))
    line.refresh_from_db()
    assert line.pegged_qty == D(1)
    assert legs.offered("1").work_orders[0].ready_at(10) == NOW + 4 * DAY
    assert legs.offered("2").work_orders[0].ready_at(10) == NOW + 10 * DAY


def test_without_a_price_the_lead_time_of_the_plant_counts(shop: Shop) -> None:
    """Nobody sells felt; its lead time in the plant is 12 days."""
    cushion, felt = shop.make("CUSHION"), shop.buy("FELT")
    shop.bom(cushion, (felt, "2"))
    shop.safety(felt, "0")
    MaterialPlant.objects.filter(plant=shop.plant, material=felt).update(lead_time_days=12)
    found = erp_now.explode(plant_id=shop.plant.pk, material_id=cushion.pk, quantity=D(1), now=NOW)
    wait = erp_now.material_wait(found, path="1", sequence=10)
    assert wait is not None
    assert (wait.quantity, wait.ready_at, wait.purchase_no, wait.supplier) == (D(2), NOW + 12 * DAY, "", "")


def test_a_question_may_be_asked_again_and_in_lines(legs: Legs) -> None:
    """Two lines of one table each: the first takes 4 of the 7 free legs, the second the other 3 and one bought."""
    supply = legs.supply()
    first, second = supply.explode(D(1), D(1)).work_orders
    assert (first.path, first.ready_at(10)) == ("1", None)
    assert (second.path, second.ready_at(10)) == ("2", NOW + 10 * DAY)
    assert supply.explode(D(1)).work_orders[0].ready_at(10) is None


def test_hurried_material_comes_from_the_fastest_supplier_unless_a_purchase_is_sooner(legs: Legs) -> None:
    """Usual: 10 days. A dearer supplier takes 2 days. 4 legs on order come in a day, 4 more in 5 days: a hurried
    question for three tables (12 legs) takes 7 free, the 4 of tomorrow, and buys 1 in two days."""
    quick = type(legs.shop.supplier).objects.create(code="S2", name="Quick", is_supplier=True)
    legs.shop.price(legs.leg, "5", days=2, supplier=quick)
    legs.on_order("4", 1), legs.on_order("4", 5)
    supply = legs.supply()
    assert supply.explode(D(3)).work_orders[0].ready_at(10) == NOW + 5 * DAY
    hurried = supply.hurried([legs.leg.pk]).explode(D(3))
    assert hurried.work_orders[0].ready_at(10) == NOW + 2 * DAY
    [bought] = hurried.purchases
    assert bought.offer is not None
    assert (bought.quantity, bought.offer.supplier_id) == (D(1), quick.pk)
