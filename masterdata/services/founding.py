"""The first rows of a house: a company, and a plant that can be worked in from the first minute."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from masterdata.models import Calendar, Company, Currency, Location, Plant, Shift, Warehouse
from masterdata.records import create_record

DAY_STARTS, DAY_ENDS = dt.time(7), dt.time(15, 30)
KINDS = (
    Location.Kind.STOCK,
    Location.Kind.SUPPLIER,
    Location.Kind.CUSTOMER,
    Location.Kind.PRODUCTION,
    Location.Kind.LOSS,
    Location.Kind.TRANSIT,
    Location.Kind.QUARANTINE,
)

IN_A_WAREHOUSE = {Location.Kind.STOCK, Location.Kind.QUARANTINE}


@transaction.atomic
def found_company(*, code: str, name: str, currency_code: str) -> Company:
    """A company in its currency, which is made when it is new. Raises InvalidInput with every finding."""
    wanted = currency_code.upper()
    currency = Currency.objects.filter(code=wanted).first()
    if currency is None:
        currency = create_record(model=Currency, values={"code": wanted, "name": wanted})
    return create_record(model=Company, values={"code": code, "name": name, "currency": currency})


@transaction.atomic
def found_plant(*, company: Company, code: str, name: str, time_zone: str) -> Plant:
    """A plant with a calendar of one shift on five days, a main warehouse and its locations.

    Raises InvalidInput with every finding.
    """
    calendar = create_record(
        model=Calendar, values={"code": f"{code}-DAY", "name": f"{name}, day shift", "time_zone": time_zone}
    )
    Shift.objects.bulk_create(
        Shift(calendar=calendar, name="Day", weekday=day, starts=DAY_STARTS, ends=DAY_ENDS) for day in range(5)
    )
    values = {"company": company, "code": code, "name": name, "time_zone": time_zone, "calendar": calendar}
    plant = create_record(model=Plant, values=values)
    warehouse = create_record(
        model=Warehouse,
        values={"plant": plant, "code": f"{code}-MAIN", "name": f"{name}, main warehouse", "is_main": True},
    )
    add_default_locations(plant=plant, warehouse=warehouse)
    return plant


def add_default_locations(*, plant: Plant, warehouse: Warehouse) -> None:
    """One location of each kind that stock moves need, where it is missing; stock lies in the warehouse."""
    present = set(Location.objects.filter(plant=plant, is_default=True).values_list("kind", flat=True))
    Location.objects.bulk_create(
        Location(
            plant=plant,
            warehouse=warehouse if kind in IN_A_WAREHOUSE else None,
            code=f"~{kind}",
            name=str(kind.label),
            kind=kind,
            is_default=True,
        )
        for kind in KINDS
        if kind not in present
    )
