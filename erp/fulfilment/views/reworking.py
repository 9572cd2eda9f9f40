"""What is done to goods that came back and are to be reworked, and where."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.fulfilment import services
from erp.fulfilment.models import ReturnReceipt
from erp.production.services import ReworkStep
from masterdata.access import person, visible_to
from masterdata.models import Plant, WorkCentre
from masterdata.pages import EditPage

DECIDE, MINUTES = "erp.decide_return", {"step": "any", "inputmode": "decimal"}


class ReworkReturnForm(forms.Form):
    name = forms.CharField(label=_l("What is done to them"), max_length=80)
    work_centre = forms.ModelChoiceField(WorkCentre.objects.none(), label=_l("Work centre"))
    setup_min = forms.DecimalField(
        label=_l("Setup, minutes"), max_digits=10, decimal_places=3, min_value=0, widget=forms.NumberInput(MINUTES)
    )
    run_min_per_unit = forms.DecimalField(
        label=_l("Minutes a piece"), max_digits=12, decimal_places=6, min_value=0, widget=forms.NumberInput(MINUTES)
    )

    def __init__(self, *given: Any, plant: Plant, **named: Any) -> None:
        super().__init__(*given, **named)
        chosen: Any = self.fields["work_centre"]
        chosen.queryset = WorkCentre.objects.filter(plant=plant).order_by("code")


class Rework(EditPage):
    """What is done to pieces that are to be reworked, and where."""

    permission, form_class, version_field = DECIDE, ReworkReturnForm, ""
    done_message, submit_label = _l("The work order is there; the next plan says when."), _l("Make the work order")

    def get_rows(self) -> QuerySet[ReturnReceipt]:
        rows = ReturnReceipt.objects.filter(outcome=ReturnReceipt.Outcome.REWORK, reworked_by=None)
        return visible_to(self.request.user, rows.select_related("move__plant", "line__customer_return"), DECIDE)

    def get_title(self) -> Any:
        return _("Rework of what came with %(number)s") % {"number": self.get_object().line.customer_return.number}

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object().line.customer_return
        return row.number, reverse("erp:return", args=[row.pk])

    def get_initial(self) -> dict[str, Any]:
        return {"setup_min": "0"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"plant": self.get_object().move.plant}

    def perform(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        step = ReworkStep(work_centre_id=given.pop("work_centre").pk, **given)
        services.rework_return(
            receipt_id=self.get_object().pk, steps=[step], by=person(self.request), now=timezone.now()
        )
        return reverse("erp:return", args=[self.get_object().line.customer_return_id])
