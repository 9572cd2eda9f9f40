"""Pages of what leaves the house."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.fulfilment.models import Shipment
from erp.fulfilment.selectors import listed_shipments
from masterdata.access import visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import Code, Column, Days, Empty, Flag, ListPage, Number, State, View, When


class Shipments(ListPage):
    """What leaves and has left."""

    permission = "erp.view_order"
    title, question = _l("Shipments"), _l("What leaves, and what has left?")
    columns = [
        Code("number", _l("Shipment"), sort="number", link=True, css="w-1"),
        Code("order.number", _l("Order"), sort="order__number"),
        Column("order.customer.name", _l("Customer"), sort="order__customer__name", css="wide"),
        Column("plant.name", _l("From"), sort="plant__code"),
        Number("line_count", _l("Lines")),
        Number("pieces", _l("Pieces"), sort="pieces"),
        When("packed_at", _l("Packed"), sort="packed_at"),
        When("shipped_at", _l("Shipped"), sort="shipped_at", empty=_l("Waits at the dock")),
        State(
            lambda row: "shipped" if row.shipped_at else "packed",
            _l("State"),
            word=lambda row: _("Shipped") if row.shipped_at else _("Packed"),
        ),
    ]
    search_fields = ["number", "order__number", "order__customer__name"]
    filters = [
        Flag("waiting", _l("Waiting"), condition=Q(shipped_at=None)),
        Days("shipped", _l("Shipped"), field="shipped_at", is_moment=True),
    ]
    order_by = "-number"
    live = ["order"]
    empty = Empty(_l("Nothing packed yet"), _l("Open an order that is ready and pack it."), "package")

    def get_rows(self) -> QuerySet[Shipment]:
        rows = visible_to(self.request.user, listed_shipments(), self.permission)
        return in_chosen_plant(self.request, rows)

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().filter(shipped_at=None).count()
        return [View("all", _("All"), ""), View("waiting", _("Waiting at the dock"), "waiting=1", waiting)]

    def get_url(self, row: Shipment) -> str:
        return reverse("erp:order", args=[row.order_id])
