"""Notices: drafted by rule, one for each change and cause, in the customer's language, honest and without others."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import services as crm
from crm.models import Message, Notice, NoticeCause, NoticeWish, Promise
from erp import services as erp
from erp.models import SalesOrder, WorkOrderOperation
from masterdata.causes import Cause
from masterdata.models import FactRecord
from tests.crm.orders import NOW, at, confirmed, plan
from tests.flows.workshop import Workshop

MINUTE = dt.timedelta(minutes=1)


def fact_about(shop: Workshop, machine: str = "ASM-01") -> FactRecord:
    payload = {"machine_id": shop.machines[machine].pk, "plant_id": shop.plant.pk, "downtime_id": 1}
    return FactRecord.objects.create(kind="MachineDown", payload=payload)


def down(shop: Workshop) -> Cause:
    return Cause("breakdown", "Machine ASM-01 is down since Mon 23 Nov, 09:14", fact_about(shop).pk)


def promised(shop: Workshop, **given: object) -> SalesOrder:
    """An order promised for Tue 24 Nov 13:00 UTC."""
    order = confirmed(shop, **given)  # type: ignore[arg-type]
    moved(shop, order, at(24, 12), Cause("order", "Order"), plan_no=1)
    return order


def moved(
    shop: Workshop, order: SalesOrder, end: dt.datetime, cause: Cause, plan_no: int = 2, now: dt.datetime = NOW
) -> list[Promise]:
    """A plan in which its assembly ends then; transport takes an hour more."""
    plan(shop, plan_no, {order: end})
    return crm.renew_promises(plant_id=shop.plant.pk, plan_no=plan_no, cause=cause, now=now)


def mail(shop: Workshop) -> None:
    shop.customer.email = "buying@nordhaus.example"
    shop.customer.save()


def by_the_hour(shop: Workshop) -> None:
    NoticeWish.objects.create(customer=shop.customer, has_hours=True)


def test_breakdown_names_the_kind_of_machine_and_both_days(shop: Workshop) -> None:
    order = promised(shop)
    moved(shop, order, at(26, 13, 30), down(shop))
    notice = Notice.objects.get()
    assert (notice.customer, notice.order, notice.state, notice.days_late) == (shop.customer, order, "drafted", 2)
    assert notice.subject == f"Order {order.number}: new delivery date 26 November 2026"
    assert "Line 1: 4 pcs Stool Rive\nPromised: 24 November 2026\nNew date: 26 November 2026" in notice.body
    assert "A machine that your order needs is down: Asm." in notice.body
    assert "ASM-01" not in notice.body
    assert notice.settles_at == NOW + 10 * MINUTE


def test_the_kind_of_machine_is_not_named_where_the_company_does_not_want_it(shop: Workshop) -> None:
    crm.set_promise_policy(company_id=shop.company.pk, machine_words="none")
    moved(shop, promised(shop), at(26, 13, 30), down(shop))
    assert "Why: A machine that your order needs is down.\n" in Notice.objects.get().body


def test_customers_with_hours_read_hours_in_plant_time(shop: Workshop) -> None:
    """13:00 and 14:30 UTC are 14:00 and 15:30 in Berlin in November."""
    by_the_hour(shop)
    shop.plant.time_zone = "Europe/Berlin"
    shop.plant.save()
    moved(shop, promised(shop), at(26, 13, 30), down(shop))
    assert "Promised: 24 Nov, 14:00\nNew date: 26 Nov, 15:30" in Notice.objects.get().body


@pytest.mark.parametrize("reason", ["rush", "order", "progress", "planner", "machine_up", "material"])
def test_no_other_customer_and_no_other_order_is_named(shop: Workshop, reason: str) -> None:
    order = promised(shop)
    moved(shop, order, at(26, 12), Cause(reason, "Rush order SO-2026-00099 for Harbour Homes was taken first"))
    notice = Notice.objects.get()
    assert "Harbour Homes" in Promise.objects.latest("version_no").cause
    assert "Harbour Homes" not in notice.subject + notice.body
    assert "SO-2026-00099" not in notice.subject + notice.body


def test_it_is_written_in_the_customers_language_and_tone(shop: Workshop) -> None:
    shop.customer.language = "de"
    shop.customer.save()
    NoticeWish.objects.create(customer=shop.customer, tone="friendly")
    order = promised(shop)
    moved(shop, order, at(26, 12), Cause("material", "Legs come later"))
    notice = Notice.objects.get()
    assert notice.subject == f"Auftrag {order.number}: neuer Liefertermin 26. November 2026"
    assert notice.body.startswith("Hallo Nordhaus,\n\nleider keine gute Nachricht")
    assert "Grund: Material für Ihren Auftrag kommt später als erwartet." in notice.body
    assert notice.body.endswith("Viele Grüße\nThroughline Tables")


def test_hours_are_written_as_the_customers_language_writes_them(shop: Workshop) -> None:
    shop.customer.language = "de"
    shop.customer.save()
    NoticeWish.objects.create(customer=shop.customer, tone="formal", has_hours=True)
    order = promised(shop)
    moved(shop, order, at(26, 11), Cause("material", "Legs come later"))
    assert Notice.objects.get().subject == f"Auftrag {order.number}: neuer Liefertermin 26. Nov., 12:00 Uhr"


def test_a_move_within_the_day_that_the_customer_knows_sends_nothing(shop: Workshop) -> None:
    """Promised for Tue 13:00; Tue 23:00 is another version and no news. Wed 00:30 is another day."""
    order = promised(shop)
    assert len(moved(shop, order, at(24, 22), down(shop))) == 1
    assert not Notice.objects.exists()
    moved(shop, order, at(24, 23, 30), down(shop), plan_no=3)
    assert "New date: 25 November 2026" in Notice.objects.get().body


def test_the_day_is_that_of_the_plant(shop: Workshop) -> None:
    """13:00 UTC is 21:00 in Shanghai; 16:00 UTC is midnight there: the next day."""
    shop.plant.time_zone = "Asia/Shanghai"
    shop.plant.save()
    order = promised(shop)
    moved(shop, order, at(24, 14, 30), down(shop))
    assert not Notice.objects.exists()
    moved(shop, order, at(24, 15), down(shop), plan_no=3)
    assert Notice.objects.get().days_late == 1


def test_to_a_customer_with_hours_less_than_the_noise_sends_nothing(shop: Workshop) -> None:
    """Noise is an hour: 20, 40, then 60 minutes later than what the customer knows, in three versions."""
    by_the_hour(shop)
    order = promised(shop)
    for number, minutes in enumerate((20, 40)):
        moved(shop, order, at(24, 12) + minutes * MINUTE, down(shop), plan_no=2 + number)
    assert Promise.objects.filter(order_line__order=order).count() == 3
    assert not Notice.objects.exists()
    moved(shop, order, at(24, 13), down(shop), plan_no=4)
    line = Notice.objects.get().lines.get()
    assert (line.before.version_no, line.promise.version_no) == (1, 4)


def test_a_second_slip_rewrites_what_waits(shop: Workshop) -> None:
    """It was to be sent ten minutes after the first; that stays, and it is still one."""
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    moved(shop, order, at(27, 12), Cause("material", "Legs"), plan_no=3, now=NOW + 5 * MINUTE)
    notice = Notice.objects.get()
    assert "Promised: 24 November 2026\nNew date: 27 November 2026" in notice.body
    assert "Material for your order" in notice.body  # two days of the three are the material's
    assert notice.settles_at == NOW + 10 * MINUTE
    assert notice.lines.count() == 1


def test_what_has_settled_is_sent_once(shop: Workshop) -> None:
    mail(shop)
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    assert crm.send_due_notices(now=NOW + 9 * MINUTE) == 0
    assert crm.send_due_notices(now=NOW + 10 * MINUTE) == 1
    assert crm.send_due_notices(now=NOW + 11 * MINUTE) == 0
    notice, message = Notice.objects.get(), Message.objects.get()
    assert (notice.state, notice.queued_at) == ("queued", NOW + 10 * MINUTE)
    assert (message.notice, message.order, message.to_addresses) == (notice, order, ["buying@nordhaus.example"])
    assert message.state == "queued"
    assert FactRecord.objects.filter(kind="CustomerTold").count() == 1


def test_it_waits_for_a_plan_that_is_being_made_and_not_for_ever(shop: Workshop) -> None:
    mail(shop)
    moved(shop, promised(shop), at(25, 12), down(shop))
    busy = [shop.plant.pk]
    assert crm.send_due_notices(now=NOW + 11 * MINUTE, busy_plants=busy) == 0
    assert crm.send_due_notices(now=NOW + 41 * MINUTE, busy_plants=busy) == 1


def test_the_same_cause_after_it_was_told_is_a_correction_that_says_so(shop: Workshop) -> None:
    """Told: Wed 25. The same breakdown then moves it within the day: nothing. To Thu 26: corrected."""
    mail(shop)
    order, cause = promised(shop), down(shop)
    moved(shop, order, at(25, 12), cause)
    crm.send_due_notices(now=NOW + 10 * MINUTE)
    moved(shop, order, at(25, 18), cause, plan_no=3, now=NOW + 20 * MINUTE)
    assert Notice.objects.count() == 1
    moved(shop, order, at(26, 12), cause, plan_no=4, now=NOW + 30 * MINUTE)
    second = Notice.objects.latest("pk")
    assert second.is_correction
    assert second.subject.startswith(f"Order {order.number}: delivery date moved once more")
    assert "we have to correct the date that we told you before" in second.body
    assert "Promised: 25 November 2026\nNew date: 26 November 2026" in second.body
    assert list(NoticeCause.objects.order_by("pk").values_list("is_correction", flat=True)) == [False, True]


def test_two_notices_for_one_cause_are_refused_by_the_database(shop: Workshop) -> None:
    cause = down(shop)
    order = promised(shop)
    moved(shop, order, at(25, 12), cause)
    notice = Notice.objects.get()
    with pytest.raises(IntegrityError, match="one_notice_waits_for_each_order"), transaction.atomic():
        Notice.objects.create(
            order=order, customer=order.customer, reason="rush", subject="x", body="x", settles_at=NOW
        )
    other = Notice.objects.create(
        order=order, customer=order.customer, reason="rush", subject="x", body="x", state="queued", queued_at=NOW
    )
    assert cause.fact_id is not None
    with pytest.raises(IntegrityError, match="one_notice_for_each_cause"), transaction.atomic():
        NoticeCause.objects.create(notice=other, order=order, fact_id=cause.fact_id)
    with pytest.raises(DatabaseError, match="what was told stands"), transaction.atomic():
        Notice.objects.filter(pk=other.pk).update(body="something else")
    with pytest.raises(DatabaseError), transaction.atomic():
        notice.delete()


def test_lines_of_one_order_moved_by_one_cause_are_one_notice(shop: Workshop) -> None:
    stool = shop.materials["STOOL"]
    wanted = NOW.date() - dt.timedelta(days=1)
    inputs = [
        erp.OrderLineInput(
            plant_id=shop.plant.pk, material_id=stool.pk, quantity=Decimal(2), unit_price=Decimal(1), wanted_on=wanted
        )
        for _ in range(2)
    ]
    order = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=inputs,
        now=NOW - dt.timedelta(days=2),
    )
    order = erp.confirm_order(order_id=order.pk, now=NOW)
    operations = WorkOrderOperation.objects.filter(work_order__sales_order_line__order=order).order_by("pk")

    def planned(number: int, ends: list[dt.datetime], cause: Cause) -> None:
        rows = [
            erp.Placement(one.pk, shop.machines["ASM-01"].pk, end - dt.timedelta(hours=1), end)
            for one, end in zip(operations, ends, strict=True)
        ]
        erp.apply_plan(plant_id=shop.plant.pk, plan_no=number, placements=rows)
        crm.renew_promises(plant_id=shop.plant.pk, plan_no=number, cause=cause, now=NOW)

    planned(1, [at(24, 10), at(24, 12)], Cause("order", "Order"))
    planned(2, [at(25, 10), at(26, 12)], down(shop))
    notice = Notice.objects.get()
    assert notice.lines.count() == 2
    assert "Line 1: 2 pcs Stool Rive\nPromised: 24 November 2026\nNew date: 25 November 2026" in notice.body
    assert "Line 2: 2 pcs Stool Rive\nPromised: 24 November 2026\nNew date: 26 November 2026" in notice.body


@pytest.mark.parametrize("seed", range(4))
def test_noise_of_minutes_sends_nothing_and_nothing_is_told_twice(shop: Workshop, seed: int) -> None:
    """Forty plans that shake every end by up to twelve minutes, or now and then move it by days, with few causes; what
    settles is sent in between. No version differs by less than a quarter of an hour, at most one notice waits, what is
    told is always another day than the customer knew, and each cause is told once: what follows says it corrects.
    """
    mail(shop)
    rng = random.Random(seed)
    order = promised(shop)
    causes = [down(shop) for _ in range(3)]
    end, now = at(24, 12), NOW
    for number in range(2, 42):
        now += dt.timedelta(minutes=rng.choice((1, 4, 15)))
        if rng.random() < 0.15:
            end += dt.timedelta(hours=rng.choice((1, 9, 30)))
        noisy = end + dt.timedelta(minutes=rng.randint(-12, 12))
        moved(shop, order, noisy, rng.choice(causes), plan_no=number, now=now)
        crm.send_due_notices(now=now)
        assert Notice.objects.filter(state__in=("drafted", "held")).count() <= 1
    for before, after in zip(
        versions := list(Promise.objects.filter(order_line__order=order).order_by("version_no")),
        versions[1:],
        strict=False,
    ):
        assert after.promised_at - before.promised_at >= 15 * MINUTE
    known = versions[0].promised_at.date()
    seen: set[uuid.UUID] = set()
    for notice in Notice.objects.exclude(state="discarded").order_by("pk"):
        line = notice.lines.select_related("before", "promise").get()
        assert line.before.promised_at.date() == known
        assert line.promise.promised_at.date() > known
        known = line.promise.promised_at.date() if notice.state == "queued" else known
        facts = set(notice.causes.values_list("fact_id", flat=True))
        assert notice.is_correction == bool(facts & seen)
        seen |= facts
    told = NoticeCause.objects.filter(is_correction=False)
    assert told.count() == told.values("fact").distinct().count()


def test_only_minutes_of_noise_send_nothing_at_all(shop: Workshop) -> None:
    """A hundred plans within plus and minus fourteen minutes: one version, no notice."""
    order = promised(shop)
    rng = random.Random(7)
    for number in range(2, 102):
        moved(shop, order, at(24, 12) + rng.randint(-14, 14) * MINUTE, down(shop), plan_no=number)
    assert Promise.objects.filter(order_line__order=order).count() == 1
    assert not Notice.objects.exists()


def test_queries_do_not_grow_with_the_orders(shop: Workshop) -> None:
    counts = []
    orders = [promised(shop)]
    for number, more in ((2, 0), (3, 3)):
        orders += [confirmed(shop) for _ in range(more)]
        plan(shop, 10 * number, {order: at(20 + 2 * number, 12) for order in orders})
        crm.renew_promises(plant_id=shop.plant.pk, plan_no=10 * number, cause=Cause("order", "Order"), now=NOW)
        plan(shop, 10 * number + 1, {order: at(21 + 2 * number, 12) for order in orders})
        Notice.objects.update(state="discarded", discarded_why="out of the way")
        with CaptureQueriesContext(connection) as captured:
            crm.renew_promises(plant_id=shop.plant.pk, plan_no=10 * number + 1, cause=down(shop), now=NOW)
        counts.append(len(captured))
    assert counts[0] == counts[1]
