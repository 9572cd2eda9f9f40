"""Changes of a draft that are more than another place: pieces that are split off, work that goes to another plant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeAlias

from django.utils.translation import gettext as _

from aps.edits import Edit, Move, Pin, Refused, Replant, Split
from aps.services import elsewhere as elsewhere_now
from aps.services.elsewhere import Elsewhere
from aps.splitting import STEP, new_id
from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata import rights
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User

Made: TypeAlias = dict[int, int]
"""Operations by the ids that a draft has for them."""
NOTHING = Pin(())


def staying(*, plant_id: int, edits: Sequence[Edit], moves: Sequence[Elsewhere]) -> tuple[Edit, ...]:
    """The edits without moves to other plants, and without those of work that goes there; all keep their positions."""
    own = WorkOrderOperation.objects.filter(
        work_order__sales_order_line__in=[one.line_id for one in moves], work_order__plant=plant_id
    )
    gone = set(own.values_list("pk", flat=True)) if moves else set()
    left: list[Edit] = []
    for at, edit in enumerate(edits):
        if isinstance(edit, Replant):
            left.append(NOTHING)  # done by `draft_plants.apply`, or left out
        elif isinstance(edit, Split):
            is_gone = edit.operation in gone
            gone |= {new_id(at, sequence) for sequence in range(STEP)} if is_gone else set()
            left.append(NOTHING if is_gone else edit)
        elif isinstance(edit, Move):
            left.append(replace(edit, places=tuple(one for one in edit.places if one.operation not in gone)))
        else:
            left.append(replace(edit, operations=tuple(one for one in edit.operations if one not in gone)))
    return tuple(left)


def split(*, plant_id: int, edits: Sequence[Edit], left_out: Collection[int | str], by: User, now: dt.datetime) -> Made:
    """Split the work orders that are to be split, but for edits (positions) that are left out.

    In the caller's transaction. Raises what splitting refuses.
    """
    known: Made = {}
    for at, edit in enumerate(edits):
        if isinstance(edit, Split) and at not in left_out:
            known |= _split(plant_id, edit, at, known.get(edit.operation, edit.operation), by, now)
    return known


def elsewhere(*, edits: Sequence[Edit], by: User, now: dt.datetime) -> tuple[list[Elsewhere], list[Refused]]:
    """What goes to other plants, with places kept there, and what cannot; call it in no transaction.

    Raises NotAllowed when `by` may not publish the other plant's plan.
    """
    steps = {edit.line: (at, edit) for at, edit in reversed([*enumerate(edits)]) if isinstance(edit, Replant)}
    ordered = sorted(steps.values(), key=lambda one: one[0])
    for _at, edit in ordered:
        rights.demand(by, "aps.publish_plan", edit.plant)
    answers = elsewhere_now.several(wishes=[(edit.line, edit.plant) for _at, edit in ordered], now=now, keep=True)
    found = [one for one in answers if not isinstance(one, Refusal)]
    refused = [
        Refused(at, one.code, None, one.sentence)
        for (at, _edit), one in zip(ordered, answers, strict=True)
        if isinstance(one, Refusal)
    ]
    return found, refused


def _split(plant_id: int, edit: Split, at: int, operation_id: int, by: User, now: dt.datetime) -> Made:
    """The work order in two: the new one's operations by the ids that the draft has for them."""
    found = WorkOrderOperation.objects.filter(pk=operation_id, work_order__plant=plant_id).first()
    if found is None:
        raise InvalidInput(_("What is to be split is not of this plant any more. Leave this change out."), edit=at)
    made = erp.split_work_order(work_order_id=found.work_order_id, quantity=edit.quantity, now=now, by=by)
    steps = WorkOrderOperation.objects.filter(work_order=made, finished_at=None)
    return {new_id(at, sequence): pk for sequence, pk in steps.values_list("sequence", "pk")}
