"""Levers of an offer: hours more, material of another order, a part of it first. Each in the plan as it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from aps import services as aps
from aps.models import PlannedOperation, PlanWeights
from erp import selectors as erp_now
from erp import services as erp
from masterdata.models import Calendar, Machine, Shift
from tests.aps.test_offers import NOW, minutes, order, planned_order
from tests.flows import workshop
from tests.flows.workshop import Workshop

pytestmark = pytest.mark.django_db
D = Decimal
WANTED = dt.date(2026, 11, 23)


@pytest.fixture
def shop() -> Workshop:
    """Stools to order, 60 min of assembly each on one machine; one hour to the customer. NOW is Monday 09:14."""
    made = workshop.build()
    made.quantity("LEG", 20)
    return made


def day_shift(shop: Workshop) -> None:
    """Assembly works Monday to Friday, 08:00 to 16:00, UTC."""
    calendar = Calendar.objects.create(code="DAY", name="Day shift")
    Shift.objects.bulk_create(
        Shift(calendar=calendar, name="Day", weekday=day, starts=dt.time(8), ends=dt.time(16)) for day in range(5)
    )
    Machine.objects.filter(code="ASM-01").update(calendar=calendar)


def explosion(shop: Workshop, quantity: int) -> erp_now.Explosion:
    return supply(shop).explode(D(quantity))


def supply(shop: Workshop) -> erp_now.Supply:
    return erp_now.supply_for(plant_id=shop.plant.pk, material_id=shop.materials["STOOL"].pk, now=NOW)


def overtime(shop: Workshop, quantity: int) -> aps.OvertimeOffer | None:
    return aps.offer_with_overtime(
        plant_id=shop.plant.pk, explosion=explosion(shop, quantity), now=NOW, wanted_on=WANTED
    )


def test_overtime_behind_the_shift_is_used_as_far_as_it_is_needed(shop: Workshop) -> None:
    """An order of 5 holds the machine from 09:14 to 14:14. 3 stools are 180 min: 106 until 16:00 and 74 tomorrow, until
    09:14. With two hours behind the shift: 17:14, at the customer 18:14; 74 min are used. A limit of 60 min a day is
    used whole, and 14 min remain for tomorrow: 08:14. None allowed, none offered."""
    day_shift(shop)
    shop.quantity("LEG", 100)
    planned_order(shop, 5)
    found = overtime(shop, 3)
    assert found is not None
    assert (found.option.ends_at, found.option.deliver_at) == (NOW + minutes(480), NOW + minutes(540))
    [hours] = found.hours
    assert (hours.machine_code, hours.minutes, hours.ends_at) == ("ASM-01", 74, NOW + minutes(480))
    assert (found.option.victims, found.option.moved, found.premium_percent) == ((), (), 25)
    weights = PlanWeights.objects.create(plant=shop.plant, overtime_day_min=60)
    found = overtime(shop, 3)
    assert found is not None
    assert found.option.ends_at == dt.datetime(2026, 11, 24, 8, 14, tzinfo=dt.UTC)
    assert [hours.minutes for hours in found.hours] == [60]
    weights.overtime_day_min = 0
    weights.save()
    assert overtime(shop, 3) is None


def test_no_overtime_where_a_machine_works_round_the_clock(shop: Workshop) -> None:
    """There are no hours to add."""
    planned_order(shop, 5)
    assert overtime(shop, 3) is None


def taken(shop: Workshop, quantity: int) -> tuple[erp_now.Taking, aps.OfferOption | None]:
    [taking] = erp_now.takings(supply(shop), D(quantity))
    option = aps.offer_with_taken(
        plant_id=shop.plant.pk,
        explosion=taking.explosion,
        ready_times=taking.ready_times,
        now=NOW,
        wanted_on=WANTED,
    )
    return taking, option


def test_taken_material_times_the_other_order_anew_and_names_it(shop: Workshop) -> None:
    """5 stools hold 15 of 20 legs and the machine from 09:14 to 14:14; 5 legs are free. 3 stools need 9: without more
    they wait a day for 4 legs. With 4 of the other order's they stand first, 09:14 to 12:14 (13:14 at the customer);
    the other waits for its 4 legs until tomorrow 09:14, ends 14:14 and is at the customer at 15:14, a day later."""
    first = planned_order(shop, 5)
    taking, option = taken(shop, 3)
    assert taking.order_no == first.number
    assert option is not None
    assert (option.ends_at, option.deliver_at) == (NOW + minutes(180), NOW + minutes(240))
    [victim] = option.victims
    assert (victim.order_number, victim.old_end_at, victim.new_end_at) == (
        first.number,
        NOW + minutes(360),
        NOW + minutes(360 + 24 * 60),
    )
    assert option.moved_count == 1


def test_taken_option_is_planned_as_offered_when_the_material_moves_with_it(shop: Workshop) -> None:
    """Taken: the new order has its legs at once, the other's four come tomorrow, and the plan says both."""
    first = planned_order(shop, 5)
    taking, option = taken(shop, 3)
    assert option is not None
    answer = aps.OfferAnswer(shop.plant.pk, shop.materials["STOOL"].pk, D(3), WANTED, "1.1", (option,))
    key = aps.keep_offer(answer=answer, option=option, now=NOW)
    draft = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[erp.OrderLineInput(shop.plant.pk, shop.materials["STOOL"].pk, D(3), D(100), WANTED)],
        now=NOW,
    )
    takes = [erp.Take(pledge.need_id, need.quantity) for pledge, need in taking.needs]
    erp.confirm_with_material(order_id=draft.pk, takes=takes, now=NOW)
    aps.take_offer(key=key, order_id=draft.pk, now=NOW)
    ends = dict(PlannedOperation.objects.values_list("operation__work_order__sales_order_line__order", "ends_at"))
    assert ends == {first.pk: NOW + minutes(300 + 24 * 60), draft.pk: NOW + minutes(180)}


