"""Column types whose precision is a rule of the house: quantity (18,6), unit price (20,6), money (20,4)."""

from __future__ import annotations

from typing import Any

from django.db import models


class QuantityField(models.DecimalField):
    """A quantity in the material's base unit: numeric(18,6)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_digits=18, decimal_places=6)
        super().__init__(*args, **kwargs)


class UnitPriceField(models.DecimalField):
    """A price or cost per base unit (or rate per hour): numeric(20,6)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_digits=20, decimal_places=6)
        super().__init__(*args, **kwargs)


class MoneyField(models.DecimalField):
    """An amount already rounded to its currency's decimals: numeric(20,4)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_digits=20, decimal_places=4)
        super().__init__(*args, **kwargs)


class CodeField(models.CharField):
    """A code that people type and scan: unique unless said otherwise, up to 40 characters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("unique", True)
        super().__init__(*args, **kwargs)
