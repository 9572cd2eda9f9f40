"""The page of the scheduling board: which plants it shows, where its scripts find data, drafts and the engine."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from aps.models import Scenario
from aps.views import board, board_words
from masterdata import access
from masterdata.access import Guarded
from masterdata.models import Plant

ALL = "all"
PER_PLANT = {
    "data": "aps:board_data",
    "draft": "aps:draft",
    "effect": "suite:board_effect",
    "people": "aps:people_load",
}
PER_ORDER = {"panel": "aps:order_panel"}
PER_OPERATION = {"why": "aps:operation_why"}
ICONS = (
    ("x", "x"),
    ("alert", "alert-triangle"),
    ("check", "circle-check"),
    ("tool", "tool"),
    ("money", "report-money"),
    ("move", "arrows-move"),
)
SHORTCUTS = (
    (("M",), _l("Lift the chosen operation; arrows carry it, Enter puts it down, Esc leaves it")),
    (("Shift", "←", "→"), _l("Carry it in steps of an hour")),
    (("P",), _l("Pin or unpin; while it is lifted: exactly there")),
    (("Alt",), _l("Held while dropping: pinned exactly there")),
    (("Ctrl", "Z"), _l("Take back")),
    (("Ctrl", "Shift", "Z"), _l("Do again")),
    (("Shift", _l("drag")), _l("Select with a band; Shift and click adds one")),
    (("Enter",), _l("Next operation of the order")),
    (("Space",), _l("Add the chosen operation to the selection, or take it out")),
    (("1", "2", "3", "4"), _l("Hour, shift, day, week")),
    (("+", "−"), _l("Zoom; Ctrl and wheel or two fingers too")),
    (("←", "↑", "→", "↓"), _l("Move the view; Shift and wheel moves time")),
    (("N",), _l("Now")),
    (("F",), _l("Only the machines of the order")),
    (("C",), _l("Compare with the published plan")),
    (("T",), _l("The same as a table")),
    (("/",), _l("Find")),
    ((_l("Long press"),), _l("Lifts with a finger; let go without moving, it is added to the selection or taken out")),
)


class Board(Guarded):
    """What runs where and when: one plant's plan or all of them, on a canvas with a table as its twin."""

    permission = board.SEE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        plants = board.plants_of(request)
        chosen = request.plant  # type: ignore[attr-defined]
        wish = request.GET.get("plant") or (str(chosen.pk) if chosen else "")
        plant = next((one for one in plants if str(one.pk) == wish), plants[0] if plants else None)
        is_all = wish == ALL and len(plants) > 1
        shown = plants if is_all else [plant] if plant else []
        decides = plant is not None and plant.pk in access.scope_of(request.user, board.DECIDE).plants
        context = {
            "page_title": _("Scheduling board"),
            "board_plant": plant,
            "board_plants": plants,
            "is_all": is_all,
            "sees_floor": access.may(request.user, "mes.view_floor"),
            "words": board.words(decides) | board_words.hands(),
            "config": config(request, shown, plants),
            "shortcuts": SHORTCUTS,
            "icons": ICONS,
        }
        return render(request, "aps/board.html", context)


def config(request: HttpRequest, shown: list[Plant], plants: list[Plant]) -> dict[str, Any]:
    """What the scripts need to know: addresses (empty: there is none), plants to move work to, scenarios to set beside.

    Operations and orders stand as 0 in their addresses.
    """
    mine = access.scope_of(request.user, board.DECIDE).plants
    return {
        "person": request.user.pk,
        "plants": [_plant(one, decides=one.pk in mine) for one in shown],
        "others": [{"id": one.pk, "name": one.name} for one in plants if one.pk in mine] if len(plants) > 1 else [],
        "scenarios": _scenarios(request, shown),
        "run_url": url("aps:board_run", shown[0].pk) if len(shown) == 1 and _may_optimise(request, shown[0]) else "",
        "publish_url": url("suite:board_summary"),
        "print_url": url("aps:print_week", shown[0].pk) if len(shown) == 1 else "",
    }


def url(name: str, *args: int) -> str:
    """The address, empty when this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _plant(plant: Plant, *, decides: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"id": plant.pk, "code": plant.code, "name": plant.name, "zone": plant.time_zone}
    found |= {key: url(name, plant.pk) if decides or key != "effect" else "" for key, name in PER_PLANT.items()}
    return found | {key: url(name, plant.pk, 0) for key, name in (PER_ORDER | PER_OPERATION).items()}


def _may_optimise(request: HttpRequest, plant: Plant) -> bool:
    return plant.pk in access.scope_of(request.user, "aps.want_plan").plants


def _scenarios(request: HttpRequest, shown: list[Plant]) -> list[dict[str, Any]]:
    if len(shown) != 1 or not access.may(request.user, "aps.view_scenario"):
        return []
    rows = access.visible_to(request.user, Scenario.objects.filter(plant=shown[0]), "aps.view_scenario")
    solved = rows.filter(state__in=Scenario.WITH_RESULT).order_by("-pk")[:20]
    return [{"id": one.pk, "name": one.name, "url": reverse("aps:scenario", args=[one.pk])} for one in solved]
