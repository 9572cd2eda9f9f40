"""How shipments read on an order's timeline."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext as _n

from erp.fulfilment.models import CustomerReturn, Shipment
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    timeline.register("OrderShipped", _shipped)
    timeline.register("OrderDelivered", _delivered)
    timeline.register("GoodsCameBack", _came_back)


def _shipped(records: Sequence[FactRecord]) -> timeline.Told:
    ids = {record.payload["shipment_id"] for record in records}
    found = Shipment.objects.annotate(pieces=Sum("lines__quantity")).in_bulk(ids)
    return {
        record.pk: Happening(
            record.stated_at,
            _n(
                "%(number)s shipped: %(pieces)s piece",
                "%(number)s shipped: %(pieces)s pieces",
                shown.how_many(shipment.pieces),
            )
            % {"number": shipment.number, "pieces": shown.number(shipment.pieces)},
            "truck-delivery",
            timeline.who(record),
            tone="good",
        )
        for record in records
        if (shipment := found.get(record.payload["shipment_id"]))
    }


def _delivered(records: Sequence[FactRecord]) -> timeline.Told:
    return {
        record.pk: Happening(
            record.stated_at,
            _("Delivered, taken by %(name)s") % {"name": record.payload["received_by"]},
            "home",
            timeline.who(record),
            tone="good",
        )
        for record in records
    }


def _came_back(records: Sequence[FactRecord]) -> timeline.Told:
    numbers = CustomerReturn.objects.in_bulk({record.payload["return_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("%(quantity)s came back (%(number)s)")
            % {"quantity": shown.number(Decimal(record.payload["quantity"])), "number": found.number},
            "arrows-exchange",
            timeline.who(record),
            found.get_reason_display(),
            tone="bad",
        )
        for record in records
        if (found := numbers.get(record.payload["return_id"]))
    }
