"""Rules of notices, and what is done with one: sent, held, rewritten, discarded, read."""

from __future__ import annotations

from typing import Any

import pytest

from crm import services as crm
from crm.models import Message, Notice, NoticeRule
from crm.services.notice_words import fill
from erp.models import SalesOrder
from masterdata.causes import Cause
from masterdata.errors import InvalidInput, NotAllowed, StaleVersion
from tests.crm.orders import NOW, at
from tests.crm.test_notices import MINUTE, down, mail, moved, promised
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


def test_displaced_by_a_rush_order_is_held_for_review(shop: Workshop) -> None:
    """The usual rules: rush is looked at by whoever writes, four days or more by whoever approves, the rest is sent."""
    moved(shop, promised(shop), at(25, 12), Cause("rush", "Rush order"))
    notice = Notice.objects.get()
    assert (notice.state, notice.approver, notice.held_why) == ("held", "writer", "Rule 10: held for review")


@pytest.mark.parametrize(("day", "state", "approver"), [(27, "drafted", "writer"), (28, "held", "lead")])
def test_four_days_late_wait_for_approval(shop: Workshop, day: int, state: str, approver: str) -> None:
    moved(shop, promised(shop), at(day, 12), down(shop))
    notice = Notice.objects.get()
    assert (notice.state, notice.approver) == (state, approver)


def test_the_first_rule_that_fits_decides(shop: Workshop) -> None:
    """Of rank 5 for another customer, of rank 6 for this one: not sent, and the log says by which rule."""
    common = {"company_id": shop.company.pk, "action": "skip"}
    crm.write_notice_rule(rank=5, customer_id=shop.other_customer.pk, **common)  # type: ignore[arg-type]
    crm.write_notice_rule(rank=6, customer_id=shop.customer.pk, days_to=1, **common)  # type: ignore[arg-type]
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    notice = Notice.objects.get()
    assert (notice.state, notice.discarded_why) == ("discarded", "Rule 6: not sent")
    moved(shop, order, at(26, 12), down(shop), plan_no=3)
    assert [one.state for one in Notice.objects.order_by("pk")] == ["discarded", "drafted"]


def test_the_usual_rules_still_hold_beside_the_first_own_one(shop: Workshop) -> None:
    """Rank 10 is for another customer; what a rush order displaces is still held, by the usual rule behind it."""
    crm.write_notice_rule(company_id=shop.company.pk, rank=10, customer_id=shop.other_customer.pk, action="skip")
    assert list(NoticeRule.objects.order_by("rank").values_list("rank", flat=True)) == [10, 11, 20, 30]
    moved(shop, promised(shop), at(25, 12), Cause("rush", "Rush order"))
    notice = Notice.objects.get()
    assert (notice.state, notice.held_why) == ("held", "Rule 11: held for review")


def test_a_rules_own_words_name_only_what_is_on_the_list(shop: Workshop) -> None:
    with pytest.raises(InvalidInput, match="no placeholder"):
        crm.write_notice_rule(company_id=shop.company.pk, rank=1, action="send", body="Dear {customer.email}")
    crm.write_notice_rule(company_id=shop.company.pk, rank=1, action="send", body="{customer}: {lines} {why}")
    moved(shop, promised(shop), at(25, 12), down(shop))
    assert Notice.objects.get().body.startswith("Nordhaus: Line 1: 4 pcs Stool Rive")


def test_braces_in_a_value_are_not_filled_again() -> None:
    assert fill("{customer} {order}", {"customer": "{order}", "order": "SO-1"}) == "{order} SO-1"


def test_without_a_mail_address_it_is_held_with_that_reason(shop: Workshop) -> None:
    moved(shop, promised(shop), at(25, 12), down(shop))
    crm.send_due_notices(now=NOW + 10 * MINUTE)
    notice = Notice.objects.get()
    assert (notice.state, notice.held_why) == ("held", "The customer has no mail address")
    with pytest.raises(crm.NoMailAddress):
        crm.approve_notice(notice_id=notice.pk, now=NOW)


