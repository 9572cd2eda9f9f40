"""Rows of the ledger."""

from erp.ledger.models.accounts import Account
from erp.ledger.models.journal import JournalEntry, JournalLine
from erp.ledger.models.periods import DateRange, Period, PeriodChange
from erp.ledger.models.seals import AccountTotal, DailyTotal, EntrySeal, SealBatch, UnsealedEntry

__all__ = [
    "Account",
    "AccountTotal",
    "DailyTotal",
    "DateRange",
    "EntrySeal",
    "JournalEntry",
    "JournalLine",
    "Period",
    "PeriodChange",
    "SealBatch",
    "UnsealedEntry",
]
