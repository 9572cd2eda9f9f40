"""Drafts of the board: what a planner changes before it is published, kept so that any browser goes on with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aps.edits import Edit, plain
from aps.models import BoardDraft, PlantPlanning
from masterdata import live
from masterdata.errors import Refusal
from masterdata.models import User


class StaleDraft(Refusal):
    """The draft was saved elsewhere meanwhile; nothing was written."""

    code = "stale_draft"


@dataclass(frozen=True)
class OtherDraft:
    """That another planner is changing the plan too: how many changes, when the last."""

    name: str
    changes: int
    at: dt.datetime


@transaction.atomic
def save_draft(
    *, plant_id: int, by: User, edits: Sequence[Edit], expected_version: int, now: dt.datetime
) -> BoardDraft:
    """Keep the planner's changes; version 0 is a draft that was never saved. Other planners' boards hear of it.

    Locks the draft. Raises StaleDraft when another window of the same planner has saved since.
    """
    BoardDraft.objects.bulk_create([BoardDraft(plant_id=plant_id, by=by, version=0)], ignore_conflicts=True)
    draft = _locked(plant_id, by).get()
    if draft.version != expected_version:
        raise StaleDraft(saved_elsewhere(), version=draft.version)
    draft.edits = [plain(one) for one in edits]
    _renew(draft, now)
    return draft


@transaction.atomic
def drop_draft(*, plant_id: int, by: User, now: dt.datetime) -> bool:
    """Throw all changes of the planner away; whether there were any. Locks the draft."""
    draft = locked_draft(plant_id, by)
    if draft is None or not draft.edits:
        return False
    empty(draft, now)
    return True


def empty(draft: BoardDraft, now: dt.datetime) -> None:
    """Take all changes out of a draft that is locked."""
    draft.edits = []
    _renew(draft, now)


def draft_of(plant_id: int, by: User) -> BoardDraft:
    """The planner's draft; an empty one that is not stored when there is none."""
    found = BoardDraft.objects.filter(plant_id=plant_id, by=by).first()
    return found or BoardDraft(plant_id=plant_id, by=by, version=0)


def drafts_by(by: User) -> dict[int, BoardDraft]:
    """The planner's drafts that change something, by plant; one query."""
    return {one.plant_id: one for one in BoardDraft.objects.filter(by=by).exclude(edits=[]).order_by("plant")}


def other_drafts(plant_id: int, by: User) -> list[OtherDraft]:
    """Who else is changing the plant's plan, the latest first; one query."""
    rows = BoardDraft.objects.filter(plant_id=plant_id).exclude(by=by).exclude(edits=[])
    return [
        OtherDraft(one.by.get_full_name() or one.by.get_username(), len(one.edits), one.changed_at)
        for one in rows.select_related("by").order_by("-changed_at")
    ]


def locked_draft(plant_id: int, by: User) -> BoardDraft | None:
    """The planner's draft, locked; nothing when nothing was ever saved."""
    return _locked(plant_id, by).first()


def _locked(plant_id: int, by: User) -> QuerySet[BoardDraft]:
    return BoardDraft.objects.select_for_update().order_by("pk").filter(plant_id=plant_id, by=by)


def saved_elsewhere() -> str:
    """What StaleDraft says."""
    return _("You have changed this plan in another window: load it again.")


def _renew(draft: BoardDraft, now: dt.datetime) -> None:
    numbers = PlantPlanning.objects.filter(plant_id=draft.plant_id).values_list("plan_no", flat=True)
    draft.version += 1
    draft.base_no = numbers.first() or 0
    draft.changed_at = now
    draft.save(update_fields=["edits", "version", "base_no", "changed_at"])
    live.publish("draft", draft.pk, draft.version, plant_id=draft.plant_id)
