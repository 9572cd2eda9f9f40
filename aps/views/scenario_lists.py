"""Lists of a scenario: its orders then and now, and the operations that it moves."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from aps import selectors
from aps.models import Scenario, ScenarioLine, ScenarioOperation
from aps.views.differences import sooner
from aps.views.scenarios import SEE, mine
from masterdata import access, shown
from masterdata.drawn import tone_chip
from masterdata.pages import Action, Code, Column, Empty, Flag, Html, ListPage, View, When

NOT_SOLVED = Empty(_l("Nothing here"), _l("Solve the scenario first, or take a filter away."), "versions")


class InScenarioList(ListPage):
    """A list that belongs to one scenario."""

    permission = SEE
    plant = "scenario.plant_id"
    live = ["scenarios"]
    empty = NOT_SOLVED

    @cached_property
    def scenario(self) -> Scenario:
        """The one of the address."""
        found: Scenario = get_object_or_404(mine(self.request), pk=self.kwargs["pk"])
        return found

    def get_actions(self) -> list[Action]:
        return [Action(self.scenario.name, reverse("aps:scenario", args=[self.scenario.pk]), "arrow-left", SEE)]


def order_of(row: ScenarioLine) -> str:
    """ "SO-17/10", or what is assumed."""
    if row.order_line is not None:
        return f"{row.order_line.order.number}/{row.order_line.line_no}"
    return _("New order")


def customer_of(row: ScenarioLine) -> str:
    """Whose it is."""
    return row.order_line.order.customer.name if row.order_line is not None else _("assumed")


def product_of(row: ScenarioLine) -> str:
    """What it is."""
    material = row.order_line.material if row.order_line is not None else row.change and row.change.material
    return material.name if material else ""


def gained(row: ScenarioLine) -> Any:
    """ "2 h sooner", with colour and icon."""
    if row.gained_min is None:
        left_out = row.was_end_at is not None
        return tone_chip("planned", "circle-off" if left_out else "plus", _("left out") if left_out else _("new"))
    if row.gained_min == 0:
        return tone_chip("planned", "equal", _("the same"))
    is_good = row.gained_min > 0
    return tone_chip("done" if is_good else "late", "arrow-down" if is_good else "arrow-up", sooner(-row.gained_min))


def late(minutes: int) -> str:
    """ "2 h late"; empty in time."""
    return _("%(time)s late") % {"time": shown.duration(minutes)} if minutes >= selectors.GRACE_MIN else ""


class Orders(InScenarioList):
    """Every order line of a scenario: when it comes by the plan in force and by the scenario."""

    title, question = _l("Orders then and now"), _l("Whom does it help, and whom does it hurt?")
    columns = [
        Code(order_of, _l("Order"), sort="order_line__order__number", second=customer_of, link=True),
        Column(product_of, _l("Product"), sort="order_line__material__name"),
        When("due_at", _l("Due"), sort="due_at", empty=_l("Left out")),
        When("was_end_at", _l("In force"), sort="was_end_at", empty=_l("Not in the plan in force")),
        When("end_at", _l("Scenario"), sort="end_at", empty=_l("Left out")),
        Html(gained, _l("Difference"), sort="gained_min"),
        Column(lambda row: late(row.was_late_min), _l("Was late"), sort="was_late_min", css="num", empty=_l("In time")),
        Column(lambda row: late(row.late_min), _l("Is late"), sort="late_min", css="num", empty=_l("In time")),
    ]
    search_fields = ["order_line__order__number", "order_line__order__customer__name", "order_line__material__name"]
    filters = [
        Flag("sooner", _l("Come sooner"), condition=Q(gained_min__gt=0)),
        Flag("later", _l("Come later"), condition=Q(gained_min__lt=0)),
        Flag("late", _l("Late in the scenario"), condition=Q(late_min__gte=selectors.GRACE_MIN)),
    ]
    order_by = "gained_min"

    def get_rows(self) -> QuerySet[ScenarioLine]:
        return selectors.scenario_lines(self.scenario.pk).select_related(
            "scenario", "order_line__order__customer", "order_line__material", "change__material"
        )

    def get_views(self) -> list[View]:
        return [
            View("all", _l("All"), ""),
            View("sooner", _l("Sooner"), "sooner=1", tone="done"),
            View("later", _l("Later"), "later=1", tone="late"),
        ]

    def get_url(self, row: ScenarioLine) -> str:
        opens = row.order_line is not None and access.may(self.request.user, "erp.view_order")
        return reverse("erp:order", args=[row.order_line.order_id]) if opens and row.order_line else ""

    def get_row_css(self, row: ScenarioLine) -> str:
        return "is-late" if row.late_min >= selectors.GRACE_MIN else ""


def machine_of(row: ScenarioOperation) -> str:
    """Where the scenario puts it."""
    if row.machine is not None:
        return row.machine.code
    return _("one more %(code)s") % {"code": row.copy.machine.code} if row.copy and row.copy.machine else ""


def moved(row: ScenarioOperation) -> str:
    """ "2 h later"; empty for what stays and for what is new."""
    return sooner(row.moved_min) if row.moved_min else ""


class Operations(InScenarioList):
    """Where the scenario puts each operation, beside the plan in force."""

    title, question = _l("Operations then and now"), _l("What would the floor have to do differently?")
    columns = [
        Code(
            lambda row: row.operation.work_order.number if row.operation else _("New order"),
            _l("Work order"),
            sort="operation__work_order__number",
        ),
        Column("sequence", _l("Step"), sort="sequence", css="num"),
        Column("name", _l("Operation"), sort="name"),
        Column("was_machine.code", _l("Machine in force"), sort="was_machine__code", empty=_l("Not planned yet")),
        Column(machine_of, _l("Machine"), sort="machine__code"),
        When("was_starts_at", _l("In force"), sort="was_starts_at", empty=_l("Not planned yet")),
        When("starts_at", _l("Scenario"), sort="starts_at"),
        When("ends_at", _l("Ends"), sort="ends_at"),
        Column(moved, _l("Moved"), sort="moved_min", css="num", empty=_l("Stays, or is new")),
    ]
    search_fields = ["operation__work_order__number", "name", "machine__code"]
    filters = [
        Flag("moved", _l("Moved by more than 15 min"), condition=selectors.MOVED),
        Flag("machine", _l("Another machine"), condition=selectors.OTHER_MACHINE),
    ]
    order_by = "starts_at"

    def get_rows(self) -> QuerySet[ScenarioOperation]:
        rows = ScenarioOperation.objects.filter(scenario=self.scenario)
        return rows.select_related("operation__work_order", "machine", "copy__machine", "was_machine", "scenario")

    def get_views(self) -> list[View]:
        return [
            View("all", _l("All"), ""),
            View("moved", _l("Moved"), "moved=1"),
            View("machine", _l("Another machine"), "machine=1"),
        ]
