"""Hours, gate and cost of people through the log."""

from __future__ import annotations

import itertools
import uuid
from decimal import Decimal
from typing import Any

import pytest

from erp import services as erp
from erp.models import CostEntry, WorkOrderOperation
from masterdata.models import Employee, LabourGrade, Machine, Skill, SkillRequirement, WorkCentre
from mes.models import Attendance, LabourBooking, Quarantine
from mes.services import labour, log
from mes.services.events import FloorEvent
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step


@pytest.fixture
def shop() -> Hall:
    """Li Wei (skilled, 36 an hour) and Wang Fang (helper, 24); the saws want a whole person each."""
    found = hall()
    WorkCentre.objects.update(is_tended_together=False)
    for code, name, rate in (("SKILLED", "Skilled", "36"), ("HELPER", "Helper", "24")):
        grade = LabourGrade.objects.create(code=code, name=name)
        erp.set_hour_rate(
            kind="labour", per_hour=Decimal(rate), valid_from=NOW.date(), grade=grade, plant=found.shop.plant
        )
    found.operator.grade = LabourGrade.objects.get(code="SKILLED")
    found.operator.save()
    Employee.objects.create(
        code="E2", name="Wang Fang", badge="B-1002", plant=found.shop.plant,
        grade=LabourGrade.objects.get(code="HELPER"),
    )  # fmt: skip
    return found


def wang() -> Employee:
    return Employee.objects.get(code="E2")


def told(
    shop: Hall,
    kind: str,
    minute: int,
    who: Employee | None = None,
    operation: WorkOrderOperation | None = None,
    machine: str = "SAW-1",
) -> FloorEvent:
    return FloorEvent(
        kind=kind,
        event_id=uuid.uuid4(),
        operation_id=operation.pk if operation else 0,
        machine_id=shop.machine(machine) if operation else 0,
        operator_id=(who or shop.operator).pk,
        happened_at=at(minute),
    )


def tell(shop: Hall, kind: str, minute: int, *, is_late: bool = False, **more: Any) -> str:
    """What became of it."""
    return log.take(event=told(shop, kind, minute, **more), now=at(minute), is_late=is_late).status


def cost(operation: WorkOrderOperation) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Minutes and money by element and person."""
    found: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for row in CostEntry.objects.filter(operation=operation, element__in=("labour", "machine")):
        key = row.element, row.person.name if row.person else ""
        minutes, amount = found.get(key, (Decimal(0), Decimal(0)))
        found[key] = minutes + (row.quantity or 0), amount + row.amount
    return found


@pytest.mark.django_db
def test_two_people_cost_their_own_minutes_at_their_own_grade(shop: Hall) -> None:
    """Li 0 to 60, Wang 30 to 60 at one saw: 60 min x 36 = 36.00, 30 min x 24 = 12.00; the saw 60 min x 60 = 60.00."""
    job = step(shop.shelves(), 10)
    shop.start(job, "SAW-1")
    tell(shop, "join", 30, who=wang(), operation=job)
    shop.report(job, "SAW-1", 60, "4")
    assert cost(job) == {
        ("labour", "Li Wei"): (Decimal(60), Decimal(36)),
        ("labour", "Wang Fang"): (Decimal(30), Decimal(12)),
        ("machine", ""): (Decimal(60), Decimal(60)),
    }


@pytest.mark.django_db
def test_a_leave_that_comes_late_books_the_difference(shop: Hall) -> None:
    """Wang was booked until 60 and had left at 40: 20 min x 24 = 8.00 come back; 10 min and 4.00 remain."""
    job = step(shop.shelves(), 10)
    shop.start(job, "SAW-1")
    tell(shop, "join", 30, who=wang(), operation=job)
    shop.report(job, "SAW-1", 60, "4")
    tell(shop, "leave", 40, who=wang(), operation=job, is_late=True)
    assert cost(job)["labour", "Wang Fang"] == (Decimal(10), Decimal(4))


@pytest.mark.django_db
def test_what_comes_late_after_the_work_order_ended_goes_where_its_rest_went(shop: Hall) -> None:
    """The order is done at 80; that Wang had helped from 20 to 50 at the saw comes after: 30 min x 24 = 12.00 more,
    and nothing of it stays in work in progress."""
    order = shop.shelves("2")
    shop.start(step(order, 10), "SAW-1")
    shop.report(step(order, 10), "SAW-1", 60, "2")
    shop.start(step(order, 20), "PACK-1", 61)
    shop.report(step(order, 20), "PACK-1", 80, "2")
    order.refresh_from_db()
    assert order.state == "closed"
    job = step(order, 10)
    tell(shop, "join", 20, who=wang(), operation=job, is_late=True)
    tell(shop, "leave", 50, who=wang(), operation=job, is_late=True)
    assert cost(job)["labour", "Wang Fang"] == (Decimal(30), Decimal(12))
    assert sum(row.amount for row in CostEntry.objects.filter(work_order=order)) == 0


@pytest.mark.django_db
def test_piece_rates_pay_pieces_and_are_split_by_minutes(shop: Hall) -> None:
    """Wang works by the piece at 1.20: 6 pieces, Li 60 min and Wang 30: Wang's part 2 pieces = 2.40, Li by the hour."""
    erp.set_piece_rate(work_centre=WorkCentre.objects.get(code="SAW"), per_piece=Decimal("1.20"), valid_from=NOW.date())
    Employee.objects.filter(code="E2").update(pay="piece")
    job = step(shop.shelves(), 10)
    shop.start(job, "SAW-1")
    tell(shop, "join", 30, who=wang(), operation=job)
    shop.report(job, "SAW-1", 60, "6")
    assert cost(job)["labour", "Wang Fang"] == (Decimal(30), Decimal("2.40"))
    assert cost(job)["labour", "Li Wei"] == (Decimal(60), Decimal(36))
    entry = CostEntry.objects.get(person=wang())
    assert (entry.pieces, entry.rate) == (Decimal(2), Decimal("1.20"))


