"""Pages of machine time through the front door: machine, OEE, andon, alarms, reasons, standard times."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import services as erp
from erp.production.placement import Placement
from mes import services as mes
from mes.models import Alarm, EscalationRule, MachineState, TimeProposal
from mes.views.losing import waterfall
from mes.views.ribbon import WIDTH, drawn
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_machines import sent
from tests.mes.test_pages import key
from tests.mes.test_standard_times import look, shop_with_runs


@pytest.fixture
def shop() -> Hall:
    """SAW-1 by its own words, counted from now: an hour of work, ten minutes of a stop, work again."""
    shop = hall()
    now = timezone.now()
    for number, (state, back) in enumerate([("producing", 90), ("stopped", 30), ("producing", 20)]):
        moment = now - dt.timedelta(minutes=back)
        mes.take_machine_event(event_id=f"m{number}", machine_code="SAW-1", state=state, happened_at=moment, now=moment)
    return shop


@pytest.fixture
def lead(client: Client, shop: Hall) -> Client:
    client.force_login(shop.person("shift_lead"))
    return client


def page(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"mes:{name}", args=args), query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_machine_page_says_what_was_lost_and_opens_what_is_behind(lead: Client, shop: Hall) -> None:
    """Known are 90 minutes of a calendar around the clock: producing 80, stopped 10 without an order or a reason."""
    text = page(lead, "machine", shop.machine("SAW-1"))
    assert "1 h 20 min" in text
    assert "No reason yet" in text
    assert "No order on this machine" in text
    stop = MachineState.objects.get(state="stopped")
    behind = page(lead, "machine", shop.machine("SAW-1"), tab="events", stay=str(stop.pk))
    assert "What is behind the number" in behind
    assert page(lead, "behind", machine=str(shop.machine("SAW-1")), of="producing").count("Producing</span>") == 2
    assert "No order ran" in page(lead, "machine", shop.machine("SAW-1"), tab="orders")
    for period in ("8h", "today", "yesterday", "week", "7d", "30d", "nonsense"):
        page(lead, "machine", shop.machine("SAW-1"), period=period)


def test_a_reason_is_given_on_the_page_for_the_first_minutes(lead: Client, shop: Hall) -> None:
    stop = MachineState.objects.get(state="stopped")
    address = reverse("mes:stop_reason", args=[stop.pk])
    too_long = lead.post(address, {**key(), "reason": shop.reasons["D-MECH"].pk, "minutes": "60"})
    assert "The stop lasted 10 min" in too_long.content.decode()
    lead.post(address, {**key(), "reason": shop.reasons["D-MECH"].pk, "minutes": "4"})
    parts = MachineState.objects.filter(state="stopped").order_by("since_at")
    assert [(one.reason and one.reason.code) for one in parts] == ["D-MECH", None]
    assert "Mechanical fault" in page(lead, "machine", shop.machine("SAW-1"))


def test_oee_of_all_machines_by_day_week_and_shift(lead: Client, shop: Hall) -> None:
    for by in ("day", "week", "shift"):
        text = page(lead, "oee", by=by, period="24h")
        assert "SAW-1" in text
        assert "of the planned busy time became good pieces" in text


def test_the_andon_board_is_loud_where_somebody_is_needed(lead: Client, shop: Hall) -> None:
    now = timezone.now()
    mes.report_machine_down(machine_id=shop.machine("PACK-1"), since_at=now, now=now)
    text = page(lead, "andon", shop.shop.plant.pk)
    for word in (
        "is-fault",
        "is-producing",
        "is-unknown",
        "NO DATA",
        "Breakdown",
        "Nobody yet",
        'data-bs-theme="dark"',
    ):
        assert word in text
    part = lead.get(reverse("mes:andon", args=[shop.shop.plant.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert lead.get(reverse("mes:andon_any")).url == reverse("mes:andon", args=[shop.shop.plant.pk])
    centre = shop.shop.centres["PACK"].pk
    assert "SAW-1" not in page(lead, "andon", shop.shop.plant.pk, centre=str(centre))


def test_what_is_done_stays_in_the_plan_of_the_day(lead: Client, shop: Hall) -> None:
    """Where it is noon: 10 pieces planned four to three hours ago, 9 good and 1 scrap; 10 in two hours around now.

    Of the second job 60 of 120 minutes are over, 10 of them setup: 50 / 110 of 10 are 4 whole pieces. Plan by now
    10 + 4 = 14 of 20 (70 %), good are 9 (45 %), 5 behind; as well when the next plan leaves out what is finished.
    """
    plant, now = shop.shop.plant, timezone.now()
    plant.time_zone = f"Etc/GMT{now.astimezone(dt.UTC).hour - 12:+d}"  # + is west of Greenwich
    plant.save()
    minute = int((now - NOW) / dt.timedelta(minutes=1))
    done, next_one = (step(shop.shelves("10"), 10) for _ in range(2))
    told = [(done, "SAW-2", minute - 240, minute - 180), (next_one, "SAW-2", minute - 60, minute + 60)]
    places = [Placement(one.pk, shop.machine(code), at(start), at(end), 10) for one, code, start, end in told]
    erp.apply_plan(plant_id=plant.pk, plan_no=1, placements=places)
    shop.tell(*told)
    shop.start(done, "SAW-2", minute - 230)
    shop.report(done, "SAW-2", minute - 200, "4")
    shop.report(done, "SAW-2", minute - 170, "5", "1")
    before = page(lead, "andon", plant.pk)
    shop.tell(told[1], plan_no=2)
    for text in (before, page(lead, "andon", plant.pk)):
        assert '&of=good"><b>9</b></a><span>plan by now 14</span>' in text
        assert "\N{MINUS SIGN}5</em>" in text
        assert '<rect class="made" y="2" width="45"' in text
        assert '<rect class="mark" x="70"' in text


def test_an_alarm_is_carried_on_by_its_buttons(lead: Client, shop: Hall) -> None:
    now = timezone.now()
    mes.report_machine_down(machine_id=shop.machine("PACK-1"), since_at=now, now=now)
    alarm = Alarm.objects.get()
    address = reverse("mes:alarm", args=[alarm.pk])
    assert "I take care" in page(lead, "alarm", alarm.pk)
    lead.post(reverse("mes:acknowledge", args=[alarm.pk]), key())
    lead.post(reverse("mes:alarm_repair", args=[alarm.pk]), key())
    close = reverse("mes:alarm_close", args=[alarm.pk])
    early = lead.post(close, {**key(), "note": "Belt"}).content.decode()
    assert "PACK-1 is still down" in early
    mes.report_machine_up(machine_id=shop.machine("PACK-1"), until_at=timezone.now(), now=timezone.now())
    assert "Close with a reason" in lead.get(address).content.decode()
    lead.post(close, {**key(), "note": "Belt"})
    alarm.refresh_from_db()
    assert (alarm.state, alarm.note) == ("closed", "Belt")
    assert "Belt" in page(lead, "alarms")


def test_who_is_told_is_set_for_the_plant(lead: Client, shop: Hall) -> None:
    address = reverse("mes:escalation", args=[shop.shop.plant.pk])
    half = lead.post(address, {**key(), "after_1": "3", "told_1": ""})
    assert "Give both" in half.content.decode()
    lead.post(address, {**key(), "after_1": "3", "told_1": "Shift lead", "after_2": "10", "told_2": "Plant manager"})
    assert list(EscalationRule.objects.values_list("level", "after_min", "told")) == [
        (1, 3, "Shift lead"), (2, 10, "Plant manager")
    ]  # fmt: skip
    assert "Plant manager" in lead.get(address).content.decode()


def test_standard_times_are_seen_accepted_and_rejected(client: Client) -> None:
    shop = shop_with_runs(24, 25, 26, 27, 28, 29, setup=20)
    look(shop)
    run, setup = TimeProposal.objects.order_by("-kind")[1], TimeProposal.objects.get(kind="setup")
    client.force_login(shop.person("planner"))
    assert "6.63" in page(client, "standard_times")
    assert "Runs behind it" in page(client, "standard_time", run.pk)
    client.post(reverse("mes:standard_time_reject", args=[setup.pk]), {**key(), "note": "New people"})
    client.post(reverse("mes:standard_time_accept", args=[run.pk]), key())
    assert dict(TimeProposal.objects.values_list("kind", "state")) == {"run": "accepted", "setup": "rejected"}
    client.force_login(shop.person("operator"))
    assert client.get(reverse("mes:standard_times")).status_code == 403


def test_other_roles_stay_outside(client: Client, shop: Hall) -> None:
    client.force_login(shop.person("buyer"))
    for name, args in (("machine", [shop.machine("SAW-1")]), ("oee", []), ("andon", [shop.shop.plant.pk])):
        assert client.get(reverse(f"mes:{name}", args=args)).status_code == 403
    client.force_login(shop.person("quality"))
    stop = MachineState.objects.get(state="stopped")
    assert client.get(reverse("mes:stop_reason", args=[stop.pk])).status_code == 403


def test_the_ribbon_lies_within_its_drawing() -> None:
    """Producing 0 to 60, silent to 80: two bars that touch at 60 / 120 of the width; the rest is not drawn."""
    shop = hall()
    assert sent("a", "producing", 0)
    assert sent("b", "unknown", 60)
    from mes import selectors

    machines = selectors.measured_machines(plant_ids=[shop.shop.plant.pk])
    time = selectors.machine_time(machines=machines, start=at(0), end=at(120), now=at(80))
    pk = shop.machine("SAW-1")
    found = drawn(time.stays[pk], time.calendars[pk], (at(0), at(120)), at(80))
    assert [(bar.state, bar.x, bar.width) for bar in found.bars] == [
        ("producing", 0, WIDTH / 2), ("unknown", WIDTH / 2, WIDTH / 6)
    ]  # fmt: skip
    falls = waterfall(time.figures(pk))
    assert [one.said for one in falls] == ["60", "0", "0", "0", "60", "\N{MINUS SIGN}60", "0", "0"]


def test_machine_time_over_rest(lead: Client, shop: Hall) -> None:
    stop = MachineState.objects.get(state="stopped")
    api = "/api/v1/mes"
    given = lead.post(
        f"{api}/machines/{shop.machine('SAW-1')}/give-stop-reason/",
        {"start_at": stop.since_at.isoformat(), "reason": shop.reasons["P-BREAK"].pk},
        content_type="application/json",
        headers={"Idempotency-Key": uuid.uuid4().hex},
    )
    assert (given.status_code, given.json()["reason"]) == (200, shop.reasons["P-BREAK"].pk)
    found = lead.get(f"{api}/oee/{shop.shop.plant.pk}/figures/").json()
    saw = next(one for one in found["work_centres"] if one["code"] == "SAW")["machines"][0]["figures"]
    assert (round(float(saw["production"])), saw["delay_without_order"], saw["oee"]) == (80, "10.000", "0.0000")
    wrong = lead.get(f"{api}/oee/{shop.shop.plant.pk}/figures/?since=2020-01-01T00:00:00Z")
    assert wrong.status_code == 400
    called = lead.post(
        f"{api}/machines/{shop.machine('SAW-1')}/call-for-help/",
        {"what": "Board jammed"},
        content_type="application/json",
        headers={"Idempotency-Key": uuid.uuid4().hex},
    )
    assert (called.status_code, called.json()["kind"]) == (201, "help")
    assert lead.get(f"{api}/machine-states/?state=stopped").json()["count"] == 1
