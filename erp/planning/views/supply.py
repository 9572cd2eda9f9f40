"""One planned supply and why: what it is for, how its quantity and days came about, what it needs itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.planning import selectors, services
from erp.planning.selectors.reasons import SupplyReason
from erp.production.models import WorkOrder
from erp.supply.models import PlannedOrder
from masterdata import shown
from masterdata.access import visible_to
from masterdata.models import MaterialPlant
from masterdata.pages import Action, DeedView, DetailPage, Step

SEE_WORK, WRITE_WORK = "erp.view_work_order", "erp.write_work_order"
SEE_BUY, WRITE_BUY = "erp.view_purchase", "erp.write_purchase"
SEE_STOCK, MOVE_STOCK = "erp.view_stock", "erp.move_stock"


class _Supply(DetailPage):
    """What the two pages share."""

    template_name = "erp/planning/supply.html"
    live = ["supply"]

    @abstractmethod
    def get_reason(self, row: Any) -> SupplyReason:
        """The chain behind its quantity and days."""

    def get_subtitle(self, row: Any) -> Any:
        return f"{shown.quantity(row.quantity, row.material.unit.code)} {row.material} · {row.plant.name}"

    def get_context_data(self, row: Any) -> dict[str, Any]:
        reason = self.get_reason(row)
        return super().get_context_data(row) | {
            "reason": reason,
            "quantity_steps": _quantities(reason),
            "day_steps": _days(reason),
        }


class PlannedSupply(_Supply):
    """A planned order: to be bought, or moved from another plant."""

    permission = SEE_BUY

    def get_rows(self) -> QuerySet[PlannedOrder]:
        return visible_to(self.request.user, selectors.open_planned_supply(), SEE_BUY)

    def get_reason(self, row: PlannedOrder) -> SupplyReason:
        return selectors.why_planned_order(row)

    def get_title(self, row: PlannedOrder) -> Any:
        return _("Transfer of %(code)s") % {"code": row.material.code} if row.source_plant else row.material.code

    def get_back(self, row: PlannedOrder) -> tuple[Any, str]:
        return _("Supply"), reverse("erp:supply_messages")

    def get_state(self, row: PlannedOrder) -> tuple[str, Any]:
        if row.transfer_line_id is not None:
            return "sent", _("In transit")
        return ("firm", _("Firm")) if row.is_firm else ("proposed", _("Proposed"))

    def get_actions(self, row: PlannedOrder) -> list[Action]:
        found = []
        if row.source_plant is None:
            url = reverse("erp:planned_order_buy", args=[row.pk])
            found.append(Action(_("Order"), url, "truck-delivery", WRITE_BUY, is_main=True))
        elif row.transfer_line is not None:
            url = reverse("erp:transfer", args=[row.transfer_line.transfer_id])
            return [Action(_("The transfer"), url, "truck", SEE_STOCK)]
        else:
            url = f"{reverse('erp:send_transfer')}?planned={row.pk}"
            found.append(Action(_("Send"), url, "truck", MOVE_STOCK, is_main=True))
        if not row.is_firm:
            url = reverse("erp:planned_supply_keep", args=[row.pk])
            found.append(Action(_("Keep as it is"), url, "lock", WRITE_BUY, post=True))
        return found


class WorkSupply(_Supply):
    """Work for stock."""

    permission = SEE_WORK

    def get_rows(self) -> QuerySet[WorkOrder]:
        rows = WorkOrder.objects.filter(sales_order_line=None).select_related("material__unit", "plant__company")
        return visible_to(self.request.user, rows, SEE_WORK)

    def get_reason(self, row: WorkOrder) -> SupplyReason:
        return selectors.why_work_order(row)

    def get_title(self, row: WorkOrder) -> Any:
        return row.number

    def get_back(self, row: WorkOrder) -> tuple[Any, str]:
        return _("Work order"), reverse("erp:work_order", args=[row.pk])

    def get_state(self, row: WorkOrder) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_actions(self, row: WorkOrder) -> list[Action]:
        if row.state != WorkOrder.State.PROPOSED:
            return []
        url = reverse("erp:work_firm", args=[row.pk])
        return [Action(_("Make firm"), url, "lock", WRITE_WORK, post=True, is_main=True)]


class FirmWork(DeedView):
    """Proposed work becomes firm."""

    permission, done_message = WRITE_WORK, _l("Firm: it is scheduled, and planning leaves it alone.")

    def get_rows(self) -> QuerySet[WorkOrder]:
        return visible_to(self.request.user, WorkOrder.objects.filter(sales_order_line=None), WRITE_WORK)

    def perform(self, row: WorkOrder) -> str:
        services.firm_work_order(work_order_id=row.pk, now=timezone.now())
        return reverse("erp:work_supply", args=[row.pk])


class KeepPlanned(DeedView):
    """A planned order stays as it is."""

    permission, done_message = WRITE_BUY, _l("Planning leaves it as it is.")

    def get_rows(self) -> QuerySet[PlannedOrder]:
        return visible_to(self.request.user, selectors.open_planned_supply(), WRITE_BUY)

    def perform(self, row: PlannedOrder) -> str:
        services.firm_planned_order(planned_order_id=row.pk, is_firm=True)
        return reverse("erp:planned_supply", args=[row.pk])


def _quantities(reason: SupplyReason) -> Sequence[Step]:
    """From the result down to what is needed."""
    item, unit = reason.item, reason.unit
    rule = MaterialPlant.LotRule(item.lot_rule).label
    lot = shown.quantity(item.lot_qty, unit) if item.lot_qty else ""
    steps = [Step(_("Lot"), f"{rule} {lot}".strip(), "stack", shown.quantity(reason.quantity, unit))]
    if item.scrap_percent:
        steps.append(Step(_("Scrap"), _("net / (1 - scrap)"), "recycle", shown.percent(item.scrap_percent)))
    if item.safety_stock or item.reorder_point:
        level = max(item.safety_stock, item.reorder_point)
        steps.append(
            Step(_("Kept in stock"), _("Safety stock or reorder point"), "shield", shown.quantity(level, unit))
        )
    steps.append(Step(_("Free in stock"), _("Reserved for nobody"), "packages", shown.quantity(reason.on_hand, unit)))
    if reason.coming > 0:
        coming = shown.quantity(reason.coming, unit)
        steps.append(Step(_("Coming for sure"), _("On order or on the way, for nobody"), "truck", coming))
    steps.append(Step(_("Needed of it"), "", "target", shown.quantity(reason.net, unit), is_most=reason.net > 0))
    return steps


def _days(reason: SupplyReason) -> Sequence[Step]:
    """From its beginning to the day on which it is needed."""
    item, steps = reason.item, []
    if reason.start_on:
        late = _("%(day)s has passed: it begins on the first working day") % {"day": shown.day(reason.wished_on)}
        detail = late if reason.is_redated else ""
        steps.append(
            Step(_("Begins by"), detail, "player-play", shown.day(reason.start_on), is_cause=reason.is_redated)
        )
    if reason.due_on:
        days = (
            _("Lead time %(days)s days") % {"days": item.lead_days} if item.kind != "buy" else _("Supplier's lead time")
        )
        steps.append(Step(_("There on"), days, "flag", shown.day(reason.due_on)))
    if item.safety_days:
        steps.append(Step(_("Safety time"), _("working days"), "shield", str(item.safety_days)))
    if reason.needed_on:
        steps.append(Step(_("Needed on"), "", "target", shown.day(reason.needed_on), is_most=True))
    return steps
