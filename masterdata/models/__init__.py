"""Rows that everybody shares."""

from masterdata.models.beside import BomByproduct, BomSubstitute
from masterdata.models.calendars import Calendar, CalendarException, Shift, ShiftBreak
from masterdata.models.documents import IssuedDocument
from masterdata.models.engineering import Bom, BomLine, Routing, RoutingOperation
from masterdata.models.flows import FactRecord, FlowRun, IdempotencyKey
from masterdata.models.imports import (
    DataImport,
    DataImportChunk,
    DataImportCount,
    DataImportFault,
    DataImportFile,
    DataImportTable,
)
from masterdata.models.languages import Language
from masterdata.models.materials import Material, MaterialCategory, MaterialPlant
from masterdata.models.money import Currency, ExchangeRate, PaymentTerm, TaxCode
from masterdata.models.numbering import FreeNumber, NumberSeries
from masterdata.models.parties import Address, Contact, Partner, PartnerAccount
from masterdata.models.people import (
    ApiKey,
    Employee,
    EmployeeSkill,
    LabourGrade,
    Membership,
    ReasonCode,
    Skill,
    User,
)
from masterdata.models.places import Company, Location, Plant, Warehouse
from masterdata.models.resources import Machine, SkillRequirement, WorkCentre
from masterdata.models.units import Unit, UnitConversion
from masterdata.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Address",
    "ApiKey",
    "Bom",
    "BomByproduct",
    "BomLine",
    "BomSubstitute",
    "Calendar",
    "CalendarException",
    "Company",
    "Contact",
    "Currency",
    "DataImport",
    "DataImportChunk",
    "DataImportCount",
    "DataImportFault",
    "DataImportFile",
    "DataImportTable",
    "Employee",
    "EmployeeSkill",
    "ExchangeRate",
    "FactRecord",
    "FlowRun",
    "FreeNumber",
    "IdempotencyKey",
    "IssuedDocument",
    "LabourGrade",
    "Language",
    "Location",
    "Machine",
    "Material",
    "MaterialCategory",
    "MaterialPlant",
    "Membership",
    "NumberSeries",
    "Partner",
    "PartnerAccount",
    "PaymentTerm",
    "Plant",
    "ReasonCode",
    "Routing",
    "RoutingOperation",
    "Shift",
    "ShiftBreak",
    "Skill",
    "SkillRequirement",
    "TaxCode",
    "Unit",
    "UnitConversion",
    "User",
    "Warehouse",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WorkCentre",
]