def test_who_may_send_is_said_by_the_rule(shop: Workshop) -> None:
    mail(shop)
    moved(shop, promised(shop), at(28, 12), down(shop))
    notice = Notice.objects.get()
    sara, selma = person("sara", "sales", shop.plant), person("selma", "sales_lead", shop.plant)
    with pytest.raises(NotAllowed):
        crm.approve_notice(notice_id=notice.pk, now=NOW, by=sara)
    with pytest.raises(StaleVersion):
        crm.approve_notice(notice_id=notice.pk, now=NOW, by=selma, expected_version=notice.version + 1)
    sent = crm.approve_notice(notice_id=notice.pk, now=NOW, by=selma)
    assert (sent.state, sent.decided_by) == ("queued", selma)
    with pytest.raises(crm.NoticeNotWaiting):
        crm.approve_notice(notice_id=notice.pk, now=NOW, by=selma)


def test_other_words_are_sent_as_written_unless_the_date_moves_again(shop: Workshop) -> None:
    mail(shop)
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    notice = Notice.objects.get()
    crm.rewrite_notice(notice_id=notice.pk, subject="A word", body="Dear Mr Holm, it is late.", now=NOW)
    assert crm.send_due_notices(now=NOW + 60 * MINUTE) == 0
    moved(shop, order, at(26, 12), down(shop), plan_no=3)
    notice.refresh_from_db()
    assert "New date: 26 November 2026" in notice.body
    assert notice.held_why == "The date moved again after its words were changed by hand"


def test_what_was_discarded_is_told_with_the_next_move(shop: Workshop) -> None:
    """The customer still knows the 24th; the cause was not told, so nothing is corrected."""
    cause = down(shop)
    order = promised(shop)
    moved(shop, order, at(25, 12), cause)
    notice = Notice.objects.get()
    with pytest.raises(InvalidInput):
        crm.discard_notice(notice_id=notice.pk, why=" ", now=NOW)
    crm.discard_notice(notice_id=notice.pk, why="Called them", now=NOW)
    moved(shop, order, at(26, 12), cause, plan_no=3)
    second = Notice.objects.latest("pk")
    assert not second.is_correction
    assert "Promised: 24 November 2026\nNew date: 26 November 2026" in second.body


def test_the_link_tells_that_it_was_read_and_is_kept_nowhere(shop: Workshop, settings: Any) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    mail(shop)
    moved(shop, promised(shop), at(25, 12), down(shop))
    crm.send_due_notices(now=NOW + 10 * MINUTE)
    notice, message = Notice.objects.get(), Message.objects.get()
    token = message.body.split("https://shop.example/seen/")[1].split("/")[0]
    assert token not in notice.body
    assert crm.read_notice(token="x" * 43, now=NOW) is None
    assert crm.read_notice(token=token, now=NOW + 30 * MINUTE) == notice
    crm.read_notice(token=token, now=NOW + 90 * MINUTE)
    notice.refresh_from_db()
    assert notice.read_at == NOW + 30 * MINUTE


def test_shipped_or_cancelled_before_it_was_sent_is_not_told(shop: Workshop) -> None:
    mail(shop)
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    SalesOrder.objects.filter(pk=order.pk).update(cancelled_at=NOW)
    crm.send_due_notices(now=NOW + 10 * MINUTE)
    assert Notice.objects.get().discarded_why == "Shipped or cancelled before it was sent"
    assert not Message.objects.exists()


def test_first_promise_has_no_notice(shop: Workshop) -> None:
    promised(shop)
    assert not Notice.objects.exists()


def test_rules_of_a_company_are_founded_once(shop: Workshop) -> None:
    assert len(crm.found_notice_rules(company_id=shop.company.pk)) == 3
    assert crm.found_notice_rules(company_id=shop.company.pk) == []
    with pytest.raises(InvalidInput, match="rank 10"):
        crm.write_notice_rule(company_id=shop.company.pk, rank=10, action="send")
    rule = NoticeRule.objects.get(rank=20)
    crm.change_notice_rule(rule_id=rule.pk, expected_version=1, days_from=2)
    with pytest.raises(StaleVersion):
        crm.change_notice_rule(rule_id=rule.pk, expected_version=1, days_from=3)
