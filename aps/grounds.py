"""What drafts need of each plant's live plan, kept as long as that is the same and made ready for the next one."""

from __future__ import annotations

from aps.drafting import Ground
from aps.warm import Live

_grounds: dict[int, Ground] = {}
_ready: dict[int, Ground] = {}
_STANDING = ("machine_ids", "machine_at", "operation_ids", "currency", "rates", "published")
"""What minutes do not change."""


def ground_of(live: Live) -> Ground:
    """What drafts need of the plant's live plan, kept as long as that is the same."""
    plant_id = live.snapshot.inputs.plant.pk
    found = _grounds.get(plant_id)
    if found is None or found.live is not live:
        ready = _ready.pop(plant_id, None)
        found = _later(found, Ground(live)) if ready is None or ready.live is not live else ready
        _grounds[plant_id] = found
    return found


def make_ready(live: Live) -> None:
    """What drafts will need of a live plan that is not asked for yet, when somebody drags at the one before."""
    plant_id = live.snapshot.inputs.plant.pk
    known = _grounds.get(plant_id)
    drafts = [] if known is None or known.live is live else known.lately()
    if known is None or not drafts:
        _ready.pop(plant_id, None)
        return
    ready = _later(known, Ground(live))
    ready.cannot_go = known.cannot_go
    for name in _STANDING:
        getattr(ready, name)
    for edits in drafts:
        ready.drafted(edits)
    _ready[plant_id] = ready


def _later(old: Ground | None, new: Ground) -> Ground:
    """A ground that is only some minutes later takes over what minutes do not change."""
    if old is not None and old.snapshot.published is new.snapshot.published:
        for name in _STANDING:
            if name in vars(old):
                vars(new)[name] = vars(old)[name]
    return new
