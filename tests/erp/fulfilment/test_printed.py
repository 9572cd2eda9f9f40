"""Papers of the warehouse: what to fetch, what goes with the goods, what is stuck on them."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from erp import services as erp
from erp.models import SalesOrder
from masterdata.models import Address
from tests.api.conftest import make_caller
from tests.erp.fulfilment.yard import pick_all, pick_list, put, shelf
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person
from tests.papers import text_of


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    """5 lamps that lie in A1, for Lyon."""
    Address.objects.create(
        partner=shop.customer, kind="delivery", line1="1 rue Neuve", postal_code="69001", city="Lyon", country="FR"
    )
    lamp = shop.buy("LAMP", cost="20")
    put(shop, lamp, "10", shelf(shop, "A1"))
    return shop.order((lamp, "5", "30"))


@pytest.fixture
def store(client: Client, shop: Shop) -> Client:
    client.force_login(person("wanda", "warehouse", shop.plant))
    return client


def test_a_picking_list_goes_by_places(store: Client, shop: Shop, order: SalesOrder) -> None:
    walk = pick_list(shop, order)
    text = text_of(store.get(reverse("erp:picking_list", args=[walk.pk])))
    for words in ("Picking list", walk.number, "A1", "LAMP", "5 EA", order.number):
        assert words in text, words
    assert (
        reverse("erp:picking_list", args=[walk.pk])
        in store.get(reverse("erp:pick_walk", args=[walk.pk])).content.decode()
    )


def test_note_and_labels_say_what_lies_in_the_packages_and_no_price(
    store: Client, shop: Shop, order: SalesOrder
) -> None:
    """3 and 2 lamps in two cartons of 1.5 and 1 kg: 2 packages, 2.5 kg."""
    pick_all(pick_list(shop, order))
    shipment = erp.start_packing(order_id=order.pk, plant=shop.plant, now=NOW)
    for quantity, weight in (("3", "1.5"), ("2", "1")):
        package = erp.add_package(shipment_id=shipment.pk)
        package.weight_kg = weight
        package.save()
        for _piece in range(int(quantity)):
            erp.pack_into(package_id=package.pk, goods="LAMP")
    note = text_of(store.get(reverse("erp:delivery_note", args=[shipment.pk])))
    for words in ("Delivery note", shipment.number, "1 rue Neuve", "LAMP", "5 EA", "2.5 kg", "Received complete"):
        assert words in note, words
    assert "30.00" not in note
    pdf = store.get(reverse("erp:shipment_labels_pdf", args=[shipment.pk]))
    assert len(PdfReader(io.BytesIO(pdf.content)).pages) == 2
    labels = text_of(pdf)
    for package in shipment.packages.all():
        assert package.number in labels
    assert "1 / 2" in labels


def test_programs_get_them_too(shop: Shop, order: SalesOrder) -> None:
    walk = pick_list(shop, order)
    pick_all(walk)
    shipment = erp.pack_shipment(order_id=order.pk, now=NOW)
    program = make_caller(shop.company, "integration")
    assert "Lieferschein" in text_of(program.get(f"erp/shipments/{shipment.pk}/delivery-note/", language="de"))
    assert walk.number in text_of(program.get(f"erp/pick-lists/{walk.pk}/pdf/"))
