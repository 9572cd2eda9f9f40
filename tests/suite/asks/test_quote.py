"""A whole quotation is asked at once: its lines share machines and stock, in their sequence; nothing is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import override_settings

from aps.models import KeptOffer
from masterdata.models import Material
from suite.asks import kinds, offer, warm
from suite.asks.answers import Pending
from suite.asks.quote_answers import LineAsked, QuoteQuestion, QuoteReply
from tests.aps.test_offers import NOW as PLANNED_AT
from tests.aps.test_offers import planned_order
from tests.crew import Crew, until
from tests.flows import workshop
from tests.flows.workshop import Workshop

D = Decimal
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def question(shop: Workshop, *lines: tuple[str, str], keep: bool = False) -> QuoteQuestion:
    asked = tuple(
        LineAsked(
            key=f"n{no}",
            plant_id=shop.plant.pk,
            material_id=shop.materials[code].pk,
            quantity=D(quantity),
            wanted_on=dt.date(2026, 11, 30),
        )
        for no, (code, quantity) in enumerate(lines, start=1)
    )
    return QuoteQuestion(lines=asked, now=NOW, keep=keep)


def here(given: QuoteQuestion) -> QuoteReply:
    """Answered in this process."""
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        found = offer.ask_quote(given)
    assert isinstance(found, QuoteReply)
    return found


@pytest.mark.django_db
def test_second_line_stands_behind_the_first_on_the_same_machine() -> None:
    """Stools take 60 min each on the one assembly machine, an hour goes to the customer. 2 stools: 08:00 to 10:00,
    there at 11:00. Then 3 more: 10:00 to 13:00, there at 14:00, which is when all of it is there.

    3 legs at 2.00 and 60 min at 36.00 a stool: 42.00; 84.00 and 126.00, together 210.00.
    """
    shop = workshop.build()
    shop.quantity("LEG", 100)
    reply = here(question(shop, ("STOOL", "2"), ("STOOL", "3")))
    assert [line.deliver_at for line in reply.lines] == [NOW + 3 * HOUR, NOW + 6 * HOUR]
    assert [line.cost for line in reply.lines] == [D("84.00"), D("126.00")]
    assert (reply.deliver_at, reply.cost) == (NOW + 6 * HOUR, D("210.00"))
    assert reply.lines[1].cause == "Assemble waits for machine ASM-01 behind line 1 until Mon 23 Nov, 10:00"
    assert [line.short for line in reply.lines] == [(), ()]


@pytest.mark.django_db
def test_second_line_lacks_what_the_first_takes_of_the_stock() -> None:
    """7 legs lie there. 2 stools take 6 of them; 1 more needs 3, gets 1, and waits for 2 that TIMBER brings in a day,
    Tuesday 08:00: an hour of work, an hour to the customer: 10:00.
    """
    shop = workshop.build()
    shop.quantity("LEG", 7)
    reply = here(question(shop, ("STOOL", "2"), ("STOOL", "1")))
    first, second = reply.lines
    assert (first.deliver_at, first.short) == (NOW + 3 * HOUR, ())
    assert second.deliver_at == NOW + 26 * HOUR
    [leg] = second.short
    assert (leg.code, leg.quantity, leg.ready_at) == ("LEG", D(2), NOW + 24 * HOUR)
    [part] = leg.comes
    assert (part.kind, part.quantity, part.number) == ("supplier", D(2), "")


@pytest.mark.django_db
def test_a_line_that_cannot_be_made_says_so_and_leaves_the_others_alone() -> None:
    """The stool in the middle is asked in halves, the one at the end is answered as if it were the second line."""
    shop = workshop.build()
    shop.quantity("LEG", 100)
    reply = here(question(shop, ("STOOL", "2"), ("STOOL", "1.5"), ("STOOL", "3")))
    first, half, last = reply.lines
    assert "enter 1 or 2" in half.refused
    assert (half.refused_field, half.deliver_at, half.cost) == ("quantity", None, None)
    assert (first.deliver_at, last.deliver_at) == (NOW + 3 * HOUR, NOW + 6 * HOUR)
    assert (reply.deliver_at, reply.cost) == (None, None)


@pytest.mark.django_db
def test_a_product_without_a_routing_is_refused_by_itself() -> None:
    shop = workshop.build()
    shop.quantity("LEG", 100)
    Material.objects.filter(code="BOARD").update(supply="make", is_sellable=True)
    reply = here(question(shop, ("BOARD", "2"), ("STOOL", "2")))
    board, stool = reply.lines
    assert "no frozen routing" in board.refused
    assert stool.deliver_at == NOW + 3 * HOUR


@pytest.mark.django_db
def test_what_is_answered_is_kept_only_when_it_is_asked_for() -> None:
    shop = workshop.build()
    shop.quantity("LEG", 100)
    assert here(question(shop, ("STOOL", "2"))).kept[0].offer_key is None
    assert not KeptOffer.objects.exists()
    [kept] = here(question(shop, ("STOOL", "2"), ("STOOL", "1"), keep=True)).kept
    stored = KeptOffer.objects.get(key=kept.offer_key)
    assert [tuple(one[:2]) for one in stored.placements] == [("1", 10), ("2", 10)]
    assert (stored.material, stored.ends_at) == (None, NOW + 3 * HOUR)


@pytest.mark.django_db
def test_a_single_late_line_says_when_it_could_be_there_if_others_move() -> None:
    """30 stools of another order hold the machine for 30 hours. 2 more behind them: 32 hours and one on the way, the
    day after the wanted one; before them: 2 hours and one on the way.
    """
    shop = workshop.build()
    shop.quantity("LEG", 100)
    with override_settings(THROUGHLINE_SOLVE_MOVES=200):
        planned_order(shop, 30)
    asked = question(shop, ("STOOL", "2"))
    [line] = asked.lines
    late = replace(asked, lines=(replace(line, wanted_on=PLANNED_AT.date()),), now=PLANNED_AT)
    [told] = here(late).lines
    assert (told.deliver_at, told.sooner_at) == (PLANNED_AT + 33 * HOUR, PLANNED_AT + 3 * HOUR)
    assert here(replace(asked, now=PLANNED_AT)).lines[0].sooner_at is None


@pytest.mark.django_db
def test_question_and_reply_are_the_same_after_json() -> None:
    shop = workshop.build()
    shop.quantity("LEG", 1)
    asked = question(shop, ("STOOL", "2"), ("TABLE", "1"), ("STOOL", "1.5"), keep=False)
    assert kinds.question_from_json(kinds.question_to_json(asked)) == asked
    reply = here(asked)
    assert kinds.reply_from_json(kinds.reply_to_json(reply)) == reply


def test_warm_worker_answers_the_whole_quotation(workers: Crew) -> None:
    shop = workshop.build()
    shop.quantity("LEG", 100)
    until(warm.is_there)
    given = offer.ask_quote(question(shop, ("STOOL", "2"), ("STOOL", "3")))

    def fetched() -> QuoteReply | None:
        found = offer.answer_of_quote(given.token) if isinstance(given, Pending) else given
        return found if isinstance(found, QuoteReply) else None

    reply = until(fetched, what="an answer to the quotation")
    assert reply is not None
    assert (reply.source, reply.deliver_at) == ("warm", NOW + 6 * HOUR)


def test_the_token_of_another_kind_of_question_says_ask_again(workers: Crew) -> None:
    shop = workshop.build()
    shop.quantity("LEG", 100)
    until(warm.is_there)
    token = warm.ask(question(shop, ("STOOL", "2")))
    assert token is not None
    until(lambda: warm.fetch(token))
    with pytest.raises(offer.AskExpired):
        offer.answer_of(token)
