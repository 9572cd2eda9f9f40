"""Where a trace begins: what somebody typed or scanned, as lots, work orders or documents that name lots."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from erp.models import Lot, Package, Shipment, StockBalance, WorkOrder
from masterdata.access import scope_of, visible_to
from mes.models import GenealogyEdge

SEE = "mes.view_trace"


def lots_seen(user: Any, deed: str = SEE) -> QuerySet[Lot]:
    """Lots that lie, or have lain, in a plant where the user may do the deed: trace them."""
    here = StockBalance.objects.filter(lot=OuterRef("pk"), plant__in=sorted(scope_of(user, deed).plants))
    return Lot.objects.filter(Exists(here)).select_related("material__unit")


def lots_called(user: Any, text: str, limit: int = 50) -> list[Lot]:
    """Lots and serial numbers by their own number, the supplier's, or their material; exact ones first."""
    text = text.strip()
    if not text:
        return []
    rows = lots_seen(user)
    exact = list(rows.filter(Q(number__iexact=text) | Q(supplier_lot__iexact=text)).order_by("-pk")[:limit])
    if exact:
        return exact
    like = Q(number__icontains=text) | Q(supplier_lot__icontains=text) | Q(material__code__iexact=text)
    return list(rows.filter(like).order_by("-pk")[:limit])


def starting_nodes(user: Any, text: str) -> list[int]:
    """Nodes of one thing that was scanned: a lot, else a work order, a package or a shipment with the lots in it."""
    text = text.strip()
    lots = lots_seen(user)
    if found := list(lots.filter(Q(number__iexact=text) | Q(supplier_lot__iexact=text)).values_list("pk", flat=True)):
        return found
    orders = visible_to(user, WorkOrder.objects.filter(number__iexact=text), SEE)
    if found := list(orders.values_list("pk", flat=True)):
        return [-pk for pk in found]
    packages = visible_to(user, Package.objects.filter(number__iexact=text), SEE)
    if inside := list(packages.filter(contents__lot__isnull=False).values_list("contents__lot", flat=True)):
        return sorted(set(inside))
    shipments = visible_to(user, Shipment.objects.filter(number__iexact=text), SEE).values("lines__order_line")
    moves = GenealogyEdge.objects.filter(kind="shipped", move__sales_order_line__in=shipments, undone_by=None)
    return sorted(set(moves.values_list("parent_lot", flat=True)))
