"""What is agreed with suppliers and inside the house: prices, tolerances, limits; and how punctual suppliers are."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.supply.buying_forms import ApprovalLimitForm, BuyingLimitForm, PriceForm, ToleranceForm
from erp.supply.models import ApprovalLimit, BuyingLimit, DeliveryTolerance, SupplierPrice
from erp.supply.selectors.punctuality import punctuality, visible_plants
from masterdata import records
from masterdata.access import may, requires, visible_to
from masterdata.forms import limit_choices
from masterdata.models import Material, Partner
from masterdata.pages import (
    Action,
    Code,
    Column,
    CreatePage,
    Day,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Money,
    Number,
    YesNo,
)

SEE, WRITE, SEE_COST, SET_LIMIT = (
    "erp.view_purchase", "erp.write_purchase", "erp.view_cost", "erp.set_buying_limit"
)  # fmt: skip


class _Terms(ListPage):
    """A list of plain rows, each with its form."""

    permission = SEE
    model: ClassVar[type[Model]]
    related: ClassVar[list[str]] = []
    name: ClassVar[str] = ""
    edit: ClassVar[str] = WRITE
    add_label: ClassVar[Any] = ""

    def get_rows(self) -> QuerySet[Any]:
        return visible_to(self.request.user, self.model._default_manager.select_related(*self.related), SEE)

    def get_url(self, row: Any) -> str:
        return reverse(f"erp:{self.name}", args=[row.pk]) if may(self.request.user, self.edit) else ""

    def get_actions(self) -> list[Action]:
        return [Action(self.add_label, reverse(f"erp:{self.name}_create"), "plus", self.edit, is_main=True)]


class _Form:
    """What the forms of such rows share."""

    model: ClassVar[type[Model]]
    plural: ClassVar[str]
    list_title: ClassVar[Any]
    permission: ClassVar[str]
    request: Any

    def get_back(self) -> tuple[Any, str]:
        return self.list_title, reverse(f"erp:{self.plural}")

    def get_form(self, data: Any = None) -> Any:
        form = super().get_form(data)  # type: ignore[misc]
        suppliers = form.fields.get("supplier")
        if suppliers is not None:
            suppliers.queryset = Partner.objects.filter(is_supplier=True, is_active=True)
        material = form.fields.get("material")
        if material is not None:
            material.queryset = Material.objects.filter(is_active=True, supply="buy")
        return limit_choices(form, self.request.user, self.permission)


class _Create(_Form, CreatePage):
    done_message = _l("Saved.")

    def perform(self, form: Any) -> str:
        records.create_record(model=self.model, values=form.cleaned_data)
        return reverse(f"erp:{self.plural}")


class _Edit(_Form, EditPage):
    version_field, done_message = "", _l("Saved.")

    def get_rows(self) -> QuerySet[Any]:
        return visible_to(self.request.user, self.model._default_manager.all(), self.permission)

    def perform(self, form: Any) -> str:
        records.change_record(record=self.get_object(), values=form.cleaned_data)
        return reverse(f"erp:{self.plural}")


class Prices(_Terms):
    """What suppliers ask."""

    model, related, name = SupplierPrice, ["supplier__currency", "material", "unit"], "supplier_price"
    title, question, add_label = _l("Supplier prices"), _l("What does who ask, from when on?"), _l("New price")
    columns = [
        Code("material.code", _l("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _l("Name"), sort="material__name", css="wide"),
        Column("supplier.name", _l("Supplier"), sort="supplier__name"),
        Number("from_quantity", _l("From")),
        Column("unit.code", _l("Sold in")),
        Money("price", _l("Price"), sort="price", places=4),
        Number("lead_time_days", _l("Days"), sort="lead_time_days"),
        Number("min_quantity", _l("At least")),
        YesNo("is_subcontract", _l("A fee")),
        Day("valid_from", _l("From day"), empty=_l("Since ever")),
        Day("valid_until", _l("Until"), sort="valid_until", empty=_l("No end")),
    ]
    search_fields = ["material__code", "material__name", "supplier__name", "supplier_article"]
    filters = [Flag("now", _l("In force"), condition=Q())]
    order_by = "material__code"
    empty = Empty(_l("No prices yet"), _l("Enter what suppliers ask: netting orders by it."), "tag")

    def get_rows(self) -> QuerySet[Any]:
        rows = super().get_rows()
        if not self.request.GET.get("now"):
            return rows
        today = timezone.localdate()
        return rows.filter(
            Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_until=None) | Q(valid_until__gte=today)
        )

    def get_columns(self) -> Any:
        sees = may(self.request.user, SEE_COST)
        return [column for column in self.columns if sees or column.source != "price"]


class PriceCreate(_Create):
    permission, form_class, model, plural = WRITE, PriceForm, SupplierPrice, "supplier_prices"
    title, list_title = _l("New price"), _l("Supplier prices")

    def get_initial(self) -> dict[str, Any]:
        return {"from_quantity": 0, "min_quantity": 0, "pack_quantity": 1, "valid_from": timezone.localdate()}


class PriceEdit(_Edit):
    permission, form_class, model, plural = WRITE, PriceForm, SupplierPrice, "supplier_prices"
    title, list_title = _l("Change a price"), _l("Supplier prices")


class Tolerances(_Terms):
    """How exactly suppliers have to deliver."""

    model, related, name = DeliveryTolerance, ["supplier", "material"], "delivery_tolerance"
    title, question = _l("Delivery tolerances"), _l("How much more or less may come?")
    add_label = _l("New tolerance")
    columns = [
        Column("supplier.name", _l("Supplier"), sort="supplier__name", link=True, css="wide"),
        Code("material.code", _l("Material"), sort="material__code", empty=_l("All others")),
        Number("over_percent", _l("More, %")),
        Number("under_percent", _l("Less, %")),
    ]
    search_fields = ["supplier__name", "material__code"]
    order_by = "supplier__name"
    empty = Empty(_l("Everybody delivers exactly"), _l("Without a tolerance more than ordered is refused."), "ruler")


class ToleranceCreate(_Create):
    permission, form_class, model, plural = WRITE, ToleranceForm, DeliveryTolerance, "delivery_tolerances"
    title, list_title = _l("New tolerance"), _l("Delivery tolerances")


class ToleranceEdit(_Edit):
    permission, form_class, model, plural = WRITE, ToleranceForm, DeliveryTolerance, "delivery_tolerances"
    title, list_title = _l("Change a tolerance"), _l("Delivery tolerances")


class BuyingLimits(_Terms):
    """What is bought without a click."""

    model, name, edit = BuyingLimit, "buying_limit", SET_LIMIT
    related = ["plant__company__currency", "buyer", "supplier", "category"]
    title, question = _l("Buying limits"), _l("What is ordered without a click?")
    add_label = _l("New limit")
    columns = [
        Column("plant.name", _l("Plant"), sort="plant__code", link=True),
        Column("supplier.name", _l("Supplier"), sort="supplier__name", empty=_l("All suppliers"), css="wide"),
        Column("category.name", _l("Category"), sort="category__name", empty=_l("All categories")),
        Column(lambda row: _("Confirmed orders") if row.for_orders else _("Everything"), _l("For")),
        Column("buyer", _l("Who answers for it"), empty=_l("Whoever buys")),
        Money("max_value", _l("Order at most"), currency="plant.company.currency.code", sort="max_value"),
        Number("fence_days", _l("Days ahead"), empty=_l("Any time")),
        YesNo("is_automatic", _l("Without a click")),
    ]
    search_fields = ["plant__name", "supplier__name", "category__name"]
    order_by = "plant__code"
    empty = Empty(
        _l("No limits"),
        _l("What orders and planning want bought waits for a click: set what goes by itself."),
        "gauge",
    )


class BuyingLimitCreate(_Create):
    permission, form_class, model, plural = SET_LIMIT, BuyingLimitForm, BuyingLimit, "buying_limits"
    title, list_title = _l("New limit"), _l("Buying limits")


class BuyingLimitEdit(_Edit):
    permission, form_class, model, plural = SET_LIMIT, BuyingLimitForm, BuyingLimit, "buying_limits"
    title, list_title = _l("Change a limit"), _l("Buying limits")


class ApprovalLimits(_Terms):
    """Who may agree to requisitions."""

    model, name, edit = ApprovalLimit, "approval_limit", SET_LIMIT
    related = ["plant__company__currency", "approver"]
    title, question = _l("Approval limits"), _l("Who agrees to what, up to which value?")
    add_label = _l("New limit")
    columns = [
        Column("plant.name", _l("Plant"), sort="plant__code", link=True),
        Column("approver", _l("Who agrees"), css="wide"),
        Money("max_value", _l("Requisition at most"), currency="plant.company.currency.code", sort="max_value"),
    ]
    search_fields = ["plant__name", "approver__username"]
    order_by = "plant__code"
    empty = Empty(_l("No limits"), _l("Planners and accountants agree to what others ask for."), "user-check")


class ApprovalLimitCreate(_Create):
    permission, form_class, model, plural = SET_LIMIT, ApprovalLimitForm, ApprovalLimit, "approval_limits"
    title, list_title = _l("New limit"), _l("Approval limits")


class ApprovalLimitEdit(_Edit):
    permission, form_class, model, plural = SET_LIMIT, ApprovalLimitForm, ApprovalLimit, "approval_limits"
    title, list_title = _l("Change a limit"), _l("Approval limits")


@requires(SEE)
def punctuality_of(request: HttpRequest, pk: int) -> HttpResponse:
    """How punctual a supplier was with each material: a part of the partner's page."""
    found = punctuality(plant_ids=visible_plants(request.user, SEE), supplier_id=pk)
    materials = Material.objects.in_bulk({one.material_id for one in found if one.material_id})
    rows = [(one, None, materials.get(one.material_id or 0)) for one in found]
    return render(request, "erp/supply/_punctuality.html", {"rows": rows, "supplier": pk})


@requires(SEE)
def supplier_punctuality(request: HttpRequest) -> HttpResponse:
    """Each supplier's last deliveries, the least punctual first; with `supplier`, each of its materials."""
    asked = request.GET.get("supplier", "")
    supplier = visible_to(request.user, Partner.objects.filter(pk=int(asked))).first() if asked.isdecimal() else None
    chosen = getattr(request, "plant", None)
    found = punctuality(
        plant_ids=[chosen.pk] if chosen is not None else visible_plants(request.user, SEE),
        supplier_id=supplier.pk if supplier else None,
        by_material=supplier is not None,
    )
    names = Partner.objects.in_bulk({one.supplier_id for one in found})
    materials = Material.objects.in_bulk({one.material_id for one in found if one.material_id})
    context = {
        "page_title": supplier.name if supplier else _("Punctuality of suppliers"),
        "question": _("Who keeps what was promised, and how many days would be safe?"),
        "back": (_("Punctuality of suppliers"), reverse("erp:punctuality")) if supplier else None,
        "rows": [(one, names[one.supplier_id], materials.get(one.material_id or 0)) for one in found],
        "supplier": supplier,
    }
    return render(request, "erp/supply/punctuality.html", context)
