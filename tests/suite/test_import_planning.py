"""Importing how materials are planned: parameters, substitutes, by-products, prices by quantity and time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from erp.models import SupplierPrice
from masterdata.models import Bom, BomByproduct, BomSubstitute, MaterialPlant, Plant
from tests.suite import desks
from tests.suite.desks import add, change, faults, imported

pytestmark = pytest.mark.django_db

PARAMETERS = (
    "material_code,policy,lot_rule,lot_quantity,period_days,max_lot,safety_stock,reorder_point,make_lead_time_days,"
    "safety_time_days,scrap_percent,planning_fence_days,source_plant\n"
    "TOP,to_stock,multiple,5,0,40,0,0,2,1,2.5,10,\n"
    "BOARD,to_stock,period,0,7,,4,10,0,0,0,0,\n"
)
SUBSTITUTES = (
    "parent_code,component_code,substitute_code,plant,ratio,priority,valid_from,valid_until,by_itself\n"
    "TOP,BOARD,PLY,MAIN,1.5,1,2026-01-01,,yes\n"
    "TOP,BOARD,MDF,,2,2,,,no\n"
)
BYPRODUCTS = "parent_code,byproduct_code,quantity,unit,cost_share_percent\nTOP,DUST,0.5,KG,\n"
TIERS = (
    "supplier_code,material_code,from_quantity,valid_from,valid_until,price,unit,lead_time_days,min_quantity,"
    "max_quantity,pack_quantity,supplier_article,subcontract\n"
    "S1,BOARD,100,2026-01-01,2026-06-30,11,EA,5,0,0,10,B-100,no\n"
    "S1,BOARD,100,2026-07-01,,11.5,EA,5,0,0,10,B-100,no\n"
    "S1,TOP,0,,,9,EA,12,0,0,1,,yes\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    desks.write(tmp_path)
    add(tmp_path, "materials", "PLY,Plywood,Raw,EA,buy,9,0,,,0,0,0,no")
    add(tmp_path, "materials", "MDF,Fibre board,Raw,EA,buy,7,0,,,0,0,0,no")
    add(tmp_path, "materials", "DUST,Sawdust,Raw,KG,buy,0.1,0,,,0,0,0,no")
    texts = {
        "planning_parameters": PARAMETERS,
        "bom_substitutes": SUBSTITUTES,
        "bom_byproducts": BYPRODUCTS,
        "supplier_price_tiers": TIERS,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_parameters_substitutes_by_products_and_prices_come_with_their_materials(folder: Path) -> None:
    report = imported(folder)
    names = ("planning_parameters", "bom_substitutes", "bom_byproducts", "supplier_price_tiers")
    assert [report[name]["created"] + report[name]["changed"] for name in names] == [2, 2, 1, 3]
    top = MaterialPlant.objects.get(material__code="TOP")
    assert (top.policy, top.lot_rule, top.lot_qty, top.max_lot, top.lead_time_days) == (
        "to_stock",
        "multiple",
        5,
        40,
        2,
    )
    assert (top.safety_time_days, top.scrap_percent, top.planning_fence_days) == (1, Decimal("2.5"), 10)
    board = MaterialPlant.objects.get(material__code="BOARD")
    assert (board.lot_rule, board.period_days, board.max_lot, board.safety_stock) == ("period", 7, None, 4)
    instead = BomSubstitute.objects.order_by("priority").values_list(
        "line__component__code", "material__code", "plant__code", "ratio", "valid_from", "by_itself"
    )
    assert list(instead) == [
        ("BOARD", "PLY", "MAIN", Decimal("1.5"), dt.date(2026, 1, 1), True),
        ("BOARD", "MDF", None, Decimal(2), None, False),
    ]
    assert BomByproduct.objects.values_list("bom__material__code", "material__code", "quantity").get() == (
        "TOP", "DUST", Decimal("0.5"),
    )  # fmt: skip
    fee = SupplierPrice.objects.get(material__code="TOP")
    assert (fee.is_subcontract, fee.lead_time_days, fee.max_quantity) == (True, 12, None)
    assert list(Bom.objects.filter(material__code="TOP").values_list("version_no", "state")) == [(1, "frozen")]


def test_the_same_files_twice_change_nothing(folder: Path) -> None:
    imported(folder)
    for entity, count in imported(folder).items():
        assert (count["created"], count["changed"]) == (0, 0), entity
    assert Bom.objects.count() == 2


def test_another_substitute_is_the_next_version_of_the_bom_with_all_else_of_it(folder: Path) -> None:
    """The lines stay without boms.csv; the by-product, which no file names this time, stays too."""
    imported(folder)
    change(folder, "bom_substitutes", "TOP,BOARD,MDF,,2,2", "TOP,BOARD,MDF,,2.25,2")
    (folder / "boms.csv").unlink()
    (folder / "bom_byproducts.csv").unlink()
    report = imported(folder)
    assert report["bom_substitutes"] == {"created": 0, "changed": 1, "unchanged": 1}
    bom = Bom.objects.get(material__code="TOP", state="frozen")
    assert bom.version_no == 2
    assert [(line.component.code, line.quantity) for line in bom.lines.all()] == [
        ("BOARD", 2), ("GLUE", Decimal("0.25")),
    ]  # fmt: skip
    assert BomSubstitute.objects.get(line__bom=bom, material__code="MDF").ratio == Decimal("2.25")
    assert bom.byproducts.get().quantity == Decimal("0.5")


def test_changed_lines_keep_what_stands_beside_them(folder: Path) -> None:
    imported(folder)
    change(folder, "boms", "TOP,BOARD,2,EA", "TOP,BOARD,3,EA")
    (folder / "bom_substitutes.csv").unlink()
    imported(folder)
    bom = Bom.objects.get(material__code="TOP", state="frozen")
    assert BomSubstitute.objects.filter(line__bom=bom).count() == 2
    assert bom.byproducts.count() == 1


def test_a_price_that_ends_earlier_makes_room_for_the_next(folder: Path) -> None:
    """The price from July on ends in August now, and another holds from September."""
    imported(folder)
    change(folder, "supplier_price_tiers", "2026-07-01,,11.5", "2026-07-01,2026-08-31,11.5")
    add(folder, "supplier_price_tiers", "S1,BOARD,100,2026-09-01,,12,EA,5,0,0,10,B-100,no")
    assert imported(folder)["supplier_price_tiers"] == {"created": 1, "changed": 1, "unchanged": 2}
    rows = SupplierPrice.objects.filter(from_quantity=100).order_by("valid_from")
    assert [(one.price, one.valid_until) for one in rows] == [
        (11, dt.date(2026, 6, 30)), (Decimal("11.5"), dt.date(2026, 8, 31)), (12, None),
    ]  # fmt: skip


def test_goods_come_from_another_plant_of_the_company(folder: Path) -> None:
    imported(folder)
    plant = Plant.objects.get()
    Plant.objects.create(company=plant.company, code="WEST", name="West", calendar=plant.calendar)
    change(folder, "planning_parameters", "4,10,0,0,0,0,", "4,10,0,0,0,0,WEST")
    imported(folder)
    assert MaterialPlant.objects.get(material__code="BOARD").source_plant == Plant.objects.get(code="WEST")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("planning_parameters", "TOP,to_stock,multiple,5", "TOP,to_stock,multiple,0",
         "row 2, lot_quantity: '0' – expected a number above 0, because lot_rule is multiple"),
        ("planning_parameters", "period,0,7", "period,0,0",
         "row 3, period_days: '0' – expected a whole number above 0, because lot_rule is period"),
        ("planning_parameters", "multiple,5,0,40", "multiple,50,0,40",
         "row 2, max_lot: '40' – expected a number of at least lot_quantity, 50, or nothing"),
        ("planning_parameters", "7,,4,10", "7,,6,10",
         "row 3, safety_stock: '6' – expected 4, as in row 4 of materials.csv"),
        ("planning_parameters", "2.5,10,\n", "2.5,10,EAST\n",
         "row 2, source_plant: 'EAST' – expected a plant that exists, or nothing"),
        ("planning_parameters", "2.5,10,\n", "2.5,10,MAIN\n",
         "row 2, source_plant: 'MAIN' – expected another plant than MAIN itself, or nothing"),
        ("bom_substitutes", "TOP,BOARD,MDF", "TOP,DESK,MDF",
         "row 3, component_code: 'DESK' – expected a component of TOP: in boms.csv, or in the BOM in force"),
        ("bom_substitutes", "TOP,BOARD,MDF", "TOP,BOARD,BOARD",
         "row 3, substitute_code: 'BOARD' – expected another material than the parent and the component"),
        ("bom_substitutes", "2026-01-01,,yes", "2026-01-01,2025-12-31,yes",
         "row 2, valid_until: '2025-12-31' – expected a date not before valid_from, 2026-01-01, or nothing"),
        ("bom_byproducts", "TOP,DUST,0.5,KG", "TOP,TOP,1,EA",
         "row 2, byproduct_code: 'TOP' – expected another material than the parent"),
        ("bom_byproducts", "TOP,DUST", "BOARD,DUST",
         "row 2, parent_code: 'BOARD' – expected a material with lines in boms.csv or with a BOM in force"),
        ("supplier_price_tiers", "100,2026-07-01,", "100,2026-06-30,",
         "row 3, valid_from: '2026-06-30' – expected days on which no other price holds; row 2 has some of them"),
        ("supplier_price_tiers", "S1,TOP,0,,,9", "S1,BOARD,0,,,9",
         ("row 4, valid_from: '' – expected days on which no other price holds; "
          "row 2 of supplier_prices.csv has some of them")),
    ],
)  # fmt: skip
def test_a_fault_names_its_row_and_column(folder: Path, file: str, old: str, new: str, said: str) -> None:
    change(folder, file, old, new)
    assert f"{file}.csv, {said}" in faults(folder)
    assert not Plant.objects.exists()
