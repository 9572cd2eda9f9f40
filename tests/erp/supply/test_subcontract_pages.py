"""Pages of subcontracting: what goes out, sent by a scanner; what lies there, comes back, and what an order shows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import services as erp
from erp.models import PurchaseOrder, StockBalance, SubcontractNote, SuppliedComponent, SupplierPrice
from masterdata.models import Location, Partner
from tests.erp.supply.test_buying_pages import client, send, shop
from tests.flows import workshop

D = Decimal
__all__ = ["client", "shop"]


@pytest.fixture
def order(shop: workshop.Workshop) -> PurchaseOrder:
    """Four stools of three legs each, made by a supplier for 9.00 a stool; ten legs are there, twelve needed."""
    shop.quantity("LEG", 10)
    stool = shop.materials["STOOL"]
    supplier = Partner.objects.filter(is_supplier=True).order_by("pk")[0]
    SupplierPrice.objects.create(
        supplier=supplier, material=stool, unit=stool.unit, price=D(9), lead_time_days=3, is_subcontract=True
    )
    now = timezone.now()
    line = erp.PurchaseLineInput(stool.pk, D(4), D(9), now + dt.timedelta(days=9))
    return erp.create_purchase_order(plant=shop.plant, supplier=supplier, lines=[line], now=now)


def page(client: Client, name: str, *args: int) -> str:
    answer = client.get(reverse(f"erp:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_components_are_scanned_out_and_come_back(client: Client, order: PurchaseOrder) -> None:
    """The list says that two legs are missing. Six are scanned and sent; four come back."""
    listed = page(client, "to_subcontractors")
    assert order.number in listed
    assert "2 PC missing" in listed or "2 EA missing" in listed
    assert "is not needed for" in send(client, "components_send", order.pk, scan="BOARD")
    send(client, "components_send", order.pk, scan="leg")
    assert 'value="12"' in page(client, "components_send", order.pk)
    send(client, "components_send", order.pk, scan="6")
    assert "Ready to go" in page(client, "components_send", order.pk)
    assert "tab=components" in send(client, "components_send", order.pk, deed="book")
    assert StockBalance.objects.get(location__kind=Location.Kind.SUBCONTRACTOR).on_hand == D(6)
    shown = client.get(reverse("erp:purchase_order", args=[order.pk]) + "?tab=components").content.decode()
    assert SubcontractNote.objects.get().number in shown
    assert "At " in page(client, "at_subcontractors")

    component = SuppliedComponent.objects.get()
    wrong = send(client, "components_take_back", order.pk, **{f"component_{component.pk}": "7"})
    assert "take back at most that" in wrong
    send(client, "components_take_back", order.pk, **{f"component_{component.pk}": "4"})
    component.refresh_from_db()
    assert (component.sent_qty, component.returned_qty) == (D(6), D(4))


def test_all_that_is_there_goes_with_one_press(client: Client, order: PurchaseOrder) -> None:
    """Ten legs of the twelve; the rest stays on the list."""
    send(client, "components_send", order.pk, deed="all")
    send(client, "components_send", order.pk, deed="book")
    assert SuppliedComponent.objects.get().sent_qty == D(10)
    assert order.number in page(client, "to_subcontractors")
    page_of_cancel = page(client, "purchase_cancel", order.pk)
    assert "is booked back now: 10" in page_of_cancel


def test_what_is_missing_is_said_at_the_scan(client: Client, order: PurchaseOrder) -> None:
    """Twelve are asked for, ten are there."""
    send(client, "components_send", order.pk, scan="LEG")
    send(client, "components_send", order.pk, scan="12")
    assert "Only 10 of LEG are kept for it or free in stock" in send(client, "components_send", order.pk, deed="book")
    assert SubcontractNote.objects.count() == 0


def test_kept_pieces_name_their_purchase_order(client: Client, order: PurchaseOrder) -> None:
    """In the list of reservations, and at the row of stock."""
    assert order.number in page(client, "reservations")
    row = StockBalance.objects.get(material__code="LEG", location__kind=Location.Kind.STOCK)
    assert order.number in page(client, "stock_row", row.pk)
