"""What the board says stands where one can read it, at the sizes of an office and of a tablet."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from aps import edits
from aps import services as aps
from aps.models import PlannedOperation
from masterdata.models import Membership, User
from tests.aps.shop import Shop
from tests.browser.boarding import BUTTON, Enter, carry, fact, last_saw, opened, other_saw, spot
from tests.browser.boarding import plant as plant
from tests.browser.boarding import shop as shop
from tests.crew import until

SIZES = [(1440, 900), (1280, 800), (1180, 820)]
# Its letters, not its box: what an ellipsis or an edge cuts off is not seen, nor what lies under something else.
UNSEEN = """(one) => {
    const words = document.createRange();
    words.selectNodeContents(one);
    const boxes = [...words.getClientRects()].filter(({ width }) => width);
    if (!boxes.length) return "no words";
    for (const { left, top, right, bottom } of boxes) {
        if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return "outside the window";
        for (let around = one; around !== document.body; around = around.parentElement) {
            if (getComputedStyle(around).overflowX === "visible") continue;
            const edge = around.getBoundingClientRect();
            if (left < edge.left - 1 || right > edge.right + 1 || top < edge.top - 1 || bottom > edge.bottom + 1)
                return `cut by ${around.className || around.tagName} at ${edge.right}, it ends at ${right}`;
        }
        const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        if (!one.contains(there)) return `under ${there?.className || there?.tagName}`;
    }
    return "";
}"""


@pytest.fixture
def board(enter: Enter, shop: Shop) -> Page:
    """The planner's board; another planner has pinned an operation in a draft of his own."""
    page = enter("planner")
    wei = User.objects.create_user("wei", first_name="Wei", last_name="Li")
    Membership.objects.create(user=wei, role="planner", company=shop.plant.company)
    pin = edits.Pin((PlannedOperation.objects.filter(plant=shop.plant).latest("starts_at").operation_id,))
    aps.save_draft(plant_id=shop.plant.pk, by=wei, edits=[pin], expected_version=0, now=timezone.now())
    return opened(page)


def unseen(page: Page, *parts: str) -> dict[str, str]:
    """Which of the parts cannot be read whole, and why."""
    found = {part: page.locator(part).evaluate(UNSEEN) for part in parts}
    return {part: why for part, why in found.items() if why}


