"""The line: what is drawn for an order, large and small, and what it says to those who do not see it."""

from __future__ import annotations

import re

from django.template import Context, Template

from masterdata import drawn, line
from masterdata.line import OperationBar, Station


def nine(**changes: Station) -> list[Station]:
    return [changes.get(key, Station(key, percent=0)) for key in line.STATION_KEYS]


def rects(markup: str, css: str) -> list[tuple[float, float]]:
    """(x, width) of the shapes of one class."""
    found = re.findall(rf'<rect class="{css}" x="([\d.]+)" width="([\d.]+)"', markup)
    return [(float(x), float(width)) for x, width in found]


def test_small_segments_are_as_wide_as_their_share() -> None:
    """126 px less 8 gaps of 2 px: 110 / 9 = 12.22 px a station. Confirmed, half done: from 14.22, 6.11 wide."""
    markup = drawn.rail_small(nine(confirmed=Station("confirmed", percent=50)))
    assert rects(markup, "f-brand") == [(14.22, 6.11)]


def test_what_the_floor_owes_the_plan_is_red_and_never_under_four_pixels() -> None:
    """46 % done, 48 % planned of a 12.22 px station: 0.24 px of red would not be seen, so 4 px are drawn.
    In production is the fifth station: it starts at 4 x 14.22 = 56.89, done ends 5.62 further, at 62.51."""
    behind = Station("in_production", percent=46, planned_percent=48)
    markup = drawn.rail_small(nine(in_production=behind))
    assert rects(markup, "f-late") == [(62.51, 4.0)]


def test_red_stays_inside_its_station() -> None:
    """90 % of 12.22 is 11.00; 1.22 px are left of it, so the 4 px are cut to that."""
    markup = drawn.rail_small(nine(paid=Station("paid", percent=90, planned_percent=95)))
    assert [width for _x, width in rects(markup, "f-late")] == [1.22]


def test_a_station_after_the_promise_is_pale_red() -> None:
    assert len(rects(drawn.rail_small(nine(shipped=Station("shipped", late=True))), "f-rail-late")) == 1


def test_percentages_outside_the_scale_are_drawn_inside_it() -> None:
    markup = drawn.rail_small(nine(quoted=Station("quoted", percent=140), confirmed=Station("confirmed", percent=-5)))
    assert rects(markup, "f-brand") == [(0.0, 12.22)]


def test_material_and_scheduling_do_not_count_as_now_once_production_has_begun() -> None:
    done = {key: Station(key, percent=100) for key in ("quoted", "confirmed", "scheduled")}
    waiting = nine(**done, material=Station("material", percent=40))
    assert line.caption(waiting) == "Material 40 %"
    begun = nine(**done, material=Station("material", percent=92), in_production=Station("in_production", percent=46))
    assert line.caption(begun) == "In production 46 %"


def test_the_marked_station_is_now() -> None:
    assert line.caption(nine(ready=Station("ready", percent=17, is_now=True))) == "Ready 17 %"


def test_the_rail_is_spoken() -> None:
    stations = nine(
        quoted=Station("quoted", percent=100),
        confirmed=Station("confirmed", percent=30),
        shipped=Station("shipped", late=True),
    )
    assert line.spoken(stations) == "done: Quoted; under way: Confirmed 30 %; late: Shipped"
    assert 'role="img" aria-label="Confirmed 30 %. done: Quoted; under way' in drawn.rail_small(stations)


def test_the_large_rail_names_every_station_and_marks_where_we_are() -> None:
    stations = nine(quoted=Station("quoted", percent=100), confirmed=Station("confirmed", planned_percent=60))
    markup = Template("{% load look %}{% rail stations %}").render(Context({"stations": stations}))
    assert markup.count("<li") == 9
    assert markup.count('aria-current="step"') == 1
    assert '<rect class="f-late" x="0.0%" width="60.0%"' in markup
    assert "60 % planned" in markup
    assert "style=" not in markup


def test_operations_wear_state_colours() -> None:
    """Two operations share 124 px: 62 each; the second starts at 64 and a quarter of it is 15.5."""
    markup = drawn.rail_operations([OperationBar("Cut", 100, "done"), OperationBar("Paint", 25, "late")])
    assert rects(markup, "f-done") == [(0.0, 62.0)]
    assert rects(markup, "f-late") == [(64.0, 15.5)]
    assert 'aria-label="Cut 100 %, Paint 25 %"' in markup
