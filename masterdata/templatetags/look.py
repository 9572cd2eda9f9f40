"""Template tags of the house: icons, the line, state chips, numbers, dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, RadioSelect, Textarea
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from masterdata import access, drawn, shown
from masterdata.line import OperationBar, Station
from masterdata.pages.once import FIELD, new_key
from masterdata.pages.zones import plant_time

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An outline icon of @tabler/icons, drawn in the text's colour: {% icon "truck" "ic-20 c-late" %}."""
    return drawn.icon(name, css)


class _InPlantTime(template.Node):
    def __init__(self, plant: template.base.FilterExpression, inside: template.NodeList) -> None:
        self.plant, self.inside = plant, inside

    def render(self, context: template.Context) -> SafeString:
        with plant_time(context["request"], self.plant.resolve(context)):
            return self.inside.render(context)


@register.tag
def in_plant_time(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """Times inside are those of the plant: {% in_plant_time one.plant_id %} ... {% end_in_plant_time %}."""
    _, plant = token.split_contents()
    inside = parser.parse(("end_in_plant_time",))
    parser.delete_first_token()
    return _InPlantTime(parser.compile_filter(plant), inside)


@register.filter
def opened_by(url: str, user: Any) -> bool:
    """Whether a link is worth showing: {% if one.url|opened_by:request.user %}."""
    return bool(url) and access.opens(user, url)


@register.simple_tag
def chip(state: str, label: Any = "") -> SafeString:
    """A state with its icon and word: {% chip order.state order.get_state_display %}."""
    return drawn.chip(str(state), label)


@register.simple_tag
def tone_chip(tone: str, icon_name: str, label: Any) -> SafeString:
    """A chip of a tone (planned, running, done, risk, late, held) with an icon of its own."""
    return drawn.tone_chip(tone, icon_name, label)


@register.inclusion_tag("parts/_rail.html")
def rail(stations: Sequence[Station]) -> dict[str, Any]:
    """The line, large: on top of every order and quote."""
    return {"stops": drawn.stops(stations)}


@register.simple_tag
def rail_small(stations: Sequence[Station], with_caption: bool = True) -> SafeString:
    """The line, 7 px high with one line under it, for lists."""
    return drawn.rail_small(stations, with_caption=with_caption)


@register.simple_tag
def rail_operations(bars: Sequence[OperationBar], label: str = "") -> SafeString:
    """A work order's operations in state colours, 7 px high."""
    return drawn.rail_operations(bars, label)


@register.simple_tag
def bar(percent: Decimal | int | None, tone: str = "brand", label: str = "") -> SafeString:
    """A bar of 0 to 100 percent in a tone."""
    return drawn.bar(percent, tone, label)


@register.simple_tag
def money(amount: Decimal | None, currency: Any = "", places: int | None = None) -> str:
    return shown.money(amount, currency, places)


@register.simple_tag
def quantity(value: Decimal | None, unit: Any = "") -> str:
    return shown.quantity(value, unit)


@register.filter
def number(value: Decimal | int | None, places: int | None = None) -> str:
    return shown.number(value, places)


@register.filter
def price(value: Decimal | None) -> str:
    return shown.price(value)


@register.filter
def percent(value: Decimal | int | None, places: int = 0) -> str:
    return shown.percent(value, places)


@register.simple_tag
def when(value: datetime | None, empty: Any = "") -> SafeString:
    """ "Thu 26 Nov, 14:30"; an empty value is an en dash with the reason on hover."""
    return drawn.timed(value, shown.when(value), empty)


@register.simple_tag
def day(value: date | datetime | None, empty: Any = "") -> SafeString:
    """ "Thu 26 Nov"."""
    return drawn.timed(value, shown.day(value), empty)


@register.filter
def clock(value: datetime | None) -> str:
    return shown.clock(value)


@register.filter
def clock_day(value: datetime | None) -> str:
    return shown.clock_day(value, timezone.now())


@register.filter
def clock_soon(value: datetime | None) -> str:
    return shown.clock_soon(value, timezone.now())


@register.filter
def clock_from(value: datetime | None, start: datetime | None) -> str:
    return shown.clock_from(value, start, timezone.now())


@register.filter
def how_many(value: Any) -> int:
    return shown.how_many(value)


@register.filter
def ago(value: datetime | None) -> str:
    return shown.ago(value, timezone.now())


@register.filter
def minutes(value: int | None) -> str:
    return shown.duration(value)


@register.simple_tag
def late(due: date | datetime | None, expected: date | datetime | None) -> SafeString:
    """ "2 days late" in red, "on the day" or "3 days early" in green."""
    return drawn.late(due, expected)


@register.filter
def is_late(dates: tuple[Any, Any]) -> bool:
    """Whether the second of (due, expected) comes late after the first."""
    return shown.is_late(*dates)


@register.simple_tag
def dash(reason: Any = "") -> SafeString:
    """The empty value, with the reason on hover."""
    return drawn.dash(reason)


@register.filter
def or_dash(value: Any) -> Any:
    return drawn.dash("") if value is None or value == "" else value


@register.simple_tag
def code(value: Any) -> SafeString:
    """A document's number or an object's code, set as a word."""
    return format_html('<span class="tl-code">{}</span>', value)


@register.simple_tag
def initials(name: Any) -> str:
    """ "SL" for Sara Lang."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The page's address with other parameters: {% query page=2 %}; an empty value takes one out."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in ("", None):
            params.pop(key, None)
        else:
            params[key] = value
    return "?" + params.urlencode()


@register.inclusion_tag("parts/_why.html")
def why(url: str, label: Any = "") -> dict[str, Any]:
    """The Why? beside a date, quantity or cost: opens the chain behind it, fetched from `url`."""
    return {"url": url, "label": label}


@register.simple_tag
def form_key() -> SafeString:
    """A hidden key that makes a form sent twice have one effect."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_key())


DJANGOS_ROWS = "10"  # what a textarea has when its form says nothing


@register.simple_tag
def styled(field: BoundField) -> SafeString:
    """A form field's input in the house's look, tied to its hint and error."""
    attributes: dict[str, str | bool] = {} if isinstance(field.field.widget, RadioSelect) else {"class": "input"}
    if is_whole(field) and field.field.widget.attrs.get("rows") in (None, DJANGOS_ROWS):
        attributes["rows"] = "4"
    if field.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{field.id_for_label}_error"}
    return field.as_widget(attrs=attributes)


@register.filter
def is_whole(field: BoundField) -> bool:
    """Whether the field takes a whole line of the form."""
    return isinstance(field.field.widget, Textarea)


@register.filter
def is_after(due: date | datetime | None, expected: date | datetime | None) -> bool:
    """Whether `expected` comes on a later day than `due`: {% if wanted_on|is_after:deliver_at %}."""
    return (shown.days_late(due, expected) or 0) > 0


@register.filter
def as_day(value: date | datetime | None) -> str:
    """ "Thu 26 Nov" as text, for sentences."""
    return shown.day(value)
