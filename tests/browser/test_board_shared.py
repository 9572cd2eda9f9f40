"""The board among others: published, worked on by two planners, without a connection, with fingers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from aps.models import BoardDraft, Plan, PlannedOperation
from masterdata.models import Membership, Plant, User
from tests.aps.shop import Shop
from tests.browser.boarding import (
    BUTTON,
    carry,
    fact,
    last_saw,
    opened,
    ordered,
    other_index,
    other_saw,
    packing,
    planned,
    spot,
)
from tests.browser.boarding import board as board
from tests.browser.boarding import plant as plant
from tests.browser.boarding import shop as shop
from tests.browser.conftest import PASSWORD, faults
from tests.crew import until

MACHINE = "(id) => board.plan.machine[board.plan.at.get(id)]"


def judges(answer: Response) -> bool:
    """Whether the engine says in it what a whole draft does."""
    return answer.url.endswith("/effect/") and '"trial":null' in (answer.request.post_data or "")


@pytest.fixture
def second(chromium: Browser, site: str, plant: Plant) -> Iterator[Page]:
    """Another planner at another screen."""
    user = User.objects.create_user("wei", password=PASSWORD, first_name="Wei", last_name="Li")
    Membership.objects.create(user=user, role="planner", company=plant.company)
    context = chromium.new_context(viewport={"width": 1180, "height": 820}, base_url=site, has_touch=True)
    page = context.new_page()
    page.goto("/")
    page.fill("#id_username", "wei")
    page.fill("#id_password", PASSWORD)
    page.click("button.btn-main")
    yield opened(page)
    context.close()


def test_publishing_says_what_changes_and_the_floor_has_the_new_plan(board: Page, plant: Plant) -> None:
    """One operation changes its machine; nobody becomes late."""
    no = Plan.objects.filter(plant=plant).latest("number").number
    expect(board.locator("[data-is=plan]")).to_contain_text(f"Plan {no}")
    op = last_saw(board)
    moved, wanted = fact(board, op, "id"), board.evaluate("(m) => board.plan.machines[m].id", other_saw(board, op))
    carry(board, op, other_saw(board, op))
    expect(board.locator("#board-bubble")).to_contain_text("Nobody becomes late")
    board.mouse.up()
    board.locator("[data-do=publish]").click()
    dialog = board.locator("#board-publish")
    expect(dialog).to_contain_text(f"Publish 1 change as plan {no + 1}?")
    expect(dialog).to_contain_text("changes machine")
    assert faults(board) == []
    dialog.get_by_role("button", name=f"Publish plan {no + 1}").click()
    expect(dialog).to_be_hidden(timeout=20000)
    expect(board.locator(BUTTON)).to_have_text("Publish")
    until(lambda: PlannedOperation.objects.get(operation_id=moved).machine_id == wanted, what="it is in the plan")
    expect(board.locator("[data-is=plan]")).to_contain_text(f"Plan {no + 1}", timeout=20000)
    assert fact(board, board.evaluate("(id) => board.plan.at.get(id)", moved), "machine") == other_index(board, wanted)


def test_two_planners_see_each_other_and_the_second_keeps_what_he_changed(board: Page, second: Page) -> None:
    """Sara moves the last sawing, Wei pins the first packing; Sara publishes, Wei's pin stands over her plan."""
    op = last_saw(board)
    carry(board, op, other_saw(board, op))
    expect(board.locator("#board-bubble")).to_contain_text("Nobody becomes late")
    board.mouse.up()
    expect(second.locator("[data-is=others]")).to_contain_text("Sara Lang has a change of their own", timeout=20000)
    pack = packing(second, -1)
    pinned = fact(second, pack, "id")
    second.mouse.click(*spot(second, pack))
    second.locator(".panel-foot [data-do=pin]").click()
    expect(second.locator(BUTTON)).to_have_text("Publish 1 change")
    expect(board.locator("[data-is=others]")).to_contain_text("Wei Li has a change of their own", timeout=20000)
    board.locator("[data-do=publish]").click()
    board.locator("#board-publish .btn-main").click()
    expect(board.locator("#board-publish")).to_be_hidden()
    moved, wanted = fact(board, op, "id"), fact(board, op, "machine")
    until(lambda: second.evaluate(MACHINE, moved) == wanted, what="the second sees what the first published")
    expect(second.locator(BUTTON)).to_have_text("Publish 1 change")
    assert second.evaluate("(id) => board.plan.pinned[board.plan.at.get(id)]", pinned)


