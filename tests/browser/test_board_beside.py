"""What stands beside the plan in a real Chromium: a scenario on the same axis, and the search for a better plan."""

from __future__ import annotations

from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import expect

from aps import services as aps
from erp.models import SalesOrderLine
from masterdata.models import User
from tests.aps.shop import Shop
from tests.browser.boarding import Enter, opened, planned
from tests.browser.boarding import plant as plant
from tests.browser.boarding import shop as shop
from tests.browser.conftest import faults


def solved(shop: Shop, by: User, name: str = "Once more") -> None:
    """A scenario that assumes nothing: the plan once more."""
    now = timezone.now()
    made = aps.copy_plan(plant_id=shop.plant.pk, name=name, by=by, now=now)
    run = aps.solve_scenario(scenario_id=made.pk, seconds=1, by=by, now=now)
    with override_settings(THROUGHLINE_SOLVE_MOVES=50):
        aps.run_scenario(run_id=run.pk, now=now)


def test_a_scenario_beside_the_plan_follows_what_happens(enter: Enter, shop: Shop) -> None:
    """Nobody is late in it; then an order is promised for a moment that has passed, and a new plan says so to both."""
    page = enter("planner")
    solved(shop, User.objects.get(username="planner"))
    board = opened(page)
    board.get_by_label("Scenarios beside the plan").click()
    board.get_by_label("Once more", exact=True).check()
    beside = board.locator(".board-beside")
    expect(beside).to_contain_text("Once more")
    expect(beside.locator("[data-is=beside-figures]")).to_contain_text("none late, setup", timeout=20000)
    assert faults(board) == []
    line = SalesOrderLine.objects.order_by("pk").first()
    assert line is not None
    SalesOrderLine.objects.filter(pk=line.pk).update(promised_at=timezone.now())
    planned(shop)
    expect(beside.locator("[data-is=beside-figures]")).to_contain_text("1 late, setup", timeout=60000)
    board.get_by_role("button", name="Close scenario Once more").click()
    expect(beside).to_have_count(0)


def test_two_scenarios_stand_beside_the_plan_and_in_its_link(enter: Enter, shop: Shop) -> None:
    """They show the same machine and the same choice; a third takes the place of the first; a link brings them back."""
    page = enter("planner")
    names = ["Saw at night", "Without Anna", "More legs"]
    for name in names:
        solved(shop, User.objects.get(username="planner"), name)
    board = opened(page)
    board.get_by_label("Scenarios beside the plan").click()
    for name in names:
        board.get_by_label(name, exact=True).check()
    heads = board.locator(".board-beside header b")
    expect(heads).to_have_text(names[1:])
    expect(board.get_by_label(names[0], exact=True)).not_to_be_checked()
    figures = board.locator("[data-is=beside-figures]")
    for number in range(2):
        expect(figures.nth(number)).to_contain_text("none late, setup", timeout=20000)
    board.keyboard.press("Escape")
    board.locator("#board-stage").focus()
    board.keyboard.press("Enter")
    expect(board.locator("#board-panel")).to_be_visible()
    assert faults(board) == []
    board.wait_for_url("**beside=*")
    address = board.url
    board.goto("about:blank")
    board.goto(address)
    expect(heads).to_have_text(names[1:], timeout=20000)
    board.get_by_role("button", name=f"Close scenario {names[1]}").click()
    expect(heads).to_have_text(names[2:])


def test_who_optimises_stays_on_the_board_and_can_stop(enter: Enter, shop: Shop) -> None:
    board = opened(enter("planner"))
    address = board.evaluate("location.pathname")
    board.locator("[data-do=optimise]").click()
    search = board.locator("#board-run")
    search.get_by_role("button", name="10 min").click()
    expect(board.locator("#notes")).to_contain_text("A longer search has been asked for", timeout=20000)
    search.get_by_role("button", name="Stop and publish best").click(timeout=60000)
    expect(board.locator("#notes")).to_contain_text("It stops within a second", timeout=20000)
    expect(search.get_by_role("button", name="10 min")).to_be_visible(timeout=60000)
    assert board.evaluate("location.pathname") == address
    assert board.evaluate("board.plan.count") == 12
