"""The picture on a reason's tile: found before the word is read. What no rule knows gets its kind's own.

Faults of pieces are drawn: a part in its outline, the fault in red. The others are icons.
"""

from __future__ import annotations

import re

from django.utils.safestring import SafeString, mark_safe

from masterdata import drawn
from masterdata.models import ReasonCode

_PART = '<path class="part" d="M4 8h48v32H4z"/>'
_CHIPPED = '<path class="part" d="M4 8h48v22l-5 2-2 5-6 1-3 2H4z"/><path class="fault" d="M54 29l-6 4-2 5-6 2-4 3"/>'
_SIZE = _PART + '<path class="fault" d="M4 46h48M4 42v8M52 42v8M60 8v32M56 8h8M56 40h8"/>'
_SCRATCH = _PART + '<path class="fault" d="M12 33c6-2 6-8 12-9s7-7 14-9M20 36c6-1 8-7 14-8"/>'
_HOLE = _PART + '<g class="part"><circle cx="15" cy="24" r="4"/><circle cx="28" cy="24" r="4"/></g>'
_HOLE += '<circle class="fault" cx="44" cy="31" r="4"/><path class="fault" d="M41 21l2 5"/>'
_DECOR = '<path class="part" d="M4 8h24v32H4zM28 8h24v32H28zM10 16h12M10 24h12M10 32h12"/>'
_DECOR += '<path class="fault" d="M34 18l12 12M46 18L34 30"/>'
_LOOSE = '<path class="part" d="M4 6h48v28H4z"/><path class="fault" d="M4 40h28c10 0 12 6 22 8"/>'
_BROKEN = '<path class="part" d="M4 8h20l4 10-6 8 5 14H4zM34 8h18v32H36l-4-12 6-9z"/>'
_BROKEN += '<path class="fault" d="M29 6l3 12-6 9 6 15"/>'
_ANY = _PART + '<path class="fault" d="M20 16l16 16M36 16L20 32"/>'
# Words of a reason's code and name, the first that fits.
_SCRAP = (
    (r"chip|ausriss", _CHIPPED),
    (r"hole|drill", _HOLE),
    (r"decor|colou?r|grain", _DECOR),
    (r"loose|glue|edge band", _LOOSE),
    (r"dim|size|length|width|depth|measure", _SIZE),
    (r"surf|scratch|paint|sand|dent", _SCRATCH),
    (r"broke|crack|split", _BROKEN),
)
_ICONS = (
    (r"break\b|pause|lunch", "coffee"),
    (r"mat\b|material|board|part|component", "packages"),
    (r"help|person|people|hand", "user-plus"),
    (r"set-?up|change ?over", "adjustments"),
    (r"clean", "brush"),
    (r"tool|blade|drill", "tool"),
    (r"\bair\b|extraction|dust|vacuum", "wind"),
    (r"elec|power|voltage", "bolt"),
    (r"mech|gear|bearing", "settings-2"),
    (r"quality|check|inspect", "checklist"),
    (r"meeting|training|talk", "messages"),
    (r"oil|water|glue|paint", "droplet"),
    (r"maint|service", "tools-off"),
)
_DEFAULTS = {"pause": "player-pause", "downtime": "alert-octagon", "quarantine": "lock"}


def picture(reason: ReasonCode) -> SafeString:
    """As inline SVG in the colours of its surroundings; decoration, the word stands beside it."""
    words = f"{reason.code} {reason.name}".lower()
    if reason.kind == ReasonCode.Kind.SCRAP:
        shapes = next((shape for pattern, shape in _SCRAP if re.search(pattern, words)), _ANY)
        svg = f'<svg class="fault-picture" viewBox="0 0 66 52" aria-hidden="true">{shapes}</svg>'
        return mark_safe(svg)  # noqa: S308 - drawn above
    name = next((icon for pattern, icon in _ICONS if re.search(pattern, words)), _DEFAULTS[reason.kind])
    return drawn.icon(name, "ic-32")
