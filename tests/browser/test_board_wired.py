"""What the board's buttons, fields and keys are wired to, in a real Chromium: each by hand once, several in a test."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

from django.db.models import F
from playwright.sync_api import Dialog, Page, expect

from aps.minutes import time_of
from aps.models import BoardDraft, Plan, PlannedOperation
from masterdata.models import Machine, Plant
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

IN_VIEW = "board.plan.start[board.chosenOp] >= board.scale.from && board.plan.start[board.chosenOp] < board.scale.until"
KEPT = "Object.keys(localStorage).filter((one) => one.startsWith('throughline-draft')).length"
PEOPLE = "board.layout.rows.filter((one) => one.kind === 'people')"
DIMMED = "board.dimmed === null ? 0 : board.dimmed.reduce((sum, one) => sum + one, 0)"
GHOSTS_SHOW = """() => {
    const { width, height } = board.canvas;
    const drawn = () => { board.draw(); return board.context.getImageData(0, 0, width, height).data; };
    board.without.add("ghosts");
    const before = drawn();
    board.without.delete("ghosts");
    return drawn().some((value, at) => value !== before[at]);
}"""


def corner(board: Page) -> tuple[float, float]:
    found: list[float] = board.evaluate("(({ x, y }) => [x, y])(board.canvas.getBoundingClientRect())")
    return found[0], found[1]


def test_one_looks_around_by_map_search_filter_and_rows(board: Page) -> None:
    """All six orders are Nordhaus's; six of twelve operations are sawn. It takes no training: one group."""
    map_jumps(board)
    search_goes_on(board)
    order_alone(board)
    filter_dims(board)
    rows_fold(board)


def map_jumps(board: Page) -> None:
    """A click puts the time that lies there into the middle."""
    left, top = corner(board)
    x, y = board.evaluate("[board.scale.left + (board.width - board.scale.left) * 0.6, board.bottom + 20]")
    there = board.evaluate("([x, y]) => board.miniAt(x, y)", [x, y])
    board.mouse.click(left + x, top + y)
    middle = board.evaluate("board.scale.time((board.scale.left + board.width) / 2)")
    assert abs(middle - there) < 1


def search_goes_on(board: Page) -> None:
    """A hit comes into view, Enter once more goes to the next one; what is said leaves with Escape or another menu."""
    said = board.locator("[data-is=found]")
    board.locator("#board-stage").focus()
    board.keyboard.press("/")
    board.keyboard.press("Enter")
    expect(said).to_be_empty()
    board.keyboard.type("nordhaus")
    board.keyboard.press("Enter")
    expect(said).to_have_text(re.compile("^1 of [2-9]$"))
    expect(board.locator("#board-op")).to_be_visible()
    first = board.evaluate("board.chosenOrder()")
    assert board.evaluate(IN_VIEW)
    board.keyboard.press("Enter")
    assert board.evaluate("board.chosenOrder()") != first
    board.keyboard.type("-no-such")
    board.keyboard.press("Enter")
    expect(said).to_contain_text("No order, customer, material or machine on this board is called “nordhaus-no-such”")
    board.keyboard.press("Escape")
    expect(said).to_be_empty()
    board.keyboard.press("Enter")
    expect(said).not_to_be_empty()
    board.locator("#board-filter summary").click()
    expect(said).to_be_empty()
    board.locator("#board-filter summary").click()
    board.locator("[data-find] input").fill("PACK-1")
    board.keyboard.press("Enter")
    assert board.evaluate("[board.chosenOp, board.plan.machines[board.marked].code]") == [None, "PACK-1"]
    until(lambda: board.evaluate("board.marked") is None, what="the mark leaves")
    board.locator("[data-find] input").fill("nordhaus")
    board.keyboard.press("Enter")


def order_alone(board: Page) -> None:
    """`F`: only the machines of the chosen order keep their height, and back."""
    board.locator("#board-stage").focus()
    board.keyboard.press("f")
    chain = board.evaluate("[...board.chosen].map((op) => board.plan.machine[op])")
    assert sorted(board.evaluate("[...board.layout.only]")) == sorted(chain)
    assert len(chain) == 2
    board.keyboard.press("f")
    assert board.evaluate("board.layout.only") is None


def filter_dims(board: Page) -> None:
    """What is not sawn steps back; one button shows everything again."""
    menu = board.locator("#board-filter")
    menu.locator("summary").click()
    menu.locator("[name=centre]").select_option(
        str(board.evaluate("(at) => board.plan.machines[at].work_centre", lane(board, "SAW-1")))
    )
    assert board.evaluate(DIMMED) == 6
    count, none = board.locator("[data-is=count]"), board.locator("#board-none")
    shown, whole = board.evaluate("[board.fitting, board.plan.count]")
    assert shown == whole - 6
    expect(count).to_contain_text(f"{shown} of {whole} operations")
    expect(none).to_be_hidden()
    menu.get_by_role("button", name="Show everything").click()
    until(lambda: board.evaluate(DIMMED) == 0, what="nothing is dimmed")
    expect(count).to_contain_text(f"{whole} operations")
    menu.locator("[name=state]").select_option("running")
    menu.locator("summary").click()
    expect(none).to_contain_text("No operation matches the filter")
    none.get_by_role("button", name="Show everything").click()
    expect(none).to_be_hidden()


