"""What is done with an order from its page."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.sales import services
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from masterdata.pages import DeedView, sent_version


class OrderDeed(DeedView):
    """A deed on an order; afterwards one sees the order."""

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        self.do(row)
        return reverse("erp:order", args=[row.pk])

    @abstractmethod
    def do(self, order: Any) -> None: ...


class Confirm(OrderDeed):
    permission = "erp.confirm_order"
    done_message = _("Confirmed: stock is reserved, work orders and purchases are written, planning has begun.")

    def do(self, order: Any) -> None:
        expected = sent_version(self.request)
        services.confirm_order(order_id=order.pk, now=timezone.now(), expected_version=expected)
