"""What poor quality costs, and how well suppliers deliver."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import access
from masterdata.access import Guarded
from masterdata.chosen import own_currency
from masterdata.numbers import ZERO
from mes import selectors
from mes.quality_forms import PeriodForm

BY = {
    "defect": (_l("Defect"), _l("No defect named")),
    "material": (_l("Material"), ""),
    "machine": (_l("Machine"), _l("No machine")),
    "month": (_l("Month"), ""),
    "order": (_l("Order"), _l("For stock")),
}
LAST_DAYS = 90


class Period(Guarded):
    """A page over a time of the plants that the user may see."""

    def plants(self) -> list[int]:
        seen = access.scope_of(self.request.user, self.permission).plants
        chosen = self.request.plant  # type: ignore[attr-defined]
        return sorted(seen & {chosen.pk} if chosen is not None else seen)

    def span(self) -> tuple[PeriodForm, dt.datetime, dt.datetime]:
        """The form as filled in, and the time that it says: by itself the last ninety days."""
        today = timezone.localdate()
        given = self.request.GET.copy()
        given.setdefault("since", (today - dt.timedelta(days=LAST_DAYS)).isoformat())
        form = PeriodForm(given, plant_ids=self.plants())
        form.full_clean()
        since = form.cleaned_data.get("since") or today - dt.timedelta(days=LAST_DAYS)
        until = form.cleaned_data.get("until") or today
        return form, _midnight(since), _midnight(until + dt.timedelta(days=1))


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


class PoorQuality(Period):
    """The Pareto of what poor quality costs."""

    permission = "mes.view_quality_cost"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        by = request.GET.get("by", "defect")
        by = by if by in BY else "defect"
        form, since, until = self.span()
        bars = selectors.pareto(by, plant_ids=self.plants(), since_at=since, until_at=until)
        most = max((bar.share for bar in bars), default=Decimal(1)) or Decimal(1)
        label, nothing = BY[by]
        costs = [bar.cost for bar in bars]
        context = {
            "page_title": _("Cost of poor quality"),
            "question": _("What costs most, and where does it come from?"),
            "back": (_("Quality"), reverse("mes:quality")),
            "form": form,
            "by": by,
            "label": label,
            "tabs": [(key, words, self._address(key)) for key, (words, _none) in BY.items()],
            "bars": [(bar, bar.words or nothing, 100 * bar.share / most) for bar in bars],
            "scrap": sum((one.scrap for one in costs), ZERO),
            "rework": sum((one.rework for one in costs), ZERO),
            "returned": sum((one.returned for one in costs), ZERO),
            "total": sum((one.total for one in costs), ZERO),
            "number": sum(bar.number for bar in bars),
            "reports": sum(bar.reports for bar in bars),
            "reasons": self._reasons(since, until),
            "currency": own_currency(request.user),
        }
        return render(request, "mes/quality/poor_quality.html", context)

    def _reasons(self, since: dt.datetime, until: dt.datetime) -> list[tuple[Any, Decimal]]:
        """Each reason of scrap, and how long its bar is in per cent of the longest."""
        rows = selectors.scrap_by_reason(plant_ids=self.plants(), since_at=since, until_at=until)
        return [(row, 100 * row.pieces / rows[0].pieces) for row in rows]

    def _address(self, by: str) -> str:
        asked = self.request.GET.copy()
        asked["by"] = by
        return "?" + asked.urlencode()


class Suppliers(Period):
    """Parts per million of what suppliers delivered."""

    permission = "mes.view_quality"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form, since, until = self.span()
        rows = selectors.supplier_quality(plant_ids=self.plants(), since_at=since, until_at=until)
        context: dict[str, Any] = {
            "page_title": _("Supplier quality"),
            "question": _("How much of what suppliers bring is not as it should be?"),
            "back": (_("Quality"), reverse("mes:quality")),
            "form": form,
            "rows": rows,
        }
        return render(request, "mes/quality/suppliers.html", context)
