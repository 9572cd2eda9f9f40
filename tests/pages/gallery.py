"""A small set of pages made from the patterns: what the tests open, before and beside the apps' own pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.urls import include, path, reverse
from django.utils import timezone
from django.views.generic import TemplateView

from masterdata.access import Guarded
from masterdata.errors import Refusal, StaleVersion
from masterdata.line import OperationBar, Station
from masterdata.models import Material
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    CreatePage,
    DeedView,
    DocumentPage,
    EditPage,
    Empty,
    Expected,
    Flag,
    Happening,
    ListPage,
    Money,
    Operations,
    Percent,
    Quantity,
    Rail,
    State,
    Step,
    Tab,
    View,
)

READ = "masterdata.view"
CHANGE = "masterdata.edit_material"
CUSTOMERS = ["Nordhaus Interiors", "Atelier Brun", "Casa Lumen", "Maison Verlaine", "Lindqvist & Co", "Harbour Homes"]
STATES = ["in_production", "confirmed", "held", "shipped", "at_risk", "late"]


def stations(number: int = 0) -> list[Station]:
    """An order in production, behind its plan and two days late; with a number other than 0 further or less far."""
    now = timezone.now()
    made = max(0, min(100, 46 + 17 * (number % 5) - 34))
    is_late = number % 3 == 0
    return [
        Station("quoted", percent=100, at=now - timedelta(days=42)),
        Station("confirmed", percent=100, at=now - timedelta(days=39)),
        Station("material", percent=92, at=now + timedelta(days=2), note="136 of 148"),
        Station("scheduled", percent=100, at=now - timedelta(days=14)),
        Station("in_production", percent=made, planned_percent=made + 12 if is_late else None, is_now=True),
        Station("ready", percent=17 if made else 0, at=now + timedelta(days=11), note="25 of 148", late=is_late),
        Station("shipped", percent=0, at=now + timedelta(days=11), late=is_late, note="2 days late" if is_late else ""),
        Station("invoiced", percent=30, at=now - timedelta(days=34), note="deposit"),
        Station("paid", percent=30, at=now - timedelta(days=34), note="deposit"),
    ]


def operations(number: int) -> list[OperationBar]:
    done = number % 4 + 1
    tones = ["done"] * done + [("running", "late", "held")[number % 3]] + ["planned"] * (5 - done)
    return [
        OperationBar(name, 100 if tone == "done" else 0 if tone == "planned" else 45, tone)
        for name, tone in zip(["Cut", "Edge", "Drill", "Paint", "Assemble", "Pack"], tones, strict=True)
    ]


class Orders(ListPage):
    """Materials dressed up as orders."""

    permission = READ
    title = "Orders"
    question = "Where is it now, and will it be in time?"
    columns = [
        Code("code", "Order", sort="code", link=True),
        Column("customer", "Customer", second=lambda row: f"their no. 4500-{row.number}"),
        Rail("stations", "The line"),
        Operations("operations", "Operations"),
        State("state", "State", word=lambda row: row.state.replace("_", " ").capitalize()),
        Quantity("pieces", "Pieces", unit="unit.code"),
        Percent("share", "Margin", places=1),
        Expected("expected", "Expected", due="promised", css="num"),
        Money("list_price", "EUR", sort="list_price"),
    ]
    search_fields = ["code", "name"]
    filters = [
        Choice("supply", "Supply", choices=Material.Supply.choices),
        Flag("sold", "Sold", field="is_sellable"),
    ]
    order_by = "code"
    page_size = 20
    live = ["orders"]
    empty = Empty("No orders yet", "Accept a quote and it becomes the first one.", "file-text")

    def get_rows(self) -> QuerySet[Any]:
        return Material.objects.select_related("unit")

    def get_views(self) -> list[View]:
        counts = Material.objects.aggregate(all=Count("pk"))
        return [
            View("all", "All open", "", counts["all"]),
            View("made", "Made here", "supply=make", 6, "late"),
            View("bought", "Bought", "supply=buy"),
        ]

    def get_actions(self) -> list[Action]:
        return [Action("New order", reverse("gallery:create"), "plus", CHANGE, is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("gallery:order", args=[row.pk])

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        return {"list_price": "149,544.00"}

    def prepare(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        for number, row in enumerate(rows):
            row.number = 88213 + number
            row.customer = CUSTOMERS[number % len(CUSTOMERS)]
            row.stations = stations(number)
            row.operations = operations(number)
            row.state = STATES[number % len(STATES)]
            row.pieces = Decimal(24 + number * 7)
            row.share = Decimal("27.5") - number
            row.promised = today + timedelta(days=9)
            row.expected = row.promised + timedelta(days=2 if number % 3 == 0 else -(number % 4))
        return rows


class Order(DocumentPage):
    """One of them, as a document."""

    permission = READ
    live = ["orders"]

    def get_rows(self) -> QuerySet[Any]:
        return Material.objects.select_related("unit")

    def get_title(self, row: Any) -> str:
        return str(row.code)

    def get_subtitle(self, row: Any) -> str:
        return "Nordhaus Interiors · EUR 149,544.00 · their no. 4500-88213"

    def get_back(self, row: Any) -> tuple[str, str]:
        return "Orders", reverse("gallery:orders")

    def get_state(self, row: Any) -> tuple[str, str]:
        return "late", "2 days late"

    def get_stations(self, row: Any) -> list[Station]:
        return stations(2) if "quiet" in self.request.GET else stations()

    def get_now(self, row: Any) -> str:
        return "Now at Paint: 26 wardrobe fronts wait for PL-01, stopped 1 h 28 min."

    def get_dates(self, row: Any) -> tuple[Any, Any]:
        today = timezone.localdate()
        return today + timedelta(days=9), today + timedelta(days=11)

    def get_why(self, row: Any) -> str:
        return reverse("gallery:why")

    def get_tabs(self, row: Any) -> list[Tab]:
        return [
            Tab("overview", "Overview"),
            Tab("lines", "Lines", count=4),
            Tab("materials", "Materials", count="1 short", tone="risk"),
            Tab("money", "Money"),
        ]

    def get_cards(self, row: Any) -> list[Card]:
        return [
            Card("Customer", [Column("name", "Name"), Column("colour", "Colour", empty="Not said yet")]),
            Card("Price", [Money("list_price", "List price"), Quantity("standard_cost", "Cost", unit="unit.code")]),
        ]

    def get_actions(self, row: Any) -> list[Action]:
        return [
            Action("Edit", reverse("gallery:edit", args=[row.pk]), "pencil", CHANGE),
            Action("Hold", reverse("gallery:hold", args=[row.pk]), "hand-stop", CHANGE, post=True, is_main=True),
        ]

    def get_timeline(self, row: Any) -> list[Happening]:
        now = timezone.now()
        return [
            Happening(now, "Plan 2187 moved 3 operations", "route", "because of PL-01"),
            Happening(now - timedelta(hours=2), "PL-01 stopped, E-207 pump pressure", "alert-octagon", tone="bad"),
            Happening(now - timedelta(hours=3), "Edge, sideboards: 60 good", "check", "Chen Yu", tone="good"),
        ]


class Why(Guarded, TemplateView):
    """The chain behind a date."""

    permission = READ
    template_name = "parts/_chain.html"
    extra_context = {
        "question": "Why Fri 4 Dec and not Wed 2 Dec?",
        "basis": "Each step waits for the one below it. Plan 2187, 10:41",
        "steps": [
            Step("Ready to ship", "18 wardrobes last", "truck", "Fri 4 Dec, 16:00", "needed Wed 2 Dec"),
            Step("Assembly AS-02", "waits for painted fronts", "tools", "Thu 3 Dec, 08:00", "starts", url="/"),
            Step("PL-01 stopped since 09:14", "E-207 pump pressure", "alert-octagon", "20 h 46 lost", is_cause=True),
        ],
    }


class MaterialForm(forms.Form):
    """Three fields are enough to show a form."""

    code = forms.CharField(label="Code", max_length=40)
    name = forms.CharField(label="Name", help_text="What the customer reads")
    list_price = forms.DecimalField(label="List price, EUR", required=False)
    supply = forms.ChoiceField(label="Supply", choices=Material.Supply.choices)
    is_sellable = forms.BooleanField(label="Sold to customers", required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)


class NameTaken(Refusal):
    code = "name_taken"


class Edit(EditPage):
    permission = CHANGE
    form_class = MaterialForm

    def get_rows(self) -> QuerySet[Any]:
        return Material.objects.all()

    def get_back(self) -> tuple[str, str]:
        return "Orders", reverse("gallery:orders")

    def perform(self, form: Any) -> str:
        material = self.get_object()
        if form.cleaned_data["name"] == "taken":
            raise NameTaken("Another material has this name. Give it one that tells them apart.", field="name")
        if form.cleaned_data["name"] == "raced":
            raise StaleVersion("Somebody saved this in the same moment.")
        Material.objects.filter(pk=material.pk).update(name=form.cleaned_data["name"], version=material.version + 1)
        return reverse("gallery:order", args=[material.pk])


class Create(CreatePage):
    permission = CHANGE
    form_class = MaterialForm
    title = "New order"
    done_message = "Made."

    def perform(self, form: Any) -> str:
        pattern = Material.objects.select_related("unit", "category").earliest("pk")
        made = Material.objects.create(
            code=form.cleaned_data["code"],
            name=form.cleaned_data["name"],
            supply=form.cleaned_data["supply"],
            unit=pattern.unit,
            category=pattern.category,
        )
        return reverse("gallery:order", args=[made.pk])


class Hold(DeedView):
    permission = CHANGE
    done_message = "Held."

    def get_rows(self) -> QuerySet[Any]:
        return Material.objects.all()

    def perform(self, row: Any) -> str:
        if row.supply == Material.Supply.BUY:
            raise Refusal("Bought materials cannot be held.")
        Material.objects.filter(pk=row.pk).update(version=row.version + 1)
        return ""


class Tablet(Guarded, TemplateView):
    """A tablet's list of what to do next."""

    permission = READ
    template_name = "gallery/tablet.html"


gallery = (
    [
        path("why/", Why.as_view(), name="why"),
        path("tablet/", Tablet.as_view(), name="tablet"),
        path("", Orders.as_view(), name="orders"),
        path("new/", Create.as_view(), name="create"),
        path("<int:pk>/", Order.as_view(), name="order"),
        path("<int:pk>/edit/", Edit.as_view(), name="edit"),
        path("<int:pk>/hold/", Hold.as_view(), name="hold"),
    ],
    "gallery",
)

urlpatterns = [path("gallery/", include(gallery)), path("", include("suite.urls"))]
