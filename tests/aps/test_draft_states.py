"""What is kept of a draft between questions: answers are as when nothing is kept, and publishing does what they say."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aps import services as aps
from aps import warm
from aps.edits import Edit, Move, Pin, Place, Split, plain
from aps.following import Follower
from aps.minutes import minute_of
from aps.models import PlannedOperation
from aps.rows import Row
from erp.models import WorkOrderOperation
from masterdata.models import Machine, Membership, User
from tests.aps.shop import NOW, Shop, at, build

pytestmark = pytest.mark.django_db
CODES = ["SAW-1", "SAW-2", "PACK-1"]
STEPS = 30


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = build(CODES)
    yield made
    warm.forget(made.plant.pk)


@pytest.fixture
def jobs(shop: Shop) -> list[WorkOrderOperation]:
    """Eight orders of two pieces, sawn for 40 to 110 minutes and packed for 30, one behind the other from 09:14 on."""
    rows, jobs = list[Row](), list[WorkOrderOperation]()
    saw_from = pack_from = NOW
    for number in range(8):
        minutes = 40 + 10 * number
        saw, pack = shop.order([("SAW", minutes), ("PACK", 30)], quantity=2, promised_at=NOW + dt.timedelta(hours=6))
        saw_until = saw_from + dt.timedelta(minutes=minutes)
        begins = max(saw_until, pack_from)
        pack_from = begins + dt.timedelta(minutes=30)
        rows.append(Row(saw.pk, shop.machines["SAW-1"].pk, saw_from, saw_from, saw_until, 0))
        rows.append(Row(pack.pk, shop.machines["PACK-1"].pk, begins, begins, pack_from, 0))
        saw_from = saw_until
        jobs += [saw, pack]
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows, origin="search", now=NOW)
    return jobs


def any_edit(dice: random.Random, jobs: list[WorkOrderOperation]) -> Edit:
    """Mostly a move, to another work centre now and then, which is refused."""
    job = dice.choice(jobs)
    kind = dice.random()
    if kind < 0.1:
        return Pin((job.pk,), dice.random() < 0.5)
    machine, begin = dice.choice(list(Machine.objects.order_by("pk"))), minute_of(NOW) + 5 * dice.randint(0, 160)
    if kind < 0.2:
        return Split(job.pk, 1, machine.pk, begin)  # type: ignore[arg-type]
    return Move((Place(job.pk, machine.pk, begin),), dice.random() < 0.2)


def asked(shop: Shop, edits: list[Edit], trial: Edit | None = None, *, now: dt.datetime = NOW) -> Any:
    found = aps.draft_effect(plant_id=shop.plant.pk, edits=edits, trial=trial, now=now, whole=True)
    return replace(found, computed_ms=0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_answers_are_the_same_whether_the_draft_is_kept_or_not(
    shop: Shop, jobs: list[WorkOrderOperation], seed: int
) -> None:
    """Tried, dropped, taken back and done otherwise, in any sequence; refused steps are in it."""
    dice = random.Random(seed)
    edits = list[Edit]()
    answers = []
    for _ in range(STEPS):
        trial = any_edit(dice, jobs)
        answers.append((list(edits), trial, asked(shop, edits, trial)))
        if dice.random() < 0.4:
            edits.append(trial)
        elif edits and dice.random() < 0.3:
            edits.pop()
        answers.append((list(edits), None, asked(shop, edits)))
    for before, trial, answer in answers:
        warm.forget(shop.plant.pk)
        assert asked(shop, before, trial) == answer


@pytest.mark.parametrize("seed", [4, 5])
def test_what_a_kept_draft_says_is_what_publishing_does(shop: Shop, jobs: list[WorkOrderOperation], seed: int) -> None:
    dice = random.Random(seed)
    edits = list[Edit]()
    while len(edits) < 6:
        trial = any_edit(dice, jobs)
        if not isinstance(trial, Split) and not asked(shop, edits, trial).refused:
            edits.append(trial)
    told = asked(shop, edits)
    assert told.refused == ()
    by = User.objects.create(username="planner")
    Membership.objects.create(user=by, role="planner", company=shop.plant.company)
    kept = aps.save_draft(plant_id=shop.plant.pk, by=by, edits=edits, expected_version=0, now=NOW)
    assert kept.edits == [plain(one) for one in edits]
    published = {one.operation_id: one for one in PlannedOperation.objects.all()}
    aps.publish_draft(plant_id=shop.plant.pk, by=by, version=kept.version, now=NOW)
    for one in PlannedOperation.objects.all():
        was = published[one.operation_id]
        if one.operation_id not in told.moved["id"]:
            assert (one.machine_id, one.starts_at, one.ends_at) == (was.machine_id, was.starts_at, was.ends_at)
            continue
        row = told.moved["id"].index(one.operation_id)
        machine, start, length = (told.moved[name][row] for name in ("machine", "start", "length"))
        begins = minute_of(one.starts_at)
        assert (one.machine_id, begins, minute_of(one.ends_at) - begins) == (machine, start, length)


def test_whoever_drags_while_the_plan_is_read_anew_finds_the_draft_ready(
    shop: Shop, jobs: list[WorkOrderOperation]
) -> None:
    """A minute later the follower has read the rows again; then only whether the plan still stands is looked up."""
    edits: list[Edit] = [Move((Place(jobs[14].pk, shop.machines["SAW-2"].pk, minute_of(at("10:00"))),))]
    later = NOW + dt.timedelta(minutes=1)
    asked(shop, edits)
    assert Follower().look(later) == 1
    with CaptureQueriesContext(connection) as queries:
        answer = asked(shop, edits, now=later)
    assert len(queries) == 1
    warm.forget(shop.plant.pk)
    assert asked(shop, edits, now=later) == answer
