"""How materials are planned in the plants: one list."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.models import MaterialPlant
from masterdata.pages import Choice, Code, Column, Empty, Flag, ListPage, Number, Quantity

SEE, EDIT = "masterdata.view", "masterdata.edit_material"


class PlanningParameters(ListPage):
    """Policy, lots, safety and times of each material."""

    permission = SEE
    title, question = _l("Planning parameters"), _l("How is each material planned, and with how much safety?")
    columns = [
        Code("material.code", _l("Material"), sort="material__code", link=True, css="w-1"),
        Column("material.name", _l("Name"), sort="material__name", css="wide"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Column("get_policy_display", _l("Supplied"), sort="policy"),
        Column("get_lot_rule_display", _l("Lot"), sort="lot_rule"),
        Quantity("lot_qty", _l("Lot quantity"), unit="material.unit.code"),
        Quantity("safety_stock", _l("Safety stock"), unit="material.unit.code", sort="safety_stock"),
        Number("lead_time_days", _l("Lead time, days"), sort="lead_time_days"),
        Number("safety_time_days", _l("Safety time, days")),
        Number("planning_fence_days", _l("Firm within, days")),
    ]
    search_fields = ["material__code", "material__name"]
    filters = [
        Choice("policy", _l("Supplied"), choices=MaterialPlant.Policy.choices),
        Choice("lot_rule", _l("Lot"), choices=MaterialPlant.LotRule.choices),
        Flag("safe", _l("With safety stock"), condition=Q(safety_stock__gt=0)),
    ]
    order_by = "material__code"
    empty = Empty(_l("No planning parameters yet"), _l("Enter them on a material's page."), "adjustments")

    def get_rows(self) -> QuerySet[MaterialPlant]:
        rows = MaterialPlant.objects.select_related("material__unit", "plant")
        return in_chosen_plant(self.request, visible_to(self.request.user, rows, SEE))

    def get_url(self, row: Any) -> str:
        if may(self.request.user, EDIT):
            return reverse("masterdata:planning_edit", args=[row.pk])
        return reverse("masterdata:material", args=[row.material_id]) + "?tab=planning"
