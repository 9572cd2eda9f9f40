"""Price lists over REST: the lists, their rules as a whole, what something costs; customer groups and terms."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import CustomerGroup, CustomerTerms, Incoterm, PriceList, PriceRule
from crm.selectors import prices_for
from masterdata.api.deeds import asks, changes, creates, deed
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, Currency, Material, MaterialCategory, Partner, Plant

EDIT = "crm.edit_prices"


class PriceRuleRow(Row):
    class Meta:
        model = PriceRule
        fields = (
            "id", "material", "category", "from_quantity", "fixed_price", "percent_off", "surcharge", "valid_from",
            "valid_to",
        )  # fmt: skip


class PriceListRow(Row):
    rules = PriceRuleRow(many=True)

    class Meta:
        model = PriceList
        fields = (
            "id", "name", "company", "currency", "customer", "group", "valid_from", "valid_to", "priority", "is_active",
            "version", "rules",
        )  # fmt: skip


class PriceListBody(Body):
    """For a customer, for a group, or (neither) for everybody."""

    name = serializers.CharField(max_length=80)
    company = Visible(queryset=Company.objects.all())
    currency = Visible(queryset=Currency.objects.all())
    customer = Visible(queryset=Partner.objects.filter(is_customer=True), required=False, allow_null=True)
    group = Visible(queryset=CustomerGroup.objects.all(), required=False, allow_null=True)
    valid_from = Day()
    valid_to = Day(required=False, allow_null=True)
    priority = serializers.IntegerField(min_value=0, max_value=9999, default=0)
    is_active = serializers.BooleanField(default=True)


class PriceListChange(Body):
    """What of the list shall be otherwise."""

    name = serializers.CharField(max_length=80, required=False)
    customer = Visible(queryset=Partner.objects.filter(is_customer=True), required=False, allow_null=True)
    group = Visible(queryset=CustomerGroup.objects.all(), required=False, allow_null=True)
    valid_from = Day(required=False)
    valid_to = Day(required=False, allow_null=True)
    priority = serializers.IntegerField(min_value=0, max_value=9999, required=False)
    is_active = serializers.BooleanField(required=False)


class PriceRuleBody(Body):
    """Exactly one of fixed price, percent off the list price, and surcharge on it; neither material nor category:
    everything."""

    material = Visible(queryset=Material.objects.all(), required=False, allow_null=True)
    category = Visible(queryset=MaterialCategory.objects.all(), required=False, allow_null=True)
    from_quantity = Amount(required=False)
    fixed_price = Amount(required=False, allow_null=True)
    percent_off = serializers.DecimalField(max_digits=7, decimal_places=4, required=False, allow_null=True)
    surcharge = Amount(required=False, allow_null=True)
    valid_from = Day(required=False, allow_null=True)
    valid_to = Day(required=False, allow_null=True)


class PriceRulesBody(Body):
    """All prices of the list as they shall be."""

    rules = PriceRuleBody(many=True)


class PriceQuestion(Body):
    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    material = Visible(queryset=Material.objects.all())
    plant = Visible(queryset=Plant.objects.all())
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    quantity = Amount()
    on = Day()


class PriceAnswer(serializers.Serializer):
    """What it costs, in the currency asked for, and why."""

    currency = serializers.CharField()
    unit_price = serializers.DecimalField(max_digits=20, decimal_places=6)
    price_source = serializers.CharField()
    price_rule = serializers.IntegerField(allow_null=True)
    contract_line = serializers.IntegerField(allow_null=True)


class PriceLists(ReadableRows):
    """Which prices hold for whom, and until when."""

    queryset = PriceList.objects.prefetch_related("rules")
    serializer_class = PriceListRow
    view_deed = "crm.view"
    filterset_fields: Any = ("company", "currency", "customer", "group", "is_active", "rules__material")
    search_fields = ("name", "customer__name", "group__name")
    ordering_fields = ("name", "valid_from", "priority")

    @creates(EDIT, takes=PriceListBody, gives=PriceListRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a list without prices yet."""
        row = services.write_price_list(given=services.PriceListInput(**self.taken(PriceListBody)))
        return self.answer(row, status=201)

    @changes(EDIT, takes=PriceListChange, gives=PriceListRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change whom it is for, when and with which priority."""
        row, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the list's ETag as If-Match, so that nobody's change is overwritten.")
        names = services.PriceListInput.__dataclass_fields__
        given = {name: getattr(row, name) for name in names} | self.taken(PriceListChange)
        services.write_price_list(
            given=services.PriceListInput(**given), price_list_id=row.pk, expected_version=version
        )
        return self.answer(row)

    @deed(EDIT, takes=PriceRulesBody)
    def set_rules(self, request: Request, pk: str) -> Response:
        """Replace all prices of the list: all or none. Overlapping equal ones are a 409 `prices_overlap`."""
        row = self.get_object()
        rules = [_rule(one) for one in self.taken()["rules"]]
        services.set_price_rules(price_list_id=row.pk, rules=rules, expected_version=self.expected_version())
        return self.answer(row)

    @asks("crm.view", takes=PriceQuestion, gives=PriceAnswer, on_one=False)
    def check(self, request: Request) -> Response:
        """What a material costs a customer, and why. Without a currency the customer's, else the company's."""
        given = self.taken()
        currency = given.get("currency") or given["customer"].currency or given["plant"].company.currency
        [found] = prices_for(
            customer_id=given["customer"].pk,
            currency_id=currency.pk,
            plant_id=given["plant"].pk,
            on=given["on"],
            wanted=[(given["material"].pk, given["quantity"])],
        )
        answer = {
            "currency": currency.code,
            "unit_price": found.unit_price,
            "price_source": found.source,
            "price_rule": found.price_rule_id,
            "contract_line": found.contract_line_id,
        }
        return Response(PriceAnswer(answer).data)


class CustomerGroupRow(Row):
    class Meta:
        model = CustomerGroup
        fields = ("id", "code", "name")


class CustomerGroupBody(Body):
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=80)


class CustomerGroups(ReadableRows):
    """Customers with prices in common."""

    queryset = CustomerGroup.objects.all()
    serializer_class = CustomerGroupRow
    view_deed = "crm.view"
    search_fields = ("code", "name")

    @creates(EDIT, takes=CustomerGroupBody, gives=CustomerGroupRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new group."""
        return self.answer(services.write_customer_group(**self.taken(CustomerGroupBody)), status=201)


class CustomerTermsRow(Row):
    class Meta:
        model = CustomerTerms
        fields = ("id", "customer", "group", "incoterm", "incoterm_place", "version")


class CustomerTermsBody(Body):
    """The terms of a customer as they shall be."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    group = Visible(queryset=CustomerGroup.objects.all(), allow_null=True)
    incoterm = serializers.ChoiceField(choices=Incoterm.choices, default="", allow_blank=True)
    incoterm_place = serializers.CharField(max_length=80, default="", allow_blank=True)


class CustomersTerms(ReadableRows):
    """The group of each customer, and how goods are delivered to it."""

    queryset = CustomerTerms.objects.all()
    serializer_class = CustomerTermsRow
    view_deed = "crm.view"
    filterset_fields: Any = ("customer", "group")

    @creates(EDIT, takes=CustomerTermsBody, gives=CustomerTermsRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set the terms of a customer; they replace those that hold."""
        return self.answer(services.set_customer_terms(**self.taken(CustomerTermsBody)), status=201)


def _rule(given: dict[str, Any]) -> services.PriceRuleInput:
    about = {f"{name}_id": given[name].pk for name in ("material", "category") if given.get(name)}
    names = ("from_quantity", "fixed_price", "percent_off", "surcharge", "valid_from", "valid_to")
    return services.PriceRuleInput(**about, **{name: given[name] for name in names if given.get(name) is not None})


VIEWSETS: tuple[tuple[str, Any], ...] = (
    ("price-lists", PriceLists),
    ("customer-groups", CustomerGroups),
    ("customer-terms", CustomersTerms),
)
