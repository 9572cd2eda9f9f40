"""Deeds with customers: quotations, rush requests, promises and notices. Verbs, keyword-only, one transaction each."""

from crm.models import RushRequest as RushRequest
from crm.services.acceptance import QuotationExpired as QuotationExpired
from crm.services.acceptance import accept_quotation as accept_quotation
from crm.services.notices import write_notice as write_notice
from crm.services.promises import PromiseInput as PromiseInput
from crm.services.promises import promise_order as promise_order
from crm.services.promises import promise_rush as promise_rush
from crm.services.promises import renew_promises as renew_promises
from crm.services.quotations import QuotationEmpty as QuotationEmpty
from crm.services.quotations import QuotationLineInput as QuotationLineInput
from crm.services.quotations import QuotationNotOpen as QuotationNotOpen
from crm.services.quotations import lose_quotation as lose_quotation
from crm.services.quotations import rewrite_quotation as rewrite_quotation
from crm.services.quotations import write_quotation as write_quotation
from crm.services.rush import RushMaterialInput as RushMaterialInput
from crm.services.rush import RushNotOpen as RushNotOpen
from crm.services.rush import RushOptionInput as RushOptionInput
from crm.services.rush import RushVictimInput as RushVictimInput
from crm.services.rush import add_levers as add_levers
from crm.services.rush import answer_rush as answer_rush
from crm.services.rush import drop_rush as drop_rush
from crm.services.rush import lock_displaced as lock_displaced
from crm.services.rush import lock_rush as lock_rush
from crm.services.rush import mark_rush_taken as mark_rush_taken
from crm.services.rush import open_rush as open_rush
from crm.services.rush import refuse_unless_open as refuse_unless_open
