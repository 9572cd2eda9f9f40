"""Changes of a draft that are more than another place: pieces that are split off, work that goes to another plant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from aps.edits import Edit, Move, Pin, Place, Refused, Replant, Split
from aps.minutes import minute_of
from aps.models import PlannedOperation
from aps.services import draft_plants
from aps.services.draft_plants import Elsewhere
from aps.splitting import new_id
from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata import rights
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User


def executed(*, plant_id: int, edits: Sequence[Edit], by: User, now: dt.datetime) -> tuple[Edit, ...]:
    """Split the work orders that are to be split; the edits that are left, with the ids of what exists by now.

    In the caller's transaction. Raises what splitting refuses.
    """
    known: dict[int, int] = {}
    left: list[Edit] = []
    for at, edit in enumerate(edits):
        if isinstance(edit, Replant):
            left.append(Pin(()))  # done by `draft_plants.apply`; later edits keep their positions
        elif isinstance(edit, Split):
            left.append(_split(plant_id, edit, at, known, by, now))
        else:
            left.append(_named(edit, known))
    return tuple(left)


def elsewhere(*, edits: Sequence[Edit], by: User, now: dt.datetime) -> tuple[list[Elsewhere], list[Refused]]:
    """What goes to other plants, with places kept there, and what cannot; call it in no transaction.

    Raises NotAllowed when `by` may not publish the other plant's plan.
    """
    found: list[Elsewhere] = []
    refused: list[Refused] = []
    for at, edit in enumerate(edits):
        if not isinstance(edit, Replant):
            continue
        rights.demand(by, "aps.publish_plan", edit.plant)
        try:
            found.append(draft_plants.elsewhere(line_id=edit.line, plant_id=edit.plant, now=now, keep=True))
        except Refusal as refusal:
            refused.append(Refused(at, refusal.code, None, refusal.sentence))
    return found, refused


def _split(plant_id: int, edit: Split, at: int, known: dict[int, int], by: User, now: dt.datetime) -> Edit:
    """The work order in two; the new one's operation goes to its place, the others behind what stays of theirs."""
    key = known.get(edit.operation, edit.operation)
    found = WorkOrderOperation.objects.filter(pk=key, work_order__plant=plant_id).first()
    if found is None:
        raise InvalidInput(_("What is to be split is not of this plant any more. Leave this change out."), edit=at)
    made = erp.split_work_order(work_order_id=found.work_order_id, quantity=edit.quantity, now=now, by=by)
    ids = dict(WorkOrderOperation.objects.filter(work_order=made).values_list("sequence", "pk"))
    known.update({new_id(at, sequence): pk for sequence, pk in ids.items()})
    rows = PlannedOperation.objects.filter(operation__work_order=found.work_order_id, operation__finished_at=None)
    stays = rows.values_list("operation__sequence", "machine_id", "starts_at")
    behind = [
        Place(ids[sequence], machine_id, minute_of(starts_at) + 1)
        for sequence, machine_id, starts_at in stays
        if sequence in ids and sequence != found.sequence
    ]
    return Move((Place(ids[found.sequence], edit.machine, edit.at), *behind))


def _named(edit: Move | Pin, known: dict[int, int]) -> Edit:
    if isinstance(edit, Move):
        places = (replace(one, operation=known.get(one.operation, one.operation)) for one in edit.places)
        return replace(edit, places=tuple(places))
    return replace(edit, operations=tuple(known.get(one, one) for one in edit.operations))
