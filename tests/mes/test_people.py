"""The attendance list, timesheets with corrections, skill overrides and the handover through the front door."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from masterdata.models import Employee, Membership, Shift, ShiftBreak, Skill, SkillRequirement, User, WorkCentre
from mes import selectors, shifts
from mes import services as mes
from mes.models import Attendance, ExecutionEvent, Handover, Quarantine, SkillOverride
from mes.services import log
from mes.services.events import FloorEvent
from tests.mes.hall import Hall, hall, step

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def shop() -> Hall:
    return hall()


@pytest.fixture
def lead(client: Client, shop: Hall) -> Client:
    client.force_login(shop.person("shift_lead"))
    return client


def tell(person: Employee, kind: str, at: dt.datetime, **payload: str) -> None:
    event = FloorEvent(
        kind=kind, event_id=uuid.uuid4(), operator_id=person.pk, happened_at=at,
        payload=payload,
    )  # fmt: skip
    log.take(event=event, now=timezone.now(), is_late=True)


def key() -> dict[str, str]:
    return {"idempotency_key": uuid.uuid4().hex}


@pytest.mark.django_db
def test_the_list_says_who_is_here_and_since_when(lead: Client, shop: Hall) -> None:
    tell(shop.operator, "clock_in", timezone.now() - 90 * MINUTE)
    tell(shop.operator, "break_start", timezone.now() - 5 * MINUTE)
    page = lead.get(reverse("mes:people")).content.decode()
    assert "Li Wei" in page
    assert "On a break" in page
    assert lead.get(reverse("mes:people") + "?export=xlsx").status_code == 200
    floor = lead.get(reverse("mes:floor")).content.decode()
    assert "Li Wei" in floor


@pytest.mark.django_db
def test_a_timesheet_is_put_right_and_the_log_keeps_both(lead: Client, shop: Hall) -> None:
    """In at -120, forgotten to go: the lead says out at -60. Then in at -150 instead: 90 min, two corrections kept."""
    now = timezone.now().replace(second=0, microsecond=0)
    tell(shop.operator, "clock_in", now - 120 * MINUTE)
    row = Attendance.objects.get()
    url = reverse("mes:correct_hours", args=[row.pk])

    def form(since: int, until: int) -> dict[str, str]:
        times = {"since_at": now - since * MINUTE, "until_at": now - until * MINUTE}
        return {name: f"{at:%Y-%m-%dT%H:%M}" for name, at in times.items()} | {"reason": "Forgot"} | key()

    assert lead.post(url, form(120, 60)).status_code == 302
    row = Attendance.objects.get()
    assert (row.since_at, row.until_at) == (now - 120 * MINUTE, now - 60 * MINUTE)
    assert lead.post(reverse("mes:correct_hours", args=[row.pk]), form(150, 60)).status_code == 302
    row = Attendance.objects.get()
    assert (row.since_at, row.until_at) == (now - 150 * MINUTE, now - 60 * MINUTE)
    assert selectors.minutes_of(row, now=now) == (0, 90)
    assert ExecutionEvent.objects.filter(kind="correction").count() == 1
    page = lead.get(reverse("mes:timesheet", args=[shop.operator.pk])).content.decode()
    assert "1 h 30" in page or "90" in page
    assert lead.get(reverse("mes:hours") + "?export=csv").content.decode().count("Li Wei") == 1


@pytest.mark.django_db
def test_hours_are_not_entered_twice(lead: Client, shop: Hall) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    tell(shop.operator, "clock_in", now - 120 * MINUTE)
    sent = {"since_at": f"{now - 30 * MINUTE:%Y-%m-%dT%H:%M}", "until_at": "", "reason": "Forgot"} | key()
    answer = lead.post(reverse("mes:add_hours", args=[shop.operator.pk]), sent)
    assert answer.status_code == 422
    assert "is here at that time already" in answer.content.decode()


@pytest.mark.django_db
def test_struck_hours_do_not_count(lead: Client, shop: Hall) -> None:
    tell(shop.operator, "clock_in", timezone.now() - 60 * MINUTE)
    tell(shop.operator, "clock_out", timezone.now() - 30 * MINUTE)
    url = reverse("mes:strike_hours", args=[Attendance.objects.get().pk])
    assert lead.post(url, {"reason": "Wrong badge"} | key()).status_code == 302
    assert not Attendance.objects.exists()


@pytest.mark.django_db
def test_an_operator_sees_no_hours(client: Client, shop: Hall) -> None:
    client.force_login(shop.person("operator"))
    assert client.get(reverse("mes:people")).status_code == 403
    assert client.get(reverse("mes:hours")).status_code == 403


@pytest.mark.django_db
def test_late_and_absent_follow_the_shift(shop: Hall) -> None:
    """Shift 08:00 to 16:00 every day: at 08:20 late, at 09:30 absent; come at 08:20 it is 20 min late."""
    calendar = shop.shop.plant.calendar
    Shift.objects.filter(calendar=calendar).delete()
    for weekday in range(7):
        Shift.objects.create(calendar=calendar, name="Day", weekday=weekday, starts=dt.time(8), ends=dt.time(16))
    day = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    person = Employee.objects.select_related("plant__calendar", "calendar").get(pk=shop.operator.pk)

    def state(hour: int, minute: int) -> selectors.PersonNow:
        return selectors.people_now([person], now=day.replace(hour=hour, minute=minute))[person.pk]

    assert state(8, 3).state == "away"
    assert state(8, 20).state == "late"
    assert state(9, 30).state == "absent"
    assert state(17, 0).state == "away"
    Attendance.objects.create(person=person, plant=person.plant, since_at=day.replace(hour=8, minute=20))
    assert (state(9, 30).state, state(9, 30).late_min, state(9, 30).today_min) == ("here", 20, 70)


@pytest.mark.django_db
def test_a_paid_break_counts(shop: Hall) -> None:
    """Break 12:00 to 12:40 by the log, 12:10 to 12:25 paid by the shift: 15 of 40 min are paid."""
    calendar = shop.shop.plant.calendar
    Shift.objects.filter(calendar=calendar).delete()
    today = (timezone.now() - dt.timedelta(days=1)).date()
    shift = Shift.objects.create(
        calendar=calendar, name="Day", weekday=today.weekday(), starts=dt.time(8), ends=dt.time(16)
    )
    ShiftBreak.objects.create(shift=shift, starts=dt.time(12, 10), ends=dt.time(12, 25), is_paid=True)
    zone = shifts.ZoneInfo(calendar.time_zone)
    for kind, hour, minute in (
        ("clock_in", 8, 0), ("break_start", 12, 0), ("break_end", 12, 40), ("clock_out", 16, 0)
    ):  # fmt: skip
        tell(shop.operator, kind, dt.datetime.combine(today, dt.time(hour, minute), tzinfo=zone))
    row = Attendance.objects.get()
    assert row.breaks.get().paid_sec == 15 * 60
    assert selectors.minutes_of(row, now=timezone.now()) == (40, 455)


@pytest.mark.django_db
def test_an_override_is_recorded_with_its_reason(lead: Client, shop: Hall) -> None:
    skill = Skill.objects.create(code="SAW-A", name="Panel saw licence")
    SkillRequirement.objects.create(work_centre=WorkCentre.objects.get(code="SAW"), skill=skill)
    order = shop.shelves()
    sent = {
        "person": shop.operator.pk, "machine": shop.machine("SAW-1"), "job": order.number, "reason": "Short of people"
    }  # fmt: skip
    assert lead.post(reverse("mes:skill_override"), sent | key()).status_code == 302
    row = SkillOverride.objects.get()
    assert (row.operation, list(row.skills.all()), row.reason) == (step(order, 10), [skill], "Short of people")
    assert "Short of people" in lead.get(reverse("mes:skill_overrides")).content.decode()


def other_lead(shop: Hall) -> User:
    user = User.objects.create_user("other", password="a-long-password", first_name="Zhao", last_name="Min")
    Membership.objects.create(user=user, role="shift_lead", company=shop.shop.company, plant=shop.shop.plant)
    return user


@pytest.mark.django_db
def test_a_shift_hands_over(lead: Client, shop: Hall) -> None:
    """It fills itself, is signed and then stands, is accepted by another, and is printed. Of two calls for help the
    one that is closed is not handed over."""
    Shift.objects.filter(calendar=shop.shop.plant.calendar).delete()
    for weekday in range(7):
        for name, starts, ends in (("Early", 0, 12), ("Late", 12, 0)):
            Shift.objects.create(
                calendar=shop.shop.plant.calendar,
                name=name,
                weekday=weekday,
                starts=dt.time(starts),
                ends=dt.time(ends),
            )
    answer = lead.post(reverse("mes:handover_begin", args=[shop.shop.plant.pk]), key())
    row = Handover.objects.get()
    assert answer.url == reverse("mes:handover", args=[row.pk])
    lead.post(reverse("mes:handover_notes", args=[row.pk]), {"notes": "Glue is low", "version": "1"} | key())
    tell(shop.operator, "clock_in", max(row.starts_at, timezone.now() - 2 * MINUTE))
    closed, _open = (
        mes.call_for_help(machine_id=shop.machine(code), what="Board jammed", at=timezone.now())
        for code in ("SAW-1", "SAW-2")
    )
    somebody = User.objects.get(username="shift_lead")
    mes.close_alarm(alarm_id=closed.pk, by=somebody, now=timezone.now(), note="Board taken out")
    page = lead.get(answer.url).content.decode()
    assert "Glue is low" in page
    assert "Li Wei" in page
    lead.post(reverse("mes:handover_sign", args=[row.pk]), key())
    row.refresh_from_db()
    assert row.state == "signed"
    assert [one["name"] for one in row.content["people"]] == ["Li Wei"]
    assert [one["machine"] for one in row.content["alarms"]] == ["SAW-2"]
    own = lead.post(reverse("mes:handover_accept", args=[row.pk]), {"remark": ""} | key())
    assert "You signed this handover" in own.content.decode()
    lead.force_login(other_lead(shop))
    lead.post(reverse("mes:handover_accept", args=[row.pk]), {"remark": "Seen"} | key())
    row.refresh_from_db()
    assert (row.state, row.remark) == ("accepted", "Seen")
    assert ExecutionEvent.objects.filter(kind="handover").count() == 2
    pdf = lead.get(reverse("mes:handover_pdf", args=[row.pk]) + "?language=de")
    assert pdf.content[:4] == b"%PDF"


@pytest.mark.django_db
def test_what_waits_is_looked_at_and_decided(lead: Client, shop: Hall) -> None:
    """A second clock-in at -60 that came late, while the person is here since -120, waits: it is shown, dismissed with
    why, and does not count."""
    now = timezone.now()
    tell(shop.operator, "clock_in", now - 120 * MINUTE)
    tell(shop.operator, "clock_in", now - 60 * MINUTE)
    row = Quarantine.objects.get()
    assert "is clocked in since" in lead.get(reverse("mes:quarantine") + "?state=open").content.decode()
    assert lead.get(reverse("mes:quarantined", args=[row.pk])).status_code == 200
    lead.post(reverse("mes:quarantine_accept", args=[row.pk]), key())
    row.refresh_from_db()
    assert row.state == "open"
    lead.post(reverse("mes:quarantine_dismiss", args=[row.pk]), {"note": "Scanned twice"} | key())
    row.refresh_from_db()
    assert (row.state, row.note) == ("dismissed", "Scanned twice")
    assert Attendance.objects.count() == 1
