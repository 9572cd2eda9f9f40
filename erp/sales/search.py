"""Sales orders in the global search."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.sales.selectors import visible_orders
from masterdata import search


def register() -> None:
    """Find orders by number, customer and the customer's own number."""
    fields = ["number", "customer__name", "customer_reference"]
    find = search.among(lambda user: visible_orders(user).order_by("-pk"), fields, _hit)
    search.register(search.Provider("orders", _("Orders"), "clipboard-list", "erp.view_order", find))


def _hit(order: Any) -> search.Hit:
    return search.Hit(order.number, order.customer.name, reverse("erp:order", args=[order.pk]))
