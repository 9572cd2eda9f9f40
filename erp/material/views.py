"""Parts of the material's page: its outlook with chart and pegs, its components with stock and dates, its purchases."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.material import selectors
from erp.material.chart import chart
from erp.material.selectors import Event, Link, Outlook
from erp.planning.models import ActionMessage
from masterdata import shown
from masterdata.access import may, requires, scope_of, visible_to
from masterdata.models import Material
from masterdata.pages import plant_time

SEE, SEE_COST, BUY = "erp.view_stock", "erp.view_cost", "erp.view_purchase"
SHOWN = 150
MOST_LEVELS = 20
LEVELS = (("1", _l("1 level")), ("2", _l("2 levels")), ("3", _l("3 levels")), ("20", _l("All levels")))
WORDS = {
    "sales_line": (_l("Sales order"), "clipboard-list", "erp:order", "erp.view_order"),
    "need": (_l("Used by work order"), "list-check", "erp:work_order", "erp.view_work_order"),
    "transfer": (_l("Planned for"), "truck", "", ""),
    "supplied": (_l("Supplied for"), "truck", "erp:purchase_order", BUY),
    "work_order": (_l("Made by work order"), "building-factory-2", "erp:work_order", "erp.view_work_order"),
    "purchase_line": (_l("Purchase order"), "truck-delivery", "erp:purchase_order", BUY),
    "planned_order": (_l("Planned order"), "calendar-plus", "", ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the list shows it."""

    event: Event
    what: Any
    icon: str
    url: str
    why: str
    tone: str
    note: Any
    links: list[tuple[Any, str, Decimal]]


@requires(SEE)
def outlook(request: HttpRequest, pk: int) -> HttpResponse:
    """What comes and goes, day by day, with the balance as a chart and whom everything is for."""
    material = _material(request, pk)
    found, plant_outlooks = _outlooks(request, pk)
    context: dict[str, Any] = {"material": material, "outlook": found, "outlooks": plant_outlooks}
    if found is not None:
        links = selectors.links(found.events)
        messages = ActionMessage.objects.filter(material=pk, plant=found.plant).select_related(
            "work_order", "purchase_order_line__order"
        )
        context |= {
            "rows": [_row(request.user, event, links.get(event.key, [])) for event in found.events[:SHOWN]],
            "more": max(0, len(found.events) - SHOWN),
            "chart": chart(found),
            "answer": _answer(found, material.unit.code),
            "messages_of_planning": messages,
        }
    with plant_time(request, found.plant.pk if found else None):
        return render(request, "erp/material/_outlook.html", context)


@requires(SEE)
def components(request: HttpRequest, pk: int) -> HttpResponse:
    """What making so many takes, level by level, with what is free, what lacks and when it is there."""
    material = _material(request, pk)
    plants = [plant for plant in _plants(request) if plant.pk in scope_of(request.user, SEE).plants]
    plant = next((one for one in plants if str(one.pk) == request.GET.get("plant")), None)
    if plant is None and plants:
        found, _all = _outlooks(request, pk)
        plant = found.plant if found is not None else plants[0]
    quantity, levels = _quantity(request.GET.get("quantity", "")), request.GET.get("levels", "1")
    depth = int(levels) if levels in dict(LEVELS) else 1
    rows = None
    if plant is not None:
        rows = selectors.availability(material_id=pk, plant=plant, quantity=quantity, levels=depth, now=timezone.now())
    context = {
        "material": material,
        "rows": rows,
        "plants": plants,
        "plant": plant,
        "quantity": shown.plain(quantity),
        "levels": [(key, label, key == str(depth)) for key, label in LEVELS],
        "depth": depth,
        "missing": sum(1 for row in rows or () if row.missing and not row.line.opens),
    }
    with plant_time(request, plant.pk if plant else None):
        return render(request, "erp/material/_components.html", context)


