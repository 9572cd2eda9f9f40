"""The pages of the warehouse: a walk, packing and loading with a scanner, deliveries and returns; whom they refuse."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import CreditRelease, CustomerReturn, Delivery, PickList, ReturnReceipt, SalesOrder, Shipment
from masterdata import accounts
from tests.erp.fulfilment.yard import put, shelf
from tests.erp.shop import NOW, Shop


def client_of(shop: Shop, *roles: str) -> Client:
    user = accounts.create_user(username="-".join(roles), roles=[accounts.Role(role, shop.company) for role in roles])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def store(shop: Shop) -> Client:
    return client_of(shop, "warehouse", "sales", "quality", "accountant")


def lamps(shop: Shop, quantity: str) -> SalesOrder:
    lamp = shop.buy("LAMP", cost="20")
    put(shop, lamp, "10", shelf(shop, "A1"))
    return shop.order((lamp, quantity))


def sent(client: Client, name: str, pk: int | None = None, /, **values: object) -> str:
    """Post it; where it leads."""
    answer = client.post(reverse(name, args=[pk] if pk else []), values)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer["Location"])


def seen(client: Client, name: str, pk: int | None = None, query: str = "") -> str:
    answer = client.get(reverse(name, args=[pk] if pk else []) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_from_the_walk_to_the_proof(shop: Shop, store: Client) -> None:
    """A wave is planned, walked by scan, packed by scan, loaded by scan, shipped, delivered with a picture."""
    order = lamps(shop, "3")
    assert order.number in seen(store, "erp:to_ship")
    assert order.number in seen(store, "erp:pick_wave")
    walk_url = sent(store, "erp:pick_wave", orders=[order.pk])
    walk = PickList.objects.get()
    assert walk_url == reverse("erp:pick_walk", args=[walk.pk])
    assert "A1" in seen(store, "erp:pick_walk", walk.pk)
    wrong = store.post(walk_url, {"place": "B9", "goods": "LAMP", "quantity": "3"})
    assert wrong.status_code == 422
    assert "the goods lie in A1" in wrong.content.decode()
    sent(store, "erp:pick_walk", walk.pk, place="A1", goods="LAMP", quantity="3")
    assert "1 of 1 fetched" in seen(store, "erp:pick_walk", walk.pk)
    assert walk.number in seen(store, "erp:pick_lists")
    pack = sent(store, "erp:order_scan", order.pk)
    shipment = Shipment.objects.get()
    assert pack == reverse("erp:shipment_pack", args=[shipment.pk])
    sent(store, "erp:shipment_pack", shipment.pk, deed="carton")
    package = shipment.packages.get()
    sent(store, "erp:shipment_pack", shipment.pk, package=package.pk, scan="LAMP", quantity="3")
    assert package.number in seen(store, "erp:shipment_labels", shipment.pk)
    assert store.post(reverse("erp:shipment_load", args=[shipment.pk]), {"scan": "1"}).status_code == 422
    sent(store, "erp:shipment_load", shipment.pk, scan=package.number)
    assert "Everything is loaded" in seen(store, "erp:shipment_load", shipment.pk)
    sent(store, "erp:shipment_load", shipment.pk, deed="ship")
    line = shipment.lines.get()
    seen(store, "erp:shipment_deliver", shipment.pk)
    picture = SimpleUploadedFile("sign.png", b"\x89PNG\r\n\x1a\n0000", "image/png")
    shipment.refresh_from_db()
    assert shipment.shipped_at is not None
    at = shipment.shipped_at.strftime("%Y-%m-%dT%H:%M:%S.%f")
    sent(
        store, "erp:shipment_deliver", shipment.pk, delivered_at=at, received_by="Ms Corner", proof=picture,
        **{f"refused_{line.pk}": "1"},
    )  # fmt: skip
    assert Delivery.objects.get().proof_type == "image/png"
    assert store.get(reverse("erp:shipment_proof", args=[shipment.pk]))["Content-Type"] == "image/png"
    assert "Ms Corner" in seen(store, "erp:shipment", shipment.pk)
    assert CustomerReturn.objects.get().reason == "refused"
    assert shipment.number in seen(store, "erp:shipments")


def test_a_return_is_allowed_taken_in_and_decided(shop: Shop, store: Client) -> None:
    order = lamps(shop, "2")
    shipment = erp.pack_shipment(order_id=order.pk, now=NOW)
    sent(store, "erp:shipment_ship", shipment.pk)
    line = shipment.lines.get()
    assert store.post(reverse("erp:return_authorise", args=[order.pk]), {"reason": "faulty"}).status_code == 422
    sent(store, "erp:return_authorise", order.pk, reason="faulty", **{f"back_{line.pk}": "1"})
    row = CustomerReturn.objects.get()
    assert row.number in seen(store, "erp:returns")
    seen(store, "erp:return_receive", row.pk)
    sent(store, "erp:return_receive", row.pk, line=row.lines.get().pk, quantity="1")
    receipt = ReturnReceipt.objects.get()
    assert "Decide" in seen(store, "erp:return", row.pk)
    seen(store, "erp:return_decide", receipt.pk)
    sent(store, "erp:return_decide", receipt.pk, outcome="restock")
    receipt.refresh_from_db()
    assert receipt.outcome == "restock"
    assert "Done" in seen(store, "erp:return", row.pk)


def test_two_who_take_in_the_same_pieces_do_so_once(shop: Shop, store: Client) -> None:
    """Both saw version 1 of a return of 2 lamps; the second is told, and one lamp has come, not two."""
    order = lamps(shop, "2")
    shipment = erp.pack_shipment(order_id=order.pk, now=NOW)
    sent(store, "erp:shipment_ship", shipment.pk)
    sent(store, "erp:return_authorise", order.pk, reason="faulty", **{f"back_{shipment.lines.get().pk}": "2"})
    row = CustomerReturn.objects.get()
    line = row.lines.get()
    given = {"line": line.pk, "quantity": "1", "version": row.version}
    sent(store, "erp:return_receive", row.pk, **given)
    second = store.post(reverse("erp:return_receive", args=[row.pk]), given)
    assert second.status_code == 409
    line.refresh_from_db()
    assert line.received_qty == 1


def test_what_is_left_over_and_what_is_cancelled(shop: Shop, store: Client) -> None:
    """Of 12, 10 are there: 2 are left over, then cancelled."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    order = shop.order((lamp, "12"))
    sent(store, "erp:order_pack", order.pk)
    sent(store, "erp:shipment_ship", Shipment.objects.get().pk)
    assert order.number in seen(store, "erp:backorders")
    seen(store, "erp:order_shipping", order.pk)
    sent(store, "erp:order_shipping", order.pk, complete="line", over_percent="0", under_percent="0")
    seen(store, "erp:order_cancel", order.pk)
    sent(store, "erp:order_cancel", order.pk, reason="Less is enough")
    assert order.lines.get().quantity == 10
    assert order.number not in seen(store, "erp:backorders")
    assert "Cancelled what had not left" in seen(store, "erp:order", order.pk, "?tab=papers")


def test_credit_is_released_on_its_page(shop: Shop, store: Client) -> None:
    lamp = shop.buy("LAMP")
    draft = shop.draft((lamp, "1"))
    sent(store, "erp:credit_limit_set", customer=shop.customer.pk, company=shop.company.pk, amount="0")
    assert "Corner shop" in seen(store, "erp:credit_limits")
    assert draft.number in seen(store, "erp:credit_holds")
    assert "119.00" in seen(store, "erp:credit_release", draft.pk)
    sent(store, "erp:credit_release", draft.pk, reason="Known well")
    assert CreditRelease.objects.get().released_by is not None
    assert draft.number not in seen(store, "erp:credit_holds")


def test_who_may_not_does_not(shop: Shop) -> None:
    order = lamps(shop, "1")
    buyer = client_of(shop, "buyer")
    for name in ("erp:order_pick", "erp:order_scan", "erp:order_cancel", "erp:return_authorise", "erp:credit_release"):
        assert buyer.post(reverse(name, args=[order.pk])).status_code == 403
    assert not PickList.objects.exists()