def rows_fold(board: Page) -> None:
    """A click on the left folds a work centre, and opens it and the people."""
    left, top = corner(board)
    fold, rows = "board.layout.rows.find((one) => one.kind === 'centre')", "board.layout.rows.length"
    x, y = board.evaluate(f"[60, board.y({fold}) + 10]")
    was = board.evaluate(rows)
    board.mouse.click(left + x, top + y)
    assert was - board.evaluate(rows) == len(board.evaluate(f"{fold}.machines"))
    board.mouse.click(left + x, top + y)
    assert board.evaluate(rows) == was
    until(lambda: board.evaluate("[...board.layout.people.values()][0].groups.length") == 2, what="people have come")
    assert board.evaluate(f"{PEOPLE}.length") == 1
    x, y = board.evaluate(f"[60, board.y({PEOPLE}[0]) + 10]")
    board.mouse.click(left + x, top + y)
    assert board.evaluate(f"{PEOPLE}.length") == 2


def test_what_moves_together_is_compared_and_published_once_nothing_is_in_the_way(board: Page, plant: Plant) -> None:
    """The last two sawings of a saw go to the other one. While the dialog is open another window saves the draft."""
    last = last_saw(board)
    before = board.evaluate("(op) => board.plan.rows[board.plan.machine[op]].at(-2)", last)
    both, other = {last, before}, other_saw(board, last)
    moved = [fact(board, op, "id") for op in both]
    wanted = board.evaluate("(at) => board.plan.machines[at].id", other)
    board.keyboard.down("Shift")
    for op in both:
        board.mouse.click(*spot(board, op))
    board.keyboard.up("Shift")
    expect(board.locator("#board-many")).to_contain_text("2 operations selected")
    carry(board, last, other)
    expect(board.locator("#board-bubble")).to_contain_text("Nobody becomes late")
    board.mouse.up()
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    assert {fact(board, op, "machine") for op in both} == {other}
    board.locator("#board-stage").focus()
    board.keyboard.press("c")
    expect(board.locator("[data-do=compare]")).to_have_attribute("aria-pressed", "true")
    assert both <= set(board.evaluate("[...board.ghosts.keys()]"))
    assert board.evaluate(GHOSTS_SHOW)
    until(lambda: BoardDraft.objects.filter(edits__0__do="move").exists(), what="the draft is kept")
    no = Plan.objects.filter(plant=plant).latest("number").number
    dialog = board.locator("#board-publish")
    board.locator("[data-do=publish]").click()
    expect(dialog).to_contain_text(re.compile(r"2\s*change machine"))
    BoardDraft.objects.update(version=F("version") + 1)
    dialog.get_by_role("button", name=f"Publish plan {no + 1}").click()
    expect(dialog).to_contain_text("in another window", timeout=20000)
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    assert Plan.objects.filter(plant=plant).latest("number").number == no
    dialog.get_by_role("button", name="Keep editing").click()
    expect(dialog).to_be_hidden()
    assert {fact(board, op, "machine") for op in both} == {other}
    board.locator("[data-do=publish]").click()
    with board.expect_response(lambda answer: "/people.json" in answer.url):  # people are counted anew with the plan
        dialog.get_by_role("button", name=f"Publish plan {no + 1}").click()
        expect(dialog).to_be_hidden(timeout=20000)
    expect(board.locator(BUTTON)).to_have_text("Publish")
    assert set(PlannedOperation.objects.filter(operation_id__in=moved).values_list("machine", flat=True)) == {wanted}


def test_what_could_not_be_saved_is_taken_up_again_and_the_week_in_view_is_printed(board: Page) -> None:
    """Nothing can be saved while the page is left and opened again. On paper: saw and packing place of one order."""
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    board.on("dialog", leave)
    saves = "**/draft.json"
    board.route(saves, lambda one: one.abort() if one.request.method == "PUT" else one.continue_())
    op = last_saw(board)
    moved, other = fact(board, op, "id"), other_saw(board, op)
    carry(board, op, other)
    expect(board.locator("#board-bubble")).to_contain_text("Nobody becomes late")
    board.mouse.up()
    expect(board.locator("[data-is=trouble]")).to_contain_text("kept in this browser")
    opened(board, urlsplit(board.url).query and f"?{urlsplit(board.url).query}")
    assert asked == ["beforeunload"]
    expect(board.locator("#notes")).to_contain_text("taken up again")
    expect(board.locator(BUTTON)).to_have_text("Publish 1 change")
    lies = "(id) => board.plan.machine[board.plan.at.get(id)]"
    until(lambda: board.evaluate(lies, moved) == other, what="it stands where it was put")
    assert not BoardDraft.objects.exclude(edits=[]).exists()
    board.unroute(saves)
    until(lambda: [len(one.edits) for one in BoardDraft.objects.all()] == [1], what="it is saved")
    until(lambda: board.evaluate(KEPT) == 0, what="the browser forgets it")
    printed(board)
    assert asked == ["beforeunload"]


def printed(board: Page) -> None:
    """By the menu: the week in view, the machines of the chosen order."""
    pack = packing(board, 0)
    board.mouse.click(*spot(board, pack))
    board.evaluate("board.show(board.plan.now + 5 * 1440)")
    middle = board.evaluate("(board.scale.from + board.scale.until) / 2")
    chain = board.evaluate("[...board.chosen].map((op) => board.plan.machines[board.plan.machine[op]].id)")
    board.locator("summary[aria-label=More]").click()
    board.get_by_role("button", name="Print a week per machine").click()
    dialog = board.locator("#board-print")
    expect(dialog.locator("[name=machines]")).to_have_value("chosen")
    assert faults(board) == []
    dialog.get_by_role("button", name="Show the sheets").click()
    board.wait_for_url("**/print/**")
    found = parse_qs(urlsplit(board.url).query)
    assert found["week"] == [f"{time_of(round(middle)).astimezone(dt.UTC):%G-W%V}"]
    assert sorted(found["machine"]) == sorted(str(one) for one in set(chain))
    expect(board.locator(".print-sheet")).to_have_count(2)
    assert Machine.objects.filter(pk__in=found["machine"], code="PACK-1").exists()
