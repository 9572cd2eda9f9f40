"""Behind every figure of machine time lie the intervals and reports that add up to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mes import selectors
from mes import services as mes
from mes.models import MachineState
from mes.oee import Span, counted, gaps, measure
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step

D = Decimal


@pytest.fixture
def shop() -> Hall:
    return hall()


def sawn(shop: Hall, begin: int = 0) -> str:
    """SAW-1 from `begin`: sawing to 60 with a break from 20 to 30; 3 good at 40, 5 good and 1 scrap at 60, of 5 planned
    minutes each; then nothing until 120. The work order's number."""
    order = shop.shelves("9")
    saw = step(order, 10)
    shop.start(saw, "SAW-1", begin)
    pause = shop.event(saw, "SAW-1", begin + 20, reason_id=shop.reasons["P-BREAK"].pk)
    mes.pause(event=pause, now=at(begin + 20))
    mes.resume(event=shop.event(saw, "SAW-1", begin + 30), now=at(begin + 30))
    shop.report(saw, "SAW-1", begin + 40, "3")
    shop.report(saw, "SAW-1", begin + 60, "5", "1")
    return order.number


def test_stretches_of_each_kind_sum_to_the_figures() -> None:
    """A shift of 0 to 480: producing to 100, stopped with its order to 500 (380 count), nothing known before 0 or
    after; producing 500 to 520 counts though the shift is over. From -60 to 0 lies outside the calendar."""
    spans = [
        Span(at(-60), at(0), "idle", has_order=False), Span(at(0), at(100), "producing", has_order=True),
        Span(at(100), at(500), "stopped", has_order=True), Span(at(500), at(520), "producing", has_order=True),
    ]  # fmt: skip
    calendar, period = [(at(0), at(480)), (at(600), at(660))], (at(-60), at(700))
    found = [(one.span, one.kind, one.minutes) for one in counted(spans, calendar, period)]
    assert found == [(1, "production", 100), (2, "in_order", 380), (3, "production", 20)]
    assert gaps(spans, calendar, period) == [(at(600), at(660))]
    figures = measure(spans, [], calendar, period)
    assert (figures.production, figures.in_order, figures.without_order, figures.unknown) == (120, 380, 0, 60)


def test_what_is_behind_two_hours_of_a_saw(shop: Hall) -> None:
    """Planned busy 120 = 50 producing + 10 in order + 60 without. The reports: 15 planned minutes in 30 real ones (0 to
    20 and 30 to 40), 30 in 20. Together 45 planned, 40 of them good, 50 real: what the OEE of 40 / 120 is made of."""
    sawn(shop)
    machines = selectors.measured_machines(plant_ids=[shop.shop.plant.pk])
    time = selectors.machine_time(machines=machines, start=at(0), end=at(120), now=at(120))
    saw = [one for one in machines if one.code == "SAW-1"]
    found = selectors.stretches(saw, time, selectors.BUSY)
    assert [(one.kind, one.minutes, one.stay.reason if one.stay else "") for one in found] == [
        ("without_order", 60, ""), ("production", 30, ""), ("in_order", 10, "Break"), ("production", 20, ""),
    ]  # fmt: skip
    made = selectors.made(saw, time)
    assert [(one.planned, one.planned_good, one.real) for one in made] == [(30, 25, 20), (15, 15, 30)]
    assert [one.slower for one in made] == [-10, 15]
    figures = time.figures(saw[0].pk)
    assert (figures.planned_run, figures.planned_good, figures.production) == (45, 40, 50)
    silent = [one for one in machines if one.code == "SAW-2"]
    assert [(one.kind, one.minutes) for one in selectors.stretches(silent, time, ("unknown",))] == [("unknown", 120)]


def test_production_without_a_report_yet_is_a_row_of_its_own(shop: Hall) -> None:
    """Sawing from 0, 2 good at 30, asked at 45: 30 minutes for the report, 15 for none."""
    saw = step(shop.shelves("9"), 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 30, "2")
    machines = selectors.measured_machines(plant_ids=[shop.shop.plant.pk])
    time = selectors.machine_time(machines=machines, start=at(0), end=at(45), now=at(45))
    made = selectors.made(machines, time)
    assert [(one.report is None, one.planned, one.real) for one in made] == [(True, 0, 15), (False, 10, 30)]


def rows_of(text: str, label: str) -> list[list[str]]:
    """The table's rows without its head and foot, cells as words."""
    table = re.search(rf'<section class="panel" aria-label="{label}">.*?<tbody>(.*?)</tbody>', text, re.DOTALL)
    assert table is not None, label
    rows = re.findall(r"<tr.*?</tr>", table.group(1), re.DOTALL)
    cells = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def column(rows: Sequence[Sequence[str]], number: int) -> list[Decimal]:
    return [D(row[number].replace("\N{MINUS SIGN}", "-")) for row in rows]


@pytest.fixture
def asked(client: Client, shop: Hall) -> tuple[Client, str, int]:
    """The shift lead, the two hours as an address, and SAW-1. The work ended ten minutes ago."""
    begin = int((timezone.now() - NOW) / dt.timedelta(minutes=1)) - 130
    sawn(shop, begin)
    client.force_login(shop.person("shift_lead"))
    when = f"since={at(begin):%Y-%m-%dT%H:%M:%SZ}&until={at(begin + 120):%Y-%m-%dT%H:%M:%SZ}"
    return client, when, shop.machine("SAW-1")


