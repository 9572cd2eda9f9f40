"""What the smaller registers of the demo hold: other units of boards, and rates of exchange."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from masterdata.models import Currency, ExchangeRate, Material, Unit, UnitConversion

SHEET_M2 = Decimal("5.796")  # 2.80 m x 2.07 m
RATES = {"USD": ("US dollar", "1.0820"), "CNY": ("Renminbi", "7.6400"), "PLN": ("Złoty", "4.2900")}


def write(euro: Currency, now: dt.datetime) -> None:
    """Boards are bought by the sheet and used by the square metre; three currencies a euro buys."""
    sheet = Unit.objects.create(code="SHT", name="Sheet", rounding=1)
    boards = Material.objects.filter(category__name="Boards", unit__code="M2").order_by("code")
    UnitConversion.objects.bulk_create(
        UnitConversion(material=board, unit=sheet, base_units_per_unit=SHEET_M2) for board in boards
    )
    since = now.date().replace(day=1)
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            base=euro,
            quote=Currency.objects.create(code=code, name=name),
            valid_from=since,
            rate=Decimal(rate),
        )
        for code, (name, rate) in RATES.items()
    )
