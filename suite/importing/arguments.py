"""Checks of what the import is asked for: the plant's code and the days that dates are moved."""

from __future__ import annotations

import re
from collections.abc import Iterator

from masterdata.models import Warehouse
from suite.importing.staging import Fault

CODE = re.compile(r"\w[\w.-]{0,34}")
"""A new plant's warehouse is called CODE-MAIN: that leaves 35 of a code's 40 characters."""
MOST_DAYS = 36_500


def check(plant_code: str, shift_days: int) -> list[Fault]:
    """Every argument that cannot be meant; `file` of such a fault is the option."""
    return [*_plant(plant_code), *_shift(shift_days)]


def main_warehouse(plant_code: str) -> str:
    """The code of the warehouse that a plant without a main warehouse gets."""
    return f"{plant_code}-MAIN"


def _plant(code: str) -> Iterator[Fault]:
    """A plant that exists has the code that it has; a new one gets a code that can be typed and scanned."""
    meant = CODE.fullmatch(code)
    if Warehouse.objects.filter(plant__code=code, is_main=True).exists():
        return
    if not meant:
        expected = "the code of a plant: 1 to 35 letters, digits, dashes, dots and underscores, no dash or dot first"
        yield Fault("--plant", 0, "", code, expected)
    elif Warehouse.objects.filter(code=main_warehouse(code)).exists():
        expected = f"a plant with a main warehouse, or a code whose warehouse {main_warehouse(code)} is free"
        yield Fault("--plant", 0, "", code, expected)


def _shift(days: int) -> Iterator[Fault]:
    if abs(days) > MOST_DAYS:
        yield Fault("--shift-days", 0, "", str(days), f"a whole number of days from -{MOST_DAYS} to {MOST_DAYS}")
