"""An order's work is taken off the published plan; what is left stays where it is."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from aps.models import Plan
from aps.rows import published_rows
from aps.services.publication import Figures, last_is_final, publish_plan
from aps.services.wishes import locked_planning
from masterdata.causes import Cause


@transaction.atomic
def take_off_plan(*, plant_id: int, cause: Cause, now: dt.datetime) -> Plan | None:
    """Publish the plan without the operations that nobody has to do any more, in the caller's transaction.

    Nothing when all that stands in the plan is still to be done. Locks the planning row. The figures are those of the
    plan before: what is late is still late.
    """
    planning = locked_planning(plant_id)
    last = Plan.objects.filter(plant_id=plant_id, number=planning.plan_no).first()
    rows = published_rows(plant_id)
    if last is None or not rows:
        return None
    return publish_plan(
        plant_id=plant_id,
        base_no=planning.plan_no,
        rows=rows,
        origin=Plan.Origin.UNDO,
        now=now,
        cause=cause,
        figures=Figures(last.late_lines, last.lateness_min, last.setup_min, last.objective),
        is_final=last_is_final(planning),
        always=True,
    )
