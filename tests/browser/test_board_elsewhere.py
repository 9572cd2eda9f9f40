"""A line that is made in another plant, from the click on the board to both plants' plans."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from aps.models import BoardDraft, Plan, PlannedOperation
from masterdata.models import Plant
from tests.browser.boarding import BUTTON, TwoPlants, fact, opened, publish, spot, two_plants
from tests.browser.conftest import faults
from tests.crew import Crew, until

Enter = Callable[[str], Page]


@pytest.fixture
def both(workers: Crew) -> TwoPlants:
    return two_plants()


@pytest.fixture
def plant(both: TwoPlants) -> Plant:
    return both.first


def test_a_line_is_made_in_the_other_plant(enter: Enter, both: TwoPlants) -> None:
    """The panel asks the other plant, its button puts the line into the draft; published, it stands only there."""
    board = opened(enter("planner"), f"?plant={both.first.pk}", count=1)
    assert not Plan.objects.filter(plant=both.second).exists()
    board.mouse.click(*spot(board, 0))
    panel = board.locator("#board-order")
    panel.get_by_text("in another plant").click()
    expect(panel).to_contain_text("Second plant")
    expect(panel).to_contain_text("At the customer")
    assert faults(board) == []
    panel.get_by_role("button", name="Make it there").click()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    until(lambda: BoardDraft.objects.filter(edits__0__do="plant").exists(), what="the draft is kept")
    publish(board)
    until(lambda: board.evaluate("board.plan.count") == 0, what="nothing is left on this plant's board")
    line = both.order.lines.get()
    row = PlannedOperation.objects.get(operation__work_order__sales_order_line=line)
    assert (line.plant_id, row.plant_id) == (both.second.pk, both.second.pk)
    there = opened(board, f"?plant={both.second.pk}", count=1)
    assert (fact(there, 0, "id"), there.evaluate("board.plan.machines[0].code")) == (row.operation_id, "SAW-9")


def test_a_line_that_goes_elsewhere_can_be_kept(enter: Enter, both: TwoPlants) -> None:
    """By *Move* and its list of plants, and back by undo."""
    board = opened(enter("planner"), f"?plant={both.first.pk}", count=1)
    board.mouse.click(*spot(board, 0))
    board.locator(".panel-foot [data-do=move]").click()
    dialog = board.locator("#board-move")
    dialog.locator("[name=plant]").select_option(label="Second plant")
    dialog.get_by_role("button", name="Move").click()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    board.locator("[data-do=undo]").click()
    expect(board.locator(BUTTON)).to_have_text("Publish")
    until(lambda: not BoardDraft.objects.get().edits, what="the draft is empty")
    assert both.order.lines.get().plant_id == both.first.pk
