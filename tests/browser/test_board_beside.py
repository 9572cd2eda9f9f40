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


def solved(shop: Shop, by: User) -> None:
    """A scenario that assumes nothing: the plan once more."""
    now = timezone.now()
    made = aps.copy_plan(plant_id=shop.plant.pk, name="Once more", by=by, now=now)
    run = aps.solve_scenario(scenario_id=made.pk, seconds=1, by=by, now=now)
    with override_settings(THROUGHLINE_SOLVE_MOVES=50):
        aps.run_scenario(run_id=run.pk, now=now)


def test_a_scenario_beside_the_plan_follows_what_happens(enter: Enter, shop: Shop) -> None:
    """Nobody is late in it; then an order is promised for a moment that has passed, and a new plan says so to both."""
    page = enter("planner")
    solved(shop, User.objects.get(username="planner"))
    board = opened(page)
    board.locator("[data-pick=beside]").select_option(label="Once more")
    beside = board.locator("#board-beside")
    expect(beside).to_contain_text("Once more")
    expect(beside.locator("[data-is=beside-figures]")).to_have_text("none late", timeout=20000)
    assert faults(board) == []
    line = SalesOrderLine.objects.order_by("pk").first()
    assert line is not None
    SalesOrderLine.objects.filter(pk=line.pk).update(promised_at=timezone.now())
    planned(shop)
    expect(beside.locator("[data-is=beside-figures]")).to_have_text("1 late", timeout=60000)
    board.get_by_role("button", name="Close the scenario").click()
    expect(beside).to_be_hidden()


def test_who_optimises_stays_on_the_board_and_can_stop(enter: Enter, shop: Shop) -> None:
    board = opened(enter("planner"))
    address = board.evaluate("location.pathname")
    board.locator("[data-do=optimise]").click()
    search = board.locator("#board-run")
    search.get_by_role("button", name="10 min").click()
    expect(board.locator("#notes")).to_contain_text("A longer search has been asked for", timeout=20000)
    search.get_by_role("button", name="Stop and keep best").click(timeout=60000)
    expect(board.locator("#notes")).to_contain_text("It stops within a second", timeout=20000)
    expect(search.get_by_role("button", name="10 min")).to_be_visible(timeout=60000)
    assert board.evaluate("location.pathname") == address
    assert board.evaluate("board.plan.count") == 12
