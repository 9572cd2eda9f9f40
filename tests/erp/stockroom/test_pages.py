"""The stockroom's pages as the roles use them: figures, refusals at fields, and who may not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from erp import services as erp
from erp.models import Lot, Reservation, StockBalance, Transfer
from masterdata.models import Location, Material, ReasonCode
from tests.erp.shop import NOW, Shop
from tests.erp.stock.test_lots import bring, lot, tracked
from tests.erp.stock.test_transit import second_plant
from tests.erp.test_pages import become
from tests.pages.counting import assert_query_count

D = Decimal


@pytest.fixture
def clerk(client: Client, shop: Shop) -> Client:
    return become(client, "warehouse", shop.plant)


@pytest.fixture
def rack(shop: Shop) -> Location:
    """Rack A in hall 1, with a shelf in it."""
    warehouse = shop.shelf.warehouse
    hall = Location.objects.create(plant=shop.plant, warehouse=warehouse, code="H1", name="Hall 1")
    rack = Location.objects.create(plant=shop.plant, warehouse=warehouse, code="RA", name="Rack A", parent=hall)
    Location.objects.create(plant=shop.plant, warehouse=warehouse, code="RA-1", name="Shelf 1", parent=rack)
    return rack


def page(client: Client, name: str, *args: int, asked: str = "") -> str:
    answer = client.get(reverse(f"erp:{name}", args=args) + asked)
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def row_of(material: Material, location: Location) -> StockBalance:
    return StockBalance.objects.get(material=material, location=location)


def cells(client: Client, name: str, *args: int, asked: str = "") -> list[list[str]]:
    """The list as its file shows it, without the head."""
    sign = "&" if asked else "?"
    text = client.get(reverse(f"erp:{name}", args=args) + f"{asked}{sign}export=csv").content.decode().lstrip("\ufeff")
    return [line.split(",") for line in text.strip().splitlines()[1:]]


def test_stock_is_found_below_a_place_by_its_path(shop: Shop, clerk: Client, rack: Location) -> None:
    """10 lamps on the shelf, 4 of them moved onto rack A's shelf 1: hall 1 holds those 4."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    shelf = Location.objects.get(code="RA-1")
    erp.transfer_stock(pieces=[erp.Piece(row_of(lamp, shop.shelf).pk, D(4))], target_id=shelf.pk, now=NOW)
    inside = page(clerk, "stock", asked="?in=h1")
    assert "Hall 1 / Rack A / Shelf 1" in inside
    assert ">4 EA<" in inside
    assert ">6 EA<" not in inside
    assert "Nothing matches" in page(clerk, "stock", asked="?in=NOWHERE")
    assert ">4 EA<" in page(clerk, "stock", asked="?in=P1/H1")
    assert "Nothing matches" in page(clerk, "stock", asked="?in=P9/H1")
    counted = {line[0]: line[-4:] for line in cells(clerk, "stock_by_place")}
    assert (counted["H1"], counted["RA-1"]) == (["0", "0", "1", "0"], ["1", "1", "1", "0"])


def test_a_material_says_what_is_free_reserved_apart_and_blocked(shop: Shop, clerk: Client, rack: Location) -> None:
    """20 lamps: 3 reserved, 5 on a blocked rack, 2 apart; 20 - 3 - 5 - 2 = 10 are free."""
    lamp, wet = shop.buy("LAMP"), ReasonCode.objects.create(code="WET", name="Wet", kind="quarantine")
    shop.stock(lamp, "20")
    row = row_of(lamp, shop.shelf)
    erp.transfer_stock(pieces=[erp.Piece(row.pk, D(5))], target_id=rack.pk, now=NOW)
    clerk.post(reverse("erp:block_place", args=[rack.pk]), {"because": "Bent"})
    clerk.post(reverse("erp:quarantine_stock", args=[row.pk]), {"quantity": "2", "reason": str(wet.pk)})
    shop.order((lamp, "3"))
    figures = [[D(cell) for cell in line[2:]] for line in cells(clerk, "stock_by_material")]
    assert figures == [[3, 20, 0, 2, 5, 3, 10]]
    assert "Bent" in page(clerk, "stock_by_place", asked="?blocked=1")
    assert "Quarantine" in page(clerk, "stock", asked="?apart=1")
    clerk.post(reverse("erp:block_place", args=[rack.pk]), {})
    assert not Location.objects.get(pk=rack.pk).is_blocked


