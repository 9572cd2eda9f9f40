"""Pieces that are split off on the board, from the click to the plan that the floor has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from aps.models import BoardDraft, PlannedOperation
from erp.models import WorkOrder
from masterdata.models import Plant
from tests.browser.boarding import BUTTON, fact, opened, other_saw, packing, publish, spot, ten_pieces
from tests.browser.conftest import faults
from tests.crew import Crew, until

Enter = Callable[[str], Page]


@pytest.fixture
def plant(workers: Crew) -> Plant:
    return ten_pieces().plant


def test_pieces_are_split_off_and_stand_on_the_other_saw(enter: Enter, plant: Plant) -> None:
    """Ten pieces take 90 minutes at a saw. Four go to the other one: 54 minutes stay, 36 go; both parts are packed,
    18 and 12 minutes.
    """
    board = opened(enter("planner"), count=2)
    saw = board.evaluate("() => board.plan.rows.flat().find((op) => board.plan.name[op] === 'Step 1')")
    wanted = board.evaluate("(at) => board.plan.machines[at].id", other_saw(board, saw))
    board.mouse.click(*spot(board, saw))
    board.locator(".panel-foot [data-do=split]").click()
    dialog = board.locator("#board-split")
    expect(dialog).to_contain_text("10 pieces")
    assert faults(board) == []
    dialog.locator("[name=quantity]").fill("4")
    assert dialog.locator("[name=machine]").evaluate("(one) => one.value") == str(other_saw(board, saw))
    dialog.get_by_role("button", name="Split").click()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    until(lambda: board.evaluate("board.plan.count") == 4, what="the parts are on the board")
    drafted = board.evaluate("[...board.plan.start].map((at, op) => board.plan.end[op] - at).sort((a, b) => a - b)")
    assert drafted == [12, 18, 36, 54]
    gone = board.evaluate("() => board.plan.id.findIndex((id, op) => id < 0 && board.plan.name[op] === 'Step 1')")
    board.mouse.click(*spot(board, gone))
    why = board.locator("#board-why")
    expect(why).to_contain_text("With your changes, which are not published yet.")
    expect(why.locator("[data-chain] li").first).to_contain_text("Step 1")
    publish(board)
    works = WorkOrder.objects.filter(plant=plant)
    until(lambda: sorted(works.values_list("quantity", flat=True)) == [Decimal(4), Decimal(6)], what="it is split")
    part = PlannedOperation.objects.get(operation__work_order__quantity=4, operation__sequence=10)
    assert (part.machine_id, part.ends_at - part.starts_at) == (wanted, dt.timedelta(minutes=36))
    known = "(id) => board.plan.at.has(id) && board.plan.count === 4"
    until(lambda: board.evaluate(known, part.operation_id), what="the board has the published parts")
    at = board.evaluate("(id) => board.plan.at.get(id)", part.operation_id)
    assert board.evaluate("(at) => board.plan.machines[board.plan.machine[at]].id", at) == wanted
    assert Decimal(fact(board, at, "quantity")) == 4


def test_a_split_is_taken_back_before_anybody_hears_of_it(enter: Enter, plant: Plant) -> None:
    board = opened(enter("planner"), count=2)
    board.mouse.click(*spot(board, packing(board, 0)))
    board.locator(".panel-foot [data-do=split]").click()
    board.locator("#board-split").get_by_role("button", name="Split").click()
    until(lambda: board.evaluate("board.plan.count") == 4, what="the parts are on the board")
    board.locator("[data-do=undo]").click()
    expect(board.locator(BUTTON)).to_have_text("Publish")
    until(lambda: board.evaluate("board.plan.count") == 2, what="it is whole again")
    until(lambda: not BoardDraft.objects.get().edits, what="the draft is empty")
    assert WorkOrder.objects.filter(plant=plant).count() == 1
