"""Standard costs over three levels by hand, what if, and their release with what stock is worth then."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, StandardCost, StandardVersion, SupplierPrice
from masterdata.models import Material, Partner, Plant, Unit, UnitConversion
from masterdata.services import keep_low_level_codes
from tests.erp.workbench import worth
from tests.factories import NOW, Factory, bom, centre, factory, material, routing, stock
from tests.pages.conftest import person

pytestmark = pytest.mark.django_db

D = Decimal


def furniture() -> Factory:
    """TABLE of 1 FRAME and 4 LEG (1.00), FRAME of 3 BAR (2.00).

    SAW costs 60.00 machine and 30.00 labour an hour, ASM 24.00 labour; overhead 50 % of labour, 10 % of material.
    FRAME: setup 20 min for a lot of 10, 4 min each. TABLE: 5 min each at ASM.
    """
    shop = factory()
    shop.category.valuation = "standard"
    shop.category.save()
    for code, cost in (("BAR", "2"), ("LEG", "1")):
        material(shop, code, standard_cost=cost)
    material(shop, "FRAME", supply="make", standard_cost="10")
    material(shop, "TABLE", supply="make", standard_cost="20")
    centre(shop, "SAW", machine_rate="60", labour_rate="30")
    centre(shop, "ASM", labour_rate="24")
    bom(shop, "FRAME", [("BAR", "3")])
    bom(shop, "TABLE", [("FRAME", "1"), ("LEG", "4")])
    routing(shop, "FRAME", [("SAW", "20", "4")])
    routing(shop, "TABLE", [("ASM", "0", "5")])
    keep_low_level_codes()
    for basis, value in (("labour", "50"), ("material", "10")):
        erp.set_overhead(basis=basis, value=D(value), company=shop.company, valid_from=NOW.date())
    return shop


def drafted(shop: Factory) -> StandardVersion:
    return erp.draft_standards(plant=shop.plant, name="2027", valid_from=NOW.date(), lot_qty=D(10), now=NOW)


def cost(version: StandardVersion, code: str) -> tuple[Decimal, ...]:
    row = StandardCost.objects.get(version=version, material__code=code)
    return row.material_cost, row.labour_cost, row.machine_cost, row.overhead_cost, row.total


def test_costs_roll_up_level_by_level() -> None:
    """FRAME: bars 6.00; 20 / 10 + 4 = 6 min: labour 3.00, machine 6.00; overhead 1.50 + 0.60 = 2.10: 17.10.

    TABLE: legs 4.00 and bars 6.00; labour 3.00 + 5 min 2.00; machine 6.00; overhead 2.10 + 1.00 + 10 % of (17.10 +
    4.00) 2.11 = 5.21: 26.21. Its own level adds 2.00 labour and 3.11 overhead.
    """
    shop = furniture()
    version = drafted(shop)
    assert cost(version, "BAR") == (2, 0, 0, 0, 2)
    assert cost(version, "FRAME") == (6, 3, 6, D("2.10"), D("17.10"))
    assert cost(version, "TABLE") == (10, 5, 6, D("5.21"), D("26.21"))
    table = StandardCost.objects.get(version=version, material__code="TABLE")
    assert (table.own_labour, table.own_overhead, table.own_material) == (2, D("3.11"), 0)
    assert (table.level, table.present) == (0, 20)


def test_a_subcontractors_fee_stands_beside_the_components_that_we_supply() -> None:
    """A seat is made outside of 2 bars at 2.00 for a fee of 50.00 for ten: 4.00 and 5.00, of which its own level
    adds the fee. CHAIR: 5 min of assembly 2.00; overhead 1.00 + 10 % of 9.00: 4.00 + 2.00 + 1.90 + 5.00 = 12.90.

    A price of another day, one from a larger lot on, and the dearer of a supplier who is not preferred do not count.
    """
    shop = furniture()
    seat = material(shop, "SEAT", standard_cost="30")
    material(shop, "CHAIR", supply="make")
    bom(shop, "SEAT", [("BAR", "2")])
    bom(shop, "CHAIR", [("SEAT", "1")])
    routing(shop, "CHAIR", [("ASM", "0", "5")])
    keep_low_level_codes()
    dozen = Unit.objects.create(code="dz", name="Ten")
    UnitConversion.objects.create(material=seat, unit=dozen, base_units_per_unit=D(10))
    other = Partner.objects.create(code="S2", name="Other", is_supplier=True, currency=shop.company.currency)
    for supplier, unit, price, more in (
        (shop.supplier, dozen, "50", {}),
        (shop.supplier, seat.unit, "1", {"valid_from": NOW.date() + dt.timedelta(days=1), "from_quantity": D(2)}),
        (shop.supplier, seat.unit, "2", {"from_quantity": D(11)}),
        (other, seat.unit, "6", {}),
    ):
        SupplierPrice.objects.create(
            supplier=supplier, material=seat, unit=unit, price=D(price), lead_time_days=3, is_subcontract=True, **more
        )
    version = drafted(shop)
    costs = StandardCost.objects.filter(version=version).select_related("material")
    rows = {row.material.code: row for row in costs}
    made = rows["SEAT"]
    assert (made.material_cost, made.subcontract_cost, made.own_subcontract, made.own_material) == (4, 5, 5, 0)
    assert (made.total, made.present) == (9, 30)
    chair = rows["CHAIR"]
    assert (chair.own_subcontract, chair.subcontract_cost, chair.overhead_cost) == (0, 5, D("1.90"))
    assert chair.total == D("12.90")


def test_what_another_plant_makes_comes_at_its_standard_cost() -> None:
    """The second plant has no routing for FRAME and TABLE: they cost 10.00 and 20.00 there as everywhere, not the
    material alone, and a release there leaves them so.
    """
    shop = furniture()
    far = Plant.objects.create(company=shop.company, code="P2", name="Far", calendar=shop.day_shift)
    version = erp.draft_standards(plant=far, name="Far", valid_from=NOW.date(), now=NOW)
    assert (cost(version, "FRAME"), cost(version, "TABLE")) == ((10, 0, 0, 0, 10), (20, 0, 0, 0, 20))
    erp.release_standards(version_id=version.pk, now=NOW)
    assert Material.objects.get(code="TABLE").standard_cost == 20


def test_what_if_is_rolled_up_and_taken_back() -> None:
    """Bars at 3.00, SAW labour at 40.00, 20 % scrap of legs.

    FRAME: bars 9.00, labour 4.00, machine 6.00, overhead 2.00 + 0.90: 21.90. TABLE: legs 4 / 0.8 = 5.00.
    """
    shop = furniture()
    version = drafted(shop)
    bar, leg, saw = shop.materials["BAR"], shop.materials["LEG"], shop.centres["SAW"]
    erp.assume(version_id=version.pk, kind="price", material=bar, value=D(3), now=NOW)
    erp.assume(version_id=version.pk, kind="labour", work_centre=saw, value=D(40), now=NOW)
    erp.assume(version_id=version.pk, kind="scrap", material=leg, value=D(20), now=NOW)
    assert cost(version, "FRAME") == (9, 4, 6, D("2.90"), D("21.90"))
    assert cost(version, "TABLE")[0] == 14
    for change in version.changes.all():
        erp.forget(change_id=change.pk, now=NOW)
    assert cost(version, "TABLE")[-1] == D("26.21")


def test_release_sets_the_standards_and_revalues_stock() -> None:
    """4 frames at a standard of 10.00 become worth 17.10 each: 28.40 more, against revaluation."""
    shop = furniture()
    stock(shop, "FRAME", "4", "10")
    version = drafted(shop)
    later = erp.draft_standards(plant=shop.plant, name="Later", valid_from=NOW.date() + dt.timedelta(days=30), now=NOW)
    with pytest.raises(erp.NotYet):
        erp.release_standards(version_id=later.pk, now=NOW)
    erp.release_standards(version_id=version.pk, now=NOW)
    assert Material.objects.get(code="TABLE").standard_cost == D("26.21")
    assert worth(shop, "FRAME") == (4, D("68.40"))
    assert erp_now.account_balance(shop.company, Account.Role.REVALUATION) == D("-28.40")
    with pytest.raises(erp.AlreadyReleased):
        erp.roll_up(version_id=version.pk, now=NOW)


def test_an_accountant_makes_a_version_looks_into_it_and_releases_it(client: Client) -> None:
    shop = furniture()
    client.force_login(person("ann", "accountant", shop.plant, everywhere=True))
    made = {"plant": shop.plant.pk, "name": "2027", "valid_from": "2026-11-01", "basis": "standard", "lot_qty": "10"}
    client.post(reverse("erp:standards_draft"), made)
    version = StandardVersion.objects.get()
    page = client.get(reverse("erp:standard_version", args=[version.pk])).content.decode()
    assert "26.21" in page
    table = StandardCost.objects.get(material__code="TABLE")
    assert "FRAME" in client.get(reverse("erp:standard_cost", args=[table.pk])).content.decode()
    url = reverse("erp:standard_assume", args=[version.pk])
    client.post(url, {"kind": "price", "material": shop.materials["BAR"].pk, "value": "3"})
    assert cost(version, "BAR")[-1] == 3
    client.post(reverse("erp:standards_release", args=[version.pk]))
    version.refresh_from_db()
    assert version.state == "released"


def test_what_somebody_else_changed_meanwhile_is_not_released(client: Client) -> None:
    """Two look at the draft, one assumes another price: the other's Release and Roll up say that it was changed."""
    shop = furniture()
    client.force_login(person("ann", "accountant", shop.plant, everywhere=True))
    version = drafted(shop)
    page = client.get(reverse("erp:standard_version", args=[version.pk])).content.decode()
    assert f'name="version" value="{version.version}"' in page
    erp.assume(version_id=version.pk, kind="price", material=shop.materials["BAR"], value=D(3), now=NOW)
    for name in ("release", "roll"):
        url = reverse(f"erp:standards_{name}", args=[version.pk])
        answer = client.post(url, {"version": version.version}, follow=True)
        assert "was changed meanwhile" in answer.content.decode()
    typed = {"kind": "price", "material": shop.materials["LEG"].pk, "value": "5", "version": version.version}
    assert client.post(reverse("erp:standard_assume", args=[version.pk]), typed).status_code == 409
    version.refresh_from_db()
    assert (version.state, cost(version, "LEG")[-1]) == ("draft", 1)
