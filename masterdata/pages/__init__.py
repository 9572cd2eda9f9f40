"""Patterns of pages that every app's views build on: list, detail, document, form, deed. See docs/pages.md."""

from masterdata.pages.actions import Action, Empty, Happening, Step, Tab
from masterdata.pages.columns import (
    Code,
    Column,
    Day,
    Expected,
    Html,
    Money,
    Number,
    Operations,
    Percent,
    Quantity,
    Rail,
    State,
    When,
    YesNo,
)
from masterdata.pages.companies import OfCompanyForm, OfCompanyPage
from masterdata.pages.details import Card, DetailPage, DocumentPage, OneRow
from masterdata.pages.edits import CreatePage, DeedView, EditPage, FormPage, go_to, sent_version
from masterdata.pages.filters import Choice, Days, Exactly, Filter, Flag
from masterdata.pages.lists import ListPage, View
from masterdata.pages.zones import plant_time

__all__ = [
    "Action",
    "Card",
    "Choice",
    "Code",
    "Column",
    "CreatePage",
    "Day",
    "Days",
    "DeedView",
    "DetailPage",
    "DocumentPage",
    "EditPage",
    "Empty",
    "Exactly",
    "Expected",
    "Filter",
    "Flag",
    "FormPage",
    "Happening",
    "Html",
    "ListPage",
    "Money",
    "Number",
    "OfCompanyForm",
    "OfCompanyPage",
    "OneRow",
    "Operations",
    "Percent",
    "Quantity",
    "Rail",
    "State",
    "Step",
    "Tab",
    "View",
    "When",
    "YesNo",
    "go_to",
    "plant_time",
    "sent_version",
]
