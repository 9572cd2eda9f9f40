"""The shell in a real browser: live hints in every tab, keyboard, themes, nothing for axe to find."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from masterdata import live
from masterdata.models import Material, MaterialCategory, Unit
from tests.browser.conftest import faults
from tests.crew import Crew, until

LISTEN = "document.body.addEventListener('live:plan', event => { document.title = 'heard ' + event.detail.id; })"


def test_a_hint_reaches_every_tab_also_after_the_listening_one_closed(enter: Callable[[str], Page]) -> None:
    first = enter("planner")
    second = first.context.new_page()
    second.goto("/")
    second.wait_for_selector("#live[data-state=live]")
    for tab in (first, second):
        tab.evaluate(LISTEN)
    live.publish("plan", 1)
    for tab in (first, second):
        expect(tab).to_have_title("heard 1")
    first.close()

    def heard_again() -> bool:
        live.publish("plan", 2)
        return second.title() == "heard 2"

    until(heard_again, what="the second tab listens itself")


def test_a_hint_between_rendering_and_listening_is_not_lost(enter: Callable[[str], Page]) -> None:
    """Its script comes only after the change: a second tab hears it from the first, an only one by the stream."""
    first = enter("planner")
    context = first.context
    heard = "window.heard = []; document.addEventListener('live:plan', () => window.heard.push(1), true);"
    context.add_init_script(heard)

    def slow(route: Route) -> None:
        live.publish("plan", 1)
        route.continue_()

    context.route("**/live*.js", slow)
    second = context.new_page()
    second.goto("/")
    until(lambda: second.evaluate("window.heard.length") > 0, what="the second tab hears it from the first")
    first.close()
    second.reload()
    until(lambda: second.evaluate("window.heard.length") > 0, what="the only tab hears it from the stream")


def test_the_last_of_a_burst_is_never_swallowed(enter: Callable[[str], Page]) -> None:
    page = enter("planner")
    page.evaluate(LISTEN)
    for number in range(50):
        live.publish("plan", number)
    expect(page).to_have_title("heard 49")


def test_search_opens_with_ctrl_k_and_closes_with_escape(enter: Callable[[str], Page]) -> None:
    page = enter("planner")
    page.keyboard.press("Control+k")
    page.keyboard.type("nothing like it")
    expect(page.locator("#found")).to_contain_text("Nothing has")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()


def test_paging_puts_in_the_rows_and_keeps_the_page(enter: Callable[[str], Page]) -> None:
    """45 materials, 20 a page: the second begins with M-020, the page is not loaded again; back shows the first."""
    unit = Unit.objects.create(code="pcs", name="Pieces")
    category = MaterialCategory.objects.create(code="FUR", name="Furniture")
    for number in range(45):
        Material.objects.create(code=f"M-{number:03}", name=f"Shelf {number}", category=category, unit=unit)
    page = enter("planner")
    page.goto("/master-data/materials/?rows=20")
    page.evaluate("window.isKept = true")
    page.locator("nav.pages a", has_text="2").last.click()
    expect(page.locator("#list-rows tbody tr").first).to_contain_text("M-020")
    expect(page).to_have_url(re.compile("page=2"))
    assert page.evaluate("window.isKept") is True
    page.go_back()
    expect(page.locator("#list-rows tbody tr").first).to_contain_text("M-000")


def test_theme_and_folded_navigation_stay_after_a_reload(enter: Callable[[str], Page]) -> None:
    page = enter("planner")
    page.click("summary.tl-me")
    page.click("[data-theme-choice=dark]")
    page.click("#fold")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("html")).to_have_class("is-folded")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(enter: Callable[[str], Page], site: str, theme: str) -> None:
    page = enter("planner")
    page.context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    wrong = {}
    for url in ("/", "/search/?q=xx", "/nowhere/"):
        page.goto(url)
        wrong[url] = faults(page)
    page.context.clear_cookies(name="sessionid")
    page.goto("/")
    wrong["log-in"] = faults(page)
    assert not any(wrong.values()), wrong


def test_the_log_in_page_needs_no_script(chromium: Browser, site: str, workers: Crew) -> None:
    page = chromium.new_context(java_script_enabled=False, base_url=site).new_page()
    page.goto("/login/")
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "nothing")
    page.click("button.btn-main")
    expect(page.locator("[role=alert]")).to_contain_text("do not match")
    page.context.close()
