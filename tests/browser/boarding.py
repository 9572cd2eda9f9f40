"""A small scheduling board in a browser: where its work lies on the page, and how it is carried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from aps import services as aps
from erp import services as erp
from erp.models import SalesOrder, SalesOrderLine
from masterdata.models import Location, Plant, Shift
from tests.aps.shop import Shop, build
from tests.crew import Crew, until
from tests.erp.sales.test_replant import routed, second_plant
from tests.erp.shop import NOW
from tests.erp.shop import Shop as Goods

BUTTON = "[data-is=publish]"
Enter = Callable[[str], Page]


@pytest.fixture
def shop(workers: Crew) -> Shop:
    """Of most tests of the board; a module that imports it imports `plant` and perhaps `board` too."""
    return six_orders()


@pytest.fixture
def plant(shop: Shop) -> Plant:
    """Where it stands, and where whoever logs in works."""
    return shop.plant


@pytest.fixture
def board(enter: Enter, shop: Shop) -> Page:
    """The planner's board at 30 pixels an hour, ready to be touched."""
    return opened(enter("planner"))


def six_orders() -> Shop:
    """Two saws round the clock and a packing place; six orders of 90 minutes' sawing and half an hour's packing.

    All are promised within a day, so that nothing is late whatever stands first.
    """
    shop = build(["SAW-1", "SAW-2", "PACK-1"])
    for _number in range(6):
        ordered(shop)
    planned(shop)
    return shop


def ordered(shop: Shop) -> None:
    """One more order like the others."""
    promised_at = timezone.now() + dt.timedelta(days=1)
    shop.order([("SAW", 90), ("PACK", 30)], promised_at=promised_at, is_wanted=False)


def planned(shop: Shop) -> None:
    """All orders stand in a new plan."""
    _plan(shop.plant)


def ten_pieces() -> Shop:
    """The same machines; one order of ten pieces: 9 minutes each at a saw, 3 minutes each to pack."""
    shop = build(["SAW-1", "SAW-2", "PACK-1"])
    promised_at = timezone.now() + dt.timedelta(days=1)
    shop.order([("SAW", 90), ("PACK", 30)], promised_at=promised_at, quantity=10, is_wanted=False)
    planned(shop)
    return shop


@dataclass(frozen=True)
class TwoPlants:
    """Both plants work round the clock and can make tables; 25 of them are ordered from the first."""

    first: Plant
    second: Plant
    order: SalesOrder


def two_plants() -> TwoPlants:
    """A table takes 10 minutes of setup and 2 a piece at the saw: an hour for 25. Boards lie in both plants."""
    shop = Goods()
    days = [
        Shift(calendar=shop.plant.calendar, name="Day", weekday=day, starts="00:00", ends="00:00") for day in range(7)
    ]
    Shift.objects.bulk_create(days)
    second = second_plant(shop)
    product, board = shop.make("TABLE"), shop.buy("BOARD")
    shop.bom(product, (board, "1"))
    routed(product, second)
    shop.stock(board, "25")
    there = Location.objects.get(plant=second, kind=Location.Kind.STOCK)
    erp.receive_opening(rows=[erp.OpeningStock(board.pk, there.pk, Decimal(25), Decimal(1))], now=NOW)
    order = shop.order((product, "25"))
    SalesOrderLine.objects.filter(order=order).update(promised_at=timezone.now() + dt.timedelta(days=2))
    _plan(shop.plant)
    return TwoPlants(shop.plant, second, order)


def _plan(plant: Plant) -> None:
    aps.want_plan(plant_id=plant.pk, reason="order", text="Orders")
    aps.plan_plant(plant_id=plant.pk, now=timezone.now())


def opened(page: Page, query: str = "", *, count: int = 12) -> Page:
    """The board with so many operations, ready to be touched."""
    page.goto(f"/plan/{query}")
    page.wait_for_selector("#live[data-state=live]")
    ready = """(count) => window.board?.plan?.count === count && board.layout.people.size === 1
        && !document.querySelector("[data-is=acts]").hidden"""
    until(lambda: page.evaluate(ready, count), what="the plan is on the board and may be changed")
    return page


def lane(page: Page, code: str) -> int:
    """The machine's place in the plan."""
    return int(page.evaluate("(code) => board.plan.machines.findIndex((one) => one.code === code)", code))


def last_saw(page: Page) -> int:
    """The sawing that begins last: the operation's place in the plan."""
    found: int = page.evaluate(
        """([one, other]) => {
            const { rows, start } = board.plan;
            return [...rows[one], ...rows[other]].reduce((a, b) => (start[b] > start[a] ? b : a));
        }""",
        [lane(page, "SAW-1"), lane(page, "SAW-2")],
    )
    return found


def packing(page: Page, place: int) -> int:
    """An operation of the packing place, by its turn; -1 is the last."""
    return int(page.evaluate("([row, at]) => board.plan.rows[row].at(at)", [lane(page, "PACK-1"), place]))


def spot(page: Page, op: int, machine: int | None = None, minutes: int = 0) -> tuple[float, float]:
    """Where on the page the operation lies, or would lie on the machine so many minutes later; 10 px into its bar."""
    found: list[float] = page.evaluate(
        """([op, machine, minutes]) => {
            const box = board.canvas.getBoundingClientRect();
            const place = board.layout.placeOf[machine ?? board.plan.machine[op]];
            return [box.x + board.scale.x(board.plan.start[op] + minutes) + 10, box.y + board.y(place) + 12];
        }""",
        [op, machine, minutes],
    )
    return found[0], found[1]


def other_saw(page: Page, op: int) -> int:
    """The saw that it does not stand on."""
    one, other = lane(page, "SAW-1"), lane(page, "SAW-2")
    return other if fact(page, op, "machine") == one else one


def fact(page: Page, op: int, column: str) -> Any:
    return page.evaluate("([op, column]) => board.plan[column][op]", [op, column])


def carry(page: Page, op: int, machine: int, minutes: int = 0) -> None:
    """The operation hangs at the mouse over another machine."""
    page.mouse.move(*spot(page, op))
    page.mouse.down()
    page.mouse.move(*spot(page, op, machine, minutes), steps=6)


def other_index(page: Page, machine_id: int) -> int:
    return int(page.evaluate("(id) => board.plan.machines.findIndex((one) => one.id === id)", machine_id))


def publish(board: Page) -> None:
    """By the button and its dialog; the draft is empty afterwards."""
    board.locator("[data-do=publish]").click()
    dialog = board.locator("#board-publish")
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog).to_be_hidden(timeout=20000)
    expect(board.locator(BUTTON)).to_have_text("Publish", timeout=20000)
