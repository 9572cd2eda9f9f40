"""A small maker of desks as a folder of import files: four materials, two BOMs, stock, one order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from suite.importing.load import load

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
FILES = {
    "units": "code,name\nEA,Each\nKG,Kilogram\n",
    "materials": (
        "code,name,category,unit,supply,standard_cost,list_price,colour,weight_kg,safety_stock,reorder_point,"
        "make_lead_time_days,sellable\n"
        "DESK,Desk,Furniture,EA,make,80,199,Oak,24.5,0,0,3,yes\n"
        "TOP,Desk top,Parts,EA,make,30,0,,,0,0,2,no\n"
        "BOARD,Board,Raw,EA,buy,12.5,0,,,4,10,0,no\n"
        "GLUE,Glue,Raw,KG,buy,6,0,,,0,0,0,no\n"
    ),
    "unit_conversions": "material_code,unit,base_units_per_unit\n",
    "boms": ("parent_code,component_code,quantity,unit\nDESK,TOP,1,EA\nTOP,BOARD,2,EA\nTOP,GLUE,0.25,KG\n"),
    "work_centres": "code,name,machines,cost_per_hour,weekly_hours_per_machine\nSAW,Saw,2,30,80\n",
    "routings": (
        "material_code,sequence,operation,work_centre,setup_minutes,run_minutes_per_unit\n"
        "DESK,10,Assemble,SAW,0,12\nTOP,10,Cut,SAW,15,0.4\n"
    ),
    "locations": "code,name\nL1,Racks\n",
    "stock": "material_code,location,bin,quantity\nBOARD,L1,A-1,10\nBOARD,L1,A-2,2\nGLUE,L1,,3.5\n",
    "suppliers": "code,name,credit_rating,preferred,active\nS1,Timber,1,yes,yes\n",
    "supplier_prices": (
        "supplier_code,material_code,price,unit,lead_time_days,min_quantity,max_quantity\nS1,BOARD,12,EA,5,10,1000\n"
    ),
    "customers": "code,name,kind\nC1,Nordhaus,company\n",
    "sales_orders": (
        "order_number,customer_code,ordered_on,due_on,line,material_code,quantity,unit_price\n"
        "SO1,C1,2026-03-01,2026-03-20,1,DESK,2,199.005\n"
    ),
}


def write(folder: Path) -> Path:
    """All its files."""
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def add(folder: Path, name: str, row: str) -> None:
    """One more row."""
    with (folder / f"{name}.csv").open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Other words where `old` stands first."""
    path = folder / f"{name}.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def imported(folder: Path, **options: object) -> dict[str, dict[str, int]]:
    """Import without a fault; the counts."""
    outcome = load(folder=folder, plant_code="MAIN", now=NOW, **options)  # type: ignore[arg-type]
    assert [str(fault) for fault in outcome.faults] == []
    return outcome.report.as_object()


def faults(folder: Path, **options: object) -> list[str]:
    """The faults of an import, as they are printed."""
    asked = {"plant_code": "MAIN", "now": NOW, **options}
    return [str(fault) for fault in load(folder=folder, **asked).faults]  # type: ignore[arg-type]
