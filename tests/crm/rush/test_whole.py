"""Taking an option is all or nothing, tells the displaced in the same transaction, and is given back for seconds."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps.models import Plan, PlannedOperation
from crm.models import Notice, Promise, RushRequest
from erp.models import SalesOrder, WorkOrder
from masterdata.models import FactRecord
from suite import audit
from suite.deeds import undo_rush
from tests.crm.desk import settle
from tests.crm.rush.asking import asked, card, quoted, take, today, versions
from tests.flows.workshop import Workshop

SECOND = dt.timedelta(seconds=1)


def placed() -> list[tuple[object, ...]]:
    rows = PlannedOperation.objects.order_by("operation_id")
    return list(rows.values_list("operation_id", "machine_id", "starts_at", "ends_at"))


def undo(request: RushRequest, seconds: int = 0) -> RushRequest:
    return undo_rush.undo_rush(request_id=request.pk, now=timezone.now() + seconds * SECOND)


def sound() -> bool:
    return [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def test_the_displaced_are_told_in_the_very_transaction_and_once(busy: Workshop) -> None:
    moved = SalesOrder.objects.get()
    take(card(asked(busy), "C"))
    notice = Notice.objects.get(order=moved)
    assert notice.lines.get().promise.version_no == 2
    settle(busy)
    assert Notice.objects.filter(order=moved).count() == 1


def test_what_fails_at_the_last_step_leaves_nothing_behind(busy: Workshop) -> None:
    """The database refuses the notice, which is the last that is written: no order, no plan, no promise, no fact."""
    request = asked(busy)
    before = SalesOrder.objects.count(), WorkOrder.objects.count(), Plan.objects.count(), Promise.objects.count()
    board, facts = placed(), FactRecord.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_notice() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no paper left'; END $$"
        )
        cursor.execute("CREATE TRIGGER no_notice BEFORE INSERT ON crm_notice FOR EACH ROW EXECUTE FUNCTION no_notice()")
    with pytest.raises(DatabaseError, match="no paper left"), transaction.atomic():
        take(card(request, "C"))
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER no_notice ON crm_notice; DROP FUNCTION no_notice()")
    counts = SalesOrder.objects.count(), WorkOrder.objects.count(), Plan.objects.count(), Promise.objects.count()
    assert (counts, placed(), FactRecord.objects.count()) == (before, board, facts)
    request.refresh_from_db()
    assert (request.state, card(request, "C").state) == ("open", "open")
    assert take(card(request, "C")).is_rush, "the same option may be taken once it works again"


def test_it_is_given_back_with_all_that_it_moved(busy: Workshop) -> None:
    """Promise 2 of the displaced said 2 h later; promise 3 says what promise 1 said. The board is as it was."""
    moved, board = SalesOrder.objects.get(), placed()
    promised = moved.lines.get().promised_at
    request = asked(busy)
    order = take(card(request, "C"))
    assert placed() != board
    request = undo(request, seconds=9)
    order.refresh_from_db()
    assert (request.state, request.order, order.cancelled_at is not None) == ("open", None, True)
    assert placed() == board
    assert versions(moved) == [(1, "plan"), (2, "rush"), (3, "rush")]
    assert moved.lines.get().promised_at == promised
    assert Promise.objects.get(order_line__order=moved, version_no=3).cause == (
        f"Rush order {order.number} was given back: the date before holds again"
    )
    assert FactRecord.objects.filter(kind="RushUndone").count() == 1
    settle(busy)
    assert sound()


def test_a_quotation_that_was_taken_as_a_rush_is_open_again(shop: Workshop) -> None:
    from suite.deeds import ask_rush

    shop.quantity("BOARD", 10)
    settle(shop)
    quotation = quoted(shop)
    request = ask_rush.ask_rush_for_quotation(quotation_id=quotation.pk, wanted_on=today(), now=timezone.now())
    take(card(request, "A"))
    undo(request)
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order) == ("draft", None)
    assert not PlannedOperation.objects.exists()


def test_after_the_seconds_it_is_too_late(busy: Workshop) -> None:
    request = asked(busy)
    order = take(card(request, "A"))
    with pytest.raises(undo_rush.TooLateToUndo, match="more than ten seconds ago"):
        undo(request, seconds=16)
    order.refresh_from_db()
    assert order.cancelled_at is None


def test_work_that_has_begun_is_not_given_back(busy: Workshop) -> None:
    request = asked(busy)
    order = take(card(request, "A"))
    WorkOrder.objects.filter(sales_order_line__order=order).update(state="released")
    with pytest.raises(undo_rush.TooLateToUndo, match="released or in work"):
        undo(request)
    request.refresh_from_db()
    assert (request.state, request.order) == ("taken", order)


def test_the_panel_offers_it_for_ten_seconds(sara: Client, busy: Workshop) -> None:
    request = asked(busy)
    panel = reverse("crm:rush_request", args=[request.pk])
    sara.post(reverse("suite:rush_take", args=[card(request, "A").pk]))
    assert reverse("suite:rush_undo", args=[request.pk]) in sara.get(panel).content.decode()
    answer = sara.post(reverse("suite:rush_undo", args=[request.pk]))
    assert answer["Location"] == panel
    request.refresh_from_db()
    assert (request.state, request.answer_no) == ("open", 2)
    assert "Take option A" in sara.get(panel).content.decode()
    take(card(request, "A"))
    RushRequest.objects.filter(pk=request.pk).update(taken_at=timezone.now() - 11 * SECOND)
    assert "rush_undo" not in sara.get(panel).content.decode()
    assert reverse("suite:rush_undo", args=[request.pk]) not in sara.get(panel).content.decode()
