"""Deeds of bank statements: read a file, match a line, undo a match."""

from erp.banking.services.importing import import_statement as import_statement
from erp.banking.services.matching import LineIsMatched as LineIsMatched
from erp.banking.services.matching import book_line as book_line
from erp.banking.services.matching import take_on_account as take_on_account
from erp.banking.services.matching import take_proposal as take_proposal
from erp.banking.services.matching import undo_match as undo_match
