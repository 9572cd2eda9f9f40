"""Workers that end by themselves: started again five times in ten minutes, then no more; real processes, own clock."""

import sys
from collections.abc import Iterator

import pytest

from suite.stack.again import Again
from suite.stack.children import Children, Voice
from suite.stack.roster import Role
from tests.crew import until

ENDS = Role("ends", "worker", [sys.executable, "-c", "raise SystemExit(3)"])
STAYS = Role("stays", "worker", [sys.executable, "-c", "import time; time.sleep(600)"])


@pytest.fixture
def children() -> Iterator[Children]:
    """None yet; ended at the end."""
    found = Children(Voice())
    yield found
    found.end()


def end_once(children: Children) -> None:
    """Wait until the one that ends has."""
    until(lambda: children.ended(), timeout=30)


def test_the_sixth_end_within_ten_minutes_is_one_too_many(children: Children) -> None:
    """Ends at 0, 60, ... 240 s are the five; at 599 s the first still counts, at 600 s it does not any more."""
    now = 0.0
    again = Again(children, lambda: now)
    again.start([ENDS, STAYS])
    steady = children.running["stays"]
    for at in (0.0, 60.0, 120.0, 180.0, 240.0):
        end_once(children)
        now = at
        again.whoever_ended()
    end_once(children)
    now = 599.0
    again.whoever_ended()
    assert children.ended() == ["ends (exit code 3)"]
    now = 600.0
    sixth = children.running["ends"]
    again.whoever_ended()
    assert children.running["ends"] is not sixth
    assert children.running["stays"] is steady


def test_every_start_is_said_with_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    children = Children(Voice())
    again = Again(children, lambda: 0.0)
    again.start([ENDS])
    end_once(children)
    again.whoever_ended()
    end_once(children)
    again.whoever_ended()
    children.end()
    said = capsys.readouterr().out
    assert "ended by itself: ends (exit code 3); started again (1 of at most 5 times in 10 minutes)" in said
    assert "started again (2 of at most 5 times in 10 minutes)" in said


def test_a_part_that_is_no_worker_stays_ended(children: Children) -> None:
    again = Again(children)
    again.start([STAYS])
    children.start(ENDS)
    end_once(children)
    again.whoever_ended()
    assert children.ended() == ["ends (exit code 3)"]
