"""Pages of rates: what an hour costs from when on, and which overhead comes on top."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.cost import services
from erp.cost.forms import HourRateForm, OverheadForm, PieceRateForm
from erp.cost.models import HourRate, OverheadRule, PieceRate
from masterdata.access import visible_to
from masterdata.forms import limit_choices
from masterdata.pages import Action, Choice, Column, Day, Empty, Flag, FormPage, ListPage, Money, Number

SEE, SET = "erp.view_cost", "erp.set_rate"


def _of(row: HourRate) -> str:
    return str(row.machine or row.work_centre or row.grade)


def _where(row: OverheadRule) -> str:
    return str(row.work_centre or row.plant or row.company)


def _in_force(today: dt.date) -> Q:
    return Q(valid_from__lte=today) & (Q(valid_until=None) | Q(valid_until__gte=today))


class HourRates(ListPage):
    """What an hour costs."""

    permission = SEE
    title, question = _l("Hour rates"), _l("What does an hour cost, of whom and of which machine?")
    columns = [
        Column(_of, _l("Of"), css="wide"),
        Column("get_kind_display", _l("What"), sort="kind"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Money("per_hour", _l("An hour"), currency="plant.company.currency.code", sort="per_hour"),
        Day("valid_from", _l("From"), sort="valid_from"),
        Day("valid_until", _l("Until"), sort="valid_until", empty=_l("Until the next one")),
    ]
    search_fields = ["work_centre__code", "work_centre__name", "machine__code", "grade__name", "plant__name"]
    order_by = "-valid_from"
    empty = Empty(
        _l("No rates of their own"),
        _l("Every hour costs what its work centre says. Set a rate that holds from a day on."),
        "clock-dollar",
    )

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            Choice("kind", _("What"), choices=HourRate.Kind.choices),
            Flag("now", _("In force today"), condition=_in_force(timezone.localdate())),
        ]

    def get_rows(self) -> QuerySet[HourRate]:
        rows = HourRate.objects.select_related("plant__company__currency", "work_centre", "machine", "grade")
        return visible_to(self.request.user, rows, SEE)

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Piece rates"), reverse("erp:piece_rates"), "coin"),
            Action(_("Overheads"), reverse("erp:overheads"), "percentage"),
            Action(_("Set a rate"), reverse("erp:hour_rate_set"), "plus", SET, is_main=True),
        ]


class Overheads(ListPage):
    """What comes on top."""

    permission = SEE
    title, question = _l("Overheads"), _l("What comes on top of labour, machine and material?")
    columns = [
        Column(_where, _l("Where"), css="wide"),
        Column("company.name", _l("Company"), sort="company__code"),
        Column("get_basis_display", _l("As"), sort="basis"),
        Number("value", _l("Per cent, or an hour"), places=2, sort="value"),
        Day("valid_from", _l("From"), sort="valid_from"),
        Day("valid_until", _l("Until"), sort="valid_until", empty=_l("Until the next one")),
    ]
    search_fields = ["company__name", "plant__name", "work_centre__name"]
    order_by = "-valid_from"
    empty = Empty(_l("No overheads"), _l("Orders bear labour, machine and material alone."), "percentage")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            Choice("basis", _("As"), choices=OverheadRule.Basis.choices),
            Flag("now", _("In force today"), condition=_in_force(timezone.localdate())),
        ]

    def get_rows(self) -> QuerySet[OverheadRule]:
        rows = OverheadRule.objects.select_related("company", "plant", "work_centre")
        return visible_to(self.request.user, rows, SEE)

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Hour rates"), reverse("erp:hour_rates"), "clock-dollar"),
            Action(_("Set an overhead"), reverse("erp:overhead_set"), "plus", SET, is_main=True),
        ]


class SetHourRate(FormPage):
    """What an hour costs from a day on."""

    permission, form_class, done_message = SET, HourRateForm, _l("Set. Reports and estimates cost it from then on.")
    title, submit_label = _l("Set a rate"), _l("Set")

    def get_back(self) -> tuple[Any, str]:
        return _("Hour rates"), reverse("erp:hour_rates")

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": timezone.localdate()} | super().get_initial()

    def get_form(self, data: Any = None) -> Any:
        return limit_choices(super().get_form(data), self.request.user, SET)

    def perform(self, form: Any) -> str:
        services.set_hour_rate(**form.cleaned_data)
        return reverse("erp:hour_rates")


class SetOverhead(FormPage):
    """What comes on top from a day on."""

    permission, form_class, done_message = SET, OverheadForm, _l("Set. Reports and estimates cost it from then on.")
    title, submit_label = _l("Set an overhead"), _l("Set")

    def get_back(self) -> tuple[Any, str]:
        return _("Overheads"), reverse("erp:overheads")

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": timezone.localdate()} | super().get_initial()

    def get_form(self, data: Any = None) -> Any:
        return limit_choices(super().get_form(data), self.request.user, SET)

    def perform(self, form: Any) -> str:
        services.set_overhead(**form.cleaned_data)
        return reverse("erp:overheads")


class PieceRates(ListPage):
    """What a good piece pays."""

    permission = SEE
    title, question = _l("Piece rates"), _l("What does a good piece pay those who work by the piece?")
    columns = [
        Column("work_centre", _l("Work centre"), sort="work_centre__code", css="wide"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Column("material.name", _l("Material"), sort="material__code", empty=_l("Any")),
        Column("operation", _l("Operation"), sort="operation", empty=_l("Any")),
        Column("grade.name", _l("Labour grade"), empty=_l("Any")),
        Money("per_piece", _l("A piece"), currency="plant.company.currency.code", sort="per_piece"),
        Day("valid_from", _l("From"), sort="valid_from"),
        Day("valid_until", _l("Until"), sort="valid_until", empty=_l("Until the next one")),
    ]
    search_fields = ["work_centre__code", "work_centre__name", "material__code", "material__name", "operation"]
    order_by = "-valid_from"
    empty = Empty(
        _l("No piece rates"),
        _l("Everybody is costed by the hour. Set a rate, and mark in Employees who works by the piece."),
        "coin",
    )

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filters = [  # type: ignore[misc]
            Flag("now", _("In force today"), condition=_in_force(timezone.localdate())),
        ]

    def get_rows(self) -> QuerySet[PieceRate]:
        rows = PieceRate.objects.select_related("plant__company__currency", "work_centre", "material", "grade")
        return visible_to(self.request.user, rows, SEE)

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Hour rates"), reverse("erp:hour_rates"), "clock-dollar"),
            Action(_("Set a piece rate"), reverse("erp:piece_rate_set"), "plus", SET, is_main=True),
        ]


class SetPieceRate(FormPage):
    """What a good piece pays from a day on."""

    permission, form_class, done_message = SET, PieceRateForm, _l("Set. Reports cost it from then on.")
    title, submit_label = _l("Set a piece rate"), _l("Set")

    def get_back(self) -> tuple[Any, str]:
        return _("Piece rates"), reverse("erp:piece_rates")

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": timezone.localdate()} | super().get_initial()

    def get_form(self, data: Any = None) -> Any:
        return limit_choices(super().get_form(data), self.request.user, SET)

    def perform(self, form: Any) -> str:
        services.set_piece_rate(**form.cleaned_data)
        return reverse("erp:piece_rates")
