"""Gauges and their calibrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import access
from masterdata.access import person, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.models import Plant
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    CreatePage,
    Day,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    Tab,
)
from mes import selectors, services
from mes.models import Gauge
from mes.quality_forms import CalibrationForm, GaugeForm, NewGaugeForm

SEE, EDIT = "mes.view_quality", "mes.edit_gauge"
WORDS = {
    "active": _l("Calibrated"), "at_risk": _l("Ends soon"),
    "expired": _l("Not calibrated"), "inactive": _l("Out of use"),
}  # fmt: skip


def state_of(row: Gauge) -> str:
    return selectors.gauge_state(row, timezone.localdate())


class Gauges(ListPage):
    """All gauges, those first whose calibration ends."""

    permission = SEE
    title, question = _l("Gauges"), _l("What may be measured with, and until when?")
    columns = [
        Code("code", _l("Gauge"), sort="code", link=True, css="w-1"),
        Column("name", _l("What it is"), sort="name", css="wide"),
        Column("resolution", _l("Reads to"), empty=_l("Not said")),
        Day("calibrated_on", _l("Calibrated"), sort="calibrated_on", empty=_l("Never")),
        Day("valid_until", _l("Valid until"), sort="valid_until", empty=_l("Never calibrated")),
        Number("interval_days", _l("Interval, days"), sort="interval_days"),
        State(state_of, _l("State"), word=lambda row: WORDS[state_of(row)]),
    ]
    search_fields = ["code", "name"]
    filters = [Flag("expired", _l("Not calibrated"), condition=Q(is_expired=True))]
    order_by = "valid_until"
    empty = Empty(_l("No gauges yet"), _l("Enter those whose calibration is watched."), "ruler-measure")

    def get_rows(self) -> QuerySet[Gauge]:
        rows = selectors.gauges(timezone.localdate())
        return in_chosen_plant(self.request, visible_to(self.request.user, rows, SEE))

    def get_url(self, row: Gauge) -> str:
        return reverse("mes:gauge", args=[row.pk])

    def get_row_css(self, row: Gauge) -> str:
        return {"expired": "is-late", "inactive": "is-quiet"}.get(state_of(row), "")

    def get_actions(self) -> list[Action]:
        plants = access.scope_of(self.request.user, EDIT).plants
        chosen = getattr(self.request, "plant", None)
        rows = Plant.objects.filter(pk__in=plants & {chosen.pk} if chosen else plants).order_by("code")
        return [
            Action(
                _("New gauge for %(plant)s") % {"plant": plant.name}, reverse("mes:new_gauge", args=[plant.pk]), "plus",
                EDIT, is_main=number == 0,
            )
            for number, plant in enumerate(rows)
        ]  # fmt: skip


class GaugePage(DetailPage):
    permission, template_name = SEE, "mes/quality/detail.html"

    def get_rows(self) -> QuerySet[Gauge]:
        return visible_to(self.request.user, selectors.gauges(timezone.localdate()), SEE)

    def get_title(self, row: Gauge) -> str:
        return row.code

    def get_subtitle(self, row: Gauge) -> str:
        return row.name

    def get_back(self, row: Gauge) -> tuple[Any, str]:
        return _("Gauges"), reverse("mes:gauges")

    def get_state(self, row: Gauge) -> tuple[str, Any]:
        return state_of(row), WORDS[state_of(row)]

    def get_cards(self, row: Gauge) -> Sequence[Card]:
        return [
            Card(
                _("Facts"),
                [
                    Column("plant.name", _("Plant")),
                    Column("resolution", _("Reads to"), empty=_("Not said")),
                    Day("calibrated_on", _("Calibrated"), empty=_("Never")),
                    Day("valid_until", _("Valid until"), empty=_("Never calibrated")),
                    Number("interval_days", _("Interval, days")),
                ],
            )
        ]

    def get_tabs(self, row: Gauge) -> Sequence[Tab]:
        return [Tab("calibrations", _("Calibrations"), template="mes/quality/_calibrations.html")]

    def get_context_data(self, row: Gauge) -> dict[str, Any]:
        return super().get_context_data(row) | {"calibrations": list(row.calibrations.select_related("by"))}

    def get_actions(self, row: Gauge) -> list[Action]:
        return [
            Action(_("Change"), reverse("mes:change_gauge", args=[row.pk]), "pencil", EDIT),
            Action(_("Was calibrated"), reverse("mes:calibrate", args=[row.pk]), "check", EDIT, is_main=True),
        ]


class NewGauge(CreatePage):
    permission, form_class, title = EDIT, NewGaugeForm, _l("New gauge")
    done_message = _l("Saved. Enter its calibration before it is used.")

    @property
    def plant(self) -> Plant:
        return get_object_or_404(visible_to(self.request.user, Plant.objects.all(), EDIT), pk=self.kwargs["pk"])

    def get_back(self) -> tuple[Any, str]:
        return _("Gauges"), reverse("mes:gauges")

    def get_initial(self) -> dict[str, Any]:
        return {"interval_days": 365, "is_active": True}

    def perform(self, form: Any) -> str:
        row = services.create_gauge(plant=self.plant, **form.cleaned_data)
        return reverse("mes:gauge", args=[row.pk])


class OfGauge(EditPage):
    """A form about a gauge."""

    permission, version_field = EDIT, ""

    def get_rows(self) -> QuerySet[Gauge]:
        return visible_to(self.request.user, Gauge.objects.all(), EDIT)

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return row.code, reverse("mes:gauge", args=[row.pk])


class ChangeGauge(OfGauge):
    form_class, done_message = GaugeForm, _l("Saved.")

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_gauge(gauge_id=row.pk, **form.cleaned_data)
        return reverse("mes:gauge", args=[row.pk])


class Calibrate(OfGauge):
    form_class, done_message = CalibrationForm, _l("It may be used again.")

    def get_title(self) -> Any:
        return _("%(code)s was calibrated") % {"code": self.get_object().code}

    def get_initial(self) -> dict[str, Any]:
        return {"done_on": timezone.localdate()}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.calibrate_gauge(gauge_id=row.pk, by=person(self.request), now=timezone.now(), **form.cleaned_data)
        return reverse("mes:gauge", args=[row.pk])
