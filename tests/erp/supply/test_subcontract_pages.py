"""Pages of subcontracting: what goes out, sent by a scanner; what lies there, comes back, and what an order shows."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from erp import services as erp
from erp.models import (
    ComponentDemand,
    Lot,
    PurchaseOrder,
    Receipt,
    Reservation,
    StockBalance,
    SubcontractNote,
    SuppliedComponent,
    SupplierPrice,
)
from masterdata.models import Location, Material, Partner
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


def sent(client: Client, order: PurchaseOrder) -> SuppliedComponent:
    """Ten legs are at the supplier."""
    send(client, "components_send", order.pk, deed="all")
    send(client, "components_send", order.pk, deed="book")
    return SuppliedComponent.objects.get()


def test_the_receiving_form_says_what_was_really_used(client: Client, order: PurchaseOrder) -> None:
    """All four stools would use 12 legs, which is filled in. Two come: left as it is, they use 6. The third came with
    only 2 legs used, which is entered: 8 of 10 in all."""
    component = sent(client, order)
    line = order.lines.get()
    used, came = f"used_{component.pk}", f"line_{line.pk}"
    form = page(client, "purchase_receive", order.pk)
    assert "Used of what we supplied" in form
    assert f'name="{used}" value="12"' in form
    send(client, "purchase_receive", order.pk, **{came: "2", used: "12"})
    component.refresh_from_db()
    assert component.used_qty == D(6)
    assert "has 4 of LEG" in send(client, "purchase_receive", order.pk, **{came: "1", used: "5"})
    send(client, "purchase_receive", order.pk, **{came: "1", used: "2"})
    component.refresh_from_db()
    assert component.used_qty == D(8)
    shown = client.get(reverse("erp:purchase_order", args=[order.pk]) + "?tab=components").content.decode()
    assert "1 less than the BOM says" in shown


def test_the_dock_fills_in_what_the_scanned_goods_use(client: Client, order: PurchaseOrder) -> None:
    """Two stools are scanned: six legs. The supplier broke one: seven."""
    component = sent(client, order)
    send(client, "receiving_order", order.pk, scan="STOOL")
    send(client, "receiving_order", order.pk, scan="2")
    name = f"used_{component.pk}"
    assert f'name="{name}" value="6"' in page(client, "receiving_order", order.pk)
    wrong = send(client, "receiving_order", order.pk, deed="book", **{name: "-1"})
    assert "Look at what was used" in wrong
    send(client, "receiving_order", order.pk, deed="book", **{name: "7"})
    component.refresh_from_db()
    assert component.used_qty == D(7)


def test_lots_go_out_by_the_day_on_which_they_expire(client: Client, shop: workshop.Workshop) -> None:
    """Twelve legs are needed of lots of 5 (the oldest), 6 (expires first) and 9: 6, 5 and 1 of the last go. The page
    offers them when a leg is scanned, and proposes what is there of a lot."""
    leg, stool = shop.materials["LEG"], shop.materials["STOOL"]
    Material.objects.filter(pk=leg.pk).update(tracking=Material.Tracking.LOT)
    supplier = Partner.objects.filter(is_supplier=True).order_by("pk")[0]
    now = timezone.now()
    lots = {}
    for number, quantity, days in (("OLD", 5, 40), ("FIRST", 6, 10), ("LATE", 9, None)):
        day = None if days is None else now.date() + dt.timedelta(days=days)
        lots[number] = Lot.objects.create(material=leg, number=number, expires_on=day)
        opening = erp.OpeningStock(leg.pk, shop.stock.pk, D(quantity), D(2), lots[number].pk)
        erp.receive_opening(rows=[opening], now=now)
    SupplierPrice.objects.create(
        supplier=supplier, material=stool, unit=stool.unit, price=D(9), lead_time_days=3, is_subcontract=True
    )
    line = erp.PurchaseLineInput(stool.pk, D(4), D(9), now + dt.timedelta(days=9))
    order = erp.create_purchase_order(plant=shop.plant, supplier=supplier, lines=[line], now=now)
    send(client, "components_send", order.pk, scan="LEG")
    offered = page(client, "components_send", order.pk)
    assert offered.index('value="FIRST"') < offered.index('value="OLD"') < offered.index('value="LATE"')
    send(client, "components_send", order.pk, scan="FIRST")
    assert 'value="6"' in page(client, "components_send", order.pk)
    send(client, "components_send", order.pk, deed="drop")
    send(client, "components_send", order.pk, deed="all")
    send(client, "components_send", order.pk, deed="book")
    went = SubcontractNote.objects.get().lines.values_list("move__lot__number", "quantity")
    assert dict(went) == {"FIRST": D(6), "OLD": D(5), "LATE": D(1)}


def test_components_of_a_line_are_agreed_on_its_page(client: Client, order: PurchaseOrder) -> None:
    """Three legs a stool become four, so 16 for four stools; a board is added, and dropped again. What is kept follows:
    10 legs are there. Once some has come, nothing is changed."""
    line = order.lines.get()
    form = page(client, "line_components", line.pk)
    assert 'name="line_0_quantity" value="3"' in form
    leg, board = Material.objects.get(code="LEG"), Material.objects.get(code="BOARD")
    rows = {"line_count": 3, "base_qty": "1", "line_0_material": leg.pk, "line_0_quantity": "4"}
    more = {"line_1_material": board.pk, "line_1_quantity": "0.5", "line_1_scrap_percent": "0"}
    assert "tab=components" in send(client, "line_components", line.pk, **rows, **more)
    found = {one.material.code: one.needed for one in ComponentDemand.objects.all()}
    assert found == {"LEG": D(16), "BOARD": D(2)}
    send(client, "line_components", line.pk, **rows)
    assert SuppliedComponent.objects.get(material=board).quantity == 0
    assert "BOARD" not in page(client, "purchase_order", order.pk).split("Timeline")[0]
    rows["line_0_quantity"] = "2"
    send(client, "line_components", line.pk, **rows)
    kept = Reservation.objects.filter(supplied_component__material=leg).aggregate(kept=Sum("quantity"))
    assert kept["kept"] == D(8)
    assert "made of itself" in send(
        client, "line_components", line.pk, **(rows | {"line_0_material": line.material_id})
    )
    send(client, "components_send", order.pk, deed="all")
    send(client, "components_send", order.pk, deed="book")
    send(client, "purchase_receive", order.pk, **{f"line_{line.pk}": "1"})
    assert "has come, or nothing is to come" in send(client, "line_components", line.pk, **rows)


def test_notes_are_found_and_told(client: Client, order: PurchaseOrder) -> None:
    """The search knows the sending note's number; the order's timeline tells both ways, and who it was."""
    component = sent(client, order)
    send(client, "components_take_back", order.pk, **{f"component_{component.pk}": "4"})
    went, back = SubcontractNote.objects.order_by("pk")
    answer = client.get(reverse("suite:search"), {"q": went.number}).content.decode()
    assert went.number in answer
    assert f"{reverse('erp:purchase_order', args=[order.pk])}?tab=components" in answer
    told = page(client, "purchase_order", order.pk)
    assert f"{went.number}: components sent" in told
    assert f"{back.number}: components came back" in told
    assert "10 PC LEG" in told
    assert "everything" in told


def test_an_order_is_printed_with_what_its_supplier_needs(client: Client, order: PurchaseOrder) -> None:
    """Addresses, terms, four stools for 36.00, the legs that we supply. Labels say what came."""
    order.plant.address = "Mill Lane 1\n10115 Berlin"
    order.plant.save(update_fields=["address"])
    paper = client.get(reverse("erp:purchase_order_print", args=[order.pk])).content
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(paper)).pages)
    for words in (order.number, "Mill Lane 1", "36.00", "Made of what we supply", "12", order.supplier.name):
        assert words in text
    sent(client, order)
    send(client, "purchase_receive", order.pk, **{f"line_{order.lines.get().pk}": "2"})
    labels = page(client, "receipt_labels", Receipt.objects.get().pk)
    assert "STOOL" in labels
    assert 'class="barcode"' in labels
