"""Customers hear of moved dates when those have settled: not while a plan is being made that may move them again."""

from __future__ import annotations

import datetime as dt

from aps import selectors as aps_now
from crm import services as crm


def send(now: dt.datetime) -> int:
    """Give what has settled to the post; how many notices that were. Earlier dates of what is shipped lapse."""
    crm.lapse_shipped(now=now)
    return crm.send_due_notices(now=now, busy_plants=aps_now.plants_being_planned())
