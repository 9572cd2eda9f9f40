"""How shipments read on an order's timeline."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import ngettext as _n

from erp.fulfilment.models import Shipment
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    timeline.register("OrderShipped", _shipped)


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
