"""The table of plain registers: their columns, their fields, who may change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from masterdata.forms import form_of, time_zone_field
from masterdata.models import (
    Calendar,
    Company,
    Currency,
    Employee,
    EmployeeSkill,
    ExchangeRate,
    LabourGrade,
    Location,
    MaterialCategory,
    PaymentTerm,
    Plant,
    ReasonCode,
    Skill,
    SkillRequirement,
    TaxCode,
    Unit,
    UnitConversion,
    Warehouse,
    WorkCentre,
)
from masterdata.pages import Choice, Code, Column, Day, Money, Number, Percent, YesNo
from masterdata.pages.filters import Filter
from masterdata.views.parts import active


@dataclass(frozen=True)
class Register:
    """One register: `columns` of its list, `fields` of its page, `form_class` to change it, `counts` added to rows."""

    key: str
    plural: str
    label: Any
    one: Any
    question: Any
    icon: str
    group: Any
    model: type[Model]
    permission: str
    columns: Sequence[Column]
    form_class: type[forms.Form]
    fields: Sequence[Column]
    search: Sequence[str] = ("code", "name")
    order_by: str = "code"
    related: Sequence[str] = ()
    filters: Sequence[Filter] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    is_founded: bool = False  # its rows are made elsewhere, by a deed of their own


PRODUCT, PLACES, PEOPLE, MONEY = _("Product"), _("Places and time"), _("People and reasons"), _("Money")
CODE, NAME = Code("code", _("Code"), sort="code", link=True, css="w-1"), Column("name", _("Name"), sort="name")
WIDE_NAME = Column("name", _("Name"), sort="name", css="wide")
PLANT = Column("plant.name", _("Plant"), sort="plant__code")

REGISTERS = [
    Register(
        "unit", "units", _("Units"), _("Unit"), _("What do we count in?"), "ruler-measure", PRODUCT, Unit,
        "masterdata.edit_unit",
        [CODE, WIDE_NAME, Number("rounding", _("Rounds up to"), sort="rounding")],
        form_of(Unit, ["code", "name", "rounding"], labels={"rounding": _("Rounds up to")}),
        [CODE, NAME, Number("rounding", _("Rounds up to"))],
    ),
    Register(
        "unit_conversion", "conversions", _("Unit conversions"), _("Unit conversion"),
        _("How much is in a box, a pallet, a roll?"), "arrows-exchange", PRODUCT, UnitConversion,
        "masterdata.edit_unit",
        [
            Code("unit.code", _("One"), sort="unit__code", link=True, css="w-1"),
            Number("base_units_per_unit", _("is"), sort="base_units_per_unit"),
            Column(lambda row: (row.base or row.material.unit).code, _("of")),
            Column("material.name", _("Material"), sort="material__code", css="wide",
            empty=_("All materials of the unit")),
        ],
        form_of(
            UnitConversion, ["unit", "base", "base_units_per_unit"],
            labels={"base": _("Base unit"), "base_units_per_unit": _("Base units in one")},
        ),
        [
            Column("unit.code", _("One")), Number("base_units_per_unit", _("is")),
            Column(lambda row: (row.base or row.material.unit).code, _("of")),
            Column("material.name", _("Material"), empty=_("All materials of the unit")),
        ],
        search=["unit__code", "unit__name", "material__code", "material__name"], order_by="unit__code",
        related=["unit", "base", "material__unit"],
    ),
    Register(
        "category", "categories", _("Material categories"), _("Material category"), _("How do we group materials?"),
        "category", PRODUCT, MaterialCategory, "masterdata.edit_material",
        [CODE, WIDE_NAME, Column("get_valuation_display", _("Valued by")), Number("used", _("Materials"),
        sort="used")],
        form_of(MaterialCategory, ["code", "name", "valuation"], labels={"valuation": _("Valued by")}),
        [CODE, NAME, Column("get_valuation_display", _("Valued by"))],
        counts={"used": "materials"},
    ),
    Register(
        "company", "companies", _("Companies"), _("Company"), _("Who writes our documents?"), "building", PLACES,
        Company,
        "masterdata.edit_place",
        [
            CODE, WIDE_NAME, Column("currency.code", _("Books in"), sort="currency__code"),
            Column("tax_no", _("VAT number"), empty=_("Not given: invoices go without it")),
            Column("get_language_display", _("Language")),
        ],
        form_of(
            Company, ["name", "address", "email", "phone", "tax_no", "register_no", "language"],
            labels={
                "address": _("Address on documents"), "email": _("E-mail"), "tax_no": _("VAT number"),
                "register_no": _("Register and directors"), "language": _("Language of documents"),
            },
        ),
        [
            CODE, NAME, Column("currency.code", _("Books in")),
            Column("address", _("Address on documents"), empty=_("Not given: documents go without it")),
            Column("email", _("E-mail"), empty=_("Not given")), Column("phone", _("Phone"), empty=_("Not given")),
            Column("tax_no", _("VAT number"), empty=_("Not given: invoices go without it")),
            Column("register_no", _("Register and directors"), empty=_("Not given")),
            Column("get_language_display", _("Language of documents")),
        ],
        related=["currency"], is_founded=True,
    ),
    Register(
        "plant", "plants", _("Plants"), _("Plant"), _("Where do we make things?"), "building-factory-2", PLACES,
        Plant,
        "masterdata.edit_place",
        [
            CODE, WIDE_NAME, Column("company.name", _("Company"), sort="company__code"),
            Column("time_zone", _("Time zone")), Column("calendar.name", _("Ships by")),
            Number("transport_min", _("To the customer, min"), sort="transport_min"),
        ],
        form_of(
            Plant, ["company", "code", "name", "time_zone", "calendar", "transport_min", "address"],
            own={"time_zone": time_zone_field()},
            labels={
                "calendar": _("Shipping calendar"), "transport_min": _("To the customer, min"),
                "address": _("Address on papers"),
            },
        ),
        [
            CODE, NAME, Column("company.name", _("Company")), Column("time_zone", _("Time zone")),
            Column("calendar.name", _("Shipping calendar")), Number("transport_min", _("To the customer, min")),
            Column("address", _("Address on papers"), empty=_("Not given: papers go without it")),
        ],
        related=["company", "calendar"],
    ),
    Register(
        "warehouse", "warehouses", _("Warehouses"), _("Warehouse"), _("Where is stock kept?"),
        "building-warehouse", PLACES,
        Warehouse, "masterdata.edit_place",
        [CODE, WIDE_NAME, PLANT, YesNo("is_main", _("Main")), Number("used", _("Locations"), sort="used")],
        form_of(Warehouse, ["plant", "code", "name", "is_main"],
        labels={"is_main": _("Receives and ships for the plant")}),
        [CODE, NAME, PLANT, YesNo("is_main", _("Main warehouse"))],
        related=["plant"], counts={"used": "locations"},
    ),
    Register(
        "location", "locations", _("Locations"), _("Location"), _("Where exactly is it, and where does it go?"),
        "map-pin",
        PLACES, Location, "masterdata.edit_place",
        [
            CODE, WIDE_NAME, PLANT, Column("warehouse.name", _("Warehouse"), sort="warehouse__code",
            empty=_("No shelf")),
            Column("get_kind_display", _("Kind"), sort="kind"), YesNo("is_default", _("Default")),
        ],
        form_of(
            Location, ["plant", "warehouse", "parent", "code", "name", "kind", "is_default"],
            labels={"parent": _("Inside of"), "is_default": _("Used when nobody names one")},
        ),
        [
            CODE, NAME, PLANT, Column("warehouse.name", _("Warehouse"), empty=_("No shelf")),
            Column("get_kind_display", _("Kind")), YesNo("is_default", _("Used when nobody names one")),
        ],
        related=["plant", "warehouse"], filters=[Choice("kind", _("Kind"), choices=Location.Kind.choices)],
    ),
    Register(
        "work_centre", "work_centres", _("Work centres"), _("Work centre"),
        _("Which machines do the same work, at what cost?"), "layout-grid", PLACES, WorkCentre,
        "masterdata.edit_resource",
        [CODE, WIDE_NAME, PLANT, Column("calendar.name", _("Calendar")), Number("used", _("Machines"), sort="used")],
        form_of(
            WorkCentre,
            ["plant", "code", "name", "kind", "calendar", "machine_rate", "labour_rate", "is_tended_together"],
            labels={
                "machine_rate": _("Machine hour"), "labour_rate": _("Labour hour"),
                "is_tended_together": _("One person tends several"),
            },
        ),
        [
            CODE, NAME, PLANT, Column("calendar.name", _("Calendar")), Money("machine_rate", _("Machine hour")),
            Money("labour_rate", _("Labour hour")), YesNo("is_tended_together", _("One person tends several")),
        ],
        related=["plant", "calendar"], counts={"used": "machines"},
    ),
    Register(
        "calendar", "calendars", _("Calendars"), _("Calendar"), _("When is worked?"), "calendar-time", PLACES,
        Calendar,
        "masterdata.edit_calendar",
        [CODE, WIDE_NAME, Column("time_zone", _("Time zone")), Number("used", _("Shifts a week"), sort="used")],
        form_of(Calendar, ["code", "name", "time_zone"], own={"time_zone": time_zone_field()}),
        [CODE, NAME, Column("time_zone", _("Time zone"))],
        counts={"used": "shifts"},
    ),
    Register(
        "employee", "employees", _("Employees"), _("Employee"), _("Who works here, with which badge?"),
        "id-badge-2", PEOPLE,
        Employee, "masterdata.edit_employee",
        [
            CODE, WIDE_NAME, Code("badge", _("Badge"), sort="badge"), PLANT,
            Column("user.username", _("Log-in"), empty=_("None of their own")),
            Column(lambda row: active(row)[1], _("State"), sort="is_active"),
        ],
        form_of(
            Employee,
            ["code", "name", "badge", "plant", "grade", "pay", "skills", "calendar", "shift_name", "is_active"],
            labels={
                "is_active": _("Active"), "grade": _("Labour grade"), "pay": _("Paid"),
                "calendar": _("Working calendar"), "shift_name": _("Shift"),
            },
        ),
        [
            CODE, NAME, Code("badge", _("Badge")), PLANT, Column("user.username", _("Log-in"),
            empty=_("None of their own")),
            Column("grade.name", _("Labour grade"), empty=_("Costs what the work centre says")),
            Column("get_pay_display", _("Paid")),
            Column(lambda row: ", ".join(one.name for one in row.skills.all()), _("Skills"), empty=_("None")),
            Column("calendar.name", _("Working calendar"), empty=_("The plant's")),
            Column("shift_name", _("Shift"), empty=_("Any")),
            YesNo("is_active", _("Active")),
        ],
        search=["code", "name", "badge"], related=["plant", "user", "grade", "calendar"],
    ),
    Register(
        "skill", "skills", _("Skills"), _("Skill"), _("What are people trained for?"), "certificate", PEOPLE, Skill,
        "masterdata.edit_employee",
        [CODE, WIDE_NAME, Number("used", _("Employees"), sort="used")],
        form_of(Skill, ["code", "name"]),
        [CODE, NAME, Column(
            lambda row: ", ".join(one.name for one in row.employees.filter(is_active=True)), _("Who has it"),
            empty=_("Nobody yet"),
        )],
        counts={"used": "employees"},
    ),
    Register(
        "skill_requirement", "skill_requirements", _("Required skills"), _("Required skill"),
        _("What must one be trained for, to work where?"), "lock-access", PEOPLE, SkillRequirement,
        "masterdata.edit_resource",
        [
            Code("skill.name", _("Skill"), sort="skill__name", link=True, css="w-1"),
            Column("work_centre", _("Work centre"), sort="work_centre__code", css="wide"),
            Column("machine.code", _("Machine"), sort="machine__code", empty=_("Any of them")),
            Column("operation", _("Operation"), sort="operation", empty=_("Any")),
        ],
        form_of(
            SkillRequirement, ["skill", "level", "work_centre", "machine", "operation"],
            labels={"work_centre": _("Work centre"), "machine": _("only this machine"),
                    "operation": _("only operations called"), "level": _("Level")},
        ),
        [
            Column("skill.name", _("Skill")), Column("get_level_display", _("At least")),
            Column("work_centre", _("Work centre")),
            Column("machine.code", _("Machine"), empty=_("Any of them")),
            Column("operation", _("Operation"), empty=_("Any")),
        ],
        search=["skill__name", "work_centre__code", "work_centre__name", "machine__code", "operation"],
        order_by="work_centre__code", related=["skill", "work_centre", "machine"],
    ),
    Register(
        "employee_skill", "employee_skills", _("Skills of people"), _("Skill of a person"),
        _("Who is trained for what, how far, and until when?"), "certificate-2", PEOPLE, EmployeeSkill,
        "masterdata.edit_employee",
        [
            Column("employee.name", _("Who"), sort="employee__name", link=True, css="wide"),
            Column("skill.name", _("Skill"), sort="skill__name"),
            Column("get_level_display", _("Level"), sort="level"),
            Day("valid_until", _("Valid until"), sort="valid_until", empty=_("For good")),
        ],
        form_of(
            EmployeeSkill, ["employee", "skill", "level", "valid_until"],
            labels={"employee": _("Who"), "level": _("Level"), "valid_until": _("Valid until")},
        ),
        [
            Column("employee.name", _("Who")), Column("skill.name", _("Skill")),
            Column("get_level_display", _("Level")), Day("valid_until", _("Valid until"), empty=_("For good")),
        ],
        search=["employee__name", "employee__code", "skill__name"], order_by="employee__name",
        related=["employee", "skill"],
    ),
    Register(
        "labour_grade", "labour_grades", _("Labour grades"), _("Labour grade"), _("What is an hour of whom costed as?"),
        "users-group", PEOPLE, LabourGrade, "masterdata.edit_employee",
        [CODE, WIDE_NAME, Number("used", _("Employees"), sort="used")],
        form_of(LabourGrade, ["code", "name"]),
        [CODE, NAME],
        counts={"used": "employees"},
    ),
    Register(
        "reason", "reasons", _("Reason codes"), _("Reason code"), _("Why did it stop, why was it scrapped?"),
        "message-question", PEOPLE, ReasonCode, "masterdata.edit_reason",
        [CODE, WIDE_NAME, Column("get_kind_display", _("For"), sort="kind")],
        form_of(ReasonCode, ["code", "name", "kind"], labels={"kind": _("For")}),
        [CODE, NAME, Column("get_kind_display", _("For"))],
        filters=[Choice("kind", _("For"), choices=ReasonCode.Kind.choices)],
    ),
    Register(
        "currency", "currencies", _("Currencies"), _("Currency"), _("What do we count money in?"), "coin", MONEY,
        Currency,
        "masterdata.edit_money",
        [CODE, WIDE_NAME, Number("decimals", _("Decimals"))],
        form_of(Currency, ["code", "name", "decimals"]),
        [CODE, NAME, Number("decimals", _("Decimals"))],
    ),
    Register(
        "rate", "rates", _("Exchange rates"), _("Exchange rate"), _("What is a currency worth, from when on?"),
        "arrows-left-right", MONEY, ExchangeRate, "masterdata.edit_money",
        [
            Code(lambda row: f"{row.base.code} / {row.quote.code}", _("Pair"), sort="base__code", link=True,
            css="w-1"),
            Day("valid_from", _("From"), sort="valid_from"), Number("rate", _("Rate"), sort="rate"),
        ],
        form_of(ExchangeRate, ["base", "quote", "valid_from", "rate"], labels={"valid_from": _("Valid from")}),
        [
            Column("base.code", _("One")), Number("rate", _("buys")), Column("quote.code", _("of")),
            Day("valid_from", _("Valid from")),
        ],
        search=["base__code", "quote__code"], order_by="-valid_from", related=["base", "quote"],
    ),
    Register(
        "tax_code", "tax_codes", _("Tax codes"), _("Tax code"), _("Which tax is on it?"), "receipt-tax", MONEY,
        TaxCode,
        "masterdata.edit_money",
        [CODE, WIDE_NAME, Percent("rate_percent", _("Rate"), sort="rate_percent", places=2)],
        form_of(TaxCode, ["code", "name", "rate_percent"], labels={"rate_percent": _("Rate, %")}),
        [CODE, NAME, Percent("rate_percent", _("Rate"), places=2)],
    ),
    Register(
        "payment_term", "payment_terms", _("Payment terms"), _("Payment term"), _("When is an invoice due?"),
        "calendar-dollar", MONEY, PaymentTerm, "masterdata.edit_money",
        [
            CODE, WIDE_NAME, Number("days", _("Days"), sort="days"),
            Percent("discount_percent", _("Discount"), places=2), Number("discount_days", _("within days")),
        ],
        form_of(
            PaymentTerm,
            [
                "code", "name", "days", "discount_percent", "discount_days", "order_percent", "production_percent",
                "shipping_percent", "first_percent", "first_days", "second_percent", "second_days",
            ],
            labels={
                "discount_percent": _("Cash discount, %"), "discount_days": _("when paid within, days"),
                "order_percent": _("Deposit on order, %"),
                "production_percent": _("Deposit before production, %"),
                "shipping_percent": _("Deposit before shipping, %"),
                "days": _("Days until all is due"),
                "first_percent": _("First instalment, % of the order"), "first_days": _("due after the invoice, days"),
                "second_percent": _("Second instalment, % of the order"),
                "second_days": _("due after the invoice, days"),
            },
        ),
        [
            CODE, NAME, Number("days", _("Days")), Percent("discount_percent", _("Cash discount"), places=2),
            Number("discount_days", _("when paid within, days")), Percent("order_percent", _("Deposit on order")),
            Percent("production_percent", _("Deposit before production")),
            Percent("shipping_percent", _("Deposit before shipping")),
            Percent("first_percent", _("First instalment")), Number("first_days", _("due after, days")),
            Percent("second_percent", _("Second instalment")), Number("second_days", _("due after, days")),
        ],
    ),
]  # fmt: skip
