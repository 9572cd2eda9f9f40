"""What waits in the warehouse: deliveries, put-away, transfers, orders to ship, counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.models import CountSheet, CustomerReturn, PickList, PlannedOrder, Shipment, StockBalance, Transfer
from erp.sales.selectors import TO_SHIP, visible_orders
from erp.supply.selectors import listed
from masterdata.access import may
from suite.start.panels import Line, Panel, plants_for

DEED = "erp.receive_purchase"


def columns(request: HttpRequest, now: dt.datetime, today: dt.date) -> list[list[Panel]]:
    """Coming in, lying about, going out; nothing for who does not receive goods."""
    if not may(request.user, DEED):
        return []
    plants = plants_for(request, DEED)
    return [[_coming(plants, now, today)], [_inside(request.user, plants)], [_leaving(request.user, plants, today)]]


def _coming(plants: Collection[int], now: dt.datetime, today: dt.date) -> Panel:
    found = listed.counted(plants=plants, now=now, today=today)
    on_the_way = Transfer.objects.filter(to_plant__in=plants, closed_at=None).aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(expected_at__lt=now))
    )
    dock, places = reverse("erp:receiving"), reverse("erp:transfers")
    late = ngettext("%(n)d is late", "%(n)d are late", on_the_way["late"]) % {"n": on_the_way["late"]}
    lines = [
        Line(_("Deliveries overdue"), found["overdue"], dock, tone="late"),
        Line(_("Deliveries expected today"), found["today"], dock),
        Line(
            _("Transfers on the way here"),
            on_the_way["all"],
            f"{places}?open=1",
            late if on_the_way["late"] else "",
            "late" if on_the_way["late"] else "",
        ),
    ]
    return Panel(_("Coming in"), lines, _("Nothing is due to come in."), dock, _("Receive"))


def _inside(user: Any, plants: Collection[int]) -> Panel:
    lines = []
    if may(user, "erp.move_stock"):
        held = StockBalance.objects.filter(
            plant__in=plants, on_hand__gt=0, location__is_receiving=True, location__is_blocked=False
        )
        lines.append(Line(_("To put away"), held.count(), reverse("erp:put_away"), tone="risk"))
    if may(user, "erp.receive_return"):
        back = CustomerReturn.objects.filter(plant__in=plants, closed_at=None).count()
        lines.append(Line(_("Returns to come"), back, reverse("erp:returns") + "?open=1"))
    if may(user, "erp.view_stock"):
        sheets = CountSheet.objects.filter(plant__in=plants, posted_at=None, dropped_at=None)
        found = sheets.annotate(
            places=Count("lines"), counted=Count("lines", filter=Q(lines__counted_at__isnull=False))
        ).aggregate(all=Count("pk"), ready=Count("pk", filter=Q(places=F("counted"))))
        place = reverse("erp:count_sheets")
        lines += [
            Line(_("Sheets to count"), found["all"] - found["ready"], f"{place}?open=1"),
            Line(_("Counts to be posted"), found["ready"], f"{place}?review=1", tone="risk"),
        ]
    return Panel(_("In the warehouse"), lines, _("All is put away and counted."), reverse("erp:stock"), _("Stock"))


def _leaving(user: Any, plants: Collection[int], today: dt.date) -> Panel:
    lines = []
    if may(user, "erp.pack_shipment"):
        ready = visible_orders(user).filter(TO_SHIP, lines__plant__in=plants).distinct().count()
        lines.append(Line(_("Orders to ship"), ready, reverse("erp:to_ship")))
        packed = Shipment.objects.filter(plant__in=plants, shipped_at=None).count()
        lines.append(Line(_("Packed, to be loaded"), packed, reverse("erp:shipments") + "?waiting=1"))
    if may(user, "erp.pick_goods"):
        walks = PickList.objects.filter(plant__in=plants, closed_at=None).count()
        lines.append(Line(_("Walks to be walked"), walks, reverse("erp:pick_lists") + "?open=1"))
    if may(user, "erp.move_stock"):
        wanted = PlannedOrder.objects.filter(
            source_plant__in=plants, kind=PlannedOrder.Kind.TRANSFER, closed_at=None, transfer_line=None
        ).aggregate(
            all=Count("pk", filter=Q(order_by_on__lte=today)), late=Count("pk", filter=Q(order_by_on__lt=today))
        )
        lines.append(Line(_("Transfers to send"), wanted["all"], reverse("erp:planned_orders") + "?moves=1"))
    return Panel(_("Going out"), lines, _("Nothing is to go out now."), reverse("erp:shipments"), _("Shipments"))
