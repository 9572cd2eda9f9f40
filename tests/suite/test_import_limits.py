"""Numbers, dates and arguments that cannot be kept: faults with their exit codes, never a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from erp.models import SalesOrderLine, StockMove
from masterdata.models import Material, Plant, Warehouse
from tests.suite import desks
from tests.suite.desks import add, change, faults, imported

HUGE = "999999999999"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return desks.write(tmp_path)


def command(folder: Path, *options: str) -> tuple[int, dict[str, object]]:
    """Exit code and answer of the command with --json."""
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import_data", str(folder), "--json", *options, stdout=out)
    assert Material.objects.count() == 0
    assert Plant.objects.count() == 0
    return int(str(end.value.code)), json.loads(out.getvalue())


def order_amount(folder: Path) -> None:
    change(folder, "sales_orders", "DESK,2,199.005", f"DESK,{HUGE},{HUGE}")


def stock_value(folder: Path) -> None:
    change(folder, "materials", "buy,6,0", f"buy,{HUGE},0")
    change(folder, "stock", "GLUE,L1,,3.5", f"GLUE,L1,,{HUGE}")


def stock_value_together(folder: Path) -> None:
    change(folder, "materials", "buy,12.5,0", "buy,6000,0")
    change(folder, "stock", "A-1,10\nBOARD,L1,A-2,2", "A-1,100000000000\nBOARD,L1,A-2,100000000000")


def stock_together(folder: Path) -> None:
    change(folder, "materials", "buy,12.5,0", "buy,0,0")
    change(folder, "stock", "A-1,10\nBOARD,L1,A-2,2", f"A-1,{HUGE}\nBOARD,L1,A-2,1")


def bom_too_much(folder: Path) -> None:
    add(folder, "unit_conversions", f"GLUE,EA,{HUGE}")
    change(folder, "boms", "TOP,GLUE,0.25,KG", "TOP,GLUE,1000,EA")


def bom_too_little(folder: Path) -> None:
    add(folder, "unit_conversions", "GLUE,EA,0.000001")
    change(folder, "boms", "TOP,GLUE,0.25,KG", "TOP,GLUE,0.1,EA")


def long_weight(folder: Path) -> None:
    change(folder, "materials", "Oak,24.5", f"Oak,{HUGE}")


def long_setup(folder: Path) -> None:
    change(folder, "routings", "SAW,15,0.4", f"SAW,{HUGE},0.4")


def long_run(folder: Path) -> None:
    change(folder, "routings", "SAW,15,0.4", f"SAW,15,{HUGE}")


def long_work_centre(folder: Path) -> None:
    add(folder, "work_centres", f"{'W' * 37},Wide,1,1,40")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("break_it", "place"),
    [
        (order_amount, "sales_orders.csv, row 2, quantity: '999999999999'"),
        (stock_value, "stock.csv, row 4, quantity: '999999999999'"),
        (stock_value_together, "stock.csv, row 3, quantity: '100000000000'"),
        (stock_together, "stock.csv, row 3, quantity: '1'"),
        (bom_too_much, "boms.csv, row 4, quantity: '1000'"),
        (bom_too_little, "boms.csv, row 4, quantity: '0.1'"),
        (long_weight, "materials.csv, row 2, weight_kg: '999999999999'"),
        (long_setup, "routings.csv, row 3, setup_minutes: '999999999999'"),
        (long_run, "routings.csv, row 3, run_minutes_per_unit: '999999999999'"),
        (long_work_centre, f"work_centres.csv, row 3, code: '{'W' * 37}'"),
    ],
)
def test_a_number_that_cannot_be_kept_is_a_fault(break_it: Callable[[Path], None], place: str, folder: Path) -> None:
    """10^12 x 10^12 is far above 10^15 in money. Stock: 10^11 boards at 6,000 are 6 x 10^14, twice that is too much;
    10^12 - 1 boards and one more are 10^12. BOM: 1,000 x (10^12 - 1) is above 10^12, 0.1 x 0.000001 rounds to nothing.
    """
    break_it(folder)
    code, answer = command(folder)
    assert code == 1
    found = [f"{one['file']}, row {one['row']}, {one['column']}: {one['value']!r}" for one in answer["faults"]]  # type: ignore[attr-defined]
    assert found == [place]


@pytest.mark.django_db
def test_the_largest_numbers_that_are_no_faults_are_kept(folder: Path) -> None:
    """999,999,999,999 x 1,000 = 999,999,999,999,000 in money; 0.5 x 0.000001 kg rounds up to 0.000001 kg."""
    change(folder, "sales_orders", "DESK,2,199.005", f"DESK,{HUGE},1000")
    change(folder, "materials", "buy,12.5,0", "buy,1000,0")
    change(folder, "stock", "A-1,10\nBOARD,L1,A-2,2", f"A-1,{HUGE}\nBOARD,L1,A-2,0")
    add(folder, "unit_conversions", "GLUE,EA,0.000001")
    change(folder, "boms", "TOP,GLUE,0.25,KG", "TOP,GLUE,0.5,EA")
    add(folder, "locations", f"LONG,{'N' * 120}")
    add(folder, "stock", f"GLUE,LONG,{'B' * 19},1")
    imported(folder)
    assert SalesOrderLine.objects.get().net_amount == Decimal("999999999999000")
    assert StockMove.objects.get(material__code="BOARD").value == Decimal("999999999999000")
    assert all(count["created"] == count["changed"] == 0 for count in imported(folder).values())


@pytest.mark.django_db
def test_a_bin_that_is_a_location_as_well_is_written_once(folder: Path) -> None:
    add(folder, "locations", "L1/A-1,Rack one")
    imported(folder)
    assert all(count["created"] == count["changed"] == 0 for count in imported(folder).values())


# Arguments


@pytest.mark.django_db
def test_a_date_that_is_moved_out_of_the_calendar_is_a_fault(folder: Path) -> None:
    change(folder, "sales_orders", "2026-03-20", "9999-12-31")
    code, answer = command(folder, "--shift-days", "1")
    assert code == 1
    expected = "a date that 1 days (--shift-days) leave in the years 1 to 9999"
    fault = {"file": "sales_orders.csv", "row": 2, "column": "due_on", "value": "9999-12-31", "expected": expected}
    assert answer["faults"] == [fault]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--shift-days", "99999999999"),
        ("--shift-days", "-900000"),
        ("--shift-days", "soon"),
        ("--plant", "P" * 60),
        ("--plant", "P" * 36),
        ("--plant", ""),
        ("--plant", "a/b <x>"),
        ("--plant", ".."),
    ],
)
def test_an_argument_that_cannot_be_meant_ends_with_two(option: str, value: str, folder: Path) -> None:
    code, answer = command(folder, f"{option}={value}")
    (fault,) = answer["faults"]  # type: ignore[misc]
    assert (code, answer["ok"], fault["file"], fault["value"]) == (2, False, option, value)
    err = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import_data", str(folder), f"{option}={value}", stderr=err)
    assert end.value.code == 2
    assert err.getvalue().startswith(f"{option}")
    assert err.getvalue().endswith("1 fault. Nothing was imported; mend what you asked for and import again.\n")


@pytest.mark.django_db
def test_a_plants_code_may_have_dashes_dots_and_umlauts(folder: Path) -> None:
    """35 characters leave room for its warehouse, CODE-MAIN."""
    code = "Süd-1.b_" + "x" * 27
    assert faults(folder, plant_code=code) == []
    assert Warehouse.objects.get().code == f"{code}-MAIN"
    assert faults(folder, plant_code=code) == []


@pytest.mark.django_db
def test_a_warehouse_of_another_plant_is_not_taken(folder: Path) -> None:
    imported(folder)
    Warehouse.objects.update(code="NORTH-MAIN")
    (fault,) = faults(folder, plant_code="NORTH")
    assert fault.startswith("--plant: 'NORTH' – expected a plant with a main warehouse, or a code whose warehouse")