@requires(BUY)
def purchases(request: HttpRequest, pk: int) -> HttpResponse:
    """From whom it was bought, at what price, and how late it came."""
    material = _material(request, pk)
    plants = {plant.pk for plant in _plants(request)} & scope_of(request.user, BUY).plants
    found = selectors.bought(material_id=pk, plant_ids=plants)
    sees_cost = may(request.user, SEE_COST)
    return render(
        request, "erp/material/_purchases.html", {"material": material, "found": found, "sees_cost": sees_cost}
    )


def _material(request: HttpRequest, pk: int) -> Material:
    return get_object_or_404(visible_to(request.user, Material.objects.select_related("unit")), pk=pk)


def _plants(request: HttpRequest) -> list[Any]:
    """The plant of the switch, else all that the user may see."""
    chosen = getattr(request, "plant", None)
    return [chosen] if chosen else list(getattr(request, "plants", ()))


def _outlooks(request: HttpRequest, pk: int) -> tuple[Outlook | None, list[Outlook]]:
    """The outlook of the plant that is asked for (the first one with anything), and those of all plants."""
    ids = {plant.pk for plant in _plants(request)} & scope_of(request.user, SEE).plants
    found = selectors.outlooks(material_ids=[pk], plant_ids=ids, now=timezone.now())
    used = sorted((one for one in found.values() if not one.is_empty), key=lambda one: (not one.events, one.plant.code))
    asked = request.GET.get("plant", "")
    return next((one for one in used if str(one.plant.pk) == asked), used[0] if used else None), used


def _quantity(text: str) -> Decimal:
    """What was asked for, 1 when it cannot be meant."""
    try:
        quantity = Decimal(text.strip() or "1")
    except InvalidOperation:
        return Decimal(1)
    return quantity if quantity.is_finite() and 0 < quantity <= 10**9 else Decimal(1)


def _row(user: Any, event: Event, links: list[Link]) -> Row:
    what, icon, name, permission = WORDS[event.kind]
    url = reverse(name, args=[event.document_id]) if name and may(user, permission) else ""
    why = ""
    if event.order_id is not None and may(user, "aps.view_plan") and may(user, "erp.view_order"):
        try:
            why = reverse("suite:why_date", args=[event.order_id])
        except NoReverseMatch:
            why = ""
    return Row(event, what, icon, url, why, "late" if event.balance < 0 else "", _note(event), _ends(user, links))


def _note(event: Event) -> Any:
    """What a day rests on."""
    if event.is_overdue:
        return _("was due %(day)s") % {"day": shown.day(event.was_on)}
    if event.kind == "purchase_line":
        return _("confirmed") if event.is_firm else _("not confirmed")
    return "" if event.is_firm else _("proposed")


def _ends(user: Any, links: list[Link]) -> list[tuple[Any, str, Decimal]]:
    """The other ends of its pegs: number, address, quantity."""
    ends = []
    for link in links:
        if link.event is None:
            ends.append((_("stock"), "", link.quantity))
            continue
        what, _icon, name, permission = WORDS[link.event.kind]
        url = reverse(name, args=[link.event.document_id]) if name and may(user, permission) else ""
        number = link.event.number if name else f"{what} {link.event.number}".strip()
        order = link.event.order_number
        is_other = order and not link.event.number.startswith(order)
        ends.append((f"{number} ({order})" if is_other else number, url, link.quantity))
    return ends


def _answer(found: Outlook, unit: str) -> str:
    """The page's answer in one sentence."""
    on, least = found.lowest
    values = {"day": shown.day(on), "quantity": shown.quantity(abs(least), unit)}
    if found.short_on is not None:
        if found.short_on == on:
            return _("It runs short on %(day)s: %(quantity)s lack.") % values
        sentence = _("It runs short on %(first)s; %(quantity)s lack on %(day)s.")
        return sentence % {**values, "first": shown.day(found.short_on)}
    if found.below_safety_on is not None:
        sentence = _("It never runs short, but is below its safety stock from %(first)s: %(quantity)s on %(day)s.")
        return sentence % {**values, "first": shown.day(found.below_safety_on)}
    if not found.events:
        return _("Nothing comes and nothing goes.")
    return _("It never runs short: the least is %(quantity)s on %(day)s.") % values
