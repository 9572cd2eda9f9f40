"""What a customer may wish: a product that we sell, a day ahead, and figures that the books can hold."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput
from masterdata.models import Material
from masterdata.units import check_quantity

MOST_UNITS = Decimal(1_000_000)  # of one line; what it is made of still fits the columns when each takes thousands
MOST_MONEY = Decimal(1_000_000_000_000)  # of one line


class NotSold(InvalidInput):
    """The material is not for customers."""

    code = "not_sold"


class TooLarge(InvalidInput):
    """More than one line takes."""

    code = "too_large"


def check_wish(
    *,
    material: Material | None,
    quantity: Decimal,
    unit_price: Decimal,
    wanted_on: dt.date,
    time_zone: str,
    now: dt.datetime,
    where: str = "",
) -> None:
    """The one rule for lines of quotations, orders and rush requests; `where` stands before the field's name.

    Raises InvalidInput, NotSold, PartOfStep, TooLarge, DayPassed.
    """
    material = check_sold(material, where=where)
    check_quantity(material=material, quantity=quantity, field=f"{where}quantity")
    if quantity > MOST_UNITS:
        raise TooLarge(
            f"One line takes at most {MOST_UNITS:,f} {material.unit.code}: enter less, or split it.",
            field=f"{where}quantity",
            most=str(MOST_UNITS),
        )
    check_price(unit_price, quantity=quantity, field=f"{where}unit_price")
    check_day_ahead(wanted_on, time_zone=time_zone, now=now, field=f"{where}wanted_on")


def check_sold(material: Material | None, *, where: str = "") -> Material:
    """The material, one that is in use and sold. Raises InvalidInput, NotSold."""
    if material is None or not material.is_active:
        raise InvalidInput("Choose a material that is in use.", field=f"{where}material")
    if not material.is_sellable:
        raise NotSold(
            f"{material.code} is not sold: choose a product, or say in its master data that we sell it.",
            field=f"{where}material",
        )
    return material


def check_price(unit_price: Decimal, *, quantity: Decimal, field: str) -> None:
    """Raises InvalidInput below zero, TooLarge when price times quantity is more than a line's money holds."""
    if unit_price < 0:
        raise InvalidInput("A price can't be below zero.", field=field)
    if unit_price * quantity > MOST_MONEY:
        raise TooLarge(
            f"Price times quantity is more than {MOST_MONEY:,f}: enter a lower price, or split the line.",
            field=field,
            most=str(MOST_MONEY),
        )
