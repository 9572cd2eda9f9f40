"""A part first, where two lots find places that one does not."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import pytest

from aps import warm
from aps.models import PlannedOperation
from suite.asks import levers, pulling
from suite.asks.answers import OfferQuestion
from suite.asks.ground import Lever
from tests.aps.test_offers import NOW, minutes, planned_order
from tests.flows import workshop

pytestmark = pytest.mark.django_db
D = Decimal
PARTS = [finder.key for finder in levers.FINDERS].index("Q")


def test_two_lots_that_are_both_there_on_the_day_need_no_delivery_more() -> None:
    """Monday 09:14; 30 stools stand from 180 to 1980 min. 5 stools are too many for the gap of 180 min: behind, they
    end at 2280, at the customer at 2340, and Tuesday is over at 2326. Four behind are there at 1980 + 240 + 60 =
    2280, and the fifth in the gap long before."""
    shop = workshop.build()
    shop.quantity("LEG", 200)
    planned_order(shop, 30)
    for row in PlannedOperation.objects.all():
        row.starts_at, row.runs_at, row.ends_at = (
            at + minutes(180) for at in (row.starts_at, row.runs_at, row.ends_at)
        )
        row.save()
    warm.forget(shop.plant.pk)
    question = OfferQuestion(
        material_id=shop.materials["STOOL"].pk,
        quantity=D(5),
        plant_id=shop.plant.pk,
        wanted_on=dt.date(2026, 11, 24),
        now=NOW,
    )
    found = pulling.lever(PARTS, question, time.monotonic() + 60)
    assert isinstance(found, Lever)
    assert (found.label, found.rest_at, found.drivers) == ("Made in two lots", None, ())
    assert found.option.deliver_at == NOW + minutes(2280)
    assert [(part.quantity, part.first_qty) for part in found.parts] == [(D(5), D(4))]
