"""Figures of machine time as words: shares, minutes, SVG numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from masterdata import shown
from masterdata.models import ReasonCode
from mes import reason_pictures
from mes.models import ExecutionEvent, MachineState

register = template.Library()
KINDS = dict(ExecutionEvent.Kind.choices) | dict(MachineState.State.choices) | {"down": "Machine down"}


@register.filter
def picture(reason: ReasonCode) -> SafeString:
    """The picture on a reason's tile."""
    return reason_pictures.picture(reason)


@register.filter
def hundredths(share: Decimal | None) -> str:
    """A share in per cent with one decimal, without the sign."""
    if share is None:
        return "\N{EN DASH}"
    return shown.number((share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP), 1)


@register.filter
def whole_percent(share: Decimal | None) -> str:
    """A share in whole per cent."""
    if share is None:
        return "\N{EN DASH}"
    return f"{shown.number((share * 100).quantize(Decimal(1), ROUND_HALF_UP), 0)} %"


@register.filter
def percent_of(share: Decimal | None) -> int:
    """A share as the width of a bar of 100."""
    return max(0, min(100, int(share * 100))) if share else 0


@register.filter
def span(minutes: Decimal | None) -> str:
    """Minutes as "11 h 41 min"."""
    whole = int((minutes or Decimal(0)).quantize(Decimal(1), ROUND_HALF_UP))
    if whole < 48 * 60:
        return shown.duration(whole)
    return _("%(hours)s h") % {"hours": shown.number(round(whole / 60), 0)}


@register.filter
def board_time(minutes: Decimal | float) -> tuple[str, str]:
    """Minutes as a board shows them from afar, figure and unit: 99 min, 2:14 h, 3 d."""
    whole = int(minutes)
    if whole < 100:
        return shown.number(whole, 0), _("min")
    if whole < 24 * 60:
        return f"{whole // 60}:{whole % 60:02}", _("h")
    return shown.number(whole // (24 * 60), 0), _("d")


@register.filter
def svg(value: float) -> str:
    """A number as SVG wants it, in any language."""
    return f"{float(value):g}"


@register.filter
def absolute(value: Decimal) -> str:
    """Without its sign."""
    return shown.number(abs(value))


@register.filter
def signed(value: Decimal) -> str:
    """With its sign; nothing more or less is said in words."""
    if not value:
        return _("on plan")
    return f"{'+' if value > 0 else chr(0x2212)}{shown.number(abs(value))}"


@register.filter
def words_of(text: Any) -> list[str]:
    """A label in one line or, when long, two."""
    words = str(text).split(" ")
    return [" ".join(words)] if len(str(text)) <= 9 else [" ".join(words[:1]), " ".join(words[1:])]


@register.filter
def told_word(kind: str) -> str:
    """What an event, a message or a downtime says."""
    return _(str(KINDS.get(kind, kind)))


@register.filter
def above(y: float) -> str:
    """Where the word over a column stands."""
    return f"{max(float(y) - 5, 10):g}"


def _without_machine(text: str, code: str, name: str) -> str:
    """What a breakdown's text says besides which machine it is."""
    for known in (f"{code} {name} is down: ", f"{code} {name} is down"):
        if text.startswith(known):
            return text[len(known) :].capitalize()
    return text


@register.filter
def what(alarm: Any) -> str:
    """What an alarm is about, beside its machine's code."""
    return _without_machine(alarm.text, alarm.machine.code, alarm.machine.name) or _("Machine is down")


@register.filter
def what_of_tile(tile: Any) -> str:
    """Why a machine is down."""
    return tile.reason or _without_machine(tile.alarm, tile.code, tile.name) or _("No reason yet")
