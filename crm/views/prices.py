"""Price lists: which there are, their prices, what something costs and why."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.models import PriceList, PriceRule
from crm.price_forms import CheckForm
from crm.selectors import prices_for
from crm.selectors.catalogue import Catalogue, named
from crm.views.editor import catalogue_of
from masterdata import shown
from masterdata.access import Guarded, visible_to
from masterdata.errors import Refusal
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Column,
    Day,
    DetailPage,
    Empty,
    ListPage,
    Number,
    State,
    Tab,
)

SEE, EDIT = "crm.view", "crm.edit_prices"


def for_whom(row: PriceList) -> str:
    """The customer, the group or everybody."""
    whom = row.customer or row.group
    return whom.name if whom else _t("Everybody")


class PriceLists(ListPage):
    """Which prices hold for whom?"""

    permission = SEE
    title, question = _("Price lists"), _("Which prices hold for whom, and until when?")
    columns = [
        Column("name", _("Price list"), sort="name", link=True),
        Column(for_whom, _("For")),
        Column("currency.code", _("Currency"), sort="currency__code"),
        Day("valid_from", _("From"), sort="valid_from"),
        Day("valid_to", _("Last day"), sort="valid_to", empty=_("Until further notice")),
        Number("priority", _("Priority"), sort="priority"),
        Number("rules_count", _("Prices"), sort="rules_count"),
        State("shown", _("State"), word="shown_word"),
    ]
    search_fields = ["name", "customer__name", "group__name"]
    filters = [Choice("is_active", _("In force"), choices=[("True", _("Yes")), ("False", _("No"))])]
    order_by = "name"
    live = ["price-list"]
    empty = Empty(_("No price lists yet"), _("Without one the list price of the material holds."), "tag")

    def get_rows(self) -> QuerySet[PriceList]:
        rows = visible_to(self.request.user, PriceList.objects.all())
        return rows.select_related("customer", "group", "currency").annotate(rules_count=Count("rules", distinct=True))

    def prepare(self, rows: Any) -> Any:
        today = timezone.localdate()
        for row in rows:
            row.shown, row.shown_word = state_of(row, today)
        return rows

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Customer groups"), reverse("crm:customer_groups"), "users-group"),
            Action(_("Price check"), reverse("crm:price_check"), "search"),
            Action(_("New price list"), reverse("crm:price_list_create"), "plus", EDIT, is_main=True),
        ]

    def get_url(self, row: Any) -> str:
        return reverse("crm:price_list", args=[row.pk])


def state_of(row: PriceList, today: Any) -> tuple[str, str]:
    """In force now, later, over or switched off."""
    if not row.is_active:
        return "closed", _t("Not in force")
    if row.valid_from > today:
        return "planned", _t("Later")
    if row.valid_to is not None and row.valid_to < today:
        return "expired", _t("Over")
    return "done", _t("In force")


class ShownRule:
    """A rule in words."""

    def __init__(self, rule: PriceRule, currency: Any) -> None:
        self.rule = rule
        whose = rule.material or rule.category
        self.about = whose.name if whose else _t("Everything")
        self.code = whose.code if whose else ""
        self.kind = _t("Category") if rule.category else ""
        if rule.fixed_price is not None:
            self.price = f"{currency.code} {shown.plain(rule.fixed_price)}"
        elif rule.percent_off is not None:
            self.price = _t("%(percent)s %% off list") % {"percent": shown.plain(rule.percent_off)}
        else:
            self.price = _t("list and %(more)s") % {"more": f"{currency.code} {shown.plain(rule.surcharge or ZERO)}"}


class PriceListPage(DetailPage):
    """One list and its prices."""

    permission = SEE
    live = ["price-list"]

    def get_rows(self) -> QuerySet[PriceList]:
        rows = visible_to(self.request.user, PriceList.objects.all())
        return rows.select_related("customer", "group", "currency", "company")

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _t("Price lists"), reverse("crm:price_lists")

    def get_subtitle(self, row: Any) -> str:
        return for_whom(row)

    def get_state(self, row: Any) -> tuple[str, str]:
        return state_of(row, timezone.localdate())

    def get_actions(self, row: Any) -> list[Action]:
        to = {name: reverse(f"crm:price_list_{name}", args=[row.pk]) for name in ("edit", "rules", "import")}
        return [
            Action(_t("Terms"), to["edit"], "pencil", EDIT),
            Action(_t("Import CSV"), to["import"], "upload", EDIT),
            Action(_t("Change prices"), to["rules"], "table", EDIT, is_main=True),
        ]

    def get_cards(self, row: Any) -> list[Card]:
        return [
            Card(
                _t("Terms"),
                [
                    Column(for_whom, _("For")),
                    Column("company.name", _("Company")),
                    Column("currency.code", _("Currency")),
                    Day("valid_from", _("From")),
                    Day("valid_to", _("Last day"), empty=_("Until further notice")),
                    Number("priority", _("Priority")),
                ],
            )
        ]

    def get_tabs(self, row: Any) -> list[Tab]:
        return [Tab("prices", _t("Prices"), template="crm/_price_rules.html", count=len(self.rules))]

    @cached_property
    def rules(self) -> list[ShownRule]:
        row = self.get_object()
        rules = row.rules.select_related("material", "category")
        return [ShownRule(rule, row.currency) for rule in rules.order_by("material__code", "category", "from_quantity")]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | {"rules": self.rules}


class Check(Guarded):
    """What does it cost, and why?"""

    permission = SEE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        catalogue = catalogue_of(request)
        asked = {name: request.GET[name] for name in CheckForm.base_fields if name in request.GET}
        form = CheckForm(asked or None, catalogue=catalogue, initial={"on": timezone.localdate(), "quantity": 1})
        context: dict[str, Any] = {
            "form": form,
            "page_title": _("Price check"),
            "back": (_("Price lists"), reverse("crm:price_lists")),
            "products": [named(row) for row in catalogue.products.values()],
            "customers": [named(row) for row in catalogue.customers.values()],
        }
        if asked and form.is_valid():
            context |= self.answer(form.cleaned_data, catalogue)
        return render(request, "crm/price_check.html", context)

    def answer(self, given: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
        plant = catalogue.plant_for(given["product"])
        own = plant.company.currency if plant else None
        currency = given["currency"] or given["customer"].currency or own
        if currency is None:
            return {"refused": _t("Choose a currency.")}
        try:
            [found] = prices_for(
                customer_id=given["customer"].pk,
                currency_id=currency.pk,
                plant_id=plant.pk if plant else None,
                on=given["on"],
                wanted=[(given["product"].pk, given["quantity"])],
            )
        except Refusal as refusal:
            return {"refused": refusal.sentence}
        rule = PriceRule.objects.filter(pk=found.price_rule_id or 0).first()
        return {"found": found, "currency": currency, "list_id": rule.price_list_id if rule else None}
