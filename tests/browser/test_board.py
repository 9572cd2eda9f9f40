"""The scheduling board in a real Chromium: work is dragged, its effect is seen before it is dropped, and taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from aps.models import BoardDraft, PlannedOperation
from masterdata.models import Plant
from tests.browser.boarding import (
    BUTTON,
    carry,
    fact,
    lane,
    last_saw,
    opened,
    other_saw,
    packing,
    spot,
)
from tests.browser.boarding import board as board
from tests.browser.boarding import plant as plant
from tests.browser.boarding import shop as shop
from tests.browser.conftest import faults
from tests.crew import until


def test_a_drag_shows_its_effect_and_the_drop_is_a_draft_that_can_be_taken_back(board: Page, plant: Plant) -> None:
    """The last sawing goes to the other saw: nobody becomes late, one change to publish."""
    op = last_saw(board)
    was, other = fact(board, op, "machine"), other_saw(board, op)
    carry(board, op, other)
    bubble = board.locator("#board-bubble")
    expect(bubble).to_contain_text("Nobody becomes late")
    expect(bubble).to_contain_text(re.compile(r"\d operations? moves?"))
    until(lambda: board.evaluate("board.drag.moved.size") >= 1, what="what moves is seen")
    board.mouse.up()
    expect(bubble).to_be_hidden()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    assert fact(board, op, "machine") == other
    assert PlannedOperation.objects.filter(plant=plant).count() == 12
    board.locator("#board-stage").focus()
    board.keyboard.press("Control+z")
    expect(board.locator(BUTTON)).to_have_text("Publish")
    assert fact(board, op, "machine") == was
    board.keyboard.press("Control+Shift+z")
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    until(lambda: fact(board, op, "machine") == other, what="it is on the other saw again")


def test_escape_leaves_it_where_it_was_and_another_work_centre_is_no_place_for_it(board: Page) -> None:
    op = last_saw(board)
    was = fact(board, op, "start")
    carry(board, op, other_saw(board, op))
    board.keyboard.press("Escape")
    expect(board.locator("#board-bubble")).to_be_hidden()
    board.mouse.up()
    carry(board, op, lane(board, "PACK-1"))
    expect(board.locator("#board-bubble")).to_contain_text("PACK-1 cannot do this operation")
    board.mouse.up()
    expect(board.locator(BUTTON)).to_have_text("Publish")
    assert fact(board, op, "start") == was


def test_less_than_four_pixels_is_a_click_and_empty_ground_pans(board: Page) -> None:
    op = last_saw(board)
    x, y = spot(board, op)
    board.mouse.move(x, y)
    expect(board.locator("#board-card")).to_contain_text("Promised")
    board.mouse.down()
    board.mouse.move(x + 2, y + 1)
    board.mouse.up()
    expect(board.locator("#board-op")).to_be_visible()
    expect(board.locator("#board-card")).to_be_hidden()
    expect(board.locator("#board-order")).to_contain_text("Nordhaus")
    was = board.evaluate("board.scale.from")
    box = board.locator("#board-stage").bounding_box()
    assert box is not None
    board.mouse.move(box["x"] + 700, box["y"] + 500)
    board.mouse.down()
    board.mouse.move(box["x"] + 600, box["y"] + 500, steps=4)
    board.mouse.up()
    assert board.evaluate("board.scale.from") > was


def test_alt_pins_where_it_is_dropped_and_pinned_work_stays(board: Page) -> None:
    op = last_saw(board)
    carry(board, op, other_saw(board, op), 60)
    board.keyboard.down("Alt")
    board.mouse.move(*spot(board, op, other_saw(board, op), 65), steps=3)
    expect(board.locator("#board-bubble")).to_contain_text("pinned exactly there")
    board.mouse.up()
    board.keyboard.up("Alt")
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    until(lambda: BoardDraft.objects.filter(edits__0__pin=True).exists(), what="the draft is kept")
    start = BoardDraft.objects.get().edits[0]["ops"][0]["at"]
    assert start % 5 == 0
    until(lambda: fact(board, op, "pinned") and fact(board, op, "start") == start, what="it stands where it was put")
    carry(board, op, other_saw(board, op))
    expect(board.locator("#board-bubble")).to_be_hidden()
    board.mouse.up()
    assert fact(board, op, "start") == start


def test_with_keys_alone_it_is_chosen_lifted_carried_and_dropped(board: Page) -> None:
    board.locator("#board-stage").focus()
    board.keyboard.press("Enter")
    expect(board.locator("#board-op")).to_be_visible()
    op = last_saw(board)
    board.evaluate("(op) => board.choose(op)", op)
    other = other_saw(board, op)
    board.keyboard.press("m")
    expect(board.locator("#board-bubble")).to_contain_text("Enter drops")
    board.keyboard.press("ArrowDown" if other == lane(board, "SAW-2") else "ArrowUp")
    board.keyboard.press("Shift+ArrowRight")
    expect(board.locator("#board-said")).to_contain_text("Nobody becomes late")
    board.keyboard.press("Enter")
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    assert fact(board, op, "machine") == other


def test_the_table_twin_moves_too(board: Page) -> None:
    op = last_saw(board)
    was = fact(board, op, "machine")
    board.locator("#board-stage").focus()
    board.keyboard.press("t")
    row = board.locator(f'#board-table tr[data-op="{fact(board, op, "id")}"]')
    row.get_by_role("button", name="Move").click()
    dialog = board.locator("#board-move")
    expect(dialog).to_be_visible()
    dialog.locator("[name=machine]").select_option(str(other_saw(board, op)))
    dialog.get_by_role("button", name="Move").click()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    until(lambda: fact(board, op, "machine") != was, what="it stands on the other saw")
    board.locator("#board-table").focus()
    board.keyboard.press("t")
    expect(board.locator("#board-table")).to_be_hidden()
    expect(board.locator("#board-stage")).to_be_focused()


def test_a_band_and_shift_clicks_select_and_the_panel_sums_up(board: Page) -> None:
    op = last_saw(board)
    board.keyboard.down("Shift")
    first = packing(board, 0)
    board.mouse.click(*spot(board, op))
    board.mouse.click(*spot(board, first))
    board.keyboard.up("Shift")
    expect(board.locator("#board-many")).to_contain_text("2 operations selected")
    x, y = spot(board, board.evaluate("(row) => board.plan.rows[row][0]", lane(board, "SAW-1")))
    board.keyboard.down("Shift")
    board.mouse.move(x - 20, y - 8)
    board.mouse.down()
    board.mouse.move(*spot(board, op, lane(board, "SAW-2"), 120), steps=5)
    board.mouse.up()
    board.keyboard.up("Shift")
    expect(board.locator("#board-many")).to_contain_text("6 operations selected")


def test_the_address_holds_the_view_and_brings_it_back(board: Page) -> None:
    board.locator("[data-preset=day]").click()
    board.locator("[data-pick=colour]").select_option("family")
    op = last_saw(board)
    board.mouse.click(*spot(board, op))
    found = "() => location.search.includes('op=') && location.search.includes('color=family')"
    until(lambda: board.evaluate(found), what="the address says what is looked at")
    was = board.evaluate("[board.scale.from, board.scale.perHour]")
    again = opened(board, board.evaluate("location.search"))
    expect(again.locator("#board-op")).to_be_visible()
    assert again.locator("[data-pick=colour]").input_value() == "family"
    now = again.evaluate("[board.scale.from, board.scale.perHour]")
    assert abs(now[0] - was[0]) <= 1
    assert now[1] == was[1] == 12


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_board_panel_table_and_dialogs(board: Page, site: str, theme: str) -> None:
    board.context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    opened(board)
    wrong = {}
    if found := faults(board):
        wrong["board"] = found
    board.mouse.click(*spot(board, last_saw(board)))
    expect(board.locator("#board-order")).to_contain_text("Nordhaus")
    if found := faults(board):
        wrong["panel"] = found
    board.locator(".panel-foot [data-do=move]").click()
    if found := faults(board):
        wrong["dialog"] = found
    board.keyboard.press("Escape")
    board.locator("#board-stage").focus()
    board.keyboard.press("t")
    if found := faults(board):
        wrong["table"] = found
    assert wrong == {}
