"""One board with two plants: a line that goes from one to the other, and drafts of both published plant by plant."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from aps import services as aps
from aps.models import BoardDraft, Plan, PlannedOperation
from erp.models import SalesOrder
from masterdata.models import Plant
from tests.aps.test_draft_plants import ordered, round_the_clock
from tests.browser.boarding import BUTTON, Enter, spot
from tests.browser.boarding import plant as plant
from tests.browser.conftest import faults
from tests.crew import Crew, until
from tests.erp.sales.test_replant import second_plant
from tests.erp.shop import Shop


@pytest.fixture
def shop(workers: Crew) -> Shop:
    return round_the_clock()


@pytest.fixture
def other(shop: Shop) -> Plant:
    return second_plant(shop)


@pytest.fixture
def orders(shop: Shop, other: Plant) -> list[SalesOrder]:
    """25 tables and 95 in the first plant's plan; nothing in the other one's."""
    small = ordered(shop, other)
    again(shop.plant)
    return [small, SalesOrder.objects.exclude(pk=small.pk).get()]


def again(plant: Plant) -> None:
    aps.want_plan(plant_id=plant.pk, reason="order", text="Orders")
    aps.plan_plant(plant_id=plant.pk, now=timezone.now())


def opened(page: Page, count: int) -> Page:
    page.goto("/plan/?plant=all")
    page.wait_for_selector("#live[data-state=live]")
    ready = """(count) => window.board?.plan?.count === count && board.plan.plants.length === 2
        && !document.querySelector("[data-is=acts]").hidden"""
    until(lambda: page.evaluate(ready, count), what="both plants are on the board")
    return page


def op_of(page: Page, order: SalesOrder) -> int:
    """Its work as it was published."""
    return int(page.evaluate("(number) => board.plan.orders.find((one) => one.number === number).ops[0]", order.number))


def moved(page: Page, order: SalesOrder, plant: Plant) -> int:
    """Made in the plant, by the dialog that needs no mouse; its work where it leaves."""
    op = op_of(page, order)
    page.mouse.click(*spot(page, op))
    page.locator(".panel-foot [data-do=move]").click()
    dialog = page.locator("#board-move")
    dialog.locator("[name=plant]").select_option(str(plant.pk))
    dialog.get_by_role("button", name="Move").click()
    until(lambda: page.evaluate("(op) => board.plan.leaves?.[op] === true", op), what="it is marked where it leaves")
    return op


def coming(page: Page) -> list[Any]:
    """Plant and order of what comes, in time."""
    found: list[Any] = page.evaluate(
        """() => {
            const { plan } = board;
            const ops = [...Array(plan.count).keys()].filter((op) => plan.comes?.[op]);
            const plant = (op) => plan.plants[plan.machines[plan.machine[op]].plant].id;
            ops.sort((a, b) => plan.start[a] - plan.start[b]);
            return ops.map((op) => [plant(op), plan.orders[plan.order[op]].number]);
        }"""
    )
    return found


def test_a_line_that_goes_to_the_other_plant_is_seen_in_both(
    enter: Enter, shop: Shop, other: Plant, orders: list[SalesOrder]
) -> None:
    """It is hatched here and stands there; neither is lifted; undo takes it back; two lines stand behind each other."""
    board = opened(enter("planner"), 2)
    op = moved(board, orders[0], other)
    assert coming(board) == [[other.pk, orders[0].number]]
    expect(board.locator("#board-legend")).to_contain_text("Leaves this plant")
    expect(board.locator("#board-op")).to_contain_text("Leaves this plant")
    expect(board.locator(".panel-foot [data-do=move]")).to_be_disabled()
    assert faults(board) == []
    board.locator("#board-stage").focus()
    board.keyboard.press("Control+z")
    until(lambda: board.evaluate("board.plan.leaves === undefined"), what="nothing leaves any more")
    board.keyboard.press("Control+Shift+z")
    until(lambda: board.evaluate("(op) => board.plan.leaves?.[op] === true", op), what="it leaves again")
    moved(board, orders[1], other)
    until(lambda: len(coming(board)) == 2, what="both stand there")
    assert [number for _plant, number in coming(board)] == [one.number for one in orders]
    board.locator("[data-do=publish]").click()
    board.locator("#board-publish .btn-main").click()
    expect(board.locator("#board-publish")).to_be_hidden(timeout=20000)
    until(lambda: PlannedOperation.objects.filter(plant=other).count() == 2, what="both plans have changed")
    until(
        lambda: board.evaluate("board.plan.leaves === undefined && board.plan.count === 2"), what="it is on the board"
    )
    assert not PlannedOperation.objects.filter(plant=shop.plant).exists()


def test_drafts_of_two_plants_are_published_one_by_one(
    enter: Enter, shop: Shop, other: Plant, orders: list[SalesOrder]
) -> None:
    """The 25 tables are made in the other plant by now; then work of each plant is pinned, and one is left out."""
    board = opened(enter("planner"), 2)
    moved(board, orders[0], other)
    board.locator("[data-do=publish]").click()
    board.locator("#board-publish .btn-main").click()
    expect(board.locator("#board-publish")).to_be_hidden(timeout=20000)
    until(lambda: board.evaluate("board.plan.leaves === undefined && board.plan.rows.flat().length === 2"), what="both")
    for order in orders:
        until(lambda: PlannedOperation.objects.count() == 2, what="each plant has one")
        board.mouse.click(*spot(board, op_of(board, order)))
        board.locator(".panel-foot [data-do=pin]").click()
    expect(board.locator(BUTTON)).to_have_text("Publish 2 changes")
    before = Plan.objects.count()
    board.locator("[data-do=publish]").click()
    dialog = board.locator("#board-publish")
    expect(dialog).to_contain_text("Publish the changes of 2 plants?")
    assert faults(board) == []
    dialog.get_by_role("checkbox", name=other.name).uncheck()
    dialog.get_by_role("button", name="Publish the chosen plants").click()
    expect(dialog).to_be_hidden(timeout=20000)
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    assert [one.plant_id for one in BoardDraft.objects.exclude(edits=[])] == [other.pk]
    board.locator("[data-do=publish]").click()
    expect(dialog).to_contain_text("Publish 1 change as plan")
    dialog.locator(".btn-main").click()
    expect(dialog).to_be_hidden(timeout=20000)
    expect(board.locator(BUTTON)).to_have_text("Publish")
    assert Plan.objects.count() >= before + 2