def behind(asked: tuple[Client, str, int], of: str, more: str = "") -> str:
    client, when, machine_id = asked
    answer = client.get(f"{reverse('mes:behind')}?{when}&machine={machine_id}&of={of}{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_availability_opens_its_intervals_with_reasons(asked: tuple[Client, str, int]) -> None:
    """50 of 120 minutes: 41.7 %. The rows sum to 120, the stop carries its reason."""
    text = behind(asked, "availability")
    assert "<b>41.7 %</b> = 50.0 minutes producing / 120.0 minutes planned busy" in text
    rows = rows_of(text, "Intervals")
    assert sum(column(rows, 3)) == 120
    assert sum(D(row[3]) for row in rows if "Producing" in row[0]) == 50
    assert [(row[3], row[4]) for row in rows if "Stopped" in row[0]] == [("10.0", "Break Change")]


def test_speed_and_quality_open_their_reports(asked: tuple[Client, str, int]) -> None:
    """45 planned minutes in 50: 90 %. 40 of the 45 good: 88.9 %. Columns: planned 6, good 7, real 8."""
    speed, quality = behind(asked, "speed"), behind(asked, "quality")
    assert "<b>90.0 %</b> = 45.0 planned minutes of the pieces / 50.0 minutes producing" in speed
    assert "<b>88.9 %</b> = 40.0 planned minutes of good pieces / 45.0 of all pieces" in quality
    for text in (speed, quality):
        rows = rows_of(text, "Reports")
        assert [sum(column(rows, number)) for number in (2, 3, 6, 7, 8)] == [8, 1, 45, 40, 50]
    assert sum(column(rows_of(speed, "Intervals"), 3)) == 50


def test_one_reason_opens_only_its_minutes(asked: tuple[Client, str, int], shop: Hall) -> None:
    rows = rows_of(behind(asked, "lost", f"&reason=r{shop.reasons['P-BREAK'].pk}"), "Intervals")
    assert column(rows, 3) == [10]
    assert column(rows_of(behind(asked, "lost"), "Intervals"), 3) == [60, 10]


def test_the_overview_opens_plants_centres_machines_and_columns(asked: tuple[Client, str, int], shop: Hall) -> None:
    """Each address on the page that leads behind a number answers, and the saws' OEE is 40 / 120 there too."""
    client, _when, machine_id = asked
    text = client.get(reverse("mes:oee"), {"period": "24h"}).content.decode()
    links = {one.replace("&amp;", "&") for one in re.findall(r'href="(/floor/oee/behind/[^"]+)"', text)}
    assert any(f"machine={machine_id}" in one and "of=availability" in one for one in links)
    assert any("centre=" in one for one in links)
    assert any("since=" in one for one in links)
    for link in links:
        assert client.get(link).status_code == 200, link
    centre = shop.shop.centres["SAW"].pk
    found = client.get(f"{reverse('mes:behind')}?period=24h&centre={centre}&of=quality").content.decode()
    assert "<b>88.9 %</b>" in found
    assert "SAW-2" in found


def test_the_andon_tile_opens_its_state_and_its_pieces(client: Client, shop: Hall) -> None:
    """A job begun two hours ago that runs: 3 good of 9, and the interval since its last report."""
    begin = int((timezone.now() - NOW) / dt.timedelta(minutes=1)) - 120
    saw = step(shop.shelves("9"), 10)
    shop.start(saw, "SAW-1", begin)
    shop.report(saw, "SAW-1", begin + 40, "3")
    client.force_login(shop.person("shift_lead"))
    text = client.get(reverse("mes:andon", args=[shop.shop.plant.pk])).content.decode()
    stay = MachineState.objects.get(machine=shop.machine("SAW-1"), until_at=None)
    assert f'{reverse("mes:machine", args=[shop.machine("SAW-1")])}?tab=events&stay={stay.pk}"' in text
    pieces = client.get(f"{reverse('mes:behind')}?operation={saw.pk}&of=good").content.decode()
    assert f'?operation={saw.pk}&of=good"' in text
    assert "<b>3</b> good, 0 scrap, 0 to rework" in pieces
    assert sum(column(rows_of(pieces, "Reports"), 3)) == 3


def test_what_nobody_may_see_or_nothing_names_is_not_found(client: Client, shop: Hall) -> None:
    client.force_login(shop.person("shift_lead"))
    for scope in ("machine=999999", "centre=x", "plant=0", "operation=7"):
        assert client.get(f"{reverse('mes:behind')}?{scope}").status_code == 404


def test_rest_tells_the_same_rows(asked: tuple[Client, str, int], shop: Hall) -> None:
    """By kind they sum to the figures: production 50, in order 10, without 60; planned 45, real 50."""
    client, when, machine_id = asked
    base = f"/api/v1/mes/oee/{shop.shop.plant.pk}"
    rows = [one for one in client.get(f"{base}/intervals/?{when}").json() if one["machine"] == machine_id]
    sums = {kind: sum(D(one["minutes"]) for one in rows if one["kind"] == kind) for kind in selectors.BUSY}
    assert sums == {"production": 50, "setup": 0, "in_order": 10, "without_order": 60}
    made = client.get(f"{base}/reports/?{when}").json()
    assert (sum(D(one["planned"]) for one in made), sum(D(one["real"]) for one in made)) == (45, 50)
