"""Pages of what leaves the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.fulfilment.models import Shipment
from erp.fulfilment.selectors import listed_shipments
from masterdata.access import visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    Days,
    DetailPage,
    Empty,
    Flag,
    Html,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
)

STAGES = {"delivered": _l("Delivered"), "shipped": _l("Shipped"), "packed": _l("Packed"), "packing": _l("Being packed")}


def stage_of(row: Shipment) -> str:
    """Where it is; needs `delivery` joined."""
    if hasattr(row, "delivery"):
        return "delivered"
    if row.shipped_at is not None:
        return "shipped"
    return "packing" if row.is_scanned else "packed"


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
        State(lambda row: stage_of(row), _l("State"), word=lambda row: STAGES[stage_of(row)]),
    ]
    search_fields = ["number", "order__number", "order__customer__name", "tracking_no", "packages__number"]
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
        return reverse("erp:shipment", args=[row.pk])


class ShipmentPage(DetailPage):
    """One shipment: what is in it, its packages, its way, its delivery."""

    permission = "erp.view_order"
    live = ["order"]

    def get_rows(self) -> QuerySet[Shipment]:
        rows = Shipment.objects.select_related(
            "order__customer", "plant", "address", "carrier", "delivery__recorded_by"
        ).defer("delivery__proof")
        return visible_to(self.request.user, rows, self.permission)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        url = reverse("erp:order", args=[row.order_id])
        return format_html('<a href="{}">{}</a> · {}', url, row.order.number, row.order.customer.name)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Shipments"), reverse("erp:shipments")

    def get_state(self, row: Any) -> tuple[str, Any]:
        stage = stage_of(row)
        return stage, STAGES[stage]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("lines", _("Goods"), template="erp/fulfilment/_shipment.html")]

    def get_cards(self, row: Any) -> Sequence[Card]:
        way = [
            Column("plant.name", _("From")),
            Column("address", _("To"), empty=_("The customer's address")),
            Column("carrier.name", _("Carrier"), empty=_("Not said")),
            Code("tracking_no", _("Tracking number"), empty=_("None")),
            Column("delivery_terms", _("Delivery terms"), empty=_("Not agreed")),
            When("packed_at", _("Packed")),
            When("shipped_at", _("Shipped"), empty=_("Still here")),
        ]
        cards = [Card(_("Way"), way)]
        if hasattr(row, "delivery"):
            proof = [
                When("delivery.delivered_at", _("Delivered")),
                Column("delivery.received_by", _("Taken by")),
                Column("delivery.note", _("Note"), empty=_("None")),
                Html(_proof, _("Proof"), empty=_("Neither a signature nor a photograph")),
            ]
            cards.append(Card(_("Delivery"), proof))
        return cards

    def get_context_data(self, row: Any) -> dict[str, Any]:
        lines = row.lines.select_related("order_line__material__unit").order_by("order_line__line_no")
        packages = row.packages.select_related("parent").prefetch_related(
            "contents__line__order_line__material__unit", "contents__lot"
        )
        return super().get_context_data(row) | {"lines": lines, "packages": packages.order_by("pk")}

    def get_actions(self, row: Any) -> list[Action]:
        def at(name: str) -> str:
            return reverse(name, args=[row.pk])

        note = Action(_("Delivery note"), at("erp:delivery_note"), "file-type-pdf", self.permission)
        actions = [note, Action(_("Carrier"), at("erp:shipment_carrier"), "truck", "erp.ship")]
        if row.is_scanned:
            actions.append(Action(_("Labels"), at("erp:shipment_labels_pdf"), "tag", self.permission))
        if row.shipped_at is None:
            unpack = _("Everything in it may be packed anew. Give it up?")
            actions.append(
                Action(_("Give up"), at("erp:shipment_unpack"), "x", "erp.pack_shipment", post=True, confirm=unpack)
            )
            if row.is_scanned:
                actions.append(Action(_("Pack"), at("erp:shipment_pack"), "package", "erp.pack_shipment"))
                actions.append(Action(_("Load"), at("erp:shipment_load"), "truck-loading", "erp.ship", is_main=True))
            else:
                url = at("erp:shipment_ship")
                actions.append(Action(_("Ship"), url, "truck-delivery", "erp.ship", post=True, is_main=True))
        elif not hasattr(row, "delivery"):
            url = at("erp:shipment_deliver")
            actions.append(Action(_("Delivered"), url, "home", "erp.record_delivery", is_main=True))
        if row.shipped_at is not None:
            url = reverse("erp:return_authorise", args=[row.order_id])
            actions.append(Action(_("Allow a return"), url, "arrows-exchange", "erp.authorise_return"))
        return actions


def _proof(row: Shipment) -> Any:
    if not row.delivery.proof_type:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("erp:shipment_proof", args=[row.pk]), _("Show it"))
