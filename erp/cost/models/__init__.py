"""Rows of costing: entries and estimates, rates, what an order cost beside production."""

from erp.cost.models.bookings import CostBooking
from erp.cost.models.entries import CostEntry, CostEstimate, Element
from erp.cost.models.rates import HourRate, OverheadRule, PieceRate
from erp.cost.models.variances import VarianceCause, VarianceEntry

__all__ = [
    "CostBooking",
    "CostEntry",
    "CostEstimate",
    "Element",
    "HourRate",
    "OverheadRule",
    "PieceRate",
    "VarianceCause",
    "VarianceEntry",
]