@pytest.mark.django_db
def test_two_saws_want_two_people(shop: Hall) -> None:
    """The second start is refused with where the person is; marked as tended together it splits the minutes: from 30
    to 60 half of 30 min each, so 45 min at the first and 15 at the second."""
    one, other = step(shop.shelves(), 10), step(shop.shelves(), 10)
    shop.start(one, "SAW-1")
    with pytest.raises(labour.WorksElsewhere, match="Li Wei works at SAW-1"):
        shop.start(other, "SAW-2", 30)
    Machine.objects.filter(code__startswith="SAW").update(is_tended_together=True)
    shop.start(other, "SAW-2", 30)
    shop.report(one, "SAW-1", 60, "1")
    shop.report(other, "SAW-2", 60, "1")
    assert cost(one)["labour", "Li Wei"][0] == Decimal(45)
    assert cost(other)["labour", "Li Wei"][0] == Decimal(15)


@pytest.mark.django_db
def test_two_clock_ins_are_refused(shop: Hall) -> None:
    tell(shop, "clock_in", 0)
    with pytest.raises(labour.AlreadyClockedIn, match="Li Wei is clocked in since"):
        tell(shop, "clock_in", 5)


@pytest.mark.django_db
def test_online_there_must_be_something_to_end(shop: Hall) -> None:
    for kind in ("clock_out", "break_start", "break_end"):
        with pytest.raises(labour.NothingToEnd):
            tell(shop, kind, 5)


@pytest.mark.django_db
def test_any_order_of_arrival_ends_in_the_same_hours(shop: Hall) -> None:
    """Five events of one person in all 120 orders: the same rows each time."""
    job = step(shop.shelves(), 10)
    first = None
    for number, order in enumerate(itertools.permutations(range(5))):
        person = Employee.objects.create(
            code=f"P{number}", name=f"P{number}", badge=f"P{number}", plant=shop.shop.plant
        )
        kinds = [("clock_in", 0), ("join", 5), ("break_start", 60), ("break_end", 70), ("clock_out", 120)]
        for index in order:
            kind, minute = kinds[index]
            with_job = job if kind == "join" else None
            assert tell(shop, kind, minute, is_late=True, who=person, operation=with_job) == "applied"
        rows = [(one.since_at, one.until_at, one.tended) for one in LabourBooking.objects.filter(person=person)]
        here = [
            (one.since_at, one.until_at, [(rest.since_at, rest.until_at) for rest in one.breaks.all()])
            for one in Attendance.objects.filter(person=person)
        ]
        first = first or (rows, here)
        assert (rows, here) == first
    assert first is not None
    assert len(first[0]) == 2
    assert labour.rebuild_hours([shop.shop.plant.pk]) == []


@pytest.mark.django_db
def test_the_gate_names_the_skill_and_who_has_it(shop: Hall) -> None:
    """Sawing needs a licence that Wang has and Li has not; a shift lead lets Li do this job."""
    skill = Skill.objects.create(code="SAW-A", name="Panel saw licence")
    SkillRequirement.objects.create(work_centre=WorkCentre.objects.get(code="SAW"), skill=skill)
    wang().skills.add(skill)
    job = step(shop.shelves(), 10)
    with pytest.raises(labour.SkillMissing, match=r"lacks Panel saw licence, which SAW-1 needs.*Wang Fang"):
        shop.start(job, "SAW-1")
    labour.allow_without_skill(
        person=shop.operator, machine=Machine.objects.get(code="SAW-1"), operation=job,
        reason="Wang stands beside", by=shop.person("shift_lead"), now=at(0),
    )  # fmt: skip
    shop.start(job, "SAW-1")
    assert LabourBooking.objects.get().person == shop.operator


@pytest.mark.django_db
def test_what_can_t_be_waits_until_what_it_waited_for_comes(shop: Hall) -> None:
    """In at 0 and in at 60 wait for the out at 30, on whatever tablet it was told."""
    tell(shop, "clock_in", 0)
    assert tell(shop, "clock_in", 60, is_late=True) == "quarantined"
    assert tell(shop, "clock_out", 30, is_late=True) == "applied"
    assert [(one.since_at, one.until_at) for one in Attendance.objects.order_by("since_at")] == [
        (at(0), at(30)), (at(60), None)
    ]  # fmt: skip
    assert Quarantine.objects.get().state == "accepted"


@pytest.mark.django_db
def test_a_start_that_is_undone_books_nobody(shop: Hall) -> None:
    """Taken back, the job has nobody; reported and taken back, the minutes' cost is gone: 60 min x 36 less 36.00."""
    job = step(shop.shelves(), 10)
    shop.start(job, "SAW-1")
    report = shop.report(job, "SAW-1", 60, "4")
    lead = shop.person("shift_lead")
    log.correct(event_id=report.event_id, by=lead, reason="Wrong job", now=at(61), correction_id=uuid.uuid4())
    assert cost(job)["labour", "Li Wei"] == (Decimal(0), Decimal(0))
    shop.report(job, "SAW-1", 90, "4")
    assert cost(job)["labour", "Li Wei"] == (Decimal(90), Decimal(54))
