"""What taking a rush option does to the floor: a piece of the board, drawn here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from aps import selectors as aps_now
from crm.models import RushOption
from masterdata import shown
from masterdata.access import requires, visible_to
from masterdata.pages import plant_time

ROW, TOP = 35, 26
WIDE_ENOUGH = 7.0
"""Per cent of the width that a bar needs to carry its label."""


@dataclass(frozen=True)
class Drawn:
    """A bar as SVG draws it; lengths in per cent of the width."""

    left: str
    width: str
    top: int
    label: str
    kind: str
    said: str


@requires("aps.view_plan")
def rush_floor(request: HttpRequest, pk: int) -> HttpResponse:
    """The machines that decide, with what the option moves there and what it puts in."""
    option = get_object_or_404(visible_to(request.user, RushOption.objects.select_related("request")), pk=pk)
    asked = option.request
    piece = None
    if option.offer_key is not None:
        piece = aps_now.offer_piece(option.offer_key, order_id=asked.for_order_id)
    plant_id = option.plant_id or asked.plant_id
    with plant_time(request, plant_id):
        return render(request, "suite/desk/_rush_floor.html", {"option": option, **_drawn(piece, asked.number)})


def _drawn(piece: aps_now.Piece | None, number: str) -> dict[str, object]:
    if piece is None:
        return {"piece": None}
    whole = (piece.ends_at - piece.starts_at).total_seconds()

    def left(at: dt.datetime) -> float:
        return min(max(100 * (at - piece.starts_at).total_seconds() / whole, 0), 100)

    bars = []
    for row, (code, found) in enumerate(piece.rows):
        for bar in found:
            begin, end = left(bar.starts_at), left(bar.ends_at)
            label = (bar.label or number) if end - begin >= WIDE_ENOUGH else ""
            said = _("%(what)s on %(machine)s: %(start)s to %(end)s") % {
                "what": bar.label or number,
                "machine": code,
                "start": shown.when(bar.starts_at),
                "end": shown.when(bar.ends_at),
            }
            top = TOP + ROW * row
            bars.append(Drawn(f"{begin:.3f}%", f"{max(end - begin, 0.3):.3f}%", top, _short(label), bar.kind, said))
    return {
        "piece": piece,
        "bars": bars,
        "machines": [(code, TOP + ROW * row + 17) for row, (code, _found) in enumerate(piece.rows)],
        "days": _days(piece, left),
        "height": TOP + ROW * len(piece.rows),
        "is_all": len(piece.rows) == piece.machine_count,
    }


def _days(piece: aps_now.Piece, left: object) -> list[tuple[str, str]]:
    from django.utils import timezone

    zone = timezone.get_current_timezone()
    day = piece.starts_at.astimezone(zone).date() + dt.timedelta(days=1)
    last = piece.ends_at.astimezone(zone).date()
    step = max(1, -(-(last - day).days // 8))
    found = []
    while day <= last:
        at = dt.datetime.combine(day, dt.time(0), tzinfo=zone if isinstance(zone, ZoneInfo) else dt.UTC)
        found.append((f"{left(at):.3f}%", shown.day(day)))  # type: ignore[operator]
        day += dt.timedelta(days=step)
    return found


def _short(number: str) -> str:
    """The part of a document number that people say."""
    return number.rpartition("-")[2] if number.count("-") >= 2 else number
