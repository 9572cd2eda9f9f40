"""The list of what is kept, and the forms that keep pieces and let them go."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import Reservation, StockBalance, WorkOrder
from masterdata.models import Material
from tests.erp.shop import NOW, Shop
from tests.erp.stockroom.test_pages import page
from tests.erp.test_pages import become


@pytest.fixture
def lamp(shop: Shop) -> Material:
    """8 on the shelf, bought for 1.00 in 5 days."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "8")
    return lamp


def send(client: Client, name: str, *args: int, **values: object) -> str:
    """Post a form; where it leads, or what is wrong."""
    answer = client.post(reverse(f"erp:{name}", args=args), values)
    assert answer.status_code in (302, 409, 422), answer.content
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def test_the_list_says_who_keeps_what(client: Client, shop: Shop, lamp: Material) -> None:
    """A confirmed order keeps 3 lamps, a work order 2 of them for a table: both with their customer. The warehouse sees
    it all and lets nothing go."""
    table = shop.make("TABLE")
    shop.bom(table, (lamp, "1"))
    order, _ = shop.order((lamp, "3")), shop.order((table, "2"))
    made = WorkOrder.objects.get().number
    clerk = become(client, "warehouse", shop.plant)
    shown = page(clerk, "reservations")
    for said in (order.number, made, "Corner shop", "Soft", "By the promised date"):
        assert said in shown
    assert order.number not in page(clerk, "reservations", asked="?work=1")
    assert page(clerk, "reservations", asked=f"?q={made}").count("Corner shop") == 1
    row = Reservation.objects.order_by("pk").first()
    assert row is not None
    assert clerk.get(reverse("erp:let_go", args=[row.pk])).status_code == 403


def test_pieces_are_kept_for_a_draft_and_let_go(client: Client, shop: Shop, lamp: Material) -> None:
    """5 of a draft's 6 lamps are kept with priority 2, 2 of them let go: 3 stay. 6 more are refused with what is free;
    an order that needs no lamp, with its number."""
    draft = shop.draft((lamp, "6"))
    planner = become(client, "planner", shop.plant)
    values = {"document": draft.number.lower(), "material": "lamp", "kind": "soft"}
    assert send(planner, "keep_pieces", **values, quantity="5", priority="2") == reverse("erp:reservations")
    row = Reservation.objects.get()
    assert (row.quantity, row.priority, row.kind) == (5, 2, "soft")
    assert "are kept in" in page(planner, "let_go", row.pk)
    assert "let at most that go" in send(planner, "let_go", row.pk, quantity="6")
    send(planner, "let_go", row.pk, quantity="2")
    assert StockBalance.objects.get().reserved == 3
    assert "lacks 3: keep at most that" in send(planner, "keep_pieces", **values, quantity="4")
    assert "No open SO-1 needs LAMP" in send(
        planner, "keep_pieces", document="SO-1", material="LAMP", kind="soft", quantity="1"
    )


def test_what_is_gone_already_is_said(client: Client, shop: Shop, lamp: Material) -> None:
    """Let go twice: the second is told that nothing of it is kept any more."""
    shop.order((lamp, "3"))
    row = Reservation.objects.get()
    erp.let_pieces_go(reservation_id=row.pk, now=NOW)
    with pytest.raises(erp.NothingKept, match="Nothing of it is kept any more"):
        erp.let_pieces_go(reservation_id=row.pk, now=NOW)