def sized(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def top(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"]


def test_without_a_connection_it_is_seen_with_a_draft_and_beside_others(board: Page) -> None:
    """A change is put down without a connection, while another planner has one of his own."""
    op = last_saw(board)
    expect(board.locator("[data-is=others]")).to_have_text("Wei Li has a change of their own")
    board.context.set_offline(True)
    carry(board, op, other_saw(board, op))
    board.mouse.up()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    expect(board.locator("[data-is=trouble]")).not_to_be_empty()
    wrong = {}
    for size in SIZES:
        sized(board, size)
        parts = ["[data-is=draft] span", "[data-is=trouble]", "[data-is=others]"]
        if size == SIZES[0]:
            parts += ["[data-is=plan]", "[data-is=cause]"]
        if found := unseen(board, *parts):
            wrong[size] = found
    board.context.set_offline(False)
    assert wrong == {}


def test_the_first_change_leaves_the_lanes_where_they_are(board: Page) -> None:
    for size in SIZES:
        sized(board, size)
        was = top(board.locator("#board-stage"))
        op = last_saw(board)
        carry(board, op, other_saw(board, op))
        board.mouse.up()
        expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
        assert top(board.locator("#board-stage")) == was
        board.locator("[data-do=undo]").click()
        expect(board.locator(BUTTON)).to_have_text("Publish")


def test_state_and_deed_of_the_table_are_seen_beside_the_panel(board: Page) -> None:
    op = last_saw(board)
    board.mouse.click(*spot(board, op))
    expect(board.locator("#board-order")).to_contain_text("Nordhaus")
    board.locator("#board-stage").focus()
    board.keyboard.press("t")
    row = f'#board-table tr[data-op="{fact(board, op, "id")}"]'
    assert unseen(board, f"{row} td:nth-child(8)", f"{row} td:nth-child(9)") == {}
    sized(board, SIZES[1])
    assert unseen(board, f"{row} td:nth-child(9)") == {}


def test_the_table_says_when_it_does_not_show_all(board: Page) -> None:
    """Twelve operations are in view; then as if each were there fifty times."""
    board.locator("#board-stage").focus()
    board.keyboard.press("t")
    rows = board.locator("#board-table tbody tr")
    expect(rows).to_have_count(12)
    expect(board.locator("#board-table [data-is=cut]")).to_be_hidden()
    board.evaluate("() => { const all = board.inView(); board.inView = () => Array(50).fill(all).flat(); }")
    board.locator("[data-do=on]").click()
    expect(rows).to_have_count(400)
    said = "The first 400 of 600 operations in view. Narrow them by filter or time."
    expect(board.locator("#board-table [data-is=cut]")).to_have_text(said)
    assert unseen(board, "#board-table [data-is=cut]") == {}


def test_the_panel_says_what_is_not_known_without_a_connection_and_fetches_it_after(board: Page) -> None:
    missing = "Not known without a connection. It comes by itself when that is back."
    board.context.set_offline(True)
    board.mouse.click(*spot(board, last_saw(board)))
    expect(board.locator("#board-op [data-part=machine]")).to_contain_text("SAW-")
    for part in ("#board-order", "#board-why"):
        expect(board.locator(part)).to_have_text(missing)
    expect(board.locator("#board-op [data-do=close]")).to_be_visible()
    board.context.set_offline(False)
    expect(board.locator("#board-order")).to_contain_text("Nordhaus", timeout=20000)
    expect(board.locator("#board-why")).to_contain_text("Why not earlier?", timeout=20000)
    expect(board.locator("#board-op [data-do=close]")).to_be_hidden()


def test_what_the_panel_showed_stays_until_the_new_is_there(board: Page) -> None:
    """A change asks for the order's part again; the answer is held back."""
    board.mouse.click(*spot(board, last_saw(board)))
    order = board.locator("#board-order")
    expect(order).to_contain_text("Nordhaus")
    part = re.compile(r"/plants/\d+/orders/\d+/$")
    board.route(part, lambda question: None)
    with board.expect_request(part):
        board.locator(".panel-foot [data-do=pin]").click()
    expect(order).to_have_class(re.compile("is-old"))
    expect(order).to_contain_text("Nordhaus")
    board.unroute_all()
    expect(order).not_to_have_class(re.compile("is-old"))
    expect(order).to_contain_text("Nordhaus")


@pytest.fixture
def tablet(chromium: Browser, site: str, board: Page) -> Iterator[Page]:
    """The same board on a tablet that lies, with fingers."""
    context = chromium.new_context(viewport={"width": 1180, "height": 820}, base_url=site, has_touch=True)
    context.add_cookies(board.context.cookies())
    yield opened(context.new_page())
    context.close()


def test_on_a_tablet_the_tools_are_one_line_and_all_figures_are_seen(tablet: Page) -> None:
    middles = """() => [...document.querySelector(".board-tools").children].filter((one) => one.offsetHeight > 9)
        .map((one) => one.getBoundingClientRect()).map(({ top, bottom }) => (top + bottom) / 2)"""
    found = tablet.evaluate(middles)
    assert max(found) - min(found) < 6, found
    figures = [f"[data-is={name}]" for name in ("ontime", "late", "tight", "setup")]
    assert unseen(tablet, *figures) == {}
    op = last_saw(tablet)
    carry(tablet, op, other_saw(tablet, op))
    tablet.mouse.up()
    expect(tablet.locator(BUTTON)).to_have_text("Publish 1 change")
    assert unseen(tablet, *figures, BUTTON) == {}


def test_on_a_tablet_the_panel_lies_over_the_board_and_not_over_what_was_chosen(tablet: Page) -> None:
    """The last sawing stands near the right edge, where the panel opens."""
    width = "document.getElementById('board-stage').clientWidth"
    was = tablet.evaluate(width)
    op = last_saw(tablet)
    tablet.evaluate("(op) => board.show(board.plan.start[op], 0.9)", op)
    tablet.mouse.click(*spot(tablet, op))
    expect(tablet.locator("#board-order")).to_contain_text("Nordhaus")
    assert tablet.evaluate(width) == was
    panel = tablet.locator("#board-panel").bounding_box()
    assert panel is not None
    assert spot(tablet, op)[0] < panel["x"] < was + tablet.locator("#board-stage").bounding_box()["x"]  # type: ignore[index]


def test_on_a_phone_half_of_the_height_is_lanes(board: Page) -> None:
    """The tools are one row that scrolls, their menus open over the board, the panel lies under the lanes."""
    sized(board, (390, 844))
    lanes = "board.bottom - 74"
    until(lambda: board.evaluate("board.width") < 390, what="the board is as wide as the phone")
    assert board.evaluate(lanes) >= 844 / 2
    assert board.evaluate("board.width - board.scale.left") >= 180
    assert unseen(board, "[data-is=ontime]", "[data-is=late]", "[data-is=tight]") == {}
    board.locator("#board-filter summary").click()
    board.locator("#board-filter button").click(trial=True)
    board.locator("#board-filter summary").click()
    op = board.evaluate("board.inView()[0]")
    board.mouse.click(*spot(board, op))
    panel = board.locator("#board-panel").bounding_box()
    assert panel is not None
    assert panel["width"] == board.evaluate("board.width")
    assert board.evaluate("board.scale.x(board.plan.end[board.chosenOp]) > board.scale.left")
