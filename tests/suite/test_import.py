"""The importer: all or nothing, clear faults, the same files twice change nothing."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from erp.models import JournalLine, MaterialValue, SalesOrder, SalesOrderLine, StockBalance
from masterdata.models import Bom, Material, Plant, RoutingOperation, Shift
from suite.importing.load import load
from suite.stack import places
from tests.suite import desks
from tests.suite.desks import NOW, change, faults, imported


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return desks.write(tmp_path)


@pytest.mark.django_db
def test_a_folder_becomes_a_plant_with_stock_books_and_drafts(folder: Path) -> None:
    """12 boards x 12.50 = 150.00 and 3.5 kg of glue x 6.00 = 21.00 are opened: 171.00 of inventory.

    80 hours a week are two shifts of eight hours on five days from 06:00. 2 x 199.005 = 398.01.
    """
    report = imported(folder)
    assert report["materials"] == {"created": 4, "changed": 0, "unchanged": 0}
    assert Plant.objects.get().code == "MAIN"
    assert {(row.material.code, row.on_hand) for row in StockBalance.objects.all()} == {
        ("BOARD", Decimal(10)),
        ("BOARD", Decimal(2)),
        ("GLUE", Decimal("3.5")),
    }
    assert MaterialValue.objects.get(material__code="BOARD").value == Decimal("150.00")
    assert sum(JournalLine.objects.filter(account__role="inventory").values_list("amount", flat=True)) == Decimal(171)
    shifts = Shift.objects.filter(calendar__code="H80").order_by("weekday", "starts")
    assert [(s.weekday, s.starts.hour, s.ends.hour) for s in shifts][:3] == [(0, 6, 14), (0, 14, 22), (1, 6, 14)]
    assert shifts.count() == 10
    order = SalesOrder.objects.get()
    assert (order.number, order.confirmed_at) == ("SO1", None)
    assert order.lines.get().net_amount == Decimal("398.01")
    codes = dict(Material.objects.values_list("code", "low_level_code"))
    assert codes == {"DESK": 0, "TOP": 1, "BOARD": 2, "GLUE": 2}


@pytest.mark.django_db
def test_the_same_files_twice_change_nothing(folder: Path) -> None:
    imported(folder)
    for entity, count in imported(folder).items():
        assert (count["created"], count["changed"]) == (0, 0), entity


@pytest.mark.django_db
def test_what_differs_is_changed_and_a_bom_gets_a_new_version(folder: Path) -> None:
    imported(folder)
    change(folder, "boms", "TOP,BOARD,2,EA", "TOP,BOARD,3,EA")
    change(folder, "materials", "DESK,Desk,", "DESK,Writing desk,")
    change(folder, "sales_orders", "DESK,2,199.005", "DESK,5,199")
    report = imported(folder)
    assert report["boms"] == {"created": 0, "changed": 1, "unchanged": 1}
    assert report["materials"] == {"created": 0, "changed": 1, "unchanged": 3}
    assert report["sales_orders"] == {"created": 0, "changed": 1, "unchanged": 0}
    assert [(bom.version_no, bom.state) for bom in Bom.objects.filter(material__code="TOP").order_by("version_no")] == [
        (1, "retired"),
        (2, "frozen"),
    ]
    assert SalesOrderLine.objects.get().quantity == 5


@pytest.mark.django_db
def test_a_dry_run_counts_and_writes_nothing(folder: Path) -> None:
    assert imported(folder, dry_run=True)["materials"]["created"] == 4
    assert Material.objects.count() == 0
    assert Plant.objects.count() == 0


@pytest.mark.django_db
def test_dates_are_shifted(folder: Path) -> None:
    imported(folder, shift_days=10)
    assert SalesOrder.objects.get().ordered_on == dt.date(2026, 3, 11)
    assert SalesOrderLine.objects.get().wanted_on == dt.date(2026, 3, 30)


Break = tuple[Callable[[Path], None], str]
BROKEN: list[Break] = [
    (
        lambda at: change(at, "boms", "TOP,GLUE,0.25,KG", "TOP,GLEU,0.25,KG"),
        "boms.csv, row 4, component_code: 'GLEU' – expected a material that stands in materials.csv or exists already",
    ),
    (
        lambda at: change(at, "boms", "TOP,GLUE,0.25,KG", "TOP,GLUE,0.25,EA"),
        (
            "boms.csv, row 4, unit: 'EA' – expected KG, the unit of GLUE, "
            "or a unit that unit_conversions.csv converts to it"
        ),
    ),
    (
        lambda at: change(at, "boms", "TOP,GLUE,0.25,KG", "TOP,GLUE,-1,KG"),
        "boms.csv, row 4, quantity: '-1' – expected a number with up to 6 decimals above 0 and at most 999999999999",
    ),
    (
        lambda at: change(at, "boms", "TOP,GLUE,0.25,KG", "TOP,GLUE,1e3,KG"),
        "boms.csv, row 4, quantity: '1e3' – expected a number with up to 6 decimals above 0 and at most 999999999999",
    ),
    (
        lambda at: change(at, "boms", "TOP,BOARD,2,EA", "TOP,DESK,2,EA"),
        "boms.csv, row 3, component_code: 'DESK' – expected no circle; this line closes DESK > TOP > DESK",
    ),
    (
        lambda at: change(at, "materials", "GLUE,Glue", "BOARD,Glue"),
        "materials.csv, row 5, code: 'BOARD' – expected each code once; it stands in row 4 already",
    ),
    (
        lambda at: change(at, "stock", "quantity\n", "amount\n"),
        "stock.csv, row 1, quantity: '' – expected the column quantity, which is missing",
    ),
    (
        lambda at: change(at, "stock", "quantity\n", "amount\n"),
        "stock.csv, row 1, amount: 'amount' – expected only the columns material_code, location, bin, quantity",
    ),
    (
        lambda at: (at / "units.csv").write_bytes("code,name\nEA,Stück\n".encode("latin-1")) and None,
        "units.csv, row 2: 'byte 0xfc' – expected UTF-8; save the file as UTF-8 (CSV) and import it again",
    ),
    (
        lambda at: change(at, "sales_orders", "2026-03-20", "20.03.2026"),
        "sales_orders.csv, row 2, due_on: '20.03.2026' – expected a date such as 2026-01-31",
    ),
    (
        lambda at: change(at, "sales_orders", "DESK,2,199.005", "DESK,1.5,199"),
        "sales_orders.csv, row 2, quantity: '1.5' – expected a multiple of 1, the step of its unit",
    ),
    (
        lambda at: change(at, "stock", "BOARD,L1,A-1,10", "BOARD,L1,A-1,10.5"),
        "stock.csv, row 2, quantity: '10.5' – expected a multiple of 1, the step of its unit",
    ),
    (
        lambda at: change(at, "routings", "DESK,10,Assemble", "BOARD,10,Assemble"),
        (
            "routings.csv, row 2, material_code: 'BOARD' – expected a material that is made; this one is bought "
            "(supply in materials.csv)"
        ),
    ),
    (
        lambda at: (at / "prices.csv").write_text("a,b\n") and None,
        (
            "prices.csv – expected a file of the contract: accounts.csv, opening_balances.csv, units.csv, "
            "materials.csv, planning_parameters.csv, "
            "unit_conversions.csv, boms.csv, bom_substitutes.csv, bom_byproducts.csv, work_centres.csv, routings.csv, "
            "locations.csv, stock.csv, suppliers.csv, supplier_prices.csv, supplier_price_tiers.csv, customers.csv, "
            "sales_orders.csv"
        ),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("break_it", "sentence"), BROKEN)
def test_each_fault_names_its_place_and_nothing_is_imported(
    break_it: Callable[[Path], None], sentence: str, folder: Path
) -> None:
    break_it(folder)
    assert sentence in faults(folder)
    assert Material.objects.count() == 0


@pytest.mark.django_db
def test_all_faults_are_told_at_once(folder: Path) -> None:
    change(folder, "boms", "TOP,BOARD,2,EA", "TOP,BOARD,x,EA")
    change(folder, "stock", "GLUE,L1,,3.5", "GLUE,L1,,-3.5")
    assert len(faults(folder)) == 2


@pytest.mark.django_db
def test_stock_that_is_opened_is_not_opened_again_with_another_quantity(folder: Path) -> None:
    imported(folder)
    change(folder, "stock", "GLUE,L1,,3.5", "GLUE,L1,,4")
    outcome = load(folder=folder, plant_code="MAIN", now=NOW)
    assert [str(fault) for fault in outcome.faults] == [
        "stock.csv, row 4, quantity: '4' – expected 3.5, as opened before; correct stock by a count instead"
    ]


@pytest.mark.django_db
def test_the_command_prints_one_object_and_ends_with_one_on_faults(folder: Path) -> None:
    out = StringIO()
    call_command("import_data", str(folder), "--json", stdout=out)
    assert json.loads(out.getvalue())["entities"]["boms"] == {"created": 2, "changed": 0, "unchanged": 0}
    change(folder, "materials", "80,199", "eighty,199")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import_data", str(folder), "--json", stdout=out)
    assert end.value.code == 1
    answer = json.loads(out.getvalue())
    assert answer["ok"] is False
    assert answer["faults"][0]["file"] == "materials.csv"


@pytest.mark.django_db
def test_a_real_manufacturers_files_are_taken_whole(tmp_path: Path) -> None:
    source = places.ROOT.parent / "shared" / "data" / "adventureworks"
    if not source.is_dir():
        pytest.skip("the AdventureWorks files do not lie beside the project")
    for path in source.glob("*.csv"):
        shutil.copy(path, tmp_path)
    report = imported(tmp_path)
    assert report["materials"]["created"] == 504
    assert report["sales_order_lines"]["created"] == 5675
    assert RoutingOperation.objects.count() == 594
    assert all(count["created"] == count["changed"] == 0 for count in imported(tmp_path).values())
