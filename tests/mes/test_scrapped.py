"""Scrap of several reasons in one report."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from erp.models import WorkOrderOperation
from masterdata.models import ReasonCode
from mes import selectors
from mes import services as mes
from mes.models import ExecutionEvent, OperationRun, Quarantine
from mes.services.events import FloorEvent
from mes.services.scrapped import ScrapSplitWrong
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_log import send, statuses, tablet


@pytest.fixture
def shop(db: None) -> Hall:
    shop = hall()
    shop.reasons["S-DIM"] = ReasonCode.objects.create(code="S-DIM", name="Wrong size", kind="scrap")
    return shop


def split(shop: Hall, **pieces: Any) -> list[dict[str, Any]]:
    return [{"reason": shop.reasons[f"S-{name}"].pk, "quantity": str(said)} for name, said in pieces.items()]


def scrap_of(shop: Hall) -> list[tuple[str, Decimal, int]]:
    rows = selectors.scrap_by_reason(plant_ids=[shop.shop.plant.pk], since_at=NOW, until_at=at(600))
    return [(row.name, row.pieces, row.reports) for row in rows]


def started(shop: Hall) -> WorkOrderOperation:
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    return saw


def scrapping(shop: Hall, saw: WorkOrderOperation, minute: int, quantity: str, told: object) -> FloorEvent:
    """Two good, so much scrap; its reason is a chipped edge."""
    return replace(shop.event(saw, "SAW-1", minute, "2", quantity), payload={"scrap": told})


def test_each_reason_of_a_report_has_its_own_pieces(shop: Hall, client: Client) -> None:
    """1 chipped and 2 of wrong size in one report, 1 chipped in the next: 2 of each, in two reports and one."""
    saw = started(shop)
    mes.report(event=scrapping(shop, saw, 10, "3", split(shop, CHIP=1, DIM=2)), now=at(10))
    mes.report(event=scrapping(shop, saw, 20, "1", split(shop, CHIP=1)), now=at(20))
    assert scrap_of(shop) == [("Edge chipped", 2, 2), ("Wrong size", 2, 1)]
    assert OperationRun.objects.get().scrap_qty == 4
    client.force_login(shop.person("quality"))
    page = client.get(f"/quality/cost/?since={NOW.date()}&until={at(600).date()}").content.decode()
    assert page.index("Why pieces were scrapped") < page.rindex("Wrong size")


@pytest.mark.parametrize(
    "told",
    [
        {"CHIP": 1, "DIM": 9},
        {"DIM": 2},
        {"CHIP": 3, "DIM": -1},
        {"CHIP": "NaN"},
    ],
)
def test_pieces_by_reason_that_do_not_add_up_are_refused(shop: Hall, told: dict[str, Any]) -> None:
    """Two were scrapped for a chipped edge: ten, two for another reason, less than none and no number are refused."""
    saw = started(shop)
    with pytest.raises(ScrapSplitWrong):
        mes.report(event=scrapping(shop, saw, 10, "2", split(shop, **told)), now=at(10))
    for broken in ("x", [1], [{"reason": shop.reasons["S-CHIP"].pk}]):
        with pytest.raises(ScrapSplitWrong):
            mes.report(event=scrapping(shop, saw, 10, "2", broken), now=at(10))
    assert list(ExecutionEvent.objects.values_list("kind", flat=True)) == ["start"]


def test_offline_it_waits_for_the_shift_lead_and_counts_for_the_reason_of_the_report(shop: Hall) -> None:
    saw = started(shop)
    wrong = replace(scrapping(shop, saw, 10, "2", split(shop, CHIP=1, DIM=9)), kind="report", device_seq=1)
    assert statuses(send(tablet(shop), wrong)) == ["quarantined"]
    assert scrap_of(shop) == []
    row = Quarantine.objects.get()
    assert row.code == "scrap_split_wrong"
    mes.accept_quarantined(quarantine_id=row.pk, note="Both chipped", by=shop.person("shift_lead"), now=at(200))
    assert scrap_of(shop) == [("Edge chipped", 2, 1)]
