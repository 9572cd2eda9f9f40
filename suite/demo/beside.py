"""What comes out of the demo's work beside its products, and what may be used instead of a part."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from masterdata import services as masterdata
from masterdata.models import Material
from suite.demo.items import Item

CHIPS_PER_M2 = Decimal("0.350")  # kilograms of wood chips for each square metre of thick board
INSTEAD = {"HNG-110": "HNG-155"}  # the wider hinge fits the same holes


def bom_of(item: Item, materials: Mapping[str, Material]) -> masterdata.BomInput:
    """The item's BOM: thick board leaves chips, some hardware may be replaced."""
    lines = [
        masterdata.BomLineInput(
            materials[part].pk,
            Decimal(quantity),
            substitutes=[masterdata.SubstituteInput(materials[INSTEAD[part]].pk)] if part in INSTEAD else (),
        )
        for part, quantity in item.lines
    ]
    board = sum((Decimal(quantity) for part, quantity in item.lines if part.startswith("BRD25")), Decimal(0))
    chips = (board * CHIPS_PER_M2).quantize(Decimal("0.001"))
    beside = [masterdata.ByproductInput(materials["CHIPS"].pk, chips)] if chips else []
    return masterdata.BomInput(materials[item.code].pk, lines, byproducts=beside)
