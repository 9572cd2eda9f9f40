"""What stands on a purchase order's paper: the supplier's numbers, our components."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import F, OuterRef, Subquery

from erp.supply.models import PurchaseOrder, SupplierPrice
from erp.supply.selectors.supplied import components_of_order


def lines_on_paper(order: PurchaseOrder) -> list[Any]:
    """The lines that stand, each with the supplier's `article` number and the `supplied` components. Two queries."""
    articles = SupplierPrice.objects.filter(supplier=order.supplier_id, material=OuterRef("material"))
    named = articles.exclude(supplier_article="").order_by(F("valid_from").desc(nulls_last=True), "-pk")
    rows: list[Any] = list(
        order.lines.filter(quantity__gt=0)
        .select_related("material__unit")
        .annotate(article=Subquery(named.values("supplier_article")[:1]))
        .order_by("line_no")
    )
    supplied: dict[int, list[Any]] = defaultdict(list)
    for one in components_of_order(order):
        supplied[one.order_line_id].append(one)
    for row in rows:
        row.supplied = supplied[row.pk]
    return rows
