"""Board and tablet in a real browser: what one line says is seen on the others without a reload, axe finds nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from masterdata.models import Machine, Plant, WorkCentre
from mes import services as mes
from tests.browser.conftest import faults
from tests.crew import Crew, until


@pytest.fixture
def saw(plant: Plant) -> Machine:
    """Two saws in a work centre of the plant; the first of them."""
    centre = WorkCentre.objects.create(plant=plant, code="SAW", name="Panel saw", calendar=plant.calendar, kind="saw")
    Machine.objects.create(work_centre=centre, code="SAW-02", name="Panel saw 2")
    return Machine.objects.create(work_centre=centre, code="SAW-01", name="Panel saw 1")


def test_a_machine_down_is_seen_on_every_tablet_and_board_at_once(
    enter: Callable[[str], Page], saw: Machine, workers: Crew
) -> None:
    tablet, board = enter("operator"), enter("planner")
    tablet.set_viewport_size({"width": 1280, "height": 800})
    tablet.goto("/tablet/SAW-02/")
    board.goto("/plan/")
    for page in (tablet, board):
        page.wait_for_selector("#live[data-state=live]")
    expect(board.locator("#board-note")).to_contain_text("Nothing is planned here")
    now = dt.datetime.now(dt.UTC)
    mes.report_machine_down(machine_id=saw.pk, since_at=now, now=now)
    for page, band in ((tablet, "#strip"), (board, ".board-strip")):
        expect(page.locator(band)).to_contain_text("SAW-01 Panel saw 1 is down", timeout=15000)
    holes = "board.plan.machines.filter(one => one.blocks.length).length"
    until(lambda: board.evaluate(holes) == 1, what="the hole of the machine is on the board")
    mes.report_machine_up(machine_id=saw.pk, until_at=dt.datetime.now(dt.UTC), now=dt.datetime.now(dt.UTC))
    expect(tablet.locator("#strip")).to_have_text("", timeout=15000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_floor_and_board(
    enter: Callable[[str], Page], saw: Machine, site: str, theme: str
) -> None:
    page = enter("shift_lead")
    page.context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    wrong = {}
    for url in ("/plan/", "/floor/", "/floor/alarms/", "/tablet/?choose=1", "/tablet/SAW-01/", "/tablet/SAW-01/stop/"):
        page.goto(url)
        if found := faults(page):
            wrong[url] = found
    assert wrong == {}
