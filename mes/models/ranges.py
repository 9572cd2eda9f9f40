"""Ranges of time in constraints."""

from __future__ import annotations

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Func


class TsTzRange(Func):
    """tstzrange(start, end, '[)'); an empty end is for ever."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()