def test_a_row_is_moved_to_a_scanned_place(shop: Shop, clerk: Client, rack: Location) -> None:
    """4 of 10 to rack A; a place that is not there, and more than there are, are said at their fields."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    row = row_of(lamp, shop.shelf)
    url = reverse("erp:move_stock", args=[row.pk])
    wrong = clerk.post(url, {"quantity": "4", "target": "RX"})
    assert (wrong.status_code, "There is no place RX here" in wrong.content.decode()) == (422, True)
    much = clerk.post(url, {"quantity": "11", "target": "RA"}).content.decode()
    assert "Only 10 of LAMP can be taken" in much
    assert 'id="id_quantity_error"' in much
    form = {"quantity": "4", "target": "ra", "note": "Nearer", "idempotency_key": "once"}
    assert clerk.post(url, form).status_code == 302
    assert clerk.post(url, form).status_code == 302
    assert (row_of(lamp, shop.shelf).on_hand, row_of(lamp, rack).on_hand) == (6, 4)
    assert "Nearer" in page(clerk, "stock_row", row.pk, asked="?tab=moves")


def test_what_is_put_apart_is_set_free_or_scrapped_with_a_reason(shop: Shop, clerk: Client) -> None:
    """10 lamps, 8 reserved: 4 apart take 2 of the reservation; 1 comes back, 3 are scrapped by the shift lead."""
    lamp = shop.buy("LAMP")
    shop.price(lamp, "2")
    shop.stock(lamp, "10", "2")
    order = shop.order((lamp, "8"))
    wet = ReasonCode.objects.create(code="WET", name="Wet", kind="quarantine")
    bad = ReasonCode.objects.create(code="BAD", name="Broken", kind="scrap")
    row = row_of(lamp, shop.shelf)
    assert order.number in page(clerk, "stock_row", row.pk)
    url = reverse("erp:quarantine_stock", args=[row.pk])
    assert clerk.post(url, {"quantity": "4"}).status_code == 422
    assert clerk.post(url, {"quantity": "4", "reason": str(bad.pk)}).status_code == 422
    clerk.post(url, {"quantity": "4", "reason": str(wet.pk)})
    assert sum(one.quantity for one in Reservation.objects.all()) == 6
    apart = StockBalance.objects.get(location__kind="quarantine")
    clerk.post(reverse("erp:set_stock_free", args=[apart.pk]), {"quantity": "1", "target": ""})
    scrap = reverse("erp:scrap_stock", args=[apart.pk])
    assert clerk.post(scrap, {"quantity": "3", "reason": str(bad.pk)}).status_code == 403
    become(clerk, "shift_lead", shop.plant).post(scrap, {"quantity": "3", "reason": str(bad.pk)})
    apart.refresh_from_db()
    assert (apart.on_hand, row_of(lamp, shop.shelf).on_hand) == (0, 7)


def test_a_lot_is_blocked_traced_and_cut(shop: Shop, clerk: Client) -> None:
    """One panel of 2000 x 1000 mm, 2 m2; a remnant of 500 x 1000 is 0.5 m2: 1.5 are left."""
    square = shop.kilo.__class__.objects.create(code="M2", name="Square metre", rounding=D("0.001"))
    panel = tracked(shop, "PANEL", "lot", unit=square, is_dimensioned=True)
    whole = lot(panel, "P1", length_mm=2000, width_mm=1000, expires_on=dt.date(2090, 1, 31))
    bring(shop, panel, "2", whole)
    row = StockBalance.objects.get(lot=whole)
    url = reverse("erp:cut_remnant", args=[row.pk])
    large = {"number": "P1-R1", "length_mm": "2500", "width_mm": "1000", "pieces": "1"}
    assert 'id="id_length_mm_error"' in clerk.post(url, large).content.decode()
    clerk.post(url, large | {"length_mm": "500"})
    remnant = Lot.objects.get(number="P1-R1")
    assert StockBalance.objects.get(lot=remnant).on_hand == D("0.5")
    assert "1.5 M2" in page(clerk, "lot", whole.pk)
    assert "P1 → P1-R1" in page(clerk, "lot", remnant.pk, asked="?tab=trace")
    assert "P1-R1" in page(clerk, "lot", whole.pk, asked="?tab=remnants")
    clerk.post(reverse("erp:block_lot", args=[whole.pk]), {"because": "Warped"})
    assert "Warped" in page(clerk, "lot", whole.pk)
    assert [line[0] for line in cells(clerk, "lots", asked="?blocked=1")] == ["P1"]
    clerk.post(reverse("erp:unblock_lot", args=[whole.pk]))
    assert not Lot.objects.get(pk=whole.pk).is_blocked


@pytest.mark.parametrize(
    ("role", "name", "status"),
    [
        ("warehouse", "move_stock", 200),
        ("shift_lead", "move_stock", 200),
        ("buyer", "move_stock", 403),
        ("sales", "quarantine_stock", 403),
        ("warehouse", "scrap_stock", 403),
        ("shift_lead", "scrap_stock", 200),
        ("buyer", "stock_row", 200),
    ],
)
def test_who_may_do_what_with_a_row(client: Client, shop: Shop, role: str, name: str, status: int) -> None:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    url = reverse(f"erp:{name}", args=[StockBalance.objects.get().pk])
    assert become(client, role, shop.plant).get(url).status_code == status


def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(shop: Shop, clerk: Client) -> None:
    other = second_plant(shop)
    first = shop.buy("A")
    shop.stock(first, "9")
    erp.send_transfer(pieces=[erp.Piece(row_of(first, shop.shelf).pk, D(1))], to_plant=other, now=NOW)
    page(clerk, "stock")
    names = {"stock": (), "stock_by_material": (), "stock_by_place": (), "transfers": (), "stock_ledger": (first.pk,)}
    with_one = {}
    for name, args in names.items():
        with CaptureQueriesContext(connection) as taken:
            page(clerk, name, *args)
        with_one[name] = len(taken)
    for code in ("B", "C", "D"):
        shop.stock(shop.buy(code), "1")
        erp.send_transfer(pieces=[erp.Piece(row_of(first, shop.shelf).pk, D(1))], to_plant=other, now=NOW)
    for name, args in names.items():
        with assert_query_count(name, with_one[name]):
            page(clerk, name, *args)


def test_the_ledger_runs_whatever_part_of_it_is_shown(shop: Shop, clerk: Client, rack: Location) -> None:
    """10 come, 4 go to rack A (no change for the plant), 3 are set apart on it, then 6 more come: 10, 10, 10, 16.

    Of rack A alone: 4 come, 3 go: 4, 1. Only receipts of the whole: 10 and 16, not 10 and 16 less something.
    """
    lamp, wet = shop.buy("LAMP"), ReasonCode.objects.create(code="WET", name="Wet", kind="quarantine")
    hour = dt.timedelta(hours=1)
    erp.receive_opening(rows=[erp.OpeningStock(lamp.pk, shop.shelf.pk, D(10), D(2))], now=NOW)
    erp.transfer_stock(pieces=[erp.Piece(row_of(lamp, shop.shelf).pk, D(4))], target_id=rack.pk, now=NOW + hour)
    erp.quarantine_stock(balance_id=row_of(lamp, rack).pk, quantity=D(3), reason_id=wet.pk, now=NOW + 2 * hour)
    erp.receive_opening(rows=[erp.OpeningStock(lamp.pk, shop.shelf.pk, D(6), D(2))], now=NOW + 3 * hour)

    def ran(asked: str) -> list[tuple[str, str, Decimal]]:
        found = cells(clerk, "stock_ledger", lamp.pk, asked=asked)
        return [(line[2], line[3], D(line[4])) for line in found]

    def figures(asked: str) -> list[tuple[Decimal, Decimal, Decimal]]:
        return [(D(came or 0), D(went or 0), balance) for came, went, balance in ran(asked)]

    assert figures("?sort=moved_at") == [(10, 0, 10), (4, 4, 10), (3, 3, 10), (6, 0, 16)]
    assert figures("?sort=moved_at&in=RA") == [(4, 0, 4), (0, 3, 1)]
    assert figures("?kind=opening") == [(6, 0, 16), (10, 0, 10)]
    assert figures("?moved_from=2026-03-03") == []
    shown = page(clerk, "stock_ledger", lamp.pk, asked="?in=H1")
    assert "There now:" in shown
    assert "1 EA" in shown


def test_goods_travel_between_plants_in_parts(shop: Shop, clerk: Client) -> None:
    """6 of 10 boards leave; 2 arrive, then 3; the last is given up by the shift lead. More than comes is refused."""
    board, other = shop.buy("BOARD"), second_plant(shop)
    shop.stock(board, "10", "2")
    row = row_of(board, shop.shelf)
    assert f"row={row.pk}" in page(clerk, "send_transfer", asked="?find=boa")
    assert "Nothing free fits" in page(clerk, "send_transfer", asked="?find=XYZ")
    send = f"{reverse('erp:send_transfer')}?row={row.pk}"
    form = {"to_plant": str(other.pk), f"row_{row.pk}": "11", "note": "Lorry 7"}
    assert f'id="id_row_{row.pk}_error"' in clerk.post(send, form).content.decode()
    nothing = clerk.post(send, form | {f"row_{row.pk}": ""}).content.decode()
    assert "Enter how much of at least one row leaves." in nothing
    assert clerk.post(send, form | {f"row_{row.pk}": "6"}).status_code == 302
    transfer = Transfer.objects.get()
    line = transfer.lines.get()
    assert "Lorry 7" in page(clerk, "transfers", asked="?open=1")
    arrive = reverse("erp:receive_transfer", args=[transfer.pk])
    assert 'value="6"' in clerk.get(arrive).content.decode()
    assert f'id="id_line_{line.pk}_error"' in clerk.post(arrive, {f"line_{line.pk}": "7"}).content.decode()
    for quantity in ("2", "3"):
        clerk.post(arrive, {f"line_{line.pk}": quantity})
    assert StockBalance.objects.get(material=board, plant=other).on_hand == 5
    give_up = reverse("erp:give_up_transfer", args=[transfer.pk])
    assert clerk.get(give_up).status_code == 403
    become(clerk, "shift_lead", shop.plant).post(give_up, {"note": "Fell off"})
    transfer.refresh_from_db()
    assert transfer.closed_at is not None
    assert "Closed with a loss" in page(clerk, "transfer", transfer.pk)


def test_each_end_of_a_journey_does_its_own_part(shop: Shop, client: Client) -> None:
    """The sending plant's clerk may not receive there; the other plant's sees it and may; neither sees the rest."""
    board, other = shop.buy("BOARD"), second_plant(shop)
    shop.stock(board, "10", "2")
    sent = erp.send_transfer(pieces=[erp.Piece(row_of(board, shop.shelf).pk, D(1))], to_plant=other, now=NOW)
    arrive = reverse("erp:receive_transfer", args=[sent.pk])
    become(client, "warehouse", shop.plant, everywhere=False)
    assert arrive not in page(client, "transfer", sent.pk)
    assert client.get(arrive).status_code == 404
    become(client, "warehouse", other, everywhere=False)
    assert client.get(arrive).status_code == 200
    assert sent.number in page(client, "transfers")
    assert client.get(reverse("erp:stock_row", args=[row_of(board, shop.shelf).pk])).status_code == 404
    assert "BOARD" not in page(client, "stock_by_material")
