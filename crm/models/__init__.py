"""Rows of crm."""

from crm.models.cases import Case as Case
from crm.models.confidence import ObservedSpread as ObservedSpread
from crm.models.messages import IncomingMail as IncomingMail
from crm.models.messages import Mailbox as Mailbox
from crm.models.messages import Message as Message
from crm.models.messages import MessageAttachment as MessageAttachment
from crm.models.prices import CustomerGroup as CustomerGroup
from crm.models.prices import CustomerTerms as CustomerTerms
from crm.models.prices import PriceList as PriceList
from crm.models.prices import PriceRule as PriceRule
from crm.models.promises import Notice as Notice
from crm.models.promises import Promise as Promise
from crm.models.quotations import Quotation as Quotation
from crm.models.quotations import QuotationLine as QuotationLine
from crm.models.rush import RushDriver as RushDriver
from crm.models.rush import RushMaterial as RushMaterial
from crm.models.rush import RushOption as RushOption
from crm.models.rush import RushRequest as RushRequest
from crm.models.rush import RushVictim as RushVictim
from crm.models.templates import MessageTemplate as MessageTemplate
