"""The board in a real browser: dragged, moved by keys, moved by somebody else meanwhile; nothing for axe to find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from crm import services as crm
from crm.models import Opportunity, Stage
from masterdata.models import Plant, User
from tests.browser.conftest import faults
from tests.crew import Crew, until
from tests.crm.test_pipeline import move, opportunity
from tests.flows import workshop

Enter = Callable[[str], Page]


@pytest.fixture
def shop(workers: Crew) -> workshop.Workshop:
    return workshop.build()


@pytest.fixture
def plant(shop: workshop.Workshop) -> Plant:
    return shop.plant


@pytest.fixture
def board(enter: Enter, shop: workshop.Workshop) -> Page:
    """One opportunity of 1,000 in New (10 %), seen by a seller."""
    opportunity(shop)
    page = enter("sales")
    page.goto("/pipeline/")
    page.wait_for_selector("#live[data-state=live]")
    return page


def lane(page: Page, stage: str) -> Locator:
    return page.locator(f'.lane[data-stage="{Stage.objects.get(name=stage).pk}"]')


def pick_up(page: Page) -> None:
    """The card hangs at the mouse."""
    box = page.locator(".opp .who").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 10, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 15, steps=4)


def let_fall(page: Page, stage: str) -> None:
    box = lane(page, stage).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 200, steps=8)
    page.mouse.move(box["x"] + 64, box["y"] + 204)  # the first move into a column only enters it
    expect(lane(page, stage)).to_have_class("lane is-target")
    page.mouse.up()


def test_a_dragged_card_stands_in_its_new_column_and_the_sums_go_with_it(board: Page) -> None:
    """Offered weighs 50 % of 1,000; New is empty again."""
    expect(lane(board, "New")).to_contain_text("weighted 100")
    pick_up(board)
    let_fall(board, "Offered")
    expect(lane(board, "Offered").locator(".opp")).to_have_count(1)
    expect(lane(board, "Offered")).to_contain_text("weighted 500")
    expect(lane(board, "New")).to_contain_text("Nothing here")
    assert Opportunity.objects.get().stage.name == "Offered"


def test_a_card_dropped_where_it_was_is_left_alone(board: Page) -> None:
    before = Opportunity.objects.get().version
    pick_up(board)
    let_fall(board, "New")
    expect(board.locator(".is-target, .is-dragged")).to_have_count(0)
    assert Opportunity.objects.get().version == before


def test_alt_and_arrows_move_the_card_and_the_focus_stays_on_it(board: Page) -> None:
    """Twice to the right is Offered, once back is Qualified: 25 % of 1,000."""
    board.locator(".opp .row-link").focus()
    for key, stage in (("ArrowRight", "Qualified"), ("ArrowRight", "Offered"), ("ArrowLeft", "Qualified")):
        board.keyboard.press(f"Alt+{key}")
        expect(lane(board, stage).locator(".opp .row-link")).to_be_focused()
    assert Opportunity.objects.get().stage.name == "Qualified"
    expect(lane(board, "Offered")).to_contain_text("Nothing here")


def test_a_card_that_somebody_else_moved_while_it_was_dragged_stays_and_the_board_says_so(board: Page) -> None:
    pick_up(board)
    move(Opportunity.objects.get(), "Negotiated")
    expect(lane(board, "Negotiated").locator(".opp")).to_have_count(1)
    let_fall(board, "Offered")
    expect(board.get_by_role("alert")).to_contain_text("is in Negotiated now")
    assert Opportunity.objects.get().stage.name == "Negotiated"


def test_a_card_dropped_on_lost_is_asked_for_the_reason(board: Page) -> None:
    pick_up(board)
    let_fall(board, "Lost")
    board.wait_for_url("**/lose/**")
    board.get_by_label("Why").select_option(index=1)
    board.locator("form.form button.btn-main").click()
    until(lambda: Opportunity.objects.get().state == "lost", what="the opportunity is lost")


def test_axe_finds_nothing_where_people_sell(enter: Enter, shop: workshop.Workshop) -> None:
    page, wrong = enter("sales"), {}
    now, customer, row = timezone.now(), shop.customer, opportunity(shop)
    about = crm.About(opportunity_id=row.pk, company_id=shop.company.pk)
    seller = User.objects.get(username="sales").pk
    call = crm.ActivityInput(kind="call", subject="Ask about legs", due_at=now + dt.timedelta(hours=1), owner_id=seller)
    crm.plan_activity(about=about, activity=call, now=now)
    mail = crm.queue_message(
        customer_id=customer.pk, subject="Your tables", body="They are ready.", to=["a@nord.example"],
        language="en", now=now, hold=True,
    )  # fmt: skip
    addresses = (
        "/pipeline/", "/opportunities/", f"/opportunities/{row.pk}/", "/leads/", "/my-activities/", "/activities/",
        "/cases/", f"/customers/{customer.pk}/", "/messages/", f"/messages/{mail.pk}/", "/messages/write/",
        f"/messages/log/?customer={customer.pk}",
    )  # fmt: skip
    for theme in ("light", "dark"):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": page.url}])
        for address in addresses:
            page.goto(address)
            page.wait_for_load_state("networkidle")
            if found := faults(page):
                wrong[f"{theme} {address}"] = found
    assert wrong == {}
