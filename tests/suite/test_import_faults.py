"""The importer's faults: all of them at once, none in the wake of another, and what contradicts the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from erp.models import Period, SalesOrderLine
from masterdata.models import Material
from tests.suite import desks
from tests.suite.desks import add, change, faults, imported

HUGE = "999999999999"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return desks.write(tmp_path)


# All faults at once


@pytest.mark.django_db
def test_faults_of_values_references_and_documents_are_told_together(folder: Path) -> None:
    """In the order of the files; the row with the bad quantity has its references checked all the same."""
    change(folder, "materials", "12.5,0,,,4,10,0,no", "cheap,0,,,4,10,0,no")
    change(folder, "boms", "TOP,BOARD,2,EA", "TOP,PLANK,x,EA")
    change(folder, "stock", "GLUE,L1,,3.5", "GLUE,L9,,-5")
    change(folder, "sales_orders", "2026-03-20", "2026-02-20")
    number = "a number with up to 6 decimals"
    assert faults(folder) == [
        f"materials.csv, row 4, standard_cost: 'cheap' – expected {number} of at least 0 and at most {HUGE}",
        f"boms.csv, row 3, quantity: 'x' – expected {number} above 0 and at most {HUGE}",
        "boms.csv, row 3, component_code: 'PLANK' – expected a material that stands in materials.csv or exists already",
        f"stock.csv, row 4, quantity: '-5' – expected {number} of at least 0 and at most {HUGE}",
        "stock.csv, row 4, location: 'L9' – expected a location that stands in locations.csv or exists already",
        "sales_orders.csv, row 2, due_on: '2026-02-20' – expected a date not before ordered_on, 2026-03-01",
    ]
    assert Material.objects.count() == 0


def unreadable_key(folder: Path) -> None:
    change(folder, "materials", "GLUE,Glue,", ",Glue,")


def torn_row(folder: Path) -> None:
    change(folder, "materials", "GLUE,Glue,", "GLUE,Glue, strong,")


def wrong_encoding(folder: Path) -> None:
    path = folder / "materials.csv"
    path.write_bytes(path.read_text().replace("Glue", "Holzkaltleim für Möbel").encode("latin-1"))


def missing_column(folder: Path) -> None:
    change(folder, "materials", ",supply,", ",origin,")


def unreadable_unit(folder: Path) -> None:
    change(folder, "materials", "GLUE,Glue,Raw,KG", "GLUE,Glue,Raw,")


def unknown_unit(folder: Path) -> None:
    change(folder, "materials", "GLUE,Glue,Raw,KG", "GLUE,Glue,Raw,LITRE")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("break_it", "own"),
    [
        (unreadable_key, 1),
        (torn_row, 1),
        (wrong_encoding, 1),
        (missing_column, 2),
        (unreadable_unit, 1),
        (unknown_unit, 1),
    ],
)
def test_what_cannot_be_read_has_no_faults_in_its_wake(
    break_it: Callable[[Path], None], own: int, folder: Path
) -> None:
    """`own` faults of materials.csv and one of stock.csv; none that GLUE, which other files name, is missing."""
    break_it(folder)
    change(folder, "stock", "BOARD,L1,A-1,10", "BOARD,L1,A-1,ten")
    assert [fault.split(",")[0] for fault in faults(folder)] == ["materials.csv"] * own + ["stock.csv"]


@pytest.mark.django_db
def test_a_torn_row_hides_no_other_missing_material(folder: Path) -> None:
    """The torn row may be GLUE; PLANK it cannot be."""
    torn_row(folder)
    change(folder, "boms", "TOP,BOARD,2,EA", "TOP,PLANK,2,EA")
    assert [fault.partition(" –")[0] for fault in faults(folder)] == [
        "materials.csv, row 5: 'GLUE,Glue, strong,Raw,KG,buy,6,0,,,0,0,0,no'",
        "boms.csv, row 3, component_code: 'PLANK'",
    ]


# What contradicts the masters


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "row", "sentence"),
    [
        (
            "unit_conversions",
            "BOARD,EA,2",
            (
                "unit_conversions.csv, row 2, unit: 'EA' – expected another unit than the base unit of BOARD; "
                "it needs no conversion"
            ),
        ),
        (
            "materials",
            "SHELF,Shelf,Furniture,EA,make,8,19,,,0,0,0,yes",
            "materials.csv, row 6, supply: 'make' – expected buy, or lines in boms.csv that say what it is made of",
        ),
        (
            "sales_orders",
            "SO2,C1,2026-03-01,2026-03-20,1,BOARD,1,20",
            (
                "sales_orders.csv, row 3, material_code: 'BOARD' – expected a material that is sold; this one is not "
                "(sellable in materials.csv)"
            ),
        ),
        (
            "stock",
            "BOARD,L1/A,1,5\nBOARD,L1,A/1,5",
            "stock.csv, row 6, location: 'L1' – expected each place of a material once; L1/A/1 stands in row 5 already",
        ),
    ],
)
def test_one_more_row_is_a_fault(file: str, row: str, sentence: str, folder: Path) -> None:
    add(folder, "locations", "L1/A,Rack A")
    add(folder, file, row)
    assert faults(folder) == [sentence]


@pytest.mark.django_db
def test_materials_may_come_before_their_boms(folder: Path) -> None:
    """A folder without boms.csv says nothing of BOMs; with it, the frozen ones count as well."""
    boms = (folder / "boms.csv").read_text()
    (folder / "boms.csv").unlink()
    imported(folder)
    (folder / "boms.csv").write_text(boms)
    assert imported(folder)["boms"]["created"] == 2
    (folder / "boms.csv").write_text("parent_code,component_code,quantity,unit\n")
    imported(folder)


@pytest.mark.django_db
def test_what_has_a_bom_is_not_turned_into_something_bought(folder: Path) -> None:
    """TOP's BOM is in force, and DESK's is in the file as well."""
    imported(folder)
    change(folder, "materials", "TOP,Desk top,Parts,EA,make", "TOP,Desk top,Parts,EA,buy")
    for name in ("boms", "routings"):
        (folder / f"{name}.csv").unlink()
    sentence = "materials.csv, row 3, supply: 'buy' – expected make, because a BOM of this material is in force"
    assert faults(folder) == [sentence]
    desks.write(folder)
    change(folder, "materials", "DESK,Desk,Furniture,EA,make", "DESK,Desk,Furniture,EA,buy")
    bought = "expected a material that is made; this one is bought (supply in materials.csv)"
    assert faults(folder) == [
        "materials.csv, row 2, supply: 'buy' – expected make, because a BOM of this material is in force",
        f"boms.csv, row 2, parent_code: 'DESK' – {bought}",
        f"routings.csv, row 2, material_code: 'DESK' – {bought}",
    ]
    assert Material.objects.get(code="DESK").supply == "make"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("used", "kind"),
    [
        ({"boms", "routings"}, "bom line"),
        ({"unit_conversions"}, "unit conversion"),
        ({"supplier_prices", "suppliers"}, "supplier price"),
        ({"stock", "locations"}, "stock balance"),
        ({"sales_orders", "customers"}, "sales order line"),
    ],
)
def test_the_base_unit_of_what_is_used_stays(used: set[str], kind: str, folder: Path) -> None:
    """BOARD is used in one way only; its pieces do not become kilograms. GLUE, unused, becomes what it likes."""
    for row in ("boms:TOP,GLUE,0.25,KG", "stock:GLUE,L1,,3.5"):
        change(folder, row.partition(":")[0], row.partition(":")[2] + "\n", "")
    change(folder, "materials", "12.5,0,,,4,10,0,no", "12.5,0,,,4,10,0,yes")
    change(folder, "sales_orders", "DESK", "BOARD")
    add(folder, "unit_conversions", "BOARD,KG,0.5")
    for path in folder.glob("*.csv"):
        if path.stem not in used | {"units", "materials", "work_centres"}:
            path.unlink()
    imported(folder)
    for path in folder.glob("*.csv"):
        if path.stem not in ("units", "materials"):
            path.unlink()
    change(folder, "materials", "GLUE,Glue,Raw,KG", "GLUE,Glue,Raw,EA")
    assert imported(folder)["materials"]["changed"] == 1
    change(folder, "materials", "BOARD,Board,Raw,EA", "BOARD,Board,Raw,KG")
    (fault,) = faults(folder)
    assert fault.startswith(
        "materials.csv, row 4, unit: 'KG' – expected EA, in which this material is counted already ("
    )
    assert kind in fault
    assert Material.objects.get(code="BOARD").unit.code == "EA"


# What only the services know


@pytest.mark.django_db
def test_a_closed_period_is_a_fault_and_nothing_is_written(folder: Path) -> None:
    (folder / "stock.csv").rename(folder / "stock.later")
    imported(folder)
    day = desks.NOW.date()
    Period.objects.filter(starts_on__lte=day, ends_on__gte=day).update(state=Period.State.CLOSED)
    (folder / "stock.later").rename(folder / "stock.csv")
    change(folder, "materials", "DESK,Desk,", "DESK,Writing desk,")
    (fault,) = faults(folder)
    assert fault.startswith("stock.csv – expected no refusal: ")
    assert not Material.objects.filter(name="Writing desk").exists()


@pytest.mark.django_db
def test_a_confirmed_order_that_lacks_a_line_in_the_file_is_a_fault(folder: Path) -> None:
    add(folder, "sales_orders", "SO1,C1,2026-03-01,2026-03-20,2,DESK,1,199")
    imported(folder)
    line = SalesOrderLine.objects.get(line_no=2)
    line.order.confirmed_at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    line.order.save()
    imported(folder)
    change(folder, "sales_orders", "SO1,C1,2026-03-01,2026-03-20,2,DESK,1,199\n", "")
    assert faults(folder) == [
        (
            "sales_orders.csv, row 2, order_number: 'SO1' – expected an order that is still a draft; "
            "this one is confirmed and differs"
        )
    ]
    assert SalesOrderLine.objects.count() == 2
