"""Deeds of the accountant."""

from erp.books.services.periods import NotReadyToClose as NotReadyToClose
from erp.books.services.periods import PeriodIsClosed as PeriodIsClosed
from erp.books.services.periods import close_period as close_period
from erp.books.services.periods import lock_period as lock_period
from erp.books.services.periods import reopen_period as reopen_period
