"""BOM and routing versions, low-level codes, unit conversion, and changes of masters."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from masterdata import services as masters
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import Bom, BomLine, Material, Routing, UnitConversion
from tests.erp.shop import NOW, Shop


@pytest.fixture
def shop(db: None) -> Shop:
    """Materials and units to work with."""
    return Shop()


def levels(*materials: Material) -> list[int]:
    """Their low-level codes."""
    found = Material.objects.in_bulk([material.pk for material in materials])
    return [found[material.pk].low_level_code for material in materials]


def test_a_part_lies_one_deeper_than_its_deepest_parent(shop: Shop) -> None:
    """TABLE > FRAME > BOLT and TABLE > BOLT: 0, 1, 2. Without bolts in the frame: 0, 1, 1."""
    table, frame = shop.make("TABLE"), shop.make("FRAME")
    bolt, steel = shop.buy("BOLT"), shop.buy("STEEL")
    shop.bom(table, (frame, "1"), (bolt, "4"))
    assert levels(table, frame, bolt) == [0, 1, 1]
    shop.bom(frame, (bolt, "2"))
    assert levels(table, frame, bolt) == [0, 1, 2]
    shop.bom(frame, (steel, "2"))
    assert levels(table, frame, bolt, steel) == [0, 1, 1, 2]
    assert list(Bom.objects.filter(material=frame).order_by("version_no").values_list("version_no", "state")) == [
        (1, "retired"),
        (2, "frozen"),
    ]


def test_a_circle_is_named_and_nothing_changes(shop: Shop) -> None:
    """FRAME is in TABLE; a frame made of tables closes the circle."""
    table, frame = shop.make("TABLE"), shop.make("FRAME")
    shop.bom(table, (frame, "1"))
    draft = masters.write_bom(material_id=frame.pk, lines=[masters.BomLineInput(table.pk, Decimal(1))])
    with pytest.raises(masters.BomCircle, match="would be made of itself: ") as refusal, transaction.atomic():
        masters.freeze_bom(bom_id=draft.pk, now=NOW)
    assert {"TABLE", "FRAME"} <= set(str(refusal.value).replace(":", " ").split())
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert levels(table, frame) == [0, 1]


def test_a_draft_is_written_again_and_a_frozen_version_is_not(shop: Shop) -> None:
    """The same draft gets the new lines; frozen lines refuse any change in the database itself."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    first = masters.write_bom(material_id=table.pk, lines=[masters.BomLineInput(leg.pk, Decimal(3))])
    again = masters.write_bom(material_id=table.pk, lines=[masters.BomLineInput(leg.pk, Decimal(4))])
    assert (first.pk, again.lines.get().quantity) == (again.pk, Decimal(4))
    masters.freeze_bom(bom_id=again.pk, now=NOW)
    with pytest.raises(masters.NotADraft):
        masters.freeze_bom(bom_id=again.pk, now=NOW)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        BomLine.objects.filter(bom=again).update(quantity=5)
    assert masters.write_bom(material_id=table.pk, lines=[masters.BomLineInput(leg.pk, Decimal(5))]).version_no == 2


def test_bom_lines_are_kept_in_base_units(shop: Shop) -> None:
    """2 boxes of 50 screws are 100 pieces; the material's own conversion goes before the general dozen."""
    table, screw = shop.make("TABLE"), shop.buy("SCREW")
    shop.boxes(screw, 50)
    draft = masters.write_bom(
        material_id=table.pk, lines=[masters.BomLineInput(screw.pk, Decimal(2), unit_id=shop.box.pk)]
    )
    assert (draft.lines.get().quantity, draft.lines.get().unit) == (Decimal(100), shop.piece)
    UnitConversion.objects.create(base=shop.piece, unit=shop.box, base_units_per_unit=12)
    assert masters.to_base_quantity(material_id=screw.pk, quantity=Decimal("1.5"), unit_id=shop.box.pk) == 75
    assert masters.to_base_quantity(material_id=table.pk, quantity=Decimal(2), unit_id=shop.box.pk) == 24
    assert masters.to_base_quantity(material_id=table.pk, quantity=Decimal(2), unit_id=shop.piece.pk) == 2
    with pytest.raises(masters.NoConversion, match="Enter how many EA of SCREW one KG holds"):
        masters.to_base_quantity(material_id=screw.pk, quantity=Decimal(1), unit_id=shop.kilo.pk)


@pytest.mark.parametrize(
    ("quantity", "scrap", "field"), [("0", "0", "lines.0.quantity"), ("1", "100", "lines.0.scrap_percent")]
)
def test_a_bom_names_the_field_that_cannot_be_meant(shop: Shop, quantity: str, scrap: str, field: str) -> None:
    """No quantity, all scrap."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    line = masters.BomLineInput(leg.pk, Decimal(quantity), scrap_percent=Decimal(scrap))
    with pytest.raises(InvalidInput) as refusal:
        masters.write_bom(material_id=table.pk, lines=[line])
    assert refusal.value.field == field


def test_routings_have_versions_of_their_own(shop: Shop) -> None:
    """The shop's maker froze version 1; version 2 retires it."""
    table = shop.make("TABLE")
    step = masters.OperationInput(20, "Sand", shop.saw.pk, Decimal("1.5"))
    draft = masters.write_routing(material_id=table.pk, plant_id=shop.plant.pk, operations=[step])
    masters.freeze_routing(routing_id=draft.pk, now=NOW)
    rows = Routing.objects.filter(material=table).order_by("version_no").values_list("version_no", "state")
    assert list(rows) == [(1, "retired"), (2, "frozen")]
    with pytest.raises(InvalidInput, match="sequence of its own"):
        masters.write_routing(material_id=table.pk, plant_id=shop.plant.pk, operations=[step, step])


def test_masters_are_not_changed_over_somebody_elses_change(shop: Shop) -> None:
    """The second writer of version 1 is refused; each change counts one version."""
    changed = masters.update_partner(partner=shop.customer, values={"name": "Corner"}, expected_version=1)
    assert (changed.name, changed.version) == ("Corner", 2)
    with pytest.raises(StaleVersion):
        masters.update_partner(partner=shop.customer, values={"name": "Other"}, expected_version=1)
    machine = masters.update_machine(machine=shop.saw_one, values={"speed_percent": 150}, expected_version=1)
    assert machine.speed_percent == 150


def test_the_base_unit_of_a_bom_part_stays(shop: Shop) -> None:
    """Its BOM counts pieces."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    with pytest.raises(masters.BaseUnitInUse):
        masters.update_material(material=leg, values={"unit": shop.kilo})
    assert masters.update_material(material=leg, values={"name": "Long leg"}, expected_version=1).version == 2


def test_the_base_unit_of_what_is_counted_anywhere_stays(shop: Shop) -> None:
    """A box of 50 screws counts pieces. Nothing counts glue yet: its unit was a slip that can be mended."""
    screw, glue = shop.buy("SCREW"), shop.buy("GLUE")
    shop.boxes(screw, 50)
    with pytest.raises(masters.BaseUnitInUse, match="SCREW is counted in its base unit"):
        masters.update_material(material=screw, values={"unit": shop.kilo})
    assert masters.update_material(material=screw, values={"unit": shop.piece}).unit == shop.piece
    assert masters.update_material(material=glue, values={"unit": shop.kilo}).unit == shop.kilo
