"""Places: blocked and opened again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.sales.services import shortages
from erp.stockroom.selectors import KEEPS_STOCK
from masterdata.access import visible_to
from masterdata.models import Location
from masterdata.pages import EditPage

MOVE = "erp.move_stock"


class BecauseForm(forms.Form):
    """Why."""

    because = forms.CharField(label=_l("Why is it blocked?"), max_length=200)


class NothingForm(forms.Form):
    """Nothing to say."""


class BlockPlace(EditPage):
    """Nothing is put there or taken from there; a blocked place is opened again."""

    permission, form_class, version_field = MOVE, BecauseForm, ""

    def get_rows(self) -> QuerySet[Location]:
        return visible_to(self.request.user, Location.objects.filter(kind__in=KEEPS_STOCK), MOVE)

    def get_form(self, data: Any = None) -> forms.Form:
        return NothingForm(data) if self.get_object().is_blocked else BecauseForm(data)

    def get_title(self) -> Any:
        row = self.get_object()
        words = _("Unblock %(place)s") if row.is_blocked else _("Block %(place)s")
        return words % {"place": row.name}

    def get_back(self) -> tuple[Any, str]:
        return _("Stock by location"), reverse("erp:stock_by_place")

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        label = _("Unblock") if self.get_object().is_blocked else _("Block")
        return super().get_context_data(form) | {"submit_label": label}

    def perform(self, form: Any) -> str:
        because = form.cleaned_data.get("because", "")
        shortages.block_location(location_id=self.get_object().pk, because=because, now=timezone.now())
        return reverse("erp:stock_by_place")