def stools(shop: Workshop, quantity: int) -> tuple[int, Decimal]:
    return shop.materials["STOOL"].pk, D(quantity)


def test_largest_part_that_is_there_on_the_day_and_the_rest_behind_it(shop: Workshop) -> None:
    """The machine is free from 14:14 on. The day ends at midnight, 23:00 less transport: 526 min, 8 stools (480). Of 12
    stools 8 are at the customer at 23:14, the other 4 take 240 min more: 03:14."""
    shop.quantity("LEG", 100)
    planned_order(shop, 5)
    found = aps.offer_in_parts(supply=supply(shop), lines=[stools(shop, 12)], steps=[D(1)], wanted_on=WANTED, now=NOW)
    assert found is not None
    assert (found.first, found.option.deliver_at) == ((D(8),), dt.datetime(2026, 11, 23, 23, 14, tzinfo=dt.UTC))
    assert found.rest_at == dt.datetime(2026, 11, 24, 3, 14, tzinfo=dt.UTC)
    assert {place[0] for place in found.option.placements} == {"1", "2"}
    assert (found.option.victims, found.option.moved) == ((), ())


def test_no_part_where_all_or_nothing_of_it_is_there(shop: Workshop) -> None:
    """8 are all there; for a day that has passed none is. Enough legs lie there."""
    shop.quantity("LEG", 100)
    planned_order(shop, 5)
    whole = aps.offer_in_parts(supply=supply(shop), lines=[stools(shop, 1)], steps=[D(1)], wanted_on=WANTED, now=NOW)
    passed = aps.offer_in_parts(
        supply=supply(shop), lines=[stools(shop, 3)], steps=[D(1)], wanted_on=dt.date(2026, 11, 22), now=NOW
    )
    assert (whole, passed) == (None, None)
    assert order(shop, 1).confirmed_at is not None


def test_of_several_lines_whole_ones_come_first_and_of_the_others_what_fits(shop: Workshop) -> None:
    """The machine is free 300 min from now. 3 tables: sawn and edged after 50 min, assembled from 300 to 360, packed at
    375: alone they are there before 20 stools, which are not there on the day. The day ends 826 min from now, less
    transport: 7 stools more, 300 + 420 = 720, then the tables, 780, packed 795, at the customer at 855. The other 13
    are 780 min behind 780: 1560, and 1620.
    """
    shop.quantity("LEG", 200)
    shop.quantity("BOARD", 10)
    planned_order(shop, 5)
    table = shop.materials["TABLE"].pk, D(3)
    both = erp_now.supply_for(plant_id=shop.plant.pk, material_id=shop.materials["STOOL"].pk, now=NOW, further=[table])
    found = aps.offer_in_parts(
        supply=both, lines=[stools(shop, 20), table], steps=[D(1), D(1)], wanted_on=WANTED, now=NOW
    )
    assert found is not None
    assert found.first == (D(7), D(3))
    assert (found.option.deliver_at, found.rest_at) == (NOW + minutes(855), NOW + minutes(1620))
    assert {place[0] for place in found.option.placements} == {"1", "2", "2.1", "3"}
    assert (found.option.victims, found.option.moved) == ((), ())