def test_whoever_was_offline_catches_up_and_nothing_made_meanwhile_is_lost(board: Page, shop: Shop) -> None:
    """A change is dropped without a connection; meanwhile a seventh order of two operations is planned."""
    op = last_saw(board)
    moved, other = fact(board, op, "id"), other_saw(board, op)
    board.context.set_offline(True)
    carry(board, op, other)
    board.mouse.up()
    expect(board.locator("[data-is=trouble]")).not_to_be_empty()
    ordered(shop)
    planned(shop)
    board.context.set_offline(False)
    until(lambda: board.evaluate("board.plan.count") == 14, what="the new order is on the board")
    expect(board.locator("[data-is=trouble]")).to_be_empty(timeout=20000)
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    until(lambda: board.evaluate(MACHINE, moved) == other, what="the change stands over the new plan")
    until(lambda: [len(one.edits) for one in BoardDraft.objects.all()] == [1], what="the change is saved")


def test_what_is_put_down_before_the_engine_answers_stays_where_it_was_put(board: Page) -> None:
    """Every question about the effect is held back until the bar lies on the other saw."""
    board.route(lambda url: url.endswith("/effect/"), lambda question: None)
    op = last_saw(board)
    moved, other = fact(board, op, "id"), other_saw(board, op)
    carry(board, op, other)
    board.mouse.up()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    assert board.evaluate(MACHINE, moved) == other
    with board.expect_response(judges):
        board.unroute_all()  # what was held back goes on its way
    assert board.evaluate(MACHINE, moved) == other


def test_a_finger_lifts_by_a_long_press_pans_and_two_fingers_zoom(second: Page) -> None:
    finger = second.context.new_cdp_session(second)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        given = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    op = last_saw(second)
    moved, other = fact(second, op, "id"), other_saw(second, op)
    (x, y), (to_x, to_y) = spot(second, op), spot(second, op, other)
    touch("touchStart", (x, y))
    until(lambda: second.evaluate("board.drag !== null"), what="it is lifted")
    for step in (1, 2, 3):
        touch("touchMove", (x + (to_x - x) * step / 3, y + (to_y - y) * step / 3))
    until(lambda: second.evaluate("board.drag.machine") == other, what="it hangs over the other saw")
    expect(second.locator("#board-bubble")).to_contain_text("A second finger cancels")
    with second.expect_response(judges):
        touch("touchEnd")
        expect(second.locator(BUTTON)).to_have_text("Publish 1 change")
        assert second.evaluate(MACHINE, moved) == other
    assert second.evaluate(MACHINE, moved) == other
    assert second.locator("#notes").inner_text() == ""
    for chosen in (moved, fact(second, packing(second, -1), "id")):  # a long press that is let go on the spot
        touch("touchStart", spot(second, second.evaluate("(id) => board.plan.at.get(id)", chosen)))
        until(lambda: second.evaluate("board.drag !== null"), what="it is lifted")
        touch("touchEnd")
        until(lambda: second.evaluate("board.drag === null"), what="it is let go")
    expect(second.locator("#board-many")).to_contain_text("2 operations selected")
    expect(second.locator(BUTTON)).to_have_text("Publish 1 change")
    second.locator("#board-many [data-do=close]").tap()
    expect(second.locator("#board-many")).to_be_hidden()
    was = second.evaluate("board.scale.from")
    touch("touchStart", (900, 600))
    for step in range(1, 6):
        touch("touchMove", (900 - 20 * step, 600))
    touch("touchEnd")
    assert second.evaluate("board.scale.from") > was
    wide = second.evaluate("board.scale.perHour")
    touch("touchStart", (600, 600), (800, 600))
    for step in range(1, 6):
        touch("touchMove", (600 - 20 * step, 600), (800 + 20 * step, 600))
    touch("touchEnd")
    assert second.evaluate("board.scale.perHour") > 1.5 * wide
