"""One click: accept and schedule a quotation, schedule an order, take it back. Each stands outside any transaction."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext as _n

from aps import selectors as aps_now
from crm import selectors as crm_now
from crm.models import Quotation
from erp import selectors as erp_now
from erp.models import SalesOrder
from masterdata.pages import Action, DeedView, sent_version
from suite.deeds import schedule_order, schedule_quotation, undo_schedule
from suite.deeds.schedule_quotation import Scheduled


class ScheduleQuotation(DeedView):
    """The customer said yes: confirmed, and in the published plan at once."""

    permission = "crm.accept_quotation"

    def get_rows(self) -> QuerySet[Quotation]:
        return crm_now.visible_quotations(self.request.user)

    def perform(self, row: Any) -> str:
        done = schedule_quotation.schedule_quotation(
            quotation_id=row.pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            expected_version=sent_version(self.request),
        )
        _say(self.request, done, _t("Accepted as order %(number)s.") % {"number": done.order.number})
        return reverse("erp:order", args=[done.order.pk])


class ScheduleOrder(DeedView):
    """A confirmed order that no plan has yet gets its places at once."""

    permission = "erp.confirm_order"

    def get_rows(self) -> QuerySet[SalesOrder]:
        return erp_now.visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        done = schedule_order.schedule_order(order_id=row.pk, now=timezone.now(), by=self.request.user)  # type: ignore[arg-type]
        _say(self.request, done, "")
        return reverse("erp:order", args=[row.pk])


class UndoSchedule(DeedView):
    """Off the plan, cancelled, and its quotation open as it was."""

    permission = "erp.cancel_order"

    def get_rows(self) -> QuerySet[SalesOrder]:
        return erp_now.visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        undone = undo_schedule.undo_schedule(order_id=row.pk, now=timezone.now(), by=self.request.user)  # type: ignore[arg-type]
        said = _t("Taken back: %(order)s is off the plan and cancelled, %(quotation)s is open again.")
        messages.success(self.request, said % {"order": undone.order.number, "quotation": undone.quotation.number})
        return reverse("crm:quotation", args=[undone.quotation_id])


def _say(request: HttpRequest, done: Scheduled, before: str) -> None:
    """What became of it, with what needs a second look."""
    if not done.is_placed:
        said = _t("It has no place in the plan yet: the planner gives it one, and this page shows it then.")
        messages.warning(request, f"{before} {said}".strip())
        return
    said = _t("It stands in the plan, and nobody else moved.")
    messages.success(request, f"{before} {said}".strip())
    if done.late_lines:
        late = _n(
            "%(n)d line comes later than offered by now: see its date.",
            "%(n)d lines come later than offered by now: see their dates.",
            done.late_lines,
        )
        messages.warning(request, late % {"n": done.late_lines})


def order_actions(order: SalesOrder) -> list[Action]:
    """What one click can do on an order's page: schedule it while no plan has it, take it back before it began."""
    if order.confirmed_at is None or order.cancelled_at is not None:
        return []
    found = []
    if aps_now.unplanned_plants(order.pk):
        url = reverse("suite:order_schedule", args=[order.pk])
        found.append(Action(_("Schedule"), url, "calendar-plus", "erp.confirm_order", post=True))
    if crm_now.may_undo(order_id=order.pk):
        url = reverse("suite:order_undo", args=[order.pk])
        ask = _t("Take the order off the plan, cancel it and open its quotation again?")
        found.append(Action(_("Undo"), url, "arrow-back-up", "erp.cancel_order", post=True, confirm=ask))
    return found
